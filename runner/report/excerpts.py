"""As much of a long text as people read, and how much of it is left out."""

from __future__ import annotations

MOST_LINES = 40
MOST_CHARACTERS = 8000
MOST_OF_A_LINE = 500


def first_lines(text: str, most: int = MOST_LINES, characters: int = MOST_CHARACTERS) -> str:
    """The beginning of a text."""
    text = text.strip("\n")
    lines = text.split("\n")
    kept = "\n".join(lines[:most])[:characters]
    if len(kept) == len(text):
        return text
    left = len(lines) - 1 - kept.count("\n")
    return f"{kept}\n… {_lines(left)} more" if left else f"{kept}… {len(text) - len(kept):,} characters more"


def last_lines(text: str, most: int = MOST_LINES, characters: int = MOST_CHARACTERS) -> str:
    """The end of a text."""
    text = text.strip("\n")
    lines = text.split("\n")
    kept = "\n".join(lines[-most:])[-characters:]
    if len(kept) == len(text):
        return text
    left = len(lines) - 1 - kept.count("\n")
    told = f"{_lines(left)} before this" if left else f"{len(text) - len(kept):,} characters before this"
    return f"… {told}\n{kept}"


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


def _lines(number: int) -> str:
    return f"{number:,} line{'' if number == 1 else 's'}"
