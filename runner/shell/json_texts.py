"""Values in JSON that a script holds as text: there a value with quotes in it must be written as JSON.

It judges no place: that is the same for every text.
"""

from __future__ import annotations

import json
import re

from runner.shell.flat import HOLE, FlatScript, filtered

_whole_string = re.compile(rf'"{HOLE}"(?!\s*:)')
_as_json = re.compile(r"[|]\s*json\s*\Z")
_longest = 20_000


def strings_in(flat: FlatScript, start: int, end: int) -> list[int]:
    """The holes that are the whole of a string of JSON, if a stretch of the script is JSON."""
    text = flat.text[start:end]
    if not _is_json(text):
        return []
    numbers = (flat.number(start + match.start() + 1) for match in _whole_string.finditer(text))
    return [number for number in numbers if not (flat.whole[number] or flat.verbatim[number])]


def without_quotes(flat: FlatScript, text: str, start: int, strings: list[int]) -> str:
    """The stretch that begins at `start` without the quotes around those holes."""
    pieces, at = [], 0
    for number in strings:
        hole = flat.at[number] - start
        pieces.append(text[at : hole - 1] + HOLE)
        at = hole + 2
    return "".join([*pieces, text[at:]])


def json_of(flat: FlatScript, number: int) -> str:
    """A hole that gives its value as JSON."""
    source = _as_json.sub("", flat.holes[number].source)
    return f"{{{{ {filtered(source)} | json }}}}"


def _is_json(text: str) -> bool:
    if len(text) > _longest or text.strip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text.replace(HOLE, "0"))
    except (ValueError, RecursionError):
        return False
    return True
