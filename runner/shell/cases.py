"""One refused hole, and the user's own line with something else in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from runner.expression import Template
from runner.expression.kinds import kind_of
from runner.shell.findings import Dialect, Refusal, Spot
from runner.shell.flat import HOLE, FlatScript, Respelled, filtered
from runner.struct import struct

scalars = ("str", "path", "int", "float", "bool")
untyped: Mapping[str, str] = {}
"""Nothing is known of the types of params."""


@struct
class Case:
    """One refused hole: what an advice is written from."""

    flat: FlatScript
    spot: Spot
    refusal: Refusal
    dialect: Dialect = "sh"
    types: Mapping[str, str] = untyped

    def kind(self, number: int) -> str | None:
        """The kind of what a hole gives, as the types of params are called, where it is sure."""
        return kind_of(Template("{{" + self.flat.holes[number].source + "}}"), self.types)

    @property
    def hole(self) -> str:
        """As the user wrote it."""
        return self.flat.spelled(self.spot.number)

    @property
    def word(self) -> str:
        """It as a word of its own."""
        return self.word_of(self.spot.number)

    def word_of(self, number: int) -> str:
        """A hole as a word of its own: in quotes, unless it is sure to be no list."""
        spelled = self.flat.spelled(number)
        scalar = self.flat.whole[number] or self.kind(number) in scalars
        return spelled if scalar else f'"{spelled}"'

    @property
    def source(self) -> str:
        """The expression."""
        return self.flat.holes[self.spot.number].source.strip()

    @property
    def number(self) -> str:
        """The hole, said to be a whole number, or a list of them where it may be a list."""
        source = filtered(self.source)
        if self.flat.whole[self.spot.number]:
            return f"{{{{ {source} | verbatim }}}}"
        if self.spot.place == "word" and self._in_list:
            return f"{{{{ {source} | map('int') | join(' ') | verbatim }}}}"
        return f"{{{{ {source} | int }}}}" if self._takes_numbers else f"{{{{ {source} | int | verbatim }}}}"

    @property
    def _takes_numbers(self) -> bool:
        """Whether what is certain to be a whole number may stand here as it is."""
        kind, between = self.refusal.kind, self.flat.text[self.refusal.start : self.spot.at]
        read = self.spot.place == "quoted" or re.search(r"\$\((?!\()[^()]*\Z", between) is not None
        return kind == "counted" or (kind in ("arithmetic", "subscript") and read)

    @property
    def before(self) -> str:
        """What stands left of it on its line."""
        return self.flat.shown(self.flat.line(self.spot.at)[0], self.spot.at)

    @property
    def after(self) -> str:
        """What stands right of it on its line, up to the end of its command."""
        at = self.spot.at + 1
        return re.split(r";|&&|\|\|", self.flat.text[at : self.flat.line(self.spot.at)[1]])[0]

    @property
    def _in_list(self) -> bool:
        """Whether it stands where a list is usual: in the words of `for`, in an array."""
        return re.search(r"\bin\b[^;]*\Z|=\([^()]*\Z|\bset\s+--[^;]*\Z", self.before) is not None

    @property
    def variable(self) -> str:
        """A name for a variable that would hold the value."""
        names = re.findall(r"[A-Za-z_]\w*", self.source.partition("|")[0])
        name = str(names[-1]) if names else "value"
        return "value" if name in _poor_names or name[0] == "_" else name.lower()

    def filled(self, text: str, start: int) -> str:
        """A stretch of flat text that begins at `start`, changed, with its holes as the user wrote them."""
        for number in range(self.flat.number(start), len(self.flat.holes)):
            if HOLE not in text:
                break
            text = text.replace(HOLE, self.flat.spelled(number), 1)
        return text

    def respelled(
        self, start: int, end: int, parts: Sequence[Respelled], change: Callable[[str], str]
    ) -> str:
        """A stretch of the script with those parts of it as they say, and what is between them changed."""
        pieces, at = [], start
        for part in parts:
            pieces += [self.filled(change(self.flat.text[at : part.start]), at), part.spelled]
            at = part.end
        return "".join([*pieces, self.filled(change(self.flat.text[at:end]), at)])

    def line(self, start: int, end: int, replacement: str) -> str:
        """The user's line with one stretch of it replaced; empty where it is no single line."""
        left, right = self.flat.line(start)
        if end > right or right - left > _longest_line or "\n" in replacement:
            return ""
        before, after = self.flat.shown(left, start), self.flat.shown(end, right)
        return (before + replacement + after).strip()

    def with_hole(self, replacement: str) -> str:
        """The user's line with something else in place of the hole."""
        return self.line(self.spot.at, self.spot.at + 1, replacement)


_longest_line = 200
_poor_names = frozenset(
    {"if", "else", "result", "results", "item", "path", "home", "user", "shell", "pwd", "ifs", "env"}
)


def write(line: str, otherwise: str) -> str:
    return f"write: {line}" if line else otherwise
