"""Words for what a YAML parser stops at: the exact place, what was expected, and the line put right.

It is given the text and the parser's complaint. It knows nothing of what was built so far but
where the collections that are still open begin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from runner.regex import regex
from runner.source.brackets import expression_in, wrong_in
from runner.source.events import SyntaxFailure
from runner.source.glued import before_a_bracket
from runner.source.lines import (
    behind_blanks,
    behind_dashes,
    comment_in,
    entry_of,
    line_at,
    line_start,
    longest_shown,
)
from runner.source.quoting import in_words, quote_value, reads_as, reads_in_brackets
from runner.source.scalars import quoted
from runner.source.stop import Stop
from runner.source.tags import of_condition, tag
from runner.source.troubles import Trouble, directive, long_key, longest_key, short, tab

_longest_entry = 60
_glued_key = regex(r"([^\s:#\"'\[\]{},]+):(?=[^\s/:])")
_half = regex(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_escape_text = regex(r"\\(?:x.{0,2}|u.{0,4}|U.{0,8}|.?)")


def explain(failure: SyntaxFailure, text: str, opened: Sequence[int]) -> Trouble:
    """The failure in words for the one who wrote the text. `opened`: where open collections begin."""
    stop = Stop(failure, text, opened)
    for first in (_tab, _tag_before, expression_in, before_a_bracket, _long_key):
        trouble = first(stop)
        if trouble is not None:
            return trouble
    for words, put in _by_problem:
        if any(word in stop.problem or word in stop.context for word in words):
            return put(stop)
    return _trouble(stop.at, "this cannot be read as YAML")


def misread(failure: SyntaxFailure, text: str, opened: Sequence[int]) -> tuple[int, int]:
    """Where the text begins and ends that YAML took for something else before it stopped."""
    stop = Stop(failure, text, opened)
    around = stop.text_around
    return (stop.start + around.start, stop.start + around.end) if around is not None else (stop.at, stop.at)


def _trouble(
    at: int, message: str, hint: str = "", length: int = 1, related: tuple[tuple[int, str], ...] = ()
) -> Trouble:
    return Trouble(at, "syntax", message, hint, length, related)


# What may be wrong wherever the parser stops -------------------------------------------------------


def _tab(stop: Stop) -> Trouble | None:
    first = stop.line.find("\t", 0, stop.indent)
    at = stop.start + first if first >= 0 and stop.leads else stop.at
    if stop.text[at : at + 1] != "\t":
        return None
    rest = stop.line[at - stop.start :]
    length = len(rest) - len(rest.lstrip("\t"))
    return tab(at, length)


def _tag_before(stop: Stop) -> Trouble | None:
    """What the parser took for a tag of a condition, and could not go on from."""
    mark = stop.line.rfind("!", 0, stop.at - stop.start)
    at = stop.start + mark
    return tag(stop.text, at) if mark >= 0 and of_condition(stop.text, at) else None


def _long_key(stop: Stop) -> Trouble | None:
    """A ':' so far behind its key that YAML took the key for something else."""
    if stop.character != ":":
        return None
    column = stop.at - stop.start
    before = stop.line[:column]
    entry = entry_of(before)
    if entry is not None and entry.value[:1] not in ("[", "{"):  # a value of the block that goes on
        return None
    marks = [before.rfind(mark) + len(mark) for mark in (": ", ", ", "[", "{") if mark in before]
    start = behind_blanks(stop.line, max(marks, default=behind_dashes(stop.line)))
    return long_key(stop.start + start, column - start) if column - start > longest_key else None


# One for each kind of complaint -------------------------------------------------------------------


def _colon(stop: Stop) -> Trouble:
    """A ':' where no key can be."""
    entry = entry_of(stop.line)
    column = stop.at - stop.start
    around = stop.text_around
    if around is not None or (entry is not None and entry.value and column >= entry.start):
        end = around.end if around is not None else len(stop.line)
        ends = stop.line[column + 1 : end].strip() == ""
        message = "a value without quotes may not " + ("end in ':'" if ends else "contain ': '")
        return _trouble(stop.at, message, stop.in_quotes)
    start, before = stop.line_before()
    above = entry_of(before)
    key = stop.line[behind_dashes(stop.line) : column].strip()
    at = stop.start + stop.indent
    if above is not None and above.value and key:
        message = f"'{short(key)}' is indented under '{short(above.key)}', which has a value already"
        hint = f"align it with '{short(above.key)}'; for text of several lines, begin it with '|'"
        return _trouble(at, message, hint, max(stop.at - at, 1))
    if above is None and before:
        return _no_key(stop, start + behind_blanks(before))
    return _trouble(stop.at, "a ':' cannot stand here", "if it is part of a text, put the text in quotes")


def _no_key(stop: Stop, at: int | None = None) -> Trouble:
    """A line among keys that is none."""
    at = stop.context_at if at is None else at
    line = line_at(stop.text, at)[at - line_start(stop.text, at) :].rstrip()
    glued = _glued_key.match(line)
    if glued is not None:
        message = f"a space is missing after '{short(glued.group())}'"
        return _trouble(at, message, _with_space(glued.group(), line[glued.end() :]), glued.end())
    if line.startswith("-") and not line.startswith("--"):
        return _trouble(at, "a space is missing after '-'", _with_space("-", line[1:].lstrip()))
    if len(line) > longest_key:
        return long_key(at, 1)
    message = f"'{short(line)}' is neither a key with a ':' nor part of the value above"
    hint = "write it as `key: value`; a text that goes on is indented deeper than its key"
    return _trouble(at, message, hint, len(line))


def _with_space(before: str, value: str) -> str:
    """The advice to write a space behind a key or a dash, if that makes the line a right one."""
    right = f"{before} {value}"
    if len(right) > longest_shown or reads_as(right, []):
        return f"write {short(right, longest_shown)}"
    return quote_value(right, 0).replace("put", "write one, and put", 1)


def _misplaced(stop: Stop) -> Trouble:
    """Something sound that does not belong where it stands."""
    start, before = stop.line_before()
    if before.startswith("%"):
        return _directive(stop, start, before)
    if not stop.character:
        return _trouble(stop.at, "the text ends where more is expected")
    if not stop.leads:
        return _trailing(stop)
    if stop.character == ":":
        return _trouble(stop.at, "a key is missing before ':'")
    if stop.character == "%":
        return _directive(stop)
    entry = re.match(r"-(?=\s|$)", stop.line[stop.indent :]) is not None
    what = "this entry" if entry else f"'{short(_first_word(stop))}'"
    columns = {start - line_start(stop.text, start) for start in stop.opened}
    if stop.indent in columns:
        inside = "keys of a mapping" if entry else "entries of a list"
        hint = "begin it with '- ', or indent it otherwise"
        if entry:
            hint = "indent it under the key that it belongs to"
        return _trouble(stop.at, f"{what} stands among the {inside}", hint)
    columns.add(_column(before))
    columns.discard(stop.indent)
    if not columns:
        return _trouble(stop.at, "nothing may follow here: the one value of the file has ended above")
    levels = " or ".join(map(str, sorted(columns)))
    message = f"{what} is indented by {_in_spaces(stop.indent)}, as nothing above it is"
    return _trouble(stop.at, message, f"what stands above is indented by {levels}", _first_length(stop))


def _in_spaces(number: int) -> str:
    return f"{number} space{'' if number == 1 else 's'}"


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _first_word(stop: Stop) -> str:
    return re.split(r":(?:\s|$)|\s", stop.line[stop.indent :], maxsplit=1)[0]


def _first_length(stop: Stop) -> int:
    return max(len(_first_word(stop)), 1)


def _trailing(stop: Stop) -> Trouble:
    """Text after a value that has ended."""
    behind = stop.line[: stop.at - stop.start].rstrip()[-1:]
    length = len(stop.line.rstrip()) - (stop.at - stop.start)
    hint = stop.in_quotes
    if stop.character in "]}," and hint == in_words:
        hint = "leave it out; a text with brackets is put in quotes"
    message = "this cannot follow what stands before it"
    if behind in ('"', "'"):
        message = "there is text behind the closing quote"
    elif behind in ("]", "}"):
        message = f"there is text behind the closing '{behind}'"
    return _trouble(stop.at, message, hint, length)


def _no_start(stop: Stop) -> Trouble:
    if stop.character == ":" and stop.text_around is None:
        return _trouble(stop.at, "a key is missing before ':'")
    what = {"@": "'@'", "`": "a backtick", "%": "'%'"}.get(stop.character, f"'{stop.character}'")
    if not stop.character:
        return _trouble(stop.at, "the text ends where a value is expected")
    message = f"a value without quotes may not begin with {what}"
    around = stop.text_around
    if around is not None and stop.start + around.start < stop.at:
        message = f"{what} cannot stand here without quotes"
    return _trouble(stop.at, message, stop.in_quotes)


def _name(stop: Stop) -> Trouble:
    """An anchor or an alias without a proper name: mostly a text that begins with `*` or `&`."""
    mark = stop.text[stop.context_at : stop.context_at + 1]
    kind = "an anchor" if mark == "&" else "an alias"
    message = f"'{mark}' begins {kind}, a name of ASCII letters, digits, '-' and '_'"
    hint = "if it is text, " + stop.in_quotes
    return _trouble(stop.context_at, message, hint, max(stop.at - stop.context_at, 1))


def _block_header(stop: Stop) -> Trouble:
    mark = stop.text[stop.context_at : stop.context_at + 1]
    around = stop.text_around
    if around is not None and stop.start + around.start < stop.context_at:
        return _trouble(stop.context_at, f"'{mark}' cannot stand here without quotes", stop.in_quotes)
    if "indicator" in stop.problem:
        return _trouble(stop.at, f"the number after '{mark}' is the indentation of the text, from 1 to 9")
    message = f"after '{mark}' the text begins on the next line"
    length = max(len(stop.line.rstrip()) - (stop.at - stop.start), 1)
    return _trouble(stop.at, message, _on_the_next_line(stop), length)


def _on_the_next_line(stop: Stop) -> str:
    entry = entry_of(stop.line)
    if entry is None or len(stop.line) > longest_shown or stop.start + entry.start != stop.context_at:
        return ""
    dashes = stop.line[stop.indent : behind_dashes(stop.line)]
    header = stop.text[stop.context_at : stop.at].rstrip()
    rest = stop.line[stop.at - stop.start :].strip()
    return f"write it so:\n{dashes}{entry.key}: {header}\n{' ' * (len(dashes) + 2)}{rest}"


def _escape(stop: Stop) -> Trouble:
    at = stop.text.rfind("\\", stop.start, stop.at + 1)
    at = stop.at if at < 0 else at
    half = _half.match(stop.text, at)
    if half is not None:
        message = f"'{half.group()}' is one half of a character"
        return _trouble(at, message, "write the whole as \\U and eight digits", len(half.group()))
    found = _escape_text.match(stop.text, at)
    escape = found.group() if found else "\\"
    message = f"'{escape}' is no escape that YAML knows in double quotes"
    return _trouble(at, message, "write \\\\ for a backslash, or use single quotes", len(escape))


def _open_quote(stop: Stop) -> Trouble:
    quote = stop.text[stop.context_at : stop.context_at + 1]
    around = stop.text_at(stop.context_at)
    if around is not None and around.start < stop.context_at - line_start(stop.text, stop.context_at):
        message = "a value without quotes may not contain ': '"
        return _trouble(stop.context_at, message, stop.in_quotes_at(stop.context_at))
    name = "single" if quote == "'" else "double"
    message = f"this {name} quote is not closed"
    return _trouble(stop.context_at, message, f"add a {quote} where the text ends")


def _list_on_key_line(stop: Stop) -> Trouble:
    rest = stop.line[stop.at - stop.start :].lstrip("- ")
    rest = rest[: comment_in(rest)].rstrip()
    entry = entry_of(stop.line)
    key = f"{entry.key}: " if entry is not None else ""
    written = rest if reads_in_brackets(rest) else quoted(rest)
    sure = len(rest) <= _longest_entry and rest[:1] not in ("'", '"', "[", "{", "&", "*", "!")
    lines = "each entry on a line of its own"
    hint = f"write {key}[{written}], or {lines}" if sure else f"write {lines}"
    return _trouble(stop.at, "a list cannot begin on the line of its key", hint)


def _bad_tag(stop: Stop) -> Trouble:
    return tag(stop.text, stop.context_at)


def _directive(stop: Stop, start: int | None = None, line: str = "") -> Trouble:
    at, line = (stop.start, stop.line) if start is None else (start, line)
    return directive(at, max(len(line), 1))


_by_problem: list[tuple[tuple[str, ...], Callable[[Stop], Trouble]]] = [
    (("mapping values are not allowed", "unexpected ':'"), _colon),
    (("could not find expected ':'",), _no_key),
    (("',' or",), wrong_in),
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
