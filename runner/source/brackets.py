"""Words for what a YAML parser stops at in brackets: lists, mappings, and expressions taken for such."""

from __future__ import annotations

from runner.regex import regex
from runner.source.flow import Span
from runner.source.lines import behind_blanks, entry_of, line_at, line_start, open_quote
from runner.source.quoting import in_words
from runner.source.stop import Stop
from runner.source.troubles import Trouble, bare_expression

_holes = regex(r"(?:\{\{[^\n]*?\}\}[^,{}\[\]\n]*)+")
_comment = regex(r"(?<=[ \t])#")


def expression_in(stop: Stop) -> Trouble | None:
    """An expression without quotes that YAML took for a mapping."""
    for index in (stop.at, stop.context_at):
        line = line_at(stop.text, index)
        entry = entry_of(line)
        if entry is not None and entry.value.startswith("{{"):
            at = line_start(stop.text, index) + entry.start
            hint = stop.in_quotes_at(index)
            return Trouble(at, "unquoted-expression", bare_expression, hint, len(entry.value))
    found = _expression_around(stop)
    if found is None:
        return None
    message = "in { } and [ ] a value with an expression needs quotes"
    return Trouble(
        stop.start + found.start, "unquoted-expression", message, stop.in_quotes, found.end - found.start
    )


def _expression_around(stop: Stop) -> Span | None:
    """The text in brackets that the parser stopped at, if an expression stands in it before or there."""
    column = stop.at - stop.start
    around = stop.text_around
    if around is not None:
        begins = stop.line.startswith("{{", around.start)
        inside = "',' or" in stop.problem and "{{" in stop.line[around.start : column + 2]
        return around if begins or inside else None
    if stop.character != "{" or "',' or" not in stop.problem:
        return None
    found = _holes.match(stop.line, column) if len(stop.line) < 2000 else None
    before = stop.line[:column]
    marks = [before.rfind(mark) + len(mark) for mark in (": ", ", ", "[", "{") if mark in before]
    if found is None or not marks:  # without marks it begins in a line above, inside of quotes as a rule
        return None
    return Span(behind_blanks(stop.line, max(marks)), len(stop.line[: found.end()].rstrip()))


def wrong_in(stop: Stop) -> Trouble:
    """A list or mapping in brackets that does not go on as it should."""
    bracket = stop.text[stop.context_at : stop.context_at + 1] or "["
    closing, name = ("]", "list") if bracket == "[" else ("}", "mapping")
    same_line = line_start(stop.text, stop.context_at) == stop.start
    inside = stop.text_around is not None
    if not (same_line or inside) or not stop.character or stop.character in "\r\n":
        message = f"this '{bracket}' is not closed"
        hint = _cut_off_in(stop) or f"a '{closing}' is missing at the end of the {name}"
        return Trouble(stop.context_at, "syntax", message, hint)
    related = ((stop.context_at, f"the {name} begins"),)
    if stop.character == ":":
        message = "a value without quotes may not contain ': '"
        return Trouble(stop.at, "syntax", message, stop.in_quotes, related=related)
    message = f"expected ',' or '{closing}' here, not '{stop.character}'"
    hint = "put a value that contains brackets in quotes" if stop.character in "[]{}" else ""
    return Trouble(stop.at, "syntax", message, stop.in_quotes if inside else hint, 1, related)


def _cut_off_in(stop: Stop) -> str:
    """What is said of a line in which a comment begins inside a quote."""
    line = line_at(stop.text, stop.context_at)
    found = next((it for it in _comment.finditer(line) if open_quote(line[: it.start()])), None)
    if found is None or open_quote(line[: found.start()]) not in line[found.start() :]:
        return ""
    hint = stop.in_quotes_at(stop.context_at)
    if hint == in_words:
        hint = "put a value that contains ' #' in quotes"
    return f"YAML takes what stands behind ' #' for a comment: {hint}"
