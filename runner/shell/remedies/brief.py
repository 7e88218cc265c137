"""What to write instead in those places that need few words: tests, options, descriptors, braces.

It knows shells as people write them; it does not decide what is refused.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, write
from runner.shell.flat import HOLE

_range = regex(rf"(?<=[ \t])\{{(-?\d+|{HOLE})\.\.(-?\d+|{HOLE})(?:\.\.(-?\d+|{HOLE}))?\}}(?=[\s;]|\Z)")


def two_tests(case: Case) -> str:
    line = case.with_hole(case.hole)
    test, end = ("test ", "") if re.search(r"(?<!\S)test ", line) else ("[ ", " ]")
    for letter, operator in (("-a", "&&"), ("-o", "||")):
        other = "-o" if letter == "-a" else "-a"
        if line.count(f" {letter} ") and f" {other} " not in line:
            return "write: " + line.replace(f" {letter} ", f"{end} {operator} {test}")
    return "write a test for each comparison: [ … ] && [ … ]"


# Options ------------------------------------------------------------------------------------------


def option(case: Case) -> str:
    """`wait -n {{ pid }}` → `wait -n -- {{ pid }}`."""
    name, start, text = case.refusal.detail, case.refusal.start, case.flat.text
    begun = re.compile(rf"(?<![\w-]){name}(?:[ \t]+(?!--)[^\s;&|{HOLE}]+)*[ \t]+(?=[^\s;&|]*{HOLE})")
    found = max(
        begun.finditer(text, case.flat.line(start)[0]),
        key=lambda one: (one.end() <= start, one.end()),
        default=None,
    )
    if found is not None and found[0].split()[-1] == "-o":
        return "write it out"
    line = case.line(found.end(), start + 1, "-- " + case.flat.shown(found.end(), start + 1)) if found else ""
    return write(line, f"write: {name} -- …")


def assignment(case: Case) -> str:
    """For `env {{ x }} make`."""
    name = case.setting
    return f"write the name of the variable out, as in env {name}={case.hole} …, or the program without `env`"


def replacement(case: Case) -> str:
    """For `${v/a/{{ x }}}`."""
    return f'put it in a variable before, {case.fresh}={case.hole}, and write "${case.fresh}" in its place'


def descriptor(case: Case) -> str:
    if case.flat.text[case.refusal.start : case.refusal.start + 2] == ">&":
        return f"write the number out; for a file write > {case.hole} 2>&1"
    return "write the number out"


def lost(case: Case) -> str:
    told = re.match(r"this |.*\b(?:write|say|put)\b", case.refusal.detail)
    if case.refusal.detail.endswith("in these brackets"):
        return "leave out the blanks in the brackets: a[i+1]"
    return "" if told else "write this part of the script in a simpler way"


def braces(case: Case) -> str:
    if line := _sequence(case):
        return f"braces are expanded before values; {write(line, '')}"
    return "braces are expanded before values: write the words out, or let a list stand alone: {{ list }}"


def _sequence(case: Case) -> str:
    """`{1..{{ n }}}` → `$(seq 1 {{ n }})`."""
    text, at = case.flat.text, case.spot.at
    found = next((one for one in _range.finditer(text) if one.start() < at < one.end()), None)
    if found is None or text.count('"', text.rfind("\n", 0, at) + 1, found.start()) % 2:
        return ""
    first, last, step = (case.filled(found[part] or "", found.start(part)) for part in (1, 2, 3))
    numbers = " ".join(filter(None, (first, step, last)))
    return case.line(found.start(), found.end(), f"$(seq {numbers})")
