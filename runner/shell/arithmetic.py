"""Arithmetic and subscripts: where they end, and what stands in them.

Which variables they read is told by `counting`, when the whole script is known.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Literal

from runner.shell.cursor import Cursor
from runner.shell.findings import Compound, Dialect, Lost, Refusal, Subscript, Word
from runner.shell.flat import HOLE, FlatScript

Mode = Literal["bare", "quotes", "heredoc"]

_most_rereadings = 20


class Arithmetic(Cursor, ABC):
    """A cursor that reads expressions."""

    def __init__(self, script: FlatScript, dialect: Dialect, nested: Callable[[str], Compound]) -> None:
        super().__init__(script, dialect, nested)
        self._rereadings = 0

    @abstractmethod
    def quote(self, word: Word) -> bool:
        """What is in quotes here, or behind a backslash; whether it is that (if not, nothing is read)."""

    @abstractmethod
    def dollar(self, word: Word, mode: Mode) -> None:
        """What a `$` begins."""

    @abstractmethod
    def backticks(self, word: Word) -> None:
        """A command in backticks."""

    def arithmetic(self, word: Word, start: int) -> bool:
        """The rest of `$((…))` or `((…))` in a word; whether it is that (if not, nothing is read)."""
        opened, facts = self.position, self.facts
        found: tuple[list[Any], ...] = (facts.evaluated, facts.computed, facts.uncounted, facts.subscripts)
        before = [len(kind) for kind in found]
        depth = 0
        inner = Word(opened)
        with self.deeper(), self.refuse(Refusal("arithmetic", start)):
            while char := self.peek():
                if char == ")" and depth == 0:
                    break
                depth += (char == "(") - (char == ")")
                self._number_part(inner)
        if not self.peek():
            raise Lost(start, "this arithmetic is not ended")
        if self.peek(1) != ")":
            self._rereadings += 1
            if self._rereadings > _most_rereadings:
                raise Lost(start, "it is nested too deeply")
            self.position = opened
            for kind, length in zip(found, before, strict=True):
                del kind[length:]
            return False
        self.compute(opened, self.position)
        self.position += 2
        self.evaluate(inner, "arithmetic")
        inner.settle()
        word.inner += inner.inner
        return True

    def evaluate(self, word: Word, kind: str, detail: str = "") -> None:
        """What comes into this word is evaluated, by whatever way."""
        word.refusals.append(Refusal(kind, word.start, self.position, detail))
        self.facts.evaluated.append(word)

    def compute(self, start: int, end: int) -> None:
        """A stretch of the script is an expression."""
        self.facts.computed.append((start, end))

    def _number_part(self, word: Word) -> None:
        char = self.peek()
        if char == HOLE:
            self.hole(word, "quoted")
        elif char == "$":
            self.dollar(word, "quotes")
        elif char == "`":
            self.backticks(word)
        elif char in "'\"\\" or (char == "#" and self.text[self.position - 1] in " \t\n;"):
            raise Lost(self.position, "shells differ on quotes and comments in arithmetic")
        else:
            self.position += 1

    def square(self, word: Word, start: int) -> None:
        """`$[…]`, which bash reads as arithmetic and others do not."""
        if self.dialect == "sh":
            raise Lost(start, "shells differ on `$[`: write `$((…))`")
        self.position += 1
        inner = Word(start)
        with self.refuse(Refusal("arithmetic", start)):
            self._up_to_bracket(inner, start, "\n;&|")
        self.compute(start, self.position)
        self.evaluate(inner, "arithmetic")
        word.holes += inner.holes
        word.inner += inner.inner
        word.add(HOLE)

    def subscript(self, word: Word, start: int, name: str, ends: str = " \t\n;&|<>") -> None:
        """The rest of `[…]` after the name of a variable."""
        inner, outer = Word(self.position), self.refusing
        with self.refuse(Refusal("subscript", start)):
            self._up_to_bracket(inner, start, ends)
        inner.end = self.position
        self.facts.subscripts.append(Subscript(name, inner, outer))
        word.holes += inner.holes
        word.inner += inner.inner

    def _up_to_bracket(self, word: Word, start: int, ends: str) -> None:
        depth = 0
        with self.deeper():
            while (char := self.peek()) != "]" or depth:
                if not char or char in ends:
                    raise Lost(start, "there is a space or an operator in these brackets")
                depth += (char == "[") - (char == "]")
                if not self.quote(word):
                    self._number_part(word)
        self.position += 1
