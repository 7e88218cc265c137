"""Where a script speaks of a variable: the places of its name, but for those where this is a word of a text.

In `log "the count is $1"` nothing reads `count`, nor does anything give it a value.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

from runner.regex import regex
from runner.shell.findings import Command, Facts, Word
from runner.shell.flat import HOLE
from runner.shell.known.builtins import builtins, declaring, integer_variables
from runner.shell.structure import Nested
from runner.struct import struct

_word = regex(r"\w+")
_single_option = regex(r"-[A-Za-z]")
_prints = ("echo", "printf")
_starts_builtins = ("command", "builtin")


@struct(eq=False)
class _Text:
    """A word of a command or of an assignment, or the body of a heredoc."""

    word: Word
    command: Command | None
    name: str = ""
    body: bool = False


class Mentions:
    """The places of names in a script; `texts` says whether a text is surely never run as a script."""

    def __init__(self, text: str, facts: Facts, *, texts: bool) -> None:
        self._text, self._facts, self._knows_texts = text, facts, texts
        self._found: dict[str, list[int]] | None = None
        self._live: dict[str, list[int]] = {}

    def of(self, name: str, start: int, end: int) -> list[int]:
        """Where a name may mean a variable, between two offsets."""
        if name not in self._live:
            self._live[name] = [at for at in self._places.get(name, ()) if not self._is_text(name, at)]
        places = self._live[name]
        return places[bisect_left(places, start) : bisect_left(places, end)]

    @property
    def _places(self) -> dict[str, list[int]]:
        if self._found is None:
            self._found = {}
            for match in _word.finditer(self._text):
                self._found.setdefault(match[0], []).append(match.start())
            self._texts = Nested((one.word.start, one.word.end, one) for one in _texts(self._facts))
            self._computed, self._comments = _joined(_computed(self._facts)), _joined(self._facts.comments)
        return self._found

    def _is_text(self, name: str, at: int) -> bool:
        """Whether a name stands where surely nothing is read by it, or given to it."""
        if _stands_in(self._comments, at):
            return True
        if (
            not self._knows_texts
            or self._text[at - 1 : at] in tuple("${#!")
            or _stands_in(self._computed, at)
        ):
            return False
        one = self._texts.at(at)
        if one is None:
            return False
        before = self._text[one.word.start : at]
        if "`" in self._text[one.word.start : one.word.end] or before.count("${") > before.count("}"):
            return False
        if one.body:
            return True
        if one.command is None:
            return self._is_in_value(one.name, before)
        return self._is_in_argument(one.command, one.word, before, name)

    def _is_in_value(self, name: str, before: str) -> bool:
        """Whether it stands in what a variable is given, which is no arithmetic."""
        facts = self._facts
        computes = name in facts.integers or name in integer_variables or name in facts.arrays
        return "=" in before and not computes

    def _is_in_argument(self, command: Command, word: Word, before: str, name: str) -> bool:
        """Whether it stands in an argument that its program takes for a text."""
        words, program = command.words, command.words[0]
        if not program.known or not command.programs:
            return False
        if word is program:
            return True
        if program.text in declaring:
            return self._is_in_value(word.text.partition("=")[0], before)
        if program.text in _starts_builtins and words[1].text not in ("-v", "-V"):
            return False
        if any(line[0].base in builtins and not _prints_only(line) for line in command.programs):
            return program.text != "let" and bool(_single_option.fullmatch(word.text))
        alone = re.match(rf"[\"']?{re.escape(name)}(?:\Z|[\"'=+\[])", self._text[word.start : word.end])
        return program.text in _prints or alone is None


def _prints_only(line: Sequence[Word]) -> bool:
    """`printf` without `-v`."""
    form = line[1].text if len(line) > 1 else ""
    return line[0].base == "printf" and HOLE not in form and not form.startswith("-v")


def _texts(facts: Facts) -> Iterator[_Text]:
    seen = set[int]()
    for command in facts.commands:
        for word in command.words:
            seen.add(id(word))
            yield _Text(word, command)
        for redirection in command.redirections:
            if redirection.body is not None:
                yield _Text(redirection.body, command, body=True)
    for given in facts.assigned:
        if given.word.name == given.name and id(given.word) not in seen:
            seen.add(id(given.word))
            yield _Text(given.word, None, given.name)


def _computed(facts: Facts) -> Iterator[tuple[int, int]]:
    """The stretches that are arithmetic, or may be."""
    yield from facts.computed
    for word in (*facts.evaluated, *(subscript.word for subscript in facts.subscripts)):
        yield word.start, word.end


def _stands_in(stretches: Sequence[tuple[int, int]], at: int) -> bool:
    last = bisect_right(stretches, at, key=lambda stretch: stretch[0]) - 1
    return last >= 0 and at < stretches[last][1]


def _joined(stretches: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches in order, and apart."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
