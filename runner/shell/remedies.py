"""What to write instead of an unsound place: the fix, on the user's own line where that can be told.

It knows shells and programs as people write them; it does not decide what is refused.
"""

from __future__ import annotations

import re

from runner.shell.findings import Refusal, Spot
from runner.shell.flat import HOLE, FlatScript
from runner.struct import struct


@struct
class Case:
    """One refused hole: what an advice is written from."""

    flat: FlatScript
    spot: Spot
    refusal: Refusal

    @property
    def hole(self) -> str:
        """As the user wrote it."""
        return self.flat.spelled(self.spot.number)

    @property
    def source(self) -> str:
        """The expression."""
        return self.flat.holes[self.spot.number].source.strip()

    @property
    def number(self) -> str:
        """The hole, said to be a whole number, or a list of them where it may be a list."""
        plain = re.fullmatch(r"[\w.\[\]'\"]+(\s*\|\s*[\w]+)*", self.source)
        source = self.source if plain else f"({self.source})"
        numbers = "map('int') | join(' ')" if self.spot.place == "word" else "int"
        return f"{{{{ {source} | {numbers} | verbatim }}}}"

    @property
    def variable(self) -> str:
        """A name for a variable that would hold the value."""
        names = re.findall(r"[A-Za-z_]\w*", self.source.partition("|")[0])
        name = str(names[-1]) if names else "value"
        return "value" if name in _poor_names or name[0] == "_" else name.lower()

    def filled(self, text: str, start: int) -> str:
        """A stretch of flat text that begins at `start`, changed, with its holes as the user wrote them."""
        for number in range(self.flat.number(start), len(self.flat.holes)):
            if HOLE not in text:
                break
            text = text.replace(HOLE, self.flat.spelled(number), 1)
        return text

    def line(self, start: int, end: int, replacement: str) -> str:
        """The user's line with one stretch of it replaced; empty where it is no single line."""
        left, right = self.flat.line(start)
        if end > right or right - left > _longest_line or "\n" in replacement:
            return ""
        before, after = self.flat.shown(left, start), self.flat.shown(end, right)
        return (before + replacement + after).strip()

    def with_hole(self, replacement: str) -> str:
        """The user's line with something else in place of the hole."""
        return self.line(self.spot.at, self.spot.at + 1, replacement)


_longest_line = 200
_poor_names = frozenset(
    {"if", "else", "result", "results", "item", "path", "home", "user", "shell", "pwd", "ifs", "env"}
)


def _write(line: str, otherwise: str) -> str:
    return f"write: {line}" if line else otherwise


# Quotes -------------------------------------------------------------------------------------------


def single(case: Case) -> str:
    start, end = case.refusal.start, case.refusal.end
    inner = re.sub(r'([$`"\\])', r"\\\1", case.flat.text[start + 1 : end - 1])
    line = case.line(start, end, f'"{case.filled(inner, start)}"')
    return _write(line, "use double quotes, with `\\$` for each `$` of your own")


def ansi(case: Case) -> str:
    start, end = case.refusal.start, case.refusal.end
    pieces = case.flat.text[start + 2 : end - 1].split(HOLE)
    text = HOLE.join(f"$'{piece}'" if piece else "" for piece in pieces)
    line = case.line(start, end, case.filled(text, start))
    return _write(line, "close the quote before it, and open it again after it")


def backticks(case: Case) -> str:
    refusal = case.refusal
    inner = case.flat.shown(refusal.start + 1, refusal.end - 1)
    simple = "" if "\\" in inner else f"$({inner})"
    return _write(
        simple and case.line(refusal.start, refusal.end, simple), "write `$(…)` instead of backticks"
    )


def quoted_heredoc(case: Case) -> str:
    refusal = case.refusal
    end = case.flat.text.find("\n", refusal.start)
    operator = case.flat.text[refusal.start : end]
    match = re.match(r"((?:\d+)?<<-?[ \t]*)\S+", operator)
    bare = case.line(refusal.start, refusal.start + match.end(), match[1] + refusal.detail) if match else ""
    body = case.flat.text[end + 1 : refusal.end]
    escape = (
        ", with a backslash before each `$`, backtick and backslash of the text"
        if re.search(r"[$`\\]", body)
        else ""
    )
    if not bare or not re.fullmatch(r"\w+", refusal.detail):
        return "write its delimiter without quotes" + escape
    return f"write: {bare}" + escape


