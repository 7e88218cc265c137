"""What to write instead of a value in the format of `printf`, which reads `%` and backslashes in it.

The value becomes an argument: there it is data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from runner.regex import regex
from runner.shell.cases import Case, ends_command, write
from runner.shell.flat import HOLE, Respelled, whole_number
from runner.shell.json_texts import json_in

_quoted = regex(r""""(?:[^"\\]|\\.)*"|\$?'[^']*'""", re.DOTALL)
_before = regex(r"(?<![\w./-])printf[ \t]+(?:-v[ \t]+\w+[ \t]+)?(?:--[ \t]+)?\Z")
_argument = regex(rf"[ \t]+((?:\"[^\"$`\\]*\"|\"\$\w+\"|'[^']*'|[\w./:=,@%+-]|{HOLE})+)")
_conversion = regex(rf"%%|%[-+ #0]*\d*(?:\.\d+)?[a-zA-Z]|{HOLE}|%")
_measures = regex(rf"(?<!%)(?:%%)*%[-+ #0]*[\d{HOLE}]*\.?\Z")


def is_format(case: Case) -> bool:
    """Whether the quotes that the value stands in are the format of `printf`."""
    left, _ = case.flat.line(case.refusal.start)
    return _before.search(case.flat.text, left, case.refusal.start) is not None


def told(case: Case) -> str:
    """For `printf {{ form }} a`, and for a format that is in quotes."""
    start, end = case.refusal.start, case.refusal.end
    word = case.flat.text[start:end]
    if _quoted.fullmatch(word):
        return in_format(case)
    plain = word == HOLE or re.fullmatch(rf"[\w./:=,@+-]+{HOLE}[\w./:=,@+-]*", word)
    given = case.hole if word == HOLE else case.word
    line = case.line(start, end, f"'{word.replace(HOLE, '%s')}' {given}") if plain else ""
    return write(line, in_words(case))


def in_format(case: Case) -> str:
    """`printf '%s: {{ x }}\n' a` → `printf '%s: %s\n' a {{ x }}`."""
    start, end, text = case.refusal.start, case.refusal.end, case.flat.text
    if _measures.search(text, start, case.spot.at):
        return _measured(case)
    opening = start + 2 if text[start] == "$" else start + 1
    within = text[opening : end - 1]
    if text[start] == '"' and re.search(r'\\"', within):
        return in_words(case, json=f'\\"{HOLE}' in within)
    found = json_in(case, opening, opening + len(re.sub(r"(?:\\n)+\Z", "", text[opening : end - 1])))
    otherwise = in_words(case, json=found.likely)
    arguments, after = _arguments(case, end)
    if not found.certain or ends_command.match(text, after) is None:
        return otherwise
    values = _values(case, opening, end, found.parts)
    pieces, at = [], opening
    for value in values:
        pieces.append(text[at : value.start])
        at = value.end
    form = HOLE.join([*pieces, text[at : end - 1]])
    given = _in_order(form, [value.spelled for value in values], arguments)
    quoted = case.filled(text[start:opening] + form.replace(HOLE, "%s") + text[end - 1], start)
    return write(case.line(start, after, " ".join([quoted, *given])) if given else "", otherwise)


def _measured(case: Case) -> str:
    """`%-{{ n }}s` → `%-{{ n | int }}s`."""
    expands = case.flat.text[case.refusal.start] not in "'$"
    number = whole_number(case.source, "" if expands else " | verbatim")
    line = case.with_hole(number) if len(case.beside(case.refusal.kind)) == 1 else ""
    return f"say that it is a whole number: {line or number}"


def in_words(case: Case, *, json: bool = False) -> str:
    """What to write, where the line itself cannot be told."""
    told = "write `%s` in its place, and give it as an argument: printf '… %s …' "
    return told + ("{{ … | json }}, which has the quotes of JSON" if json else case.word)


def _values(case: Case, start: int, end: int, strings: Sequence[Respelled]) -> list[Respelled]:
    """What the format holds that is given as an argument, in order: strings of JSON, and other holes."""
    covered = {number for part in strings for number in case.flat.inside(part.start, part.end)}
    others = [number for number in case.flat.inside(start, end) if number not in covered]
    places = [(case.flat.at[number], case.word_of(number)) for number in others]
    values = [Respelled(at, at + 1, word) for at, word in places]
    values += [Respelled(part.start, part.end, part.spelled.strip()) for part in strings]
    return sorted(values, key=lambda value: value.start)


def _arguments(case: Case, end: int) -> tuple[list[str], int]:
    """What `printf` is given behind its format, and where that ends."""
    found: list[str] = []
    while match := _argument.match(case.flat.text, end):
        lone = match[1] == HOLE and case.kind(case.flat.number(match.start(1))) in (None, "list")
        if lone:
            return [], match.start(1)
        found.append(case.flat.shown(match.start(1), match.end(1)))
        end = match.end()
    return found, end


def _in_order(form: str, values: list[str], arguments: list[str]) -> list[str]:
    """The values and arguments in the order of the format; none if it does not take each just once."""
    taken = [match[0] for match in _conversion.finditer(form) if match[0] != "%%"]
    if "%" in taken or len(taken) != len(values) + len(arguments):
        return []
    waiting = {True: iter(values), False: iter(arguments)}
    return [next(waiting[one == HOLE]) for one in taken]
