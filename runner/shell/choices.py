"""Lines of words: made of words that are written, told apart, and cut into more words. It knows no script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from runner.shell.findings import Word
from runner.shell.flat import HOLE

Line = tuple[Word, ...]
_runs_text = ("eval", "trap")


class Choices:
    """What one word may be."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines

    @cached_property
    def telling(self) -> list[Line]:
        """That which a program reads otherwise than any other single word."""
        return [one for one in self.lines if len(one) != 1 or is_telling(one[0])]

    @cached_property
    def printed(self) -> frozenset[int]:
        """Which of them are what is printed, as one word."""
        lines = enumerate(self.lines)
        return frozenset(at for at, it in lines if len(it) == 1 and it[0].text == HOLE and it[0].inner)

    def telling_or(self, word: Word) -> Choices:
        """With the word itself for all others."""
        return Choices([*self.telling, *[(word,)] * (len(self.telling) < len(self.lines))])


def is_telling(word: Word) -> bool:
    """Whether a program may read it, or what follows, otherwise."""
    name, equals, _ = word.text.partition("=")
    return not word.text or word.text.startswith("-") or (equals != "" and HOLE not in name)


def is_another(became: Line, line: Sequence[Word]) -> bool:
    """Whether a program may read it otherwise than the line that was written."""
    return (
        len(became) != len(line)
        or (became[0] is not line[0] and (became[0].known or became[0].variables != []))
        or any(
            one is not other and (is_telling(one) or line[0].base in _runs_text)
            for one, other in zip(became, line, strict=True)
        )
    )


def with_text(word: Word, text: str, start: int | None = None, expanded: list[str] | None = None) -> Word:
    """A part of a word, which all that comes into the word may come into."""
    start = word.start if start is None else start
    if HOLE not in text:
        return Word(start, word.end, text, text)
    return Word(
        start,
        word.end,
        text,
        text,
        holes=word.holes,
        variables=word.variables,
        bare_variables=word.bare_variables,
        inner=word.inner,
        expanded=_expanded(word, text) if expanded is None else expanded,
    )


def _expanded(word: Word, text: str) -> list[str]:
    """The variables that stand for each HOLE in the beginning or the end of a word."""
    count = text.count(HOLE)
    if word.text.startswith(text):
        return word.expanded[:count]
    return word.expanded[-count:] if word.text.endswith(text) else []


def parts(word: Word, text: str) -> list[Word]:
    """The words of a text that is a word, or in it, where it stands without quotes."""
    left, found = _expanded(word, text) if HOLE in text else [], list[Word]()
    for part in text.split():
        count = part.count(HOLE)
        found.append(with_text(word, part, expanded=left[:count]))
        left = left[count:]
    return found


def split_apart(word: Word) -> Line:
    """The words that an argument becomes without quotes."""
    return tuple(parts(word, word.text)) if " " in word.text.strip() else (word,)


def different(lines: Iterable[Line]) -> list[Line]:
    return list({identity(line): line for line in lines}.values())


def identity(line: Sequence[Word]) -> tuple[object, ...]:
    """What tells a line from others, also where words of it were made anew."""
    return tuple((word.start, word.end, word.text) if HOLE in word.text else word.text for word in line)
