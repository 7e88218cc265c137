"""One refused hole, and the user's own line with something else in its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import chain, count

from runner.regex import regex
from runner.shell.findings import Dialect, Refusal, Spot
from runner.shell.flat import HOLE, FlatScript, Respelled
from runner.struct import replace, struct


@struct
class Case:
    """One refused hole: what an advice is written from."""

    flat: FlatScript
    spot: Spot
    refusal: Refusal
    dialect: Dialect = "sh"
    spots: Sequence[Spot] = ()
    """All of the script."""
    fed: bool = False
    """The script is given an input."""

    def kind(self, number: int) -> str | None:
        """The kind of what a hole gives, as the types of params are called, where it is sure."""
        return self.flat.kind(number)

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
        return spelled if self.flat.is_scalar(number) else f'"{spelled}"'

    @property
    def source(self) -> str:
        """The expression."""
        return self.flat.holes[self.spot.number].source.strip()

    @property
    def fresh(self) -> str:
        """A name for a variable that would hold the value, which the script does not use yet."""
        return self.fresh_of(self.spot.number)

    def fresh_of(self, number: int) -> str:
        """A name of that kind for the value of another hole."""
        return self._unused(_name_of(self.flat.holes[number].source))

    @property
    def setting(self) -> str:
        """A name of that kind as `env:` has it."""
        return self._unused(_name_of(self.source).upper())

    @property
    def file(self) -> str:
        """The file that is run, if it stands elsewhere, is no descriptor, and its name holds no value."""
        text = self.flat.text[self.refusal.start : self.refusal.end]
        return "" if HOLE in text or text.startswith("/dev/") else text

    def _unused(self, name: str) -> str:
        names = chain([name], (f"{name}{number}" for number in count(2)))
        return next(one for one in names if one not in self.flat.text or not self._uses(re.escape(one)))

    def _uses(self, name: str) -> bool:
        used = rf"\$\{{?[#!]?{name}\b|(?<![\w-]){name}(?:\[[^\]]*\])?\+?=|\b(?:for|read)\b[^;\n]*\b{name}\b"
        return re.search(used, self.flat.text) is not None

    def beside(self, *kinds: str) -> list[Case]:
        """Those on its line, itself included, that are refused for one of these kinds."""
        left, right = self.flat.line(self.spot.at)
        return [
            replace(self, spot=spot, refusal=spot.refusal)
            for spot in self.spots
            if left <= spot.at < right and spot.refusal is not None and spot.refusal.kind in kinds
        ]

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


def _name_of(source: str) -> str:
    """A name for what an expression gives."""
    names = re.findall(r"[A-Za-z_]\w*", source.partition("|")[0])
    name = str(names[-1]) if names else "value"
    return "value" if name in _poor_names or name[0] == "_" else name.lower()


begins_command = regex(r"(?:\A|[\n;&|{(]|\b(?:then|do|else))[ \t]*\Z")
ends_command = regex(r"[ \t]*(?:\Z|[\n;&|<>)])")
"""What stands before a command, and behind what ends one, redirections aside."""


def reference(name: str) -> str:
    """A pattern of a variable where it is read."""
    return rf"\$(?:{re.escape(name)}(?!\w)|\{{{re.escape(name)}\}})"


_longest_line = 200
_poor_names = frozenset(
    {"if", "else", "result", "results", "item", "path", "home", "user", "shell", "pwd", "ifs", "env"}
)


def write(line: str, otherwise: str) -> str:
    return f"write: {line}" if line else otherwise
