"""Which argument of a function a `$1` in its body is: `shift` moves them, and what may be several words.

It knows no values. Where it is not sure that a `shift` is done once, nothing is known of places.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from runner.regex import regex
from runner.shell.findings import Command, Compound, Piece, Word
from runner.shell.flat import FlatScript
from runner.struct import struct

Shifts = tuple[tuple[int, int], ...]
"""From which offset on by how many arguments have been moved, all in all."""

positional = (*"123456789", "@", "*")
"""The names of those that a digit names, and of all."""

_shift = regex(r"\bshift\b")
_count = regex("[1-9][0-9]?")
_sets = regex(r"\bset[ \t]+(?:--|[^-+\s])|\beval\b|\bsource\b|(?:^|[\s;&|])\.[ \t]")
_single = frozenset("?#$!")
_quoted = regex(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_expanded = regex(r"\$(?![?#$!])|`")
_several = regex(r"[*?\[{]")


def is_positional(name: str) -> bool:
    """Whether a variable is an argument, or all of them."""
    return name in positional or (name.isdecimal() and name[0] != "0")


@struct
class Given:
    """An argument of a call, and the first and the last place where the function may find it.

    `spreads`: it is the first one that may be several words.
    """

    word: Word
    first: int
    last: int
    spreads: bool = False


def shifts_of(body: Piece, text: str) -> Shifts | None:
    """How a function moves its arguments; None if that is not sure."""
    said = len(_shift.findall(text, body.start, body.end))
    if not said:
        return ()
    if not isinstance(body, Compound) or _sets.search(text, body.start, body.end):
        return None
    straight, total = [], 0
    before = body.start + len(body.opening)
    for piece, following in pairwise((*body.pieces, None)):
        assert piece is not None
        after = text[piece.end : following.start if following is not None else body.end]
        number = _number(piece)
        if number and not re.search(r"[&|]", text[before : piece.start]) and not _apart(piece, after):
            total += number
            straight.append((piece.end, total))
        before = piece.end
    return tuple(straight) if len(straight) == said else None


def _number(piece: Piece) -> int:
    """By how many a command shifts; 0 if it does not, or nobody knows."""
    words = [word.text for word in piece.words] if isinstance(piece, Command) else []
    if words == ["shift"]:
        return 1
    number = _count.fullmatch(words[1]) if words[:1] == ["shift"] and len(words) == 2 else None
    return int(number[0]) if number else 0


def _apart(piece: Piece, after: str) -> bool:
    """Whether it is done in a process of its own."""
    return piece.pipe != "" or re.match(r"\s*&(?!&)", after) is not None


def moved(shifts: Shifts | None, at: int) -> int:
    """By how many arguments they have been moved at an offset."""
    return max((total for offset, total in shifts or () if offset <= at), default=0)


def rests(shifts: Shifts | None, last: int) -> list[str]:
    """What follows `@` where it names all arguments that are left, if one that may be the last is of them."""
    return ["", *(f"+{total}" for _, total in shifts or () if last > total)]


def may_be_several(word: Word, flat: FlatScript) -> bool:
    """Whether a word of a command may come to be several, or none."""
    source = flat.text[word.start : word.end]
    return (
        (word.is_lone_hole(flat) and not flat.is_scalar(word.holes[0].number))
        or not _single.issuperset(word.bare_variables)
        or not {"@", "*"}.isdisjoint(word.variables)
        or "[@]" in source
        or _expanded.search(_quoted.sub("", source)) is not None
        or _several.search(word.shape) is not None
    )


def places(arguments: Sequence[Word], flat: FlatScript, shifts: Shifts | None) -> list[Given]:
    """Where each argument of a call may be found."""
    total = shifts[-1][1] if shifts else 0
    several = [may_be_several(word, flat) for word in arguments]
    last = max(9, len(arguments)) + total
    if shifts is None or several.count(False) < total:  # a `shift` by too many moves nothing
        return [Given(word, 1, last) for word in arguments]
    found, sure = [], 0
    for number, word in enumerate(arguments):
        spread = any(several[: number + 1])
        spreads = spread and several.index(True) == number
        found.append(Given(word, sure + 1, last if spread else sure + 1, spreads))
        sure += not several[number]
    return found
