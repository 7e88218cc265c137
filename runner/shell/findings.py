"""What the reading of a script finds: words, holes and their refusals, commands, heredocs.

Plain records. Nothing here reads a script or judges what it finds.
"""

from __future__ import annotations

from typing import Literal

from runner.shell.flat import HOLE, FlatScript
from runner.struct import field, struct
from runner.workflow import Place

Dialect = Literal["sh", "bash"]


class Lost(Exception):
    """What follows cannot be told for certain."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at
        self.reason = reason


@struct
class Refusal:
    """Why no value may stand somewhere: the kind of place, and where this place begins and ends.

    `end` is 0 while the end has not been seen.
    """

    kind: str
    start: int
    end: int = 0
    detail: str = ""


@struct(frozen=False)
class Spot:
    """What is known of one hole. It is `settled` when all that could refuse it has looked at it."""

    number: int
    at: int
    place: Place = "bare"
    refusal: Refusal | None = None
    settled: bool = False


@struct(frozen=False)
class Word:
    """A word without its quotes; `HOLE` in `text` is whatever is not known before it runs.

    `shape` has, for each character of the text that was quoted, a `q`. `holes` are those that
    stand in the word itself, not in commands inside it. `name` is that of an assignment.
    """

    start: int
    end: int = 0
    text: str = ""
    shape: str = ""
    holes: list[Spot] = field(default_factory=list)
    name: str = ""

    def add(self, text: str, *, quoted: bool = False) -> None:
        """More of its text."""
        self.text += text
        self.shape += "q" * len(text) if quoted else text

    @property
    def known(self) -> bool:
        """Whether all of the text is known."""
        return HOLE not in self.text

    @property
    def base(self) -> str:
        """The name of the program, if this is one."""
        return self.text.rpartition("/")[2]

    def is_lone_hole(self, script: FlatScript) -> bool:
        """Whether it is a hole without quotes, and nothing else."""
        return len(self.holes) == 1 and script.text[self.start : self.end] == HOLE

    def refuse(self, kind: str, detail: str = "") -> None:
        """No value may stand in this word."""
        for spot in self.holes:
            spot.refusal = Refusal(kind, self.start, self.end, detail)

    def settle(self) -> None:
        """All that could refuse its holes has looked at them."""
        for spot in self.holes:
            spot.settled = True


@struct(frozen=False)
class Heredoc:
    """A heredoc whose body is still to come; `at` is where its operator stands."""

    at: int
    delimiter: str
    quoted: bool
    tabs: bool
    refusal: Refusal | None = None


@struct(frozen=False)
class Facts:
    """What a script says of its variables: judged when all of it is known.

    `assigned`: a name, the holes it is given, and whether a declaring builtin does it.
    """

    assigned: list[tuple[str, list[Spot], bool]] = field(default_factory=list)
    integers: set[str] = field(default_factory=set)
    arrays: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)


@struct(frozen=False)
class Command:
    """A simple command. `piped` is the one whose output it reads.

    `starts` is where the programs begin that were looked at, `unknown` how many of them are values.
    """

    flat: FlatScript
    dialect: Dialect
    facts: Facts
    piped: Command | None = None
    words: list[Word] = field(default_factory=list)
    assignments: list[Word] = field(default_factory=list)
    targets: list[Word] = field(default_factory=list)
    here_strings: list[Word] = field(default_factory=list)
    heredocs: list[Heredoc] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    unknown: int = 0