def dollar(case: Case) -> str:
    at = case.refusal.start
    left = case.line(at, at + 2, case.hole)
    return f"{_write(left, 'leave the `$` out')} (a dollar sign of your own is `\\$`)"


def backslash(case: Case) -> str:
    at = case.refusal.start
    return (
        _write(case.line(at, at + 2, case.hole), "leave the backslash out") + " (no value needs a backslash)"
    )


def comment(case: Case) -> str:
    return _write(case.with_hole(case.source), "leave the braces out")


# Places that are evaluated ------------------------------------------------------------------------


def number(case: Case) -> str:
    line = _write(case.with_hole(case.number), f"write {case.number}")
    return f"compute it in the expression, or say that it is a whole number: {line.removeprefix('write: ')}"


def subscript(case: Case) -> str:
    return number(case) + " (for keys of text say `declare -A` before, on a line of its own)"


def counted(case: Case) -> str:
    line = case.with_hole(case.number) or case.number
    return f"say that it is a whole number: {line}"


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
    return _write(line if times else "", f"write: {name} -- …")


def format_first(case: Case) -> str:
    start, end = case.refusal.start, case.refusal.end
    formats = {HOLE: "%s", f'"{HOLE}"': "%s", f'"{HOLE}\\n"': "%s\\n"}
    form = formats.get(case.flat.text[start:end])
    line = case.line(start, end, f"'{form}' {case.hole}") if form else ""
    return _write(line, "give the format first: printf '%s\\n' …")


def descriptor(case: Case) -> str:
    if case.flat.text[case.refusal.start : case.refusal.start + 2] == ">&":
        start, end = case.refusal.start, case.refusal.end
        return _write(case.line(start, end, f"> {case.hole} 2>&1"), "write: > … 2>&1")
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
    return _write(case.line(refusal.start, refusal.end, f"[{single}]"), "use `[ ]` instead")


def braces(case: Case) -> str:
    return "braces are expanded before values: write the words out, or let a list stand alone: {{ list }}"


# Program text -------------------------------------------------------------------------------------


def text_of_program(detail: str) -> str:
    return _program_names.get(detail, f"what `{detail}` is given")


_program_names = {
    "sh": "the script of a shell",
    "awk": "the program of awk",
    "sed": "the script of sed",
    "jq": "the filter of jq",
    "ssh": "what ssh is given for the remote shell",
    "su": "the script after -c",
    "trap": "the command of `trap`",
    "unknown": "what follows -c or -e",
    "env": "what env splits into words",
}
_reads_variable = {
    "python": "os.environ['{0}']",
    "perl": "$ENV{{{0}}}",
    "ruby": "ENV['{0}']",
    "node": "process.env.{0}",
    "php": "getenv('{0}')",
    "lua": "os.getenv('{0}')",
    "Rscript": "Sys.getenv('{0}')",
    "osascript": 'system attribute "{0}"',
    "awk": 'ENVIRON["{0}"]',
    "jq": "env.{0}",
}


def program(case: Case) -> str:
    detail = case.refusal.detail
    name = case.variable.upper()
    given = f'`env: {{{name}: "{case.hole}"}}`'
    if detail in ("sh", "su", "unknown", "env"):
        return _shell_program(case)
    if detail == "sed":
        return _sed_program(case)
    if detail == "ssh":
        reading = f"ssh … 'IFS= read -r {case.variable}; …'"
        return f'send it by `stdin: "{case.hole}"`, and read it there: {reading}'
    if detail in ("eval", "trap"):
        given = f"put it in a variable, {case.variable}={case.hole}"
        return f'{given}, and write "${case.variable}" inside single quotes'
    if detail in _reads_variable:
        return f"give it by {given} and write {_reads_variable[detail].format(name)} in the program"
    return f'give it by {given} and write "${name}" inside single quotes'


