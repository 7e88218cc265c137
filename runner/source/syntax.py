"""Words for what a YAML parser stops at: the exact place, what was expected, and the line put right.

It is given the text and the parser's complaint. It knows nothing of what was built so far but
where the collections that are still open begin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from runner.source.events import SyntaxFailure
from runner.source.lines import (
    behind_blanks,
    behind_dashes,
    entry_of,
    line_at,
    line_start,
    longest_shown,
    open_quote,
    put_right,
    quote_value,
)
from runner.source.tags import tag
from runner.source.troubles import Trouble, bare_expression, short, tab

farthest_line = 1000
longest_key = 1024
"""So YAML has it, for keys without a '?'."""

_glued_key = re.compile(r"([^\s:#\"'\[\]{},]+):(?=[^\s/:])")
_holes = re.compile(r"(?:\{\{[^\n]*?\}\}[^,{}\[\]\n]*)+")
_comment = re.compile(r"(?<=[ \t])#")
_half = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_escape_text = re.compile(r"\\(?:x.{0,2}|u.{0,4}|U.{0,8}|.?)")


class _Case:
    """The failure with the lines around it."""

    def __init__(self, failure: SyntaxFailure, text: str, opened: Sequence[int]) -> None:
        self.text = text
        self.problem = failure.problem
        self.context = failure.context
        self.at = failure.at
        self.context_at = failure.context_at
        self.opened = opened
        self.start = line_start(text, self.at)
        self.line = line_at(text, self.at)
        self.indent = behind_blanks(self.line)
        self.character = text[self.at : self.at + 1]

    @property
    def leads(self) -> bool:
        """Whether nothing but blanks stands before it on its line."""
        return self.at - self.start <= self.indent

    def line_before(self) -> tuple[int, str]:
        """The last line above that holds more than blanks and a comment, and where it starts."""
        start = self.start
        for _ in range(farthest_line):
            if start == 0:
                break
            start = line_start(self.text, start - 1)
            line = line_at(self.text, start)
            if line.strip() and not line.lstrip().startswith("#"):
                return start, line
        return 0, ""


def explain(failure: SyntaxFailure, text: str, opened: Sequence[int]) -> Trouble:
    """The failure in words for the one who wrote the text. `opened`: where open collections begin."""
    case = _Case(failure, text, opened)
    for first in (_tab, _bare_expression, _long_key):
        trouble = first(case)
        if trouble is not None:
            return trouble
    for words, put in _by_problem:
        if any(word in case.problem or word in case.context for word in words):
            return put(case)
    return _trouble(case.at, "this cannot be read as YAML")


def _trouble(
    at: int, message: str, hint: str = "", length: int = 1, related: tuple[tuple[int, str], ...] = ()
) -> Trouble:
    return Trouble(at, "syntax", message, hint, length, related)


# What may be wrong wherever the parser stops -------------------------------------------------------


def _tab(case: _Case) -> Trouble | None:
    first = case.line.find("\t", 0, case.indent)
    at = case.start + first if first >= 0 and case.leads else case.at
    if case.text[at : at + 1] != "\t":
        return None
    rest = case.line[at - case.start :]
    length = len(rest) - len(rest.lstrip("\t"))
    return tab(at, length)


def _bare_expression(case: _Case) -> Trouble | None:
    """An expression without quotes that YAML took for a mapping."""
    for index in (case.at, case.context_at):
        line = line_at(case.text, index)
        entry = entry_of(line)
        if entry is not None and entry.value.startswith("{{"):
            start = line_start(case.text, index)
            return _expression_trouble(start, line, entry.start, entry.value, bare_expression)
    if "',' or" not in case.problem or case.character != "{":
        return None
    hole = case.at - case.start
    found = _holes.match(case.line, hole) if len(case.line) < 2000 else None
    if found is None:
        return None
    before = case.line[:hole]
    marks = [before.rfind(mark) + len(mark) for mark in (": ", ", ", "[", "{") if mark in before]
    if not marks:  # it begins in a line above, inside of quotes as a rule
        return None
    start = behind_blanks(case.line, max(marks))
    value = case.line[start : found.end()].rstrip()
    message = "in { } and [ ] a value with an expression needs quotes"
    return _expression_trouble(case.start, case.line, start, value, message)


def _expression_trouble(at: int, line: str, start: int, value: str, message: str) -> Trouble:
    hint = put_right(line, start, value)
    return Trouble(at + start, "unquoted-expression", message, hint, len(value))


def _long_key(case: _Case) -> Trouble | None:
    """A ':' so far behind its key that YAML took the key for something else."""
    if case.character != ":":
        return None
    column = case.at - case.start
    before = case.line[:column]
    entry = entry_of(before)
    if entry is not None and entry.value[:1] not in ("[", "{"):  # a value of the block that goes on
        return None
    marks = [before.rfind(mark) + len(mark) for mark in (": ", ", ", "[", "{") if mark in before]
    start = behind_blanks(case.line, max(marks, default=behind_dashes(case.line)))
    return _too_long(case.start + start, column - start) if column - start > longest_key else None


def _too_long(at: int, length: int) -> Trouble:
    return _trouble(at, f"a key may not be longer than {longest_key} characters", length=length)


# One for each kind of complaint -------------------------------------------------------------------


def _colon(case: _Case) -> Trouble:
    """A ':' where no key can be."""
    entry = entry_of(case.line)
    column = case.at - case.start
    if entry is not None and entry.value and column >= entry.start:
        ends = case.line[column + 1 :].strip() == ""
        message = "a value without quotes may not " + ("end in ':'" if ends else "contain ': '")
        return _trouble(case.at, message, quote_value(case.line))
    start, before = case.line_before()
    above = entry_of(before)
    key = case.line[behind_dashes(case.line) : column].strip()
    at = case.start + case.indent
    if above is not None and above.value and key:
        message = f"'{short(key)}' is indented under '{short(above.key)}', which has a value already"
        hint = f"align it with '{short(above.key)}'; for text of several lines, begin it with '|'"
        return _trouble(at, message, hint, max(case.at - at, 1))
    if above is None and before:
        return _no_key(case, start + behind_blanks(before))
    return _trouble(case.at, "a ':' cannot stand here", "if it is part of a text, put the text in quotes")


def _no_key(case: _Case, at: int | None = None) -> Trouble:
    """A line among keys that is none."""
    at = case.context_at if at is None else at
    line = line_at(case.text, at)[at - line_start(case.text, at) :].rstrip()
    glued = _glued_key.match(line)
    if glued is not None:
        right = f"{glued.group()} {line[glued.end() :]}"
        message = f"a space is missing after '{short(glued.group())}'"
        return _trouble(at, message, f"write {short(right, longest_shown)}", glued.end())
    if line.startswith("-") and not line.startswith("--"):
        right = f"- {line[1:].lstrip()}"
        return _trouble(at, "a space is missing after '-'", f"write {short(right, longest_shown)}")
    if len(line) > longest_key:
        return _too_long(at, 1)
    message = f"'{short(line)}' is neither a key with a ':' nor part of the value above"
    hint = "write it as `key: value`; a text that goes on is indented deeper than its key"
    return _trouble(at, message, hint, len(line))


def _misplaced(case: _Case) -> Trouble:
    """Something sound that does not belong where it stands."""
    start, before = case.line_before()
    if before.startswith("%"):
        return _directive(case, start, before)
    if not case.character:
        return _trouble(case.at, "the text ends where more is expected")
    if not case.leads:
        return _trailing(case)
    if case.character == ":":
        return _trouble(case.at, "a key is missing before ':'")
    if case.character == "%":
        return _directive(case)
    entry = re.match(r"-(?=\s|$)", case.line[case.indent :]) is not None
    what = "this entry" if entry else f"'{short(_first_word(case))}'"
    columns = {start - line_start(case.text, start) for start in case.opened}
    if case.indent in columns:
        inside = "keys of a mapping" if entry else "entries of a list"
        hint = "begin it with '- ', or indent it otherwise"
        if entry:
            hint = "indent it under the key that it belongs to"
        return _trouble(case.at, f"{what} stands among the {inside}", hint)
    columns.add(_column(before))
    columns.discard(case.indent)
    if not columns:
        return _trouble(case.at, "nothing may follow here: the one value of the file has ended above")
    levels = " or ".join(map(str, sorted(columns)))
    message = f"{what} is indented by {_in_spaces(case.indent)}, as nothing above it is"
    return _trouble(case.at, message, f"what stands above is indented by {levels}", _first_length(case))


def _in_spaces(number: int) -> str:
    return f"{number} space{'' if number == 1 else 's'}"


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _first_word(case: _Case) -> str:
    return re.split(r":(?:\s|$)|\s", case.line[case.indent :], maxsplit=1)[0]


def _first_length(case: _Case) -> int:
    return max(len(_first_word(case)), 1)


def _trailing(case: _Case) -> Trouble:
    """Text after a value that has ended."""
    behind = case.line[: case.at - case.start].rstrip()[-1:]
    length = len(case.line.rstrip()) - (case.at - case.start)
    message = "this cannot follow what stands before it"
    if behind in ('"', "'"):
        message = "there is text behind the closing quote"
    elif behind in ("]", "}"):
        message = f"there is text behind the closing '{behind}'"
    return _trouble(case.at, message, quote_value(case.line), length)


def _flow(case: _Case) -> Trouble:
    """A list or mapping in brackets that does not go on as it should."""
    bracket = case.text[case.context_at : case.context_at + 1] or "["
    closing, name = ("]", "list") if bracket == "[" else ("}", "mapping")
    same_line = line_start(case.text, case.context_at) == case.start
    if not same_line or not case.character or case.character in "\r\n":
        message = f"this '{bracket}' is not closed"
        if cut := _cut_off_in(line_at(case.text, case.context_at)):
            return _trouble(case.context_at, message, cut)
        return _trouble(case.context_at, message, f"a '{closing}' is missing at the end of the {name}")
    related = ((case.context_at, f"the {name} begins"),)
    if case.character == ":":
        message = "a value without quotes may not contain ': '"
        return _trouble(case.at, message, _quote_entry(case), related=related)
    message = f"expected ',' or '{closing}' here, not '{case.character}'"
    hint = "put a value that contains brackets in quotes" if case.character in "[]{}" else ""
    return _trouble(case.at, message, hint, 1, related)


def _cut_off_in(line: str) -> str:
    """What is said of a line in which a comment begins inside a quote."""
    found = next((it for it in _comment.finditer(line) if open_quote(line[: it.start()])), None)
    if found is None or open_quote(line[: found.start()]) not in line[found.start() :]:
        return ""
    return "YAML takes what stands behind ' #' for a comment: put a value that contains ' #' in quotes"


def _quote_entry(case: _Case) -> str:
    """The advice to put the value in quotes that a ':' stands in, with the line as it then reads."""
    at = case.at - case.start
    begin = behind_blanks(case.line, max(case.line.rfind(": ", 0, at) + 1, 0))
    end = at
    while end < len(case.line) and (case.line[end] not in ",]}" or open_quote(case.line[begin:end])):
        end += 1
    return put_right(case.line, begin, case.line[begin:end].rstrip())


def _no_start(case: _Case) -> Trouble:
    if case.character == ":":
        return _trouble(case.at, "a key is missing before ':'")
    what = {"@": "'@'", "`": "a backtick", "%": "'%'"}.get(case.character, f"'{case.character}'")
    if not case.character:
        return _trouble(case.at, "the text ends where a value is expected")
    return _trouble(case.at, f"a value without quotes may not begin with {what}", quote_value(case.line))


def _name(case: _Case) -> Trouble:
    """An anchor or an alias without a proper name: mostly a text that begins with `*` or `&`."""
    mark = case.text[case.context_at : case.context_at + 1]
    kind = "an anchor" if mark == "&" else "an alias"
    message = f"'{mark}' begins {kind}, a name of ASCII letters, digits, '-' and '_'"
    hint = "if it is text, " + quote_value(case.line)
    return _trouble(case.context_at, message, hint, max(case.at - case.context_at, 1))


def _block_header(case: _Case) -> Trouble:
    mark = case.text[case.context_at : case.context_at + 1]
    if "indicator" in case.problem:
        return _trouble(case.at, f"the number after '{mark}' is the indentation of the text, from 1 to 9")
    entry = entry_of(case.line)
    hint = ""
    if entry is not None and len(case.line) <= longest_shown:
        rest = case.line[case.at - case.start :].rstrip()
        hint = f"write it so:\n{entry.key}: {mark}\n  {rest}"
    message = f"after '{mark}' the text begins on the next line"
    return _trouble(case.at, message, hint, max(len(case.line.rstrip()) - (case.at - case.start), 1))


def _escape(case: _Case) -> Trouble:
    at = case.text.rfind("\\", case.start, case.at + 1)
    at = case.at if at < 0 else at
    half = _half.match(case.text, at)
    if half is not None:
        message = f"'{half.group()}' is one half of a character"
        return _trouble(at, message, "write the whole as \\U and eight digits", len(half.group()))
    found = _escape_text.match(case.text, at)
    escape = found.group() if found else "\\"
    message = f"'{escape}' is no escape that YAML knows in double quotes"
    return _trouble(at, message, "write \\\\ for a backslash, or use single quotes", len(escape))


def _open_quote(case: _Case) -> Trouble:
    quote = case.text[case.context_at : case.context_at + 1]
    name = "single" if quote == "'" else "double"
    message = f"this {name} quote is not closed"
    return _trouble(case.context_at, message, f"add a {quote} where the text ends")


def _list_on_key_line(case: _Case) -> Trouble:
    rest = short(case.line[case.at - case.start :].lstrip("- ").rstrip(), 60)
    entry = entry_of(case.line)
    key = f"{entry.key}: " if entry is not None else ""
    hint = f"write {key}[{rest}], or each entry on a line of its own"
    return _trouble(case.at, "a list cannot begin on the line of its key", hint)


def _bad_tag(case: _Case) -> Trouble:
    return tag(case.text, case.context_at)


def _directive(case: _Case, start: int | None = None, line: str = "") -> Trouble:
    at, line = (case.start, case.line) if start is None else (start, line)
    message = "a line with '%' is a YAML directive, and only '%YAML 1.2' before '---' is read"
    return _trouble(at, message, "leave it out", max(len(line), 1))


_by_problem: list[tuple[tuple[str, ...], Callable[[_Case], Trouble]]] = [
    (("mapping values are not allowed",), _colon),
    (("could not find expected ':'",), _no_key),
    (("',' or",), _flow),
    (("directive", "incompatible YAML document"), _directive),
    (("tag",), _bad_tag),
    (("expected key", "<block end>", "'-' indicator", "<document start>"), _misplaced),
    (("cannot start any token", "node content", "mapping keys are not allowed"), _no_start),
    (("alphabetic or numeric",), _name),
    (("a block scalar",), _block_header),
    (("unexpected end of stream", "unexpected document"), _open_quote),
    (("quoted scalar",), _escape),
    (("sequence entries are not allowed",), _list_on_key_line),
]
