"""How programs read their command lines: options, their values, operands.

It knows the forms of options and no program. A `Rule` is what tells of one that some of its words are run.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from runner.shell.findings import Command, Word
from runner.shell.flat import HOLE
from runner.struct import replace, struct

Argument = tuple[str, Word]
Rule = Callable[[Command, Sequence[Word]], None]
"""Looks at a command line, which is that of a command or stands in it."""


def words_of(text: str) -> frozenset[str]:
    """A set written as words."""
    return frozenset(text.split())


@struct
class Options:
    """The options of a program.

    `values` are the letters that take a value, here or in the next word; `glued` those whose
    value is only what follows in the same word. `long` options take the next word. `code` are
    those of all kinds whose value is program text. `mixed`: options may follow operands.
    """

    values: str = ""
    glued: str = ""
    long: frozenset[str] = frozenset()
    code: frozenset[str] = frozenset()
    mixed: bool = False

    def read(self, words: Sequence[Word]) -> Iterator[Argument]:
        """Each option with the word that holds its value (or itself), each operand under ``''``."""
        index = 0
        while index < len(words):
            word = words[index]
            index += 1
            if word.text == "--":
                break
            if is_option(word):
                name, follows = self.name(word.text)
                follows = follows and index < len(words)
                yield name, words[index] if follows else word
                index += follows
            else:
                yield "", word
                if not self.mixed:
                    break
        yield from (("", operand) for operand in words[index:])

    def operands(self, words: Sequence[Word]) -> list[Word]:
        """What is no option, nor the value of one."""
        return [word for option, word in self.read(words) if option == ""]

    def program_texts(self, words: Sequence[Word]) -> list[Word]:
        """The values of those options whose value is program text."""
        return [word for option, word in self.read(words) if option in self.code]

    def takes_value(self, letter: str) -> bool:
        """Whether the option of a letter has a value."""
        return letter in self.values or letter in self.glued or f"-{letter}" in self.code

    def name(self, text: str) -> tuple[str, bool]:
        """The option that a word is, and whether the next word is its value."""
        if text in self.long or (text in self.code and text[1:] not in self.glued):
            return text, True
        if text.startswith("--"):
            name, equals, _ = text.partition("=")
            name = self._unabridged(name)
            return name, not equals and (name in self.long or name in self.code)
        for at, letter in enumerate(text[1:], 1):
            if letter in self.glued or letter == HOLE:
                return f"-{letter}", False
            if self.takes_value(letter):
                return f"-{letter}", at == len(text) - 1
        return text, False

    def _unabridged(self, name: str) -> str:
        if name in self.long or name in self.code:
            return name
        return next((full for full in sorted(self.long | self.code) if full.startswith(name)), name)


def after(words: Sequence[Word], marks: Container[str]) -> Sequence[Word]:
    """What follows the first of some words; nothing if none of them is there."""
    at = next((at for at, word in enumerate(words) if word.text in marks), len(words))
    return words[at + 1 :]


def refuse_all(words: Iterable[Word], program: str) -> None:
    """A program runs each of these words."""
    for word in words:
        word.refuse("program", program)


def running(find: Callable[[Sequence[Word]], Iterable[Word]]) -> Rule:
    """The rule of a program that runs the words that are found in its command line."""
    return lambda _, words: refuse_all(find(words), words[0].base)


def is_option(word: Word) -> bool:
    """Whether a word has the form of an option."""
    return word.text.startswith("-") and word.text != "-"


def value_of(word: Word, option: str) -> Word:
    """The value of an option, which may be glued to it: of `-f file`, `-xffile` or `--file=file`."""
    text, before = word.text, 0
    if text.startswith(f"{option}="):
        before = len(option) + 1
    elif is_option(word) and not text.startswith("--"):
        before = text.find(option[1:], 1) + 1
    return replace(word, start=word.start + before, text=text[before:], shape=word.shape[before:])
