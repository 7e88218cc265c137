"""What to write instead of a value that the shell would compute with.

A value may be said to be a whole number only where it is the number, and nothing else is asked of it: of
a part of it the number is computed in the expression.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.carriers import Carriers
from runner.shell.cases import Case, reference
from runner.shell.flat import HOLE, Respelled, filtered, scalars, whole_number
from runner.shell.remedies import keys as key_remedies
from runner.shell.remedies import listings as listing_remedies

_compute = "compute it in the expression"
_no_fractions = f"{_compute}: the shell knows whole numbers only"
_glued = regex(rf"(?:[\w.]|(?<!10)#){HOLE}|{HOLE}[\w.]")
_in_command = regex(r"\$\((?!\()[^()]*\Z")
_compared = r"-[nz]\s+\"?{0}|\bcase\s+\"?{0}|\"?{0}\"?\s+(?:=~|[!=]?=)\s|(?:=~|[!=]?=)\s+\"?{0}"
_cut = r"\$\{{{1}(?!\}})[^}}]"


def number(case: Case) -> str:
    """For `$(( {{ x }} + 1 ))`."""
    if told := key_remedies.in_arithmetic(case) or listing_remedies.number_alone(case):
        return told
    if not _sure_number(case):
        return _no_fractions if case.kind(case.spot.number) == "float" else _compute
    return f"{_compute}, or say that it is a whole number: {_line(case) or f'write {_number(case)}'}"


def subscript(case: Case) -> str:
    """For `a[{{ i }}]`."""
    array = key_remedies.array_of(case)
    if array and not key_remedies.in_arithmetic(case):
        declared = re.search(rf"\s-\w*A\w*\b[^\n;]*\s{re.escape(array)}\b", case.flat.text)
        place = (
            "outside of every branch, loop and `( )` that ends before" if declared else "on a line of its own"
        )
        return f"say `declare -A {array}` before, {place}"
    told = number(case)
    if told.startswith(f"{_compute}, or"):
        told += " (for keys of text say `declare -A` before, on a line of its own)"
    return told


def counted(case: Case) -> str:
    """For `x={{ x }}; echo $((x + 1))`."""
    name, kind = case.refusal.detail, case.kind(case.spot.number)
    if key := key_remedies.counted_key(case, name) or key_remedies.in_arithmetic(case):
        return key
    if told := listing_remedies.number_alone(case):
        return told
    if told := _sure_count(case):
        return f"say that it is a whole number: {_line(case) or told}"
    if kind == "float":
        return _no_fractions
    carriers = Carriers(case)
    if name not in carriers.names or kind in ("bool", "dict"):
        part = carriers.part(name)
        return f"{_compute}: {part}" if part else _let_digits_through(case, name)
    if any(_is_used(case, _compared, name) for name in carriers.names):
        return f"{_compute}, for a variable of its own: this one is compared as text, too"
    if any(_is_used(case, _cut, name) for name in carriers.names):
        return f"{_compute}, for a variable of its own: of this one parts are taken, as of a text"
    return f"say that it is a whole number, {_number(case)}, or a list of them, {_numbers(case)}"


def _let_digits_through(case: Case, name: str) -> str:
    """For `f() { case $1 in -n) n=$2; shift 2;; … esac; … }; f -n {{ n }}`."""
    given = re.search(rf"(?<![\w$+]){re.escape(name)}=\"?\$\{{?(\w+)\}}?\"?(?=[\s;&|)}}]|\Z)", case.flat.text)
    if given is None or case.kind(case.spot.number) in ("bool", "dict"):
        return f"{_compute} instead, where a filter such as `int` makes a number of it"
    digits = f'{name}=$(printf %s "${given[1]}" | tr -dc 0-9)'
    return f"if it is the whole number, say so, {_number(case)}; if not, let only digits through: {digits}"


def _line(case: Case) -> str:
    """The user's line, if every number on it can be told."""
    parts = []
    for one in case.beside("counted", "arithmetic", "subscript") or [case]:
        told = _sure_count(one) if one.refusal.kind == "counted" else _sure_number(one)
        if not told or (one.refusal.kind != "counted" and key_remedies.array_of(one)):
            return ""
        parts.append(Respelled(one.spot.at, one.spot.at + 1, told))
    left, right = case.flat.line(case.spot.at)
    return case.line(left, right, case.respelled(left, right, parts, str))


def _sure_number(case: Case) -> str:
    """The value as a number in arithmetic, if it is all of one."""
    at = case.spot.at
    if case.kind(case.spot.number) in ("float", "bool", "list", "dict"):
        return ""
    if _glued.search(case.flat.text, max(at - 3, 0), at + 2) or not _is_all_of_its_command(case):
        return ""
    return _number(case)


def _sure_count(case: Case) -> str:
    """The value as a number that is kept in a variable, if the variable holds it and nothing else."""
    kind, names = case.kind(case.spot.number), Carriers(case).names
    if case.refusal.detail not in names or kind in ("float", "bool", "dict"):
        return ""
    if kind != "int" and any(_asks_for_text(case, name) for name in names):
        return ""
    if case.spot.place == "word" and kind not in ("list", *scalars) and not case.flat.whole[case.spot.number]:
        return ""
    return _numbers(case) if kind == "list" else _number(case)


def _asks_for_text(case: Case, name: str) -> bool:
    """Whether a variable is looked at as text: there it matters how a number is written."""
    return _is_used(case, f"{_compared}|{_cut}", name)


def _is_used(case: Case, use: str, name: str) -> bool:
    """Whether a variable is used in a way that a pattern tells."""
    read = f"${name}" in case.flat.text or f"${{{name}" in case.flat.text
    if not (read and name.isidentifier()):
        return False
    return re.search(use.format(reference(name), re.escape(name)), case.flat.text) is not None


def _number(case: Case) -> str:
    if case.flat.whole[case.spot.number]:
        return f"{{{{ {filtered(case.source)} | verbatim }}}}"
    return whole_number(case.source, "" if _takes_numbers(case) else " | verbatim")


def _numbers(case: Case) -> str:
    return f"{{{{ {filtered(case.source)} | map('int') | join(' ') | verbatim }}}}"


def _takes_numbers(case: Case) -> bool:
    """Whether what is certain to be a whole number may stand here as it is."""
    kind = case.refusal.kind
    read = case.spot.place == "quoted" or _inside_command(case)
    return kind == "counted" or (kind in ("arithmetic", "subscript") and read)


def _inside_command(case: Case) -> bool:
    return _in_command.search(case.flat.text[case.refusal.start : case.spot.at]) is not None


def _is_all_of_its_command(case: Case) -> bool:
    """Whether a command in the arithmetic prints the value and nothing else."""
    before = _in_command.search(case.flat.text[: case.spot.at])
    if before is None or not _inside_command(case):
        return True
    after = case.flat.text[case.spot.at + 1 :]
    return (
        re.fullmatch(r"\$\(\s*echo\s+\"?", before[0]) is not None and re.match(r"\"?\s*\)", after) is not None
    )
