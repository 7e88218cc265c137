"""As much of a long text as people read, and how much of it is left out."""

from __future__ import annotations

from runner.regex import regex

MOST_LINES = 40
MOST_CHARACTERS = 8000
MOST_OF_A_LINE = 500

_gap = regex(r"(?:^|\n)… (\d+) characters left out …(?:\n|$)")
"""What is recorded where a message or a traceback is too long, with the ends of lines that it brings."""


class Excerpt(str):
    """A part of a text that tells how much is left out; what it shows and what it does not can be asked."""

    shown: str
    left_out: str
    """What follows what is shown or, if that is the `ending` of the text, is before it."""
    ending: bool

    def __new__(cls, text: str, shown: str, left_out: str, *, ending: bool) -> Excerpt:
        excerpt = super().__new__(cls, text)
        excerpt.shown, excerpt.left_out, excerpt.ending = shown, left_out, ending
        return excerpt


def first_lines(text: str, most: int = MOST_LINES, characters: int = MOST_CHARACTERS) -> str:
    """The beginning of a text."""
    text = text.strip("\n")
    kept = "\n".join(text.split("\n")[:most])[:characters]
    rest = text[len(kept) :]
    if not rest:
        return text
    cut = bool(kept) and not rest.startswith("\n")
    told = _told(rest if cut else rest.removeprefix("\n"), cut_before=cut)
    return Excerpt(f"{kept}{'' if cut else chr(10)}… {told} more", kept, rest, ending=False)


def last_lines(text: str, most: int = MOST_LINES, characters: int = MOST_CHARACTERS) -> str:
    """The end of a text."""
    text = text.strip("\n")
    kept = "\n".join(text.split("\n")[-most:])[-characters:]
    rest = text[: len(text) - len(kept)]
    if not rest:
        return text
    told = _told(rest.removesuffix("\n"), cut_after=not rest.endswith("\n"))
    return Excerpt(f"… {told} before this\n{kept}", kept, rest, ending=True)


def traceback_lines(text: str, message: str, most: int = MOST_LINES) -> str:
    """The end of a traceback; if that is long, with the beginning only of the message in which it ends."""
    text = text.strip("\n")
    first = message.partition("\n")[0]
    said = text.rfind(first) if first else -1
    start = text.rfind("\n", 0, max(said, 0)) + 1
    if not start or (text.count("\n") < most and len(text) <= MOST_CHARACTERS):
        return last_lines(text, most)
    calls = last_lines(text[:start], most - 2)
    ends = first_lines(text[start:], 1, MOST_OF_A_LINE)
    if isinstance(calls, Excerpt):
        return Excerpt(f"{calls}\n{ends}", f"{calls.shown}\n{ends}", calls.left_out, ending=True)
    return f"{calls}\n{ends}"


def in_bytes(left_out: str) -> str:
    """How much it is that is left out: so many bytes, and what was too long to be recorded."""
    parts = _gap.split(left_out)
    size = sum(len(part.encode("utf-8", "replace")) for part in parts[::2])
    lost = sum(map(int, parts[1::2]))
    return _listed((size, "byte"), (lost, "character"))


def _told(text: str, *, cut_before: bool = False, cut_after: bool = False) -> str:
    """How much a text is: its whole lines, and the characters of those that are not whole.

    Those are cut where the text begins or ends, and where some of it was too long to be recorded.
    """
    parts = _gap.split(text)
    characters = sum(map(int, parts[1::2]))
    whole = 0
    for place, part in enumerate(parts[::2]):
        lines = part.split("\n")
        whole += len(lines)
        cut = {0} if place or cut_before else set()
        if 2 * place + 1 < len(parts) or cut_after:
            cut.add(len(lines) - 1)
        whole -= len(cut)
        characters += sum(len(lines[at]) for at in cut)
    return _listed((whole, "line"), (characters, "character"))


def _listed(*counts: tuple[int, str]) -> str:
    return " and ".join(f"{count:,} {unit}{'' if count == 1 else 's'}" for count, unit in counts if count)
