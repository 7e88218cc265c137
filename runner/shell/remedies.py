"""What to write instead of an unsound place: the fix, on the user's own line where that can be told.

It knows shells as people write them; it does not decide what is refused.
"""

from __future__ import annotations

import re

from runner.shell.cases import Case, write
from runner.shell.flat import HOLE

# Places that are evaluated ------------------------------------------------------------------------


def number(case: Case) -> str:
    line = write(case.with_hole(case.number), f"write {case.number}")
    return f"compute it in the expression, or say that it is a whole number: {line.removeprefix('write: ')}"


def subscript(case: Case) -> str:
    return number(case) + " (for keys of text say `declare -A` before, on a line of its own)"


def counted(case: Case) -> str:
    if re.search(r"\$\((?!\()[^()]*\Z", case.before) or "|" in case.after:
        return "compute it in the expression instead, where a filter such as `int` makes a number of it"
    line = case.with_hole(case.number) or case.number
    return f"say that it is a whole number: {line}"


def name(case: Case) -> str:
    left, right = case.flat.line(case.spot.at)
    key = re.search(rf"\bunset\s+(?:-v\s+)?[\"']?(\w+)\[{HOLE}\]", case.flat.text[left:right])
    if key and _is_keyed(case, key[1]):
        word = f"'{key[1]}[${case.variable}]'"
        line = case.line(case.refusal.start, case.refusal.end, word) or f"unset {word}"
        return f"write: {case.variable}={case.hole}; {line}"
    return "write the name out"


def _is_keyed(case: Case, array: str) -> bool:
    return re.search(rf"-A\w*\s+{array}\b", case.flat.text) is not None


def held_name(case: Case) -> str:
    variable = re.escape(case.refusal.detail.rpartition(" ")[2])
    unset = rf"\bunset\s+(?:-v\s+)?[\"']?((\w+)\[(?:\${variable}|\$\{{{variable}\}})\])"
    if (word := re.search(unset, case.flat.text)) and _is_keyed(case, word[2]):
        return f"write: unset '{word[1]}'"
    key = re.search(r"-v\s+[\"']?(\w+)(\[[^\s\]]*\])", case.flat.text)
    if key and _is_keyed(case, key[1]):
        return f"write: [[ ${{{key[1]}{key[2]}+x}} ]]"
    return "write the name out"


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
    name = case.refusal.detail
    line, times = re.subn(rf"(?<![\w-]){name} +(?!--)", f"{name} -- ", case.with_hole(case.hole), count=1)
    return write(line if times else "", f"write: {name} -- …")


def format_first(case: Case) -> str:
    start, end = case.refusal.start, case.refusal.end
    formats = {HOLE: "%s", f'"{HOLE}"': "%s", f'"{HOLE}\\n"': "%s\\n"}
    form = formats.get(case.flat.text[start:end])
    line = case.line(start, end, f"'{form}' {case.hole}") if form else ""
    return write(line, "give the format first: printf '%s\\n' …")


def descriptor(case: Case) -> str:
    if case.flat.text[case.refusal.start : case.refusal.start + 2] == ">&":
        start, end = case.refusal.start, case.refusal.end
        return write(case.line(start, end, f"> {case.hole} 2>&1"), "write: > … 2>&1")
    return "write the number out"


def lost(case: Case) -> str:
    told = re.match(r"this |.*\b(?:write|say|put)\b", case.refusal.detail)
    return "" if told else "write this part of the script in a simpler way"


def double_brackets(case: Case) -> str:
    refusal = case.refusal
    inside = case.flat.shown(refusal.start + 2, refusal.end - 2)
    if re.search(r"=~|&&|\|\||[<>()*?\[\]`]|-v\b|-R\b", re.sub(r"\{\{.*?\}\}", "", inside)):
        return "use `[ ]` or `case` for what a value is compared with"
    single = re.sub(r"(?<=\s)(\$\w+|\$\{\w+\})(?=\s)", r'"\1"', inside).replace(" == ", " = ")
    return write(case.line(refusal.start, refusal.end, f"[{single}]"), "use `[ ]` instead")


def braces(case: Case) -> str:
    return "braces are expanded before values: write the words out, or let a list stand alone: {{ list }}"
