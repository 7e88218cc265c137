"""A script cut at its `{{ }}` and laid flat, with one character where each hole stands.

It knows nothing of shells. `HOLE` cannot be part of any script, so that a flat text says by
itself where its holes are.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping

from runner.expression import Template
from runner.expression.holes import Hole, split
from runner.expression.kinds import kind_of
from runner.expression.questions import has_verbatim, is_plain_word, is_whole_number
from runner.struct import struct

HOLE = "\0"

scalars = ("str", "path", "int", "float", "bool")
untyped: Mapping[str, str] = {}
"""Of no name it is known of which kind it is."""


@struct
class FlatScript:
    """`at` is where each hole stands in `text`, `whole` whether it is sure to be a whole number.

    `plain` are those that are sure to be plain words. `parts` pairs offsets here with those in the file.
    """

    text: str
    original: str
    holes: tuple[Hole, ...]
    verbatim: tuple[bool, ...]
    whole: tuple[bool, ...]
    plain: tuple[bool, ...]
    at: tuple[int, ...]
    parts: tuple[tuple[int, int], ...]
    types: Mapping[str, str] = untyped

    def kind(self, number: int) -> str | None:
        """The kind of what a hole gives, as the types of params are called, where it is sure."""
        return _kind(self.holes[number], self.types)

    def is_number(self, number: int) -> bool:
        """Whether what a hole gives is sure to be no code, whatever reads it."""
        return self.whole[number] or self.kind(number) in ("int", "float", "bool")

    def is_scalar(self, number: int) -> bool:
        """Whether what a hole gives is sure to be no list, so one word wherever it stands."""
        return self.whole[number] or self.kind(number) in scalars

    def number(self, offset: int) -> int:
        """Which hole stands at an offset."""
        return bisect_left(self.at, offset)

    def inside(self, start: int, end: int) -> range:
        """The numbers of the holes between two offsets."""
        return range(bisect_left(self.at, start), bisect_left(self.at, end))

    def place(self, offset: int) -> int:
        """Where an offset stands in the string of the file."""
        index = bisect_right(self.parts, (offset, len(self.original))) - 1
        if index < 0:
            return offset
        here, there = self.parts[index]
        return there + offset - here

    def spelled(self, number: int) -> str:
        """A hole as the user wrote it, braces included."""
        hole = self.holes[number]
        return self.original[hole.offset : hole.end]

    def shown(self, start: int, end: int) -> str:
        """A stretch of the script as the user wrote it."""
        pieces = self.text[start:end].split(HOLE)
        numbers = self.inside(start, end)
        return pieces[0] + "".join(
            self.spelled(number) + piece for number, piece in zip(numbers, pieces[1:], strict=True)
        )

    def line(self, offset: int) -> tuple[int, int]:
        """The start and the end of the line that an offset stands in."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        return start, len(self.text) if end < 0 else end


def _kind(hole: Hole, types: Mapping[str, str]) -> str | None:
    return kind_of(Template("{{" + hole.source + "}}"), types)


@struct
class Respelled:
    """A stretch of a script that is better written otherwise, holes included."""

    start: int
    end: int
    spelled: str


def filtered(source: str) -> str:
    """An expression as it stands left of one more filter."""
    source = source.strip()
    return source if re.fullmatch(r"[\w.\[\]'\"]+(\s*\|\s*[\w]+)*", source) else f"({source})"


def whole_number(source: str, more: str = "") -> str:
    """An expression whose value is said to be a whole number."""
    return f"{{{{ {filtered(source)} | int{more} }}}}"


def flatten(text: str, types: Mapping[str, str] = untyped) -> FlatScript:
    """The script with its holes as single characters; a NUL of its own becomes U+FFFD.

    `types` are the kinds of names, where they are sure.
    """
    pieces: list[str] = []
    holes: list[Hole] = []
    at: list[int] = []
    parts: list[tuple[int, int]] = []
    length = 0
    for part in split(text):
        parts.append((length, part.offset))
        if isinstance(part, Hole):
            holes.append(part)
            at.append(length)
            pieces.append(HOLE)
            length += 1
        else:
            pieces.append(part.text.replace(HOLE, "\ufffd"))
            length += len(part.text)
    return FlatScript(
        text="".join(pieces),
        original=text,
        holes=tuple(holes),
        verbatim=tuple(has_verbatim(hole.source) for hole in holes),
        whole=tuple(is_whole_number(hole.source) or _kind(hole, types) == "int" for hole in holes),
        plain=tuple(is_plain_word(hole.source) for hole in holes),
        at=tuple(at),
        parts=tuple(parts),
        types=types,
    )


def fed(script: str) -> FlatScript:
    """A script that reads a value from its input; braces of its own mean nothing."""
    return laid_out(f"exec < <(printf %s {HOLE})\n{script.replace(HOLE, '')}")


def laid_out(text: str) -> FlatScript:
    """A script with a value in each hole; braces of its own mean nothing."""
    hole = next(part for part in split("{{ value }}") if isinstance(part, Hole))
    at = tuple(match.start() for match in re.finditer(HOLE, text))
    known = (False,) * len(at)
    return FlatScript(text, text, (hole,) * len(at), known, known, known, at, ((0, 0),))
