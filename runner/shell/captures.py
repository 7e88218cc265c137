"""What a regular expression captures: numbers, words that are harmless in a script, or anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from runner.regex import regex
from runner.shell.flat import HOLE

Captured = Literal["number", "word", "anything"]

_used = regex(r"BASH_REMATCH\[(\d+)\]")
_class = r"\[\^?\]?(?:\[:\w*:\]|[^\]])*\]"
_piece = regex(
    rf"\\(?P<escaped>.)|(?P<class>{_class})|(?P<expansion>\$[\w{{(])|(?P<operator>[()|*+?{{}}^$])|(?P<letter>.)",
    re.DOTALL,
)
_of_class = regex(r"\[:(?P<named>\w*):\]|(?P<first>.)-(?P<last>[^\]])|(?P<letter>.)", re.DOTALL)
_named = {"digit": "0", **dict.fromkeys(("alnum", "alpha", "lower", "upper", "xdigit"), "a")}
_harmless = regex(r"[\w./:@+,=%-]*", re.ASCII)
_no_name = regex(r"[^A-Za-z_]*")
_unknown = "\\"


def captured(pattern: str, script: str) -> Iterator[tuple[str, Captured]]:
    """What the captures of a pattern hold, each by the name under which a script uses it."""
    groups = [pattern, *_groups(pattern)]
    for number in sorted({int(number) for number in _used.findall(script)}):
        group = groups[number] if number < len(groups) else HOLE
        yield f"BASH_REMATCH[{number}]", _kind(_letters(group))
    yield "BASH_REMATCH", _kind(_letters(pattern + HOLE * (HOLE in groups)))


def is_harmless(letters: str) -> bool:
    """Whether what a class of a pattern holds, letters and ranges, would harm no script."""
    return _harmless.fullmatch(_letters_of_class(letters)) is not None


def _kind(letters: str) -> Captured:
    if not _harmless.fullmatch(letters):
        return "anything"
    return "number" if _no_name.fullmatch(letters) else "word"


def _letters(pattern: str) -> str:
    """Characters that stand for all that a pattern may match."""
    found = ""
    for piece in _piece.finditer(pattern):
        if piece["escaped"]:
            found += {"w": "a", "s": _unknown, "<": "", ">": ""}.get(piece["escaped"], piece["escaped"])
            found += _unknown if piece["escaped"] in "WSD" else ""
        elif piece["class"]:
            found += _letters_of_class(piece["class"][1:-1])
        elif piece["letter"] and piece["letter"] != ".":
            found += piece["letter"]
        elif not piece["operator"]:
            found += _unknown
    return found


def _letters_of_class(text: str) -> str:
    if text.startswith("^"):
        return _unknown
    found = ""
    for part in _of_class.finditer(text):
        if part["first"]:
            found += "".join(map(chr, range(ord(part["first"]), min(ord(part["last"]) + 1, 256))))
        elif part["letter"]:
            found += part["letter"]
        else:
            found += _named.get(part["named"], _unknown)
    return found


def _groups(pattern: str) -> list[str]:
    """The text of each group, in the order in which they begin."""
    plain = re.sub(rf"\\.|{_class}", lambda match: "x" * len(match[0]), pattern)
    found, opened = list[str](), list[tuple[int, int]]()
    for at, letter in enumerate(plain):
        if letter == "(":
            opened.append((len(found), at + 1))
            found.append(HOLE)
        elif letter == ")" and opened:
            number, start = opened.pop()
            found[number] = pattern[start:at]
    return found
