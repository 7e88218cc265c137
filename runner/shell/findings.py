"""What the reading of a script finds: words, holes and their refusals, commands, heredocs.

Plain records. Nothing here reads a script or judges what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from runner.shell.flat import HOLE, FlatScript
from runner.struct import field, replace, struct
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

    `end` is 0 while the end has not been seen. `apart`: the program gets no environment of the script's.
    `script` is that of a shell in which the value would come to stand, if it is one.
    """

    kind: str
    start: int
    end: int = 0
    detail: str = ""
    apart: bool = False
    script: str = ""


@struct(frozen=False)
class Spot:
    """What is known of one hole. It is `settled` when all that could refuse it has looked at it.

    `first` is what refused it where it was read, whatever is said later. `argument`: which one of a
    function's it is, if it is the first one that may be several.
    """

    number: int
    at: int
    place: Place = "bare"
    refusal: Refusal | None = None
    first: Refusal | None = None
    settled: bool = False
    argument: int = 0


@struct(frozen=False)
class Word:
    """A word without its quotes; `HOLE` in `text` is whatever is not known before it runs.

    `shape` has, for each character of the text that was quoted, a `q`. `holes` are those that
    stand in the word itself, not in commands inside it. `name` is that of an assignment.

    `variables` are those that it expands, `bare_variables` those of them without quotes; `rewritten`: parts
    of one are replaced. `inner` are the commands whose output it takes, `process` those of `<( )` or `>( )`.
    `elements` are those of an array. `expanded` are the variables that stand for each `HOLE`, empty where it
    is none. `refusals` say why no value may come into it by any of these.
    """

    start: int
    end: int = 0
    text: str = ""
    shape: str = ""
    holes: list[Spot] = field(default_factory=list)
    name: str = ""
    variables: list[str] = field(default_factory=list)
    bare_variables: list[str] = field(default_factory=list)
    inner: list[Compound] = field(default_factory=list)
    rewritten: bool = False
    process: Compound | None = None
    elements: list[Word] = field(default_factory=list)
    expanded: list[str] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def add(self, text: str, *, quoted: bool = False, variable: str = "") -> None:
        """More of its text; `variable` is the one that stands for a `HOLE`."""
        self.expanded += [variable] * (text == HOLE)
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

    @property
    def variable(self) -> str:
        """The variable that is all of it; empty if none is."""
        alone = self.text == HOLE and len(self.variables) == 1 and not (self.holes or self.inner)
        return self.variables[0] if alone else ""

    def is_lone_hole(self, script: FlatScript) -> bool:
        """Whether it is a hole without quotes, and nothing else."""
        return len(self.holes) == 1 and script.text[self.start : self.end] == HOLE

    def refuse(self, kind: str, detail: str = "", *, apart: bool = False, script: str = "") -> None:
        """No value may stand in this word, or come into it."""
        refusal = Refusal(kind, self.start, self.end, detail, apart, script)
        self.refusals.append(refusal)
        for spot in self.holes:
            if not (spot.settled and spot.refusal):
                spot.refusal = refusal

    def part(self) -> None:
        """The last refusal is one in a program that gets another environment."""
        last = self.refusals.pop()
        parted = replace(last, apart=True)
        self.refusals.append(parted)
        for spot in self.holes:
            if spot.refusal and spot.refusal.kind == last.kind:
                spot.refusal = parted

    def absorb(self, inner: Word) -> None:
        """Another word stands inside this one."""
        self.holes += inner.holes
        self.variables += inner.variables
        self.bare_variables += inner.bare_variables
        self.inner += inner.inner
        self.rewritten = self.rewritten or inner.rewritten

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
    body: Word | None = None


@struct
class Assigned:
    """A variable is given a word; `declared`: by a builtin such as `declare`.

    `aims`: if the variable stands for another, the word says which one. `by` names the variable, if
    it is one that has the name of it. `plain`: it is given a word of the value that is harmless anywhere but
    where the shell reads a name or computes.
    """

    name: str
    word: Word
    declared: bool = False
    aims: bool = False
    by: Word | None = None
    plain: bool = False

    @property
    def text(self) -> str:
        """What it is given, as far as that is known."""
        return self.word.text.partition("=")[2] if self.declared else self.word.text

    def adds(self, script: FlatScript) -> bool:
        """Whether it is given more, behind what it has: `name+=value`."""
        return script.text.startswith(f"{self.name}+=", self.word.start)


@struct
class Subscript:
    """The `[…]` after the name of a variable; `outer` is what else refuses its holes."""

    name: str
    word: Word
    outer: Refusal | None


@struct
class Keyed:
    """`declare -A name`; it counts from `start` on, in `scope` if that is not the whole script."""

    name: str
    start: int
    scope: Compound | None


