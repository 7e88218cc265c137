"""Values in JSON that a script holds as text: there a value with quotes in it must be written as JSON.

It judges no place: that is the same for every text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from runner.shell.flat import HOLE, FlatScript, filtered
from runner.struct import struct

_string = re.compile(r'"(?:[^"\\]|\\.)*"(?P<key>\s*:)?')
_with_hole = re.compile(rf"""([^"'\\{{}}{HOLE}]*){HOLE}([^"'\\{{}}{HOLE}]*)""")
_as_json = re.compile(r"[|]\s*json\s*\Z")
_longest = 20_000


@struct
class JsonString:
    """A string of JSON with a hole in it: where it stands, quotes included, and what gives all of it."""

    start: int
    end: int
    spelled: str


def strings_in(flat: FlatScript, start: int, end: int) -> dict[int, JsonString]:
    """The strings of JSON with one hole, by its number, if a stretch of the script is JSON."""
    text = flat.text[start:end]
    found: dict[int, JsonString] = {}
    for match in _string.finditer(text) if _is_json(text) else ():
        closes = match.start("key") if match["key"] else match.end()
        parts = _with_hole.fullmatch(text, match.start() + 1, closes - 1)
        if match["key"] or parts is None:
            continue
        number = flat.number(start + parts.end(1))
        if not (flat.whole[number] or flat.verbatim[number]):
            spelled = json_of(flat, number, parts[1], parts[2])
            found[number] = JsonString(start + match.start(), start + match.end(), spelled)
    return found


def without_quotes(text: str, start: int, strings: Mapping[int, JsonString]) -> str:
    """The stretch that begins at `start` with only a hole for each of those strings."""
    pieces, at = [], 0
    for string in strings.values():
        pieces.append(text[at : string.start - start] + HOLE)
        at = string.end - start
    return "".join([*pieces, text[at:]])


def json_of(flat: FlatScript, number: int, before: str = "", after: str = "") -> str:
    """A hole that gives its value as JSON, with the text around it."""
    source = filtered(_as_json.sub("", flat.holes[number].source))
    if before or after:
        glued = " ~ ".join([*[f"'{before}'"] * bool(before), source, *[f"'{after}'"] * bool(after)])
        source = f"({glued})"
    return f"{{{{ {source} | json }}}}"


def _is_json(text: str) -> bool:
    if len(text) > _longest or text.strip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text.replace(HOLE, "0"))
    except (ValueError, RecursionError):
        return False
    return True
