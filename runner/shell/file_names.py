"""What words call files: texts with variables, whose own words are other names of the same files.

It knows no command, and not what variables are given.
"""

from __future__ import annotations

from collections.abc import Iterable

from runner.regex import regex
from runner.shell.findings import Assigned, Word
from runner.shell.flat import HOLE, FlatScript
from runner.struct import struct

_variable = regex(r"\$(?:(\w+|[@*])|\{(\w+|[@*])\})")
_renamed = regex(r"\$\{\w+[%/^,]")
_new_each_time = regex(r"\bmktemp\b")


@struct
class Held:
    """A variable in the name of a file, and where it stands."""

    name: str
    at: int


Name = tuple[str | Held, ...]


def name_of(word: Word, flat: FlatScript) -> Name:
    """What a word calls a file."""
    shown = flat.shown(word.start, word.end).strip("\"'")
    if _renamed.search(shown):
        return named(shown, word.start)
    if _is_told(word):
        spots, expanded = iter(word.holes), iter(word.expanded)
        pieces: list[str | Held] = []
        for text in word.text.split(HOLE):
            pieces.append(text)
            name = next(expanded, None)
            if name is not None:
                pieces.append(Held(name, word.start) if name else flat.spelled(next(spots).number))
        return tuple(piece for piece in pieces if piece)
    if word.variable:
        return (Held(word.variable, word.start),)
    return named(shown, word.start)


def _is_told(word: Word) -> bool:
    """Whether it is known what stands for each HOLE of its text."""
    whole = len(word.expanded) == word.text.count(HOLE) and word.expanded.count("") == len(word.holes)
    return whole and not word.inner


def named(text: str, at: int) -> Name:
    """What a text in a script calls a file."""
    pieces, end = list[str | Held](), 0
    for match in _variable.finditer(text):
        pieces += [text[end : match.start()], Held(match[1] or match[2], at)]
        end = match.end()
    return tuple(piece for piece in (*pieces, text[end:]) if piece)


def spelled(name: Iterable[str | Held]) -> str:
    """A name as a text."""
    return "".join(f"${piece.name}" if isinstance(piece, Held) else piece for piece in name)


def with_given(name: Name, at: int, given: Name) -> Name:
    """A name with what one of its variables is given in the place of that."""
    pieces = list[str | Held]()
    for piece in (*name[:at], *given, *name[at + 1 :]):
        last = pieces[-1] if pieces else None
        if isinstance(piece, str) and isinstance(last, str):
            pieces[-1] = last + piece
        else:
            pieces.append(piece)
    return tuple(pieces)


def names_given(given: Assigned, flat: FlatScript) -> list[Name]:
    """The files that a variable may name by what it is given; none where that is not told."""
    word, begun = given.word, f"{given.name}="
    if given.by is not None or (given.declared and given.aims) or given.adds(flat):
        return []
    if word.elements:
        return [name for one in word.elements for name in names_passed(one, flat)]
    names = names_passed(word, flat)
    return [(name[0].removeprefix(begun), *name[1:]) if isinstance(name[0], str) else name for name in names]


def names_passed(word: Word, flat: FlatScript) -> list[Name]:
    """The file that a word may name for what it is given to."""
    if word.process is not None or (word.inner and word.text in ("", HOLE)):
        return []
    name = name_of(word, flat)
    return [] if not name or (word.inner and _new_each_time.search(spelled(name))) else [name]
