"""What to write instead of a value inside quotes that expand nothing: the same text, in which it arrives.

A text that says more to somebody else, as JSON and the format of `printf` do, is kept what it is.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.cases import Case, ends_command, write
from runner.shell.flat import HOLE
from runner.shell.json_texts import JsonText, json_in
from runner.shell.remedies import printf as printf_remedies

_echo = regex(r"(?<![\w./-])echo[ \t]+\Z")


def single(case: Case) -> str:
    start, end = case.refusal.start, case.refusal.end
    if printf_remedies.is_format(case):
        return printf_remedies.in_format(case)
    found = json_in(case, start + 1, end - 1)
    inner = case.respelled(start + 1, end - 1, found.parts, _within_double_quotes)
    begins, program = _printed(case) if found.parts else (start, "")
    certain = found.certain and begins >= 0
    line = case.line(begins, end, f'{program}"{inner}"') if certain else ""
    own = 'a backslash before each `"` and `$`' if found.likely else "`\\$` for each `$`"
    return write(line, f"use double quotes, with {own} of your own{_instead(case, found)}")


def _printed(case: Case) -> tuple[int, str]:
    """Where the line changes, and what prints it: the `echo` of `sh` may read the backslashes of JSON."""
    start, end, text = case.refusal.start, case.refusal.end, case.flat.text
    echo = _echo.search(text, case.flat.line(start)[0], start)
    if case.dialect == "bash" or echo is None:
        return start, ""
    return (echo.start(), "printf '%s\\n' ") if ends_command.match(text, end) else (-1, "")


def _within_double_quotes(text: str) -> str:
    return re.sub(r'([$`"\\])', r"\\\1", text)


def ansi(case: Case) -> str:
    start, end = case.refusal.start, case.refusal.end
    if printf_remedies.is_format(case):
        return printf_remedies.in_format(case)
    found = json_in(case, start + 2, end - 1)
    pieces = case.flat.text[start + 2 : end - 1].split(HOLE)
    text = HOLE.join(f"$'{piece}'" if piece else "" for piece in pieces)
    line = "" if found.likely else case.line(start, end, case.filled(text, start))
    otherwise = "close the quote before it, and open it again after it"
    return write(line, f"{otherwise}{_instead(case, found)}")


def backticks(case: Case) -> str:
    refusal = case.refusal
    inner = case.flat.shown(refusal.start + 1, refusal.end - 1)
    simple = "" if "\\" in inner else f"$({inner})"
    return write(
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
    found = json_in(case, end + 1, refusal.end)
    escape += _instead(case, found)
    if not bare or not found.certain or not re.fullmatch(r"\w+", refusal.detail):
        return "write its delimiter without quotes" + escape
    return f"write: {bare}" + escape


def _instead(case: Case, found: JsonText) -> str:
    """What a string of JSON must be besides, in words."""
    part = found.around(case.spot.at)
    if part is None:
        return ", and in JSON {{ … | json }}, without quotes, for a whole string" if found.unread else ""
    told = f", and {part.spelled.strip()} instead of {case.flat.shown(part.start, part.end)}"
    if case.spot.number in found.from_text:
        return f"{told}; for text that is JSON itself, `| from_json | json`"
    return told


def dollar(case: Case) -> str:
    at = case.refusal.start
    left = case.line(at, at + 2, case.hole)
    return f"{write(left, 'leave the `$` out')} (a dollar sign of your own is `\\$`)"


def backslash(case: Case) -> str:
    at = case.refusal.start
    return (
        write(case.line(at, at + 2, case.hole), "leave the backslash out") + " (no value needs a backslash)"
    )


def comment(case: Case) -> str:
    return write(case.with_hole(case.source), "leave the braces out")
