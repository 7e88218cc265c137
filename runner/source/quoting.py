"""The advice to put a value in quotes, with the line as it then reads.

A line is only shown if YAML reads it as what was written; where it is not sure what the value was
meant to be, the advice is in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runner.regex import regex
from runner.source.events import ScalarEvent, SyntaxFailure, event_reader, syntax_errors
from runner.source.flow import Span, bracket_end, is_balanced, is_mapping, texts_in
from runner.source.lines import (
    behind_blanks,
    behind_dashes,
    comment_in,
    entry_of,
    line_at,
    line_break,
    line_start,
    longest_shown,
    open_quote,
)
from runner.source.scalars import quoted

in_words = "put the value in quotes"

_comment = regex(r"[ \t]+#.*")
_holes = regex(r"\{\{.*?\}\}")
_apostrophe = regex(r"\w'\w")
_behind_brackets = regex(r"[ \t\]},]*(?:$|[ \t]#)")


def quote_value(text: str, at: int, bracket: str = "") -> str:
    """The advice to put the value of a line, or all that it says, in quotes.

    Where a list or mapping goes on that began in a line above, `bracket` is what it began with.
    """
    line = line_at(text, at)
    return _advice(line, spans_of(text, at, bracket), bracket)


def quote_from(text: str, at: int) -> str:
    """The advice to put in quotes what the line says from a place on, up to a comment."""
    line = line_at(text, at)
    start = at - line_start(text, at)
    value = line[start:]
    return _advice(line, [Span(start, start + len(value[: comment_in(value)].rstrip()))])


def cut_off(text: str, start: int, end: int) -> tuple[str, str]:
    """The comment that cuts off a value inside a quote of its own, and an advice; or nothing."""
    line, begins = line_at(text, end), line_start(text, end)
    comment = _comment.match(line, end - begins)
    quote = open_quote(text[start:end]) if comment else ""
    if comment is None or not quote or quote not in comment.group():
        return "", ""
    return comment.group().strip(), quote_from(text, start) if start >= begins else in_words


def cut_by_comma(text: str, at: int) -> tuple[int, str] | None:
    """Where the value without quotes begins that a comma cuts off before a place, with the advice for it."""
    column, spans = at - line_start(text, at), spans_of(text, at)
    begins = next((span.start for span in spans if span.start < column < span.end), None)
    return None if begins is None else (at - column + begins, quote_value(text, at))


def spans_of(text: str, at: int, bracket: str = "") -> list[Span]:
    """The texts of a line that have no quotes; none where it is not sure which they are."""
    line = line_at(text, at)
    if len(line.strip()) > longest_shown:
        return []
    start = behind_dashes(line)
    if bracket:
        return _in_brackets(line, start, bracket)
    entry = entry_of(line)
    if line[start : start + 1] not in ("[", "{") and entry is not None and entry.value:
        start = entry.start
    value, comment = _without_comment(line[start:])
    if "'" in comment and _apostrophe.search(value):
        return []
    if value[:1] in ("[", "{") and not value.startswith(("{{", "{%")):
        end = bracket_end(line, start)
        if end is None or not line[end : start + len(value)].strip():
            return _in_brackets(line, start)
        if is_mapping(value) or line[end:].lstrip()[:1] == "," or not is_balanced(value):
            return []
    is_structure = len(value) > 1 and value[-1] in "]}," and not is_balanced(value)
    return [] if not value or is_structure or _goes_on(text, at) else [Span(start, start + len(value))]


def reads_as(line: str, texts: Sequence[tuple[int, str]]) -> bool:
    """Whether YAML reads a line, and the texts in it as those that they should be at their places."""
    found: dict[int, str] = {}
    try:
        read = event_reader(line)
        while (event := read()) is not None:
            if type(event) is ScalarEvent:
                start: Any = event.start_mark
                found[start.index] = event.value
    except syntax_errors as error:
        if SyntaxFailure.of(error, line).at < len(line):
            return False
    return all(found.get(place) == text for place, text in texts)


def reads_in_brackets(text: str) -> bool:
    """Whether YAML reads a text in a list or mapping in brackets as it stands."""
    return reads_as(f"[{text}]", [(1, text)])


def _without_comment(value: str) -> tuple[str, str]:
    """The value, and the comment behind it."""
    end = comment_in(value)
    return value[:end].rstrip(), value[end:]


def _in_brackets(line: str, start: int, bracket: str = "") -> list[Span]:
    found = texts_in(line, start, bracket)
    if found is None or not _behind_brackets.match(line, found[1]):
        return []
    spans = [span for span in found[0] if not reads_in_brackets(line[span.start : span.end])]
    return [] if any(_is_all_of_a_list(line, span) for span in spans) else spans


def _is_all_of_a_list(line: str, span: Span) -> bool:
    """Whether it may be a command: `[ "$x" = y ]`."""
    return line.endswith("[ ", 0, span.start) and line.startswith(" ]", span.end)


def _goes_on(text: str, at: int) -> bool:
    """Whether the value of a line goes on in the next one."""
    line = line_at(text, at)
    end = line_start(text, at) + len(line)
    found = line_break.match(text, end)
    below = line_at(text, found.end()) if found else ""
    deeper = behind_blanks(below) > behind_dashes(line) - (entry_of(line) is None)
    return bool(below.strip()) and deeper and not below.lstrip().startswith("#")


def _advice(line: str, spans: Sequence[Span], bracket: str = "") -> str:
    right = _put_right(line, spans, bracket)
    if right is None or len(right) > longest_shown:
        return in_words
    return f"put the value{'s' if len(spans) > 1 else ''} in quotes:\n{right}"


def _put_right(line: str, spans: Sequence[Span], bracket: str) -> str | None:
    """The line with texts in quotes, if it then says what was meant."""
    pieces: list[str] = [bracket]
    texts: list[tuple[int, str]] = []
    done = behind_blanks(line)
    for span in spans:
        meant = _meant(line[span.start : span.end])
        if meant is None:
            return None
        pieces.append(line[done : span.start])
        texts.append((sum(map(len, pieces)), meant))
        pieces.append(quoted(meant))
        done = span.end
    right = "".join([*pieces, line[done:].rstrip()])
    read = right.rstrip(" \t,]}") if bracket else right
    return right.removeprefix(bracket) if texts and reads_as(read, texts) else None


def _meant(value: str) -> str | None:
    """The text that a value was meant to be, which may have quotes around it that it needs doubled."""
    first = value[:1]
    plain = _holes.sub(lambda found: "x" * len(found.group()), value)
    if len(value) < 2 or first not in "\"'" or value[-1] != first or first not in value[1:-1]:
        return value
    if first not in plain[1:-1]:
        return value[1:-1]
    end = plain.index(first, 1)
    before, behind = plain[end - 1], plain[end + 1]
    if open_quote(value):
        is_apostrophe = plain.count(first) == 3 and before.isalnum() and behind.isalnum()
        return value[1:-1] if is_apostrophe else None
    if before in " (=,[" and behind not in " \t":
        return value[1:-1]
    return value if before not in " \t" and behind in " \t/|&;<>)" else None
