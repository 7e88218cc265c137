"""As much of a long text as people read, and how much of it is left out."""

from __future__ import annotations

import re

MOST_LINES = 40
MOST_CHARACTERS = 8000
MOST_OF_A_LINE = 500

_gap = re.compile(r"^… (\d+) characters left out …$", re.MULTILINE)
"""What is recorded where a message or a traceback is too long."""


def first_lines(text: str, most: int = MOST_LINES, characters: int = MOST_CHARACTERS) -> str:
    """The beginning of a text."""
    text = text.strip("\n")
    lines = text.split("\n")
    kept = "\n".join(lines[:most])[:characters]
    if len(kept) == len(text):
        return text
    told = _left_out(text[len(kept) :], len(lines) - 1 - kept.count("\n"))
    return f"{kept}\n… {told} more" if told else f"{kept}… {len(text) - len(kept):,} characters more"


def last_lines(text: str, most: int = MOST_LINES, characters: int = MOST_CHARACTERS) -> str:
    """The end of a text."""
    text = text.strip("\n")
    lines = text.split("\n")
    kept = "\n".join(lines[-most:])[-characters:]
    if len(kept) == len(text):
        return text
    told = _left_out(text[: -len(kept)], len(lines) - 1 - kept.count("\n"))
    return f"… {told or f'{len(text) - len(kept):,} characters'} before this\n{kept}"


def traceback_lines(text: str, message: str, most: int = MOST_LINES) -> str:
    """The end of a traceback; if that is long, with the beginning only of the message in which it ends."""
    text = text.strip("\n")
    first = message.partition("\n")[0]
    said = text.rfind(first) if first else -1
    start = text.rfind("\n", 0, max(said, 0)) + 1
    if not start or (text.count("\n") < most and len(text) <= MOST_CHARACTERS):
        return last_lines(text, most)
    calls = last_lines(text[:start], most - 2)
    return f"{calls}\n{first_lines(text[start:], 1, MOST_OF_A_LINE)}"


def _left_out(text: str, lines: int) -> str:
    """So many lines, and of a text that was too long to be recorded whole the part that was not."""
    gaps = [int(number) for number in _gap.findall(text)]
    lines -= len(gaps)
    told = [f"{lines:,} line{'' if lines == 1 else 's'}"] if lines else []
    return " and ".join(told + [f"{sum(gaps):,} characters"] * bool(gaps))
