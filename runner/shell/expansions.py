"""What begins with `$` or a backtick: parameters and commands.

How words and quotes are read inside them is left to `words`. Where shells differ it is `Lost`
rather than guess.
"""

from __future__ import annotations

from abc import abstractmethod

from runner.regex import regex
from runner.shell.arithmetic import Arithmetic, Mode
from runner.shell.counting import keys_of
from runner.shell.findings import Assigned, Compound, Lost, Refusal, Word
from runner.shell.flat import HOLE

_dollar_name = regex(r"[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]")
_parameter = regex(r"[#!]?(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+|[@*#?$!-])")
_default_operator = regex(r":?[-=?+]")
_default = regex(r":?[-=?]")
_alternative = regex(r":?\+")
_captured = regex(r"BASH_REMATCH\[\d+\]")
_no_digit = r"\[{}(?:0-9|\[:digit:\])\]"
_only_digits = {
    dialect: regex(rf"(?://{no_digit}/?|%%{no_digit}\*|##\*{no_digit})(?=\}})")
    for dialect, no_digit in (("sh", _no_digit.format("!")), ("bash", _no_digit.format("[!^]")))
}
_pattern_operator = regex(r"##?|%%?")


class Expansions(Arithmetic):
    """A cursor that reads expansions."""

    @abstractmethod
    def double(self, word: Word, start: int) -> None:
        """The rest of a text in double quotes."""

    @abstractmethod
    def bare(self, word: Word, ends: str) -> None:
        """Text outside quotes, up to one of `ends`."""

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
            self.square(word, start)
        elif after == "'" and mode == "bare":
            self._ansi(word, start)
        elif after == '"' and mode == "bare":
            self.position += 1
            with self.refuse(Refusal("translated", start)):
                self.double(word, start)
        elif match := self.match(_dollar_name):
            self.position = match.end()
            word.add(HOLE, variable=match.group())
            self._expands(word, match.group(), mode)
        elif after == "\\" and self.peek(1) == "\n":
            raise Lost(start, "the line is continued right after a `$`")
        else:
            self.facts.keeps_dollars = True
            word.add("$", quoted=True)

    def _expands(self, word: Word, name: str, mode: Mode) -> None:
        word.variables.append(name)
        if mode == "bare":
            word.bare_variables.append(name)

    def _parenthesis(self, word: Word, start: int) -> None:
        word.add(HOLE)
        if self.peek(1) == "(":
            self.position += 2
            if not self.arithmetic(word, start):
                raise Lost(start, "`$((` begins arithmetic: write `$( (` for commands")
            return
        self.position += 1
        with self.deeper(), self.refuse(None):
            word.inner.append(self.nested(")"))
        self.facts.uncounted.append((start, self.position))

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
        self.facts.keeps_dollars = True
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
        refusal = Refusal("backticks", start, at + 1)
        self.darken(None, start, at, refusal)
        self.facts.keeps_dollars |= "\\" in self.text[start:at]
        if "\\" not in self.text[start:at]:
            word.inner.append(self._within(start + 1, at))
        self.darken(word, start, at, refusal)
        self.position = at + 1
        self.facts.uncounted.append((start, self.position))

    def _within(self, start: int, end: int) -> Compound:
        """The commands between two offsets."""
        before, self.end, self.position = self.end, end, start
        with self.deeper(), self.refuse(None):
            group = self.nested("")
        self.end = before
        return group

    # ${…} --------------------------------------------------------------------------------------

    def _braces(self, word: Word, mode: Mode, start: int) -> None:
        inner = Word(self.position)
        match = self.match(_parameter)
        if match is None and self.peek() != HOLE:
            raise Lost(start, "this is no expansion that sh or bash knows")
        name, operation, digits = "", 0, False
        if match is not None:
            self.position = match.end()
            name = match.group()
        if self.peek() == HOLE:
            with self.refuse(Refusal("name", start)):
                self.bare(inner, "}")
        else:
            if self.peek() == "[":
                self.position += 1
                self.subscript(inner, start, name.lstrip("!#"), ends="\n;&|<>")
            operation = self.position
            captured = _captured.fullmatch(self.text, start + 2, operation)
            digits = name[0] not in "#!" and self.match(_only_digits[self.dialect]) is not None
            if not digits:
                self._variable(word, captured[0] if captured else name, mode, start)
            self._operation(inner, mode, start, name)
        if self.peek() != "}":
            raise Lost(start, "this `${` is not closed")
        if (_is_length(name) and self.position == operation) or digits:
            self.facts.uncounted.append((start, self.position))
        whole = self.position == operation or _default.match(self.text, operation) is not None
        self.position += 1
        word.add(HOLE, variable=name if whole and name[:1] not in "#!" else "")
        word.absorb(inner)

    def _variable(self, word: Word, name: str, mode: Mode, start: int) -> None:
        """The variable of `${…}`, and what else than its value is asked for."""
        plain = name.lstrip("!") or name
        alternative = self.match(_alternative) is not None
        if alternative:
            self.facts.uncounted.append((start, self.position))
        if _is_length(name) or (alternative and plain == name):
            return
        if plain != name:
            if self.starts("@}") or self.starts("*}"):
                return
            if self._after_all_keys():
                self._expands(word, keys_of(plain), mode)
                return
            self.evaluate(Word(start, variables=[plain]), "name")
            if alternative:
                return
            word.variables.append(f"!{plain}")
        if self.starts("@P"):
            self.evaluate(Word(start, variables=[plain]), "prompt")
        word.rewritten = word.rewritten or self.starts("/")
        self._expands(word, plain, mode)

    def _after_all_keys(self) -> bool:
        return self.text[self.position - 3 : self.position] in ("[@]", "[*]")

    def _operation(self, word: Word, mode: Mode, start: int, name: str) -> None:
        """What follows the name: `:-word`, `#pattern`, …"""
        opened = self.position
        if match := self.match(_default_operator):
            self.position = match.end()
            assigns = "=" in match.group()
            if mode == "bare":
                with self.refuse(Refusal("assigning", start) if assigns else self.refusing):
                    self._brace_text(word)
            else:
                self.expandable(word, mode, "}")
            if assigns:
                word.end = self.position
                self.facts.assigned.append(Assigned(name, word))
        elif match := self.match(_pattern_operator):
            self.position = match.end()
            refusal = Refusal("heredoc-pattern", start) if mode == "heredoc" else self.refusing
            with self.refuse(refusal):
                self._brace_text(word)
        elif self.peek() != "}":
            kind = "arithmetic" if self.peek() == ":" else "replacement"
            part = Word(opened)
            with self.refuse(Refusal(kind, start)):
                self._brace_text(part)
            word.absorb(part)
            if kind == "arithmetic":
                self.compute(opened, self.position)
                self.evaluate(part, kind)

    def _brace_text(self, word: Word) -> None:
        """A text outside quotes up to `}`."""
        while (char := self.peek()) and char != "}":
            if char == "{" or (char in "<>" and self.peek(1) == "("):
                raise Lost(self.position, "shells differ on this inside ${…}")
            if char in "{<>":
                self.position += 1
            else:
                self.bare(word, "}{<>")


def _is_length(name: str) -> bool:
    """Whether `${…}` begins as a length does, which is a number whatever the value."""
    return len(name) > 1 and name[0] == "#"
