"""Lines of a YAML text: where they begin, and their key and value.

It works on text that YAML refuses, so it guesses what was meant; nothing is parsed here.
"""

from __future__ import annotations

from typing import NamedTuple

from runner.regex import regex

longest_shown = 200

farthest_quote = 1000
"""In longer values, quotes are not looked at."""

line_break = regex(r"\r\n|\r|\n")

_before_key = regex(r" *(?:- +)*(?:\? +)?")
_comment = regex(r"(?<=[ \t])#")
_after_key = regex(r":(?=[ \t])")


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


def line_number(text: str, index: int) -> int:
    """The number of the line that a place is on, from 1."""
    returns = text.count("\r", 0, index)
    return 1 + text.count("\n", 0, index) + returns - (text.count("\r\n", 0, index) if returns else 0)


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
    return Entry(line[start : colon.start()], value_start, value[: comment_in(value)].rstrip())


def comment_in(value: str) -> int:
    """Where a comment begins behind a value; its length where there is none.

    A `#` in quotes that are closed behind it was not meant to begin one.
    """
    if value.startswith("#"):
        return 0
    for found in _comment.finditer(value):
        quote = open_quote(value[: found.start()]) if len(value) <= farthest_quote else ""
        if not quote or quote not in value[found.end() :]:
            return found.start()
    return len(value)


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