def held_program(case: Case) -> str:
    """For `y={{ x }}; eval "$y"` and its like."""
    name, _, variable = case.refusal.detail.rpartition(" ")
    if name in ("eval", "trap"):
        return f'write "${variable}" inside single quotes, as in: {name} \'echo "${variable}"\''
    if name in ("sh", "su", "unknown", "env"):
        return f'pass it as an argument: sh -c \'… "$1" …\' sh "${variable}"'
    if name == "ssh":
        return f"send it by a pipe, and read it there: ssh … 'IFS= read -r {variable}; …'"
    if name in _reads_variable:
        shown = _reads_variable[name].format(variable)
        return f"write {shown} in the program, after: export {variable}"
    if name == "sed":
        return f"use perl -pe 's/…/$ENV{{{variable}}}/' after: export {variable}"
    return f'write "${variable}" inside single quotes, after: export {variable}'


def held_input(case: Case) -> str:
    """For `y={{ x }}; echo "$y" | sh` and its like."""
    name, _, variable = case.refusal.detail.rpartition(" ")
    if name in ("awk", "sed"):
        return held_program(case)
    if name in _sourcing:
        return f'read the variable itself: "${variable}"'
    return _as_argument(case, name, f'"${variable}"')


def held_format(case: Case) -> str:
    return f"give the format first: printf '%s' \"${case.refusal.detail.strip()}\""


def quote_variable(case: Case) -> str:
    return f'put double quotes around it: "${case.refusal.detail.strip()}"'


def program_input(case: Case) -> str:
    name = case.refusal.detail
    if name in ("awk", "sed"):
        return program(case)
    if name in _sourcing:
        return f"assign it to a variable instead: {case.variable}={case.hole}"
    return _as_argument(case, name, case.hole)


_sourcing = ("source", ".")


def _as_argument(case: Case, name: str, argument: str) -> str:
    """How a program that is read from an input takes a value."""
    if name == "ssh":
        return "give ssh the command to run there, and send it only data"
    if name in ("at", "batch"):
        return f'give it by `env: {{{case.variable.upper()}: "{case.hole}"}}` and quote the delimiter'
    if "/" in name:
        return f"pass it as an argument: {name} {argument}"
    if name == "xargs":
        return "let the script name its arguments: xargs sh -c '… \"$1\" …' sh"
    if not re.fullmatch(r"[a-z]*sh[0-9.]*|python.*|perl.*|ruby.*|node|php.*|lua.*", name):
        return f"pass it as an argument: {name} … sh -s -- {argument} <<'EOF'"
    option = "-s --" if re.fullmatch(r"[a-z]*sh[0-9.]*", name) else "-"
    return f"pass it as an argument: {name} {option} {argument} <<'EOF'"


def _shell_program(case: Case) -> str:
    """`sh -c "cp {{ x }} to"` → `sh -c 'cp "$1" to' sh {{ x }}`."""
    start, end = case.refusal.start, case.refusal.end
    text = case.flat.text[start:end]
    numbers = case.flat.inside(start, end)
    otherwise = f"pass it as an argument: sh -c '… \"$1\" …' sh {case.hole}"
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    if case.refusal.detail != "sh" or not quoted or re.search(r"[$`\\'\"]", _unquoted_holes(text[1:-1])):
        return otherwise
    script = _unquoted_holes(text[1:-1])
    for place in range(1, len(numbers) + 1):
        script = script.replace(HOLE, f'"${place}"', 1)
    arguments = " ".join(case.flat.spelled(number) for number in numbers)
    return _write(case.line(start, end, f"'{script}' sh {arguments}"), otherwise)


def _unquoted_holes(script: str) -> str:
    return script.replace("'\0'", HOLE).replace('\\"\0\\"', HOLE)


def _sed_program(case: Case) -> str:
    name = case.variable.upper()
    perl = f"perl -pe 's/…/$ENV{{{name}}}/' with `env: {{{name}: \"{case.hole}\"}}`"
    whole = f"{{{{ {case.source} | int | verbatim }}}}"
    return f"for a whole number write {whole}; for text use {perl}"
