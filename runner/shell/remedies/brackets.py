"""What to write instead of a value inside `[[ ]]`: `[ ]`, or a variable that holds it."""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, write
from runner.shell.flat import HOLE, Respelled

_more_than_single = regex(r"=~|&&|\|\||[<>()*?\[\]`]|-v\b|-R\b")
_leads = regex(r"[ \t]*(?:(?:if|while|until|!)[ \t]+)*\Z")
_counts = regex(rf"-(?:eq|ne|lt|le|gt|ge)[ \t]+\"?{HOLE}|{HOLE}\"?[ \t]+-(?:eq|ne|lt|le|gt|ge)\b")
_alone = regex(rf"(?<=[ \t])(\"?){HOLE}\1(?=[ \t])")
_literal_right = regex(r"(?:[ \t](?:!=|==?|<|>))[ \t]+\"?\Z")


def double_brackets(case: Case) -> str:
    """For `[[ -f {{ x }} ]]` and `[[ {{ x }} =~ ^[a-z]+$ ]]`."""
    refusal = case.refusal
    inside = case.flat.shown(refusal.start + 2, refusal.end - 2)
    text = case.flat.text[refusal.start + 2 : refusal.end - 2]
    if not _more_than_single.search(text):
        single = re.sub(r"(?<=\s)(\$\w+|\$\{\w+\})(?=\s)", r'"\1"', inside).replace(" == ", " = ")
        return write(case.line(refusal.start, refusal.end, f"[{single}]"), "use `[ ]` instead")
    if _counts.search(text):
        return "compare numbers in a test of their own, with `[ ]`: [ … ] && [[ … ]]"
    otherwise = f"give it to a variable before, {case.fresh}={case.hole}, and write ${case.fresh} here"
    quoted = f', "${case.fresh}" right of `==`' if _literal_right.search(_before(case)) else ""
    return write(_with_variables(case), otherwise + quoted)


def _before(case: Case) -> str:
    return case.flat.text[case.refusal.start : case.spot.at]


def _with_variables(case: Case) -> str:
    """`[[ {{ x }} =~ a ]]` as `x={{ x }}; [[ $x =~ a ]]`, where nothing else can be meant."""
    start, end, text = case.refusal.start, case.refusal.end, case.flat.text
    left = case.flat.line(start)[0]
    numbers = case.flat.inside(start, end)
    if not _leads.fullmatch(text, left, start) or len(_alone.findall(text[start:end])) != len(numbers):
        return ""
    given: dict[str, str] = {}
    parts = []
    for match in _alone.finditer(text[:end], start):
        number = case.flat.number(match.start() + len(match[1]))
        name = case.fresh_of(number)
        if given.setdefault(name, case.flat.spelled(number)) != case.flat.spelled(number):
            return ""
        literal = match[1] or _literal_right.search(text[start : match.start()])
        parts.append(Respelled(match.start(), match.end(), f'"${name}"' if literal else f"${name}"))
    assigned = "".join(f"{name}={hole}; " for name, hole in given.items())
    changed = case.respelled(start, end, parts, str)
    line = case.line(start, end, changed)
    return assigned + line if line else ""
