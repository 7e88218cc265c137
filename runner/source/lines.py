"""Lines of a YAML text: where they begin, their key and value, and how they read when put right.

It works on text that YAML refuses, so it guesses what was meant; nothing is parsed here.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from runner.source.scalars import quoted

longest_shown = 200

line_break = re.compile(r"\r\n|\r|\n")

_before_key = re.compile(r" *(?:- +)*(?:\? +)?")
_comment = re.compile(r"[ \t]+#.*")
_after_key = re.compile(r":(?=[ \t])")


class Entry(NamedTuple):
    """A line that holds a key and, after `start`, its value, without a comment."""

    key: str
    start: int
    value: str


def line_start(text: str, index: int) -> int:
    """Where the line begins that a place is on. A line break belongs to the line that it ends."""
    if text[index - 1 : index + 1] == "\r\n":
        index -= 1
    newline = text.rfind("\n", 0, index)
    return max(newline, text.rfind("\r", newline + 1, index)) + 1


def line_at(text: str, index: int) -> str:
    """The line that a place is on, without its break."""
    start = line_start(text, index)
    found = line_break.search(text, start)
    return text[start : found.start() if found else len(text)]


def behind_blanks(line: str, start: int = 0) -> int:
    """The first place from `start` on that is neither a space nor a tab."""
    return len(line) - len(line[start:].lstrip(" \t"))


def behind_dashes(line: str) -> int:
    """The place where a line begins to say something, behind its indentation and its list dashes."""
    found = _before_key.match(line)
    return found.end() if found else 0


def entry_of(line: str) -> Entry | None:
    """The first key of a line in block style, with its value; None where it has none."""
    start = behind_dashes(line)
    search_from = start
    if line[start : start + 1] in ('"', "'"):
        search_from = max(line.find(line[start], start + 1), start)
    colon = _after_key.search(line, search_from)
    if colon is None:
        return None
    value_start = behind_blanks(line, colon.end())
    value = line[value_start:]
    comment = 0 if value.startswith("#") else value.find(" #")
    if comment >= 0:
        value = value[:comment]
    return Entry(line[start : colon.start()], value_start, value.rstrip())


def open_quote(text: str) -> str:
    """The quote, as shells see it, that is still open where the text ends."""
    quote, escaped = "", False
    for character in text:
        if escaped:
            escaped = False
        elif character == "\\" and quote != "'":
            escaped = True
        elif character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote = character
    return quote


def _in_quotes(value: str) -> str:
    """The value in quotes, as it was most likely meant."""
    first, inner = value[:1], value[1:-1]
    wrapped = len(value) > 1 and first in "\"'" and value[-1] == first
    if wrapped and (inner.lstrip().startswith("{{") or inner.count(first) % 2):
        return quoted(inner)
    return quoted(value)


def put_right(line: str, start: int, value: str) -> str:
    """The advice to put a value of the line in quotes, with the line as it then reads."""
    right = (line[:start] + _in_quotes(value) + line[start + len(value) :]).strip()
    if len(right) > longest_shown or not value:
        return "put the value in quotes"
    return f"put the value in quotes:\n{right}"


def quote_value(line: str) -> str:
    """The advice to put the value of a line, or all that it says, in quotes."""
    entry = entry_of(line)
    if entry is None or not entry.value:
        start = behind_dashes(line)
        return put_right(line, start, line[start:].rstrip())
    return put_right(line, entry.start, entry.value)


def cut_off(text: str, start: int, end: int) -> tuple[str, str]:
    """The comment that cuts off a value inside a quote of its own, and an advice; or nothing."""
    line, begins = line_at(text, end), line_start(text, end)
    comment = _comment.match(line, end - begins)
    quote = open_quote(text[start:end]) if comment else ""
    if comment is None or not quote or quote not in comment.group():
        return "", ""
    behind = max(start - begins, 0)
    value = line[behind:].rstrip() if start >= begins else ""
    return comment.group().strip(), put_right(line, behind, value)
