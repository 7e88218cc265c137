"""Values in JSON that a script holds as text: there a value with quotes in it must be written as JSON.

It judges no place: that is the same for every text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, zip_longest

from runner.regex import regex
from runner.shell.cases import Case
from runner.shell.flat import HOLE, Respelled, filtered
from runner.struct import field, struct

_string = regex(r'"(?:[^"\\]|\\.)*"')
_stands_alone = regex(rf"(?<=[\[:,])(\s*){HOLE}(?=\s*[,\]}}])")
_as_json = regex(r"[|]\s*json\s*\Z")
_looks_so = regex(rf'"\s*:\s*["\[{{\d{HOLE}]|\A\s*[\[{{]\s*["\[{{]')
_written_so = ("int", "float", "bool")
_longest = 20_000


@struct
class JsonText:
    """The stretches of a text that must be written otherwise, so that it stays JSON whatever a value says.

    `certain`: nothing else can go wrong. `likely`: it is JSON, or looks as if it becomes JSON with other
    text. `from_text` are the holes that may have to be read as JSON.
    """

    parts: list[Respelled] = field(default_factory=list)
    certain: bool = True
    likely: bool = False
    from_text: list[int] = field(default_factory=list)

    @property
    def unread(self) -> bool:
        """Whether it looks like JSON, but could not be read."""
        return self.likely and not (self.certain or self.parts)

    def around(self, at: int) -> Respelled | None:
        """The stretch around an offset."""
        return next((part for part in self.parts if part.start <= at < part.end), None)


def json_in(case: Case, start: int, end: int) -> JsonText:
    """What must be written otherwise in a stretch of the script, if that is JSON."""
    text = case.flat.text[start:end]
    if not _is_json(text):
        looks_so = _looks_so.search(text) is not None
        return JsonText(certain=not looks_so, likely=looks_so)
    told, parts, certain = set[int](), list[Respelled](), True
    for match in _string.finditer(text):
        numbers = case.flat.inside(start + match.start(), start + match.end())
        told.update(numbers)
        if all(case.flat.whole[number] or case.flat.verbatim[number] for number in numbers):
            continue
        spelled, known = _spelled_string(case, numbers, match[0][1:-1])
        certain = certain and known
        if spelled:
            space = " " * (text[match.start() - 1] == "{")  # `{{{` would begin another expression
            parts.append(Respelled(start + match.start(), start + match.end(), space + spelled))
    others = [number for number in case.flat.inside(start, end) if number not in told]
    alone = {start + match.end() - 1 for match in _stands_alone.finditer(text)}
    values = {number: _alone(case, number) for number in others}
    parts += [part for part, _ in values.values() if part]
    from_text = [number for number, (_, known) in values.items() if not known]
    certain = certain and not from_text and all(case.flat.at[number] in alone for number in others)
    return JsonText(sorted(parts, key=lambda part: part.start), certain, True, from_text)


def _spelled_string(case: Case, numbers: range, text: str) -> tuple[str, bool]:
    """A hole that gives a string of JSON, if that can be told, and whether it is sure to be meant so."""
    flat = case.flat
    try:
        pieces = [json.loads(f'"{piece}"') for piece in text.split(HOLE)]
    except ValueError:
        return "", False
    if any(flat.verbatim[number] for number in numbers):
        return "", False
    sources = [filtered(_as_json.sub("", flat.holes[number].source)) for number in numbers]
    written = [_literal(piece) if piece else "" for piece in pieces]
    glued = [one for one in chain(*zip_longest(written, sources, fillvalue="")) if one]
    kinds = [case.kind(number) for number in numbers]
    if len(glued) == 1 and kinds[0] in ("str", "path", "list"):
        return f"{{{{ {glued[0]} | json }}}}", kinds[0] != "list"
    glued += ["''"] * (len(glued) == 1)
    return f"{{{{ ({' ~ '.join(glued)}) | json }}}}", "list" not in kinds


def _alone(case: Case, number: int) -> tuple[Respelled | None, bool]:
    """How a value is written that stands for itself, and whether it is sure to be meant so."""
    flat = case.flat
    source, kind, at = flat.holes[number].source, case.kind(number), flat.at[number]
    if flat.whole[number] or flat.verbatim[number] or kind in _written_so or _as_json.search(source):
        return None, True
    return Respelled(at, at + 1, f"{{{{ {filtered(source)} | json }}}}"), kind in ("list", "dict")


def _literal(text: str) -> str:
    """A text as an expression has it."""
    return "'" + "".join(_escaped(text)) + "'"


def _escaped(text: str) -> Iterator[str]:
    for char in text:
        if char in "\\'":
            yield "\\" + char
        elif char == "\n":
            yield "\\n"
        else:
            yield char if char.isprintable() else f"\\u{ord(char):04x}" if ord(char) < 0x10000 else char


def _is_json(text: str) -> bool:
    if len(text) > _longest or text.strip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text.replace(HOLE, "0"))
    except (ValueError, RecursionError):
        return False
    return True