@struct(frozen=False)
class Facts:
    """What a script says of its variables and functions: judged when all of it is known.

    `evaluated` are words that are no part of a command and of which a refusal is known: arithmetic,
    names. `counting` are words that name integers by way of variables. `aimless` are those of `references`
    that are declared without the name of another. `exported` are variables that other programs get; a `*`
    stands for all of them. `computed` are the stretches that are arithmetic, `uncounted` those that are not,
    whatever they stand in. `retyped` are variables that may become another kind of variable somewhere.
    `unnamed` are the command lines in commands whose program a variable names. `handed` are functions that
    other shells get, `trapped` names that are called without arguments at any time; a `*` stands for all
    functions. `traps` are commands that are run at any time, `texts` what `eval` runs, as far as it is known,
    each with the place of that, `comments` stretches that are none.
    `keeps_dollars`: some text has a `$` that is not expanded where it stands, but would be by `eval`.
    """

    assigned: list[Assigned] = field(default_factory=list)
    integers: set[str] = field(default_factory=set)
    counting: list[Word] = field(default_factory=list)
    arrays: set[str] = field(default_factory=set)
    references: set[str] = field(default_factory=set)
    aimless: set[str] = field(default_factory=set)
    exported: set[str] = field(default_factory=set)
    computed: list[tuple[int, int]] = field(default_factory=list)
    uncounted: list[tuple[int, int]] = field(default_factory=list)
    subscripts: list[Subscript] = field(default_factory=list)
    keyed: list[Keyed] = field(default_factory=list)
    retyped: set[str] = field(default_factory=set)
    evaluated: list[Word] = field(default_factory=list)
    functions: dict[str, list[Piece]] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    unnamed: list[tuple[Command, Sequence[Word]]] = field(default_factory=list)
    handed: set[str] = field(default_factory=set)
    trapped: set[str] = field(default_factory=set)
    comments: list[tuple[int, int]] = field(default_factory=list)
    traps: list[Word] = field(default_factory=list)
    texts: list[tuple[str, int]] = field(default_factory=list)
    keeps_dollars: bool = False

    def called_later(self) -> list[Piece]:
        """The functions that may be called though no command says so."""
        names = self.handed | (set(self.functions) if "*" in self.trapped else self.trapped)
        return [body for name in names for body in self.functions.get(name, ())]

    def called(self, base: str) -> Iterator[tuple[str, Piece]]:
        """The functions that are called by a name, of which parts may be unknown, as in `do_$1`."""
        names = [base] if base in self.functions else []
        if HOLE in base and base.strip(HOLE):
            pattern = re.compile(".*".join(map(re.escape, base.split(HOLE))))
            names = [name for name in self.functions if pattern.fullmatch(name)]
        for name in names:
            yield from ((name, body) for body in self.functions[name])


@struct
class Redirection:
    """`descriptor` is empty where the operator tells it."""

    descriptor: str
    operator: str
    target: Word
    heredoc: Heredoc | None = None

    @property
    def body(self) -> Word | None:
        """What stands in the heredoc."""
        return self.heredoc.body if self.heredoc else None


@struct
class Reading:
    """A program that is run is read: from a file, which may be no file, or from the input.

    `given` is a script that is run instead, and which may run what it reads from the input. `words` are those
    of one that may run files here, and `arguments` what it gets for `$1` and what follows.
    """

    program: str
    script: Word | None = None
    given: str | None = None
    words: Sequence[Word] = ()
    arguments: Sequence[Word] = ()


@struct(frozen=False, eq=False)
class Piece:
    """A simple or a compound command.

    `piped` is the one whose output it reads, `pipe` the operator that gives its own output to another;
    `joined`: an operator other than `;` stands before it.
    """

    start: int
    end: int = 0
    piped: Piece | None = None
    pipe: str = ""
    joined: bool = False
    redirections: list[Redirection] = field(default_factory=list)


@struct(frozen=False, eq=False)
class Compound(Piece):
    """Commands inside `{ }`, `( )`, `$( )`, a loop, …; `words` are its own: what `for` goes through, …

    `opening` is the word that began it, if any, `branches` where each `elif` and `else` of it stands.
    """

    opening: str = ""
    branches: list[int] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)


@struct(frozen=False, eq=False)
class Command(Piece):
    """A simple command.

    `programs` are the command lines in it that were looked at, `allowed` is how many these may be, `behind`
    are those that a program starts.
    """

    flat: FlatScript = field(kw_only=True)
    dialect: Dialect = field(kw_only=True)
    facts: Facts = field(kw_only=True)
    words: list[Word] = field(default_factory=list)
    assignments: list[Word] = field(default_factory=list)
    programs: list[Sequence[Word]] = field(default_factory=list)
    allowed: int = 40
    behind: list[Sequence[Word]] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)

    def reads(self, program: str, file: Word | None = None) -> None:
        """It runs a program that it reads: from a file, or from its input, which is called `-` too."""
        self.readings.append(Reading(program, None if file is None or file.text == "-" else file))

    def is_behind(self, line: Sequence[Word]) -> bool:
        """Whether another program starts it, so that it is no function."""
        return any(line is one for one in self.behind)
