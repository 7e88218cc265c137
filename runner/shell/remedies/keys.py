"""What to write instead of a key of an associative array where the shell would evaluate it.

A key is data in an assignment and in `${…}`; in arithmetic, and where a name is wanted, it is not.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, begins_command, reference, write
from runner.shell.flat import HOLE, whole_number

_ends = regex(r"[ \t]*(?:\Z|[\n;}])")
_operation = r"\(\(\s*{0}\s*(?:(\+\+|--)|([-+*])=\s*([^()=,]+?))\s*\)\)"


def _is_keyed(case: Case, array: str) -> bool:
    """Whether an array is said to be associative somewhere."""
    return re.search(rf"-A\w*\s+(?:\w+\s+)*{re.escape(array)}\b", case.flat.text) is not None


def array_of(case: Case) -> str:
    """The associative array whose key the value is."""
    match = re.search(r"(\w+)\[\"?\Z", case.flat.text[: case.spot.at])
    lone = match is not None and case.flat.text[case.spot.at + 1] in '"]'
    return match[1] if match and lone and _is_keyed(case, match[1]) else ""


def in_arithmetic(case: Case) -> str:
    """For `declare -A m; (( m[{{ k }}] += 1 ))`."""
    array, text = array_of(case), case.flat.text
    if not array or not re.search(rf"\(\([^()]*\b{array}\[|\blet\b", text):
        return ""
    given, element = f"{case.fresh}={case.hole}", f"{array}[${case.fresh}]"
    return f"give the key to a variable, {given}, and write {_apart(element)}"


def counted_key(case: Case, name: str) -> str:
    """For `declare -A n; for w in {{ words }}; do (( n[$w] += 1 )); done`."""
    text, element = case.flat.text, rf"(\w+)\[(\$(?:{name}|\{{{name}\}}))\]"
    if f"[${name}]" not in text and f"[${{{name}}}]" not in text:
        return ""
    arrays = {match[1] for match in re.finditer(element, text) if _is_keyed(case, match[1])}
    others = re.sub(element, lambda match: "" if match[1] in arrays else match[0], text)
    if not arrays or re.search(rf"\(\([^()]*\b{name}\b", others):
        return ""
    array = re.search(rf"(?:\(\((?:[^()]|\([^()]*\))*?|\blet\b[^\n;]*?)(?<!\{{){element}", text)
    if array is None or array[1] not in arrays:
        return ""
    key = f"{array[1]}[{array[2]}]"
    pattern = _operation.format(re.escape(key))
    whole = re.search(pattern, text)
    used = len(re.findall(rf"(?<!\{{){re.escape(key)}(?!=)", text))
    line = _statement(case, whole, key) if whole and used == 1 else ""
    return write(line, f"write {_apart(key)}")


def _apart(element: str) -> str:
    value = f"${{{element}:-0}}"
    return f"{value} in arithmetic, and assign to it outside: {element}=$(( {value} + 1 ))"


def _statement(case: Case, match: re.Match[str], element: str) -> str:
    """`(( n[$w] += 2 ))` as an assignment, on the user's line."""
    text = case.flat.text
    begins = begins_command.search(text, 0, match.start()) is not None
    if not begins or _ends.match(text, match.end()) is None or HOLE in match[0]:
        return ""
    operator, operand = (match[1][0], "1") if match[1] else (match[2], match[3])
    plain = re.fullmatch(r"\w+|\$\w+", operand) is not None
    value = f"$(( ${{{element}:-0}} {operator} {operand if plain else f'({operand})'} ))"
    return case.line(match.start(), match.end(), f"{element}={value}")


# Names --------------------------------------------------------------------------------------------


def name(case: Case) -> str:
    """For `unset "m[{{ k }}]"`."""
    start, end = case.refusal.start, case.refusal.end
    key = re.fullmatch(rf"[\"']?(\w+)\[{HOLE}\][\"']?", case.flat.text[start:end])
    before = case.flat.text[case.flat.line(start)[0] : start]
    if key and _is_keyed(case, key[1]) and _unset.search(before):
        word, given = f"'{key[1]}[${case.fresh}]'", f"{case.fresh}={case.hole}"
        line = case.line(start, end, word)
        return write(f"{given}; {line}" if line else "", f"give the key to a variable, {given}: unset {word}")
    return "write the name out"


_unset = regex(r"\bunset[ \t]+(?:-v[ \t]+)?(?:[^;&|\n]*[ \t])?\Z")
_asked = regex(r"(?:\[|\btest)[ \t](?:[^;\n]*[ \t])?(-v[ \t]+)\Z")


def held_name(case: Case) -> str:
    """For `k={{ k }}; unset "m[$k]"` and `[[ -v m[$k] ]]`."""
    start, end = case.refusal.start, case.refusal.end
    variable = reference(case.refusal.detail.rpartition(" ")[2])
    word = case.flat.text[start:end]
    key = re.fullmatch(rf"[\"']?(\w+)\[([\"']?)({variable})\2\][\"']?", word)
    alone = re.search(rf"=\"?{HOLE}\"?(?:[\s;]|\Z)", case.flat.text[case.spot.at - 2 : case.spot.at + 3])
    if key is not None and alone and not _is_keyed(case, key[1]):
        return f"say that it is a whole number: {whole_number(case.source)}"
    if key is None or not _is_keyed(case, key[1]):
        return "write the name out"
    left = case.flat.line(start)[0]
    before, element = case.flat.text[left:start], f"{key[1]}[{key[3]}]"
    if _unset.search(before):
        return write(case.line(start, end, f"'{element}'"), f"write: unset '{element}'")
    asked = _asked.search(before)
    if asked is None:
        return "write the name out"
    holds = f"${{{element}+x}}"
    if "[[" not in before:
        holds = f'"{holds}"'
    return write(case.line(left + asked.start(1), end, holds), f"write {holds} instead of -v")


def given_name(case: Case) -> str:
    """For `X={{ x }}` in a file that `export $(…)` reads."""
    left, right = case.flat.line(case.spot.at)
    given = re.fullmatch(rf"\s*(\w+)=[\"']?{HOLE}[\"']?\s*", case.flat.text[left:right])
    start = case.flat.line(case.refusal.start)[0]
    exported = re.search(r"\bexport\s", case.flat.text[start : case.refusal.start])
    if given is None or exported is None:
        return "write the name out"
    return f"give it to the variable by its name: export {given[1]}={case.hole}"
