"""The words of POSIX sh and bash: quotes, arrays, and where the holes stand in them.

It knows no commands. Where the shells differ, or where it is not sure, it is `Lost` rather than
guess.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.arithmetic import Mode
from runner.shell.expansions import Expansions
from runner.shell.findings import Lost, Refusal, Word
from runner.shell.flat import HOLE

operators = " \t\n;&|()<>"
"""The characters that end a word."""

_plain = regex(r"[A-Za-z0-9_./:%^\[\]-]+")
_quoted_plain = regex(r"[^\0\"\\$`{}']+")
_assignment = regex(r"([A-Za-z_][A-Za-z0-9_]*)(?:(\[)|\+?=)")
_named_by_value = regex(r"[\w\[\]]*\0[\w\0\[\]]*\+?=")
_simple_braces = regex(r"\$\{\w+\}")
_array_end = regex(r"\]\+?=")


before_process = regex(r"[=:,@]\Z")
"""What ends the word that a `<( )` is glued to."""


class Words(Expansions):
    """A cursor over a script that reads word by word."""

    def skip_blanks(self) -> None:
        """Go past spaces, tabs, continued lines and a comment."""
        while char := self.peek():
            if char in " \t":
                self.position += 1
            elif char == "\\" and self.peek(1) == "\n":
                self.position += 2
            else:
                break
        if self.peek() == "#":
            self._comment()

    def _comment(self) -> None:
        end = self.text.find("\n", self.position, self.end)
        end = self.end if end < 0 else end
        self.darken(None, self.position, end, Refusal("comment", self.position, end))
        self.facts.comments.append((self.position, end))
        self.position = end

    # Words -------------------------------------------------------------------------------------

    def word(self) -> Word:
        """The word that begins here; empty where none does."""
        word = Word(self.position)
        self.bare(word, operators)
        word.end = self.position
        return word

    def assignment(self) -> Word | None:
        """`name=value`, `name[subscript]=value` or `name=(values)`, if one begins here."""
        match = self.match(_assignment)
        if match is None:
            return None
        word = Word(self.position, name=match[1])
        if match[2]:
            start = self.position
            self.position = match.end()
            self.subscript(word, start, word.name)
            equals = self.text[self.position - 1 : self.position + 2]
            if not _array_end.match(equals):
                self.position = start
                return None
            self.position += 2 if equals[1] == "+" else 1
        else:
            self.position = match.end()
        if self.peek() == "(":
            self.array(word, word.name)
        else:
            self.bare(word, operators)
        word.end = self.position
        return word

    def array(self, word: Word, name: str) -> None:
        """The values of `name=(…)`."""
        if self.dialect == "sh":
            raise Lost(self.position, "sh has no arrays: say `shell: bash`")
        self.position += 1
        while True:
            self.skip_blanks()
            char = self.peek()
            if char == ")":
                self.position += 1
                return
            if char == "\n":
                self.position += 1
            elif char == "" or char in ";&|(<>":
                raise Lost(self.position, "this array is not ended")
            else:
                self._element(word, name)

    def _element(self, word: Word, name: str) -> None:
        element = Word(self.position)
        if self.peek() == "[":
            start = self.position
            self.position += 1
            self.subscript(element, start, name)
        self.bare(element, operators)
        element.end = self.position
        self.finish_word(element, listed=True)
        word.elements.append(element)
        word.absorb(element)
        word.add("x")

    def finish_word(self, word: Word, *, listed: bool, first: bool = False) -> None:
        """Look at a whole word: a lone hole may be a list; braces and `~` come before values.

        `first`: it is the first of its command, where it may look like an assignment.
        """
        if not word.holes:
            return
        if first and _named_by_value.match(word.shape):
            self._refuse_word(word, "name")
        if listed and word.is_lone_hole(self.script):
            word.holes[0].place = "word"
        if listed and "{" in word.shape and _in_braces(word.shape):
            self._refuse_word(word, "braces")
        elif re.match(r"~[^/]*\0", word.shape):
            self._refuse_word(word, "tilde")

    def _refuse_word(self, word: Word, kind: str) -> None:
        for spot in word.holes:
            spot.refusal = spot.refusal or Refusal(kind, word.start, word.end)

    def bare(self, word: Word, ends: str) -> None:
        """Text outside quotes, up to one of `ends`."""
        while (char := self.peek()) and char not in ends:
            if match := self.match(_plain):
                word.add(match.group())
                self.position = match.end()
            elif char == HOLE:
                self.hole(word, "bare")
            elif char == "$":
                self.dollar(word, "bare")
            elif char == "`":
                self.backticks(word)
            elif not self.quote(word):
                word.add(char)
                self.position += 1
            if self.peek() == "(" and word.shape[-1:] in tuple("@!+?*") and "(" in ends:
                self._pattern_group(word)
        starts_process = self.peek() in tuple("<>") and self.peek(1) == "("
        if starts_process and self.position > word.start and not before_process.search(word.text):
            raise Lost(self.position, "put a space before it" if word.text else "write it where it is read")

    def _pattern_group(self, word: Word) -> None:
        """`@(a|b)` and its like, which bash has."""
        if self.dialect == "sh":
            raise Lost(self.position, "sh has no such patterns: say `shell: bash`")
        start = self.position
        self.position += 1
        with self.deeper():
            while self.peek() != ")":
                if not self.peek() or self.peek() in "\n;&<>(":
                    raise Lost(start, "this pattern is not ended")
                self.bare(word, "|()\n;&<>")
                if self.peek() == "|":
                    self.position += 1
        self.position += 1
        word.add("x")

    def quote(self, word: Word) -> bool:
        """What is in quotes here, or behind a backslash; whether it is that (if not, nothing is read)."""
        char = self.peek()
        if char == "'":
            self._single(word)
        elif char == '"':
            self.position += 1
            self.double(word, self.position - 1)
        elif char == "\\":
            self._backslash(word)
        else:
            return False
        return True

    def _backslash(self, word: Word) -> None:
        after = self.peek(1)
        if after == HOLE:
            refusal = Refusal("backslash", self.position, self.position + 2)
            self.position += 1
            self.hole(word, "bare", refusal)
            return
        self.facts.keeps_dollars |= after == "$"
        if after != "\n":
            word.add(after or "\\", quoted=True)
        self.position = min(self.position + 2, self.end)

    def _single(self, word: Word) -> None:
        start = self.position
        end = self.text.find("'", start + 1, self.end)
        if end < 0:
            raise Lost(start, "this single quote is not closed")
        word.add(self.text[start + 1 : end], quoted=True)
        self.facts.keeps_dollars |= "$" in self.text[start:end]
        self.darken(word, start, end, Refusal("single", start, end + 1))
        if end == start + 1:
            word.shape += "q"
        self.position = end + 1

    def double(self, word: Word, start: int) -> None:
        """The rest of a text in double quotes."""
        word.shape += "q"
        with self.deeper():
            self.expandable(word, "quotes", '"')
        if self.peek() != '"':
            raise Lost(start, "this double quote is not closed")
        self.position += 1

    def heredoc(self, end: int) -> Word:
        """The body of an unquoted heredoc, which ends at `end`."""
        word = Word(self.position)
        before, self.end = self.end, end
        self.expandable(word, "heredoc", "")
        self.end = before
        return word

    def expandable(self, word: Word, mode: Mode, closing: str) -> None:
        """Text in which only expansions and backslashes mean something, up to `closing`."""
        while (char := self.peek()) and char != closing:
            if match := self.match(_quoted_plain):
                word.add(match.group(), quoted=True)
                self.position = match.end()
            elif char == HOLE:
                self.hole(word, "quoted")
            elif char == "\\":
                self._quoted_backslash(word, mode)
            elif char == "$":
                self.dollar(word, mode)
            elif char == "`":
                self.backticks(word)
            elif closing == "}" and char in "\"'{":
                self._inner_quote(word, mode)
            else:
                word.add(char, quoted=True)
                self.position += 1

    def _quoted_backslash(self, word: Word, mode: Mode) -> None:
        after = self.peek(1)
        self.facts.keeps_dollars |= after == "$"
        if after == HOLE:
            refusal = Refusal("backslash", self.position, self.position + 2)
            self.position += 1
            self.hole(word, "quoted", refusal)
        elif after == "\n":
            self.position += 2
        elif after and (after in "$`\\" or (after == '"' and mode == "quotes")):
            word.add(after, quoted=True)
            self.position += 2
        else:
            word.add("\\", quoted=True)
            self.position += 1

    def _inner_quote(self, word: Word, mode: Mode) -> None:
        """A quote inside `${ }` inside double quotes: shells agree on the simplest use only."""
        start = self.position
        inner = Word(start)
        self.position += 1
        if self.text[start] == '"' and mode == "quotes":
            with self.refuse(Refusal("inner-quote", start)):
                self.double(inner, start)
        rest = _simple_braces.sub("", self.text[start : self.position])
        if self.text[start] != '"' or mode != "quotes" or "{" in rest or "}" in rest:
            raise Lost(start, "shells differ on such a quote or brace inside ${…}")
        word.add(inner.text, quoted=True)
        word.absorb(inner)


def _in_braces(shape: str) -> bool:
    """Whether a hole stands inside `{a,b}` or `{1..9}`."""
    opened: list[int] = []
    for at, char in enumerate(shape):
        if char == "{":
            opened.append(at)
        elif char == "}" and opened:
            inside = shape[opened.pop() : at]
            if HOLE in inside and ("," in inside or ".." in inside):
                return True
    return False
