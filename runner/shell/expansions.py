"""What begins with `$` or a backtick: parameters, commands, arithmetic.

How words and quotes are read inside them is left to `words`. Where shells differ it is `Lost`
rather than guess.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

from runner.shell.cursor import Cursor
from runner.shell.findings import Dialect, Lost, Refusal, Word
from runner.shell.flat import HOLE, FlatScript

Mode = Literal["bare", "quotes", "heredoc"]

_most_rereadings = 20

_dollar_name = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_parameter = re.compile(r"[#!]?(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])")
_counted_name = re.compile(r"[A-Za-z_]\w*|(?<=\$)[0-9@*]")
_default_operator = re.compile(r":?[-=?+]")
_pattern_operator = re.compile(r"##?|%%?")


class Expansions(Cursor, ABC):
    """A cursor that reads expansions."""

    def __init__(self, script: FlatScript, dialect: Dialect, nested: Callable[[], None]) -> None:
        super().__init__(script, dialect, nested)
        self.counted: set[str] = set()
        """The names that arithmetic mentions."""
        self._inner_commands: list[tuple[int, int]] = []
        self._rereadings = 0

    @abstractmethod
    def bare(self, word: Word, ends: str) -> None:
        """Text outside quotes, up to one of `ends`."""

    @abstractmethod
    def single(self, word: Word) -> None:
        """A text in single quotes."""

    @abstractmethod
    def double(self, word: Word, start: int) -> None:
        """The rest of a text in double quotes."""

    @abstractmethod
    def backslash(self, word: Word) -> None:
        """A backslash outside quotes, and what follows it."""

    @abstractmethod
    def expandable(self, word: Word, mode: Mode, closing: str) -> None:
        """Text in which only expansions and backslashes mean something, up to `closing`."""

    def dollar(self, word: Word, mode: Mode) -> None:
        """What a `$` begins."""
        start = self.position
        after = self.peek(1)
        self.position += 1
        if after == HOLE:
            self.hole(word, "quoted", Refusal("dollar", start, start + 2))
        elif after == "(":
            self._parenthesis(word, start)
        elif after == "{":
            self.position += 1
            with self.deeper():
                self._braces(word, mode, start)
        elif after == "[":
            self._square(word, start)
        elif after == "'" and mode == "bare":
            self._ansi(word, start)
        elif after == '"' and mode == "bare":
            self.position += 1
            with self.refuse(Refusal("translated", start)):
                self.double(word, start)
        elif match := self.match(_dollar_name):
            self.position = match.end()
            word.add(HOLE)
        elif after == "\\" and self.peek(1) == "\n":
            raise Lost(start, "the line is continued right after a `$`")
        else:
            word.add("$", quoted=True)

    def _parenthesis(self, word: Word, start: int) -> None:
        word.add(HOLE)
        if self.peek(1) == "(":
            self.position += 2
            if not self.arithmetic(start):
                raise Lost(start, "`$((` begins arithmetic: write `$( (` for commands")
            return
        self.position += 1
        with self.deeper(), self.refuse(None):
            self.nested()
        self._inner_commands.append((start, self.position))

    def arithmetic(self, start: int) -> bool:
        """The rest of `$((…))` or `((…))`; whether it is that (if not, nothing is read)."""
        opened = self.position
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
            return False
        self._count(opened, self.position)
        self.position += 2
        for spot in inner.holes:
            spot.settled = True
        return True

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

    def _count(self, start: int, end: int) -> None:
        """Note the names in a stretch of arithmetic, but not those in commands inside it."""
        for first, last in self._inner_commands:
            if start <= first and last <= end:
                self.counted.update(_counted_name.findall(self.text[start:first]))
                start = last
        self.counted.update(_counted_name.findall(self.text[start:end]))

    def _square(self, word: Word, start: int) -> None:
        """`$[…]`, which bash reads as arithmetic and others do not."""
        if self.dialect == "sh":
            raise Lost(start, "shells differ on `$[`: write `$((…))`")
        self.position += 1
        with self.refuse(Refusal("arithmetic", start)):
            self._up_to_bracket(word, start, ends="\n;&|")
        self._count(start, self.position)
        word.add(HOLE)

    def subscript(self, word: Word, start: int) -> None:
        """The rest of `[…]` after a variable's name."""
        opened = self.position
        inner = Word(opened)
        with self.refuse(Refusal("subscript", start)):
            self._up_to_bracket(inner, start)
        self._count(opened, self.position)
        word.holes.extend(inner.holes)

    def _up_to_bracket(self, word: Word, start: int, ends: str = " \t\n;&|<>") -> None:
        depth = 0
        with self.deeper():
            while (char := self.peek()) != "]" or depth:
                if not char or char in ends:
                    raise Lost(start, "there is a space or an operator in these brackets")
                depth += (char == "[") - (char == "]")
                self._bracket_part(word)
        self.position += 1

    def _bracket_part(self, word: Word) -> None:
        char = self.peek()
        if char == "'":
            self.single(word)
        elif char == '"':
            self.position += 1
            self.double(word, self.position - 1)
        elif char == "\\":
            self.backslash(word)
        else:
            self._number_part(word)

    def _ansi(self, word: Word, start: int) -> None:
        """`$'…'`: bash reads escapes in it, and some shells know nothing of it."""
        at = start + 2
        while at < self.end and self.text[at] != "'":
            if self.text[at : at + 2] == "\\'" and self.dialect == "sh":
                raise Lost(start, "shells differ on `$'…'`: write `'…'`")
            at += 2 if self.text[at] == "\\" else 1
        if at >= self.end:
            raise Lost(start, "this quote is not closed")
        word.add(HOLE)
        self.darken(word, start, at, Refusal("ansi", start, at + 1))
        self.position = at + 1

    def backticks(self, word: Word) -> None:
        """A command in backticks: quotes mean something else there."""
        start = self.position
        at = start + 1
        while at < self.end and self.text[at] != "`":
            at += 2 if self.text[at] == "\\" else 1
        if at >= self.end:
            raise Lost(start, "this backtick is not closed")
        word.add(HOLE)
        self.darken(word, start, at, Refusal("backticks", start, at + 1))
        self.position = at + 1
        self._inner_commands.append((start, self.position))

    # ${…} --------------------------------------------------------------------------------------

    def _braces(self, word: Word, mode: Mode, start: int) -> None:
        inner = Word(self.position)
        match = self.match(_parameter)
        if match is None and self.peek() != HOLE:
            raise Lost(start, "this is no expansion that sh or bash knows")
        if match is not None:
            self.position = match.end()
        if self.peek() == HOLE:
            with self.refuse(Refusal("name", start)):
                self.bare(inner, "}")
        else:
            if self.peek() == "[":
                self.position += 1
                self.subscript(inner, start)
            self._operation(inner, mode, start)
        if self.peek() != "}":
            raise Lost(start, "this `${` is not closed")
        self.position += 1
        word.add(HOLE)
        word.holes.extend(inner.holes)

    def _operation(self, word: Word, mode: Mode, start: int) -> None:
        """What follows the name: `:-word`, `#pattern`, …"""
        opened = self.position
        if match := self.match(_default_operator):
            self.position = match.end()
            if mode == "bare":
                assigns = "=" in match.group()
                with self.refuse(Refusal("assigning", start) if assigns else self.refusing):
                    self._brace_text(word)
            else:
                self.expandable(word, mode, "}")
        elif match := self.match(_pattern_operator):
            self.position = match.end()
            refusal = Refusal("heredoc-pattern", start) if mode == "heredoc" else self.refusing
            with self.refuse(refusal):
                self._brace_text(word)
        elif self.peek() != "}":
            kind = "arithmetic" if self.peek() == ":" else "replacement"
            with self.refuse(Refusal(kind, start)):
                self._brace_text(word)
            if kind == "arithmetic":
                self._count(opened, self.position)

    def _brace_text(self, word: Word) -> None:
        """A text outside quotes up to `}`."""
        while (char := self.peek()) and char != "}":
            if char == "{" or (char in "<>" and self.peek(1) == "("):
                raise Lost(self.position, "shells differ on this inside ${…}")
            if char in "{<>":
                self.position += 1
            else:
                self.bare(word, "}{<>")
