"""The commands of a script: lists, pipes, loops, functions, `case`, conditions.

It finds each simple command, and judges at the end what only the whole script tells.
"""

from __future__ import annotations

import re

from runner.shell.findings import Command, Dialect, Lost, Refusal, Spot, Word
from runner.shell.flat import FlatScript
from runner.shell.simple import Simple, process
from runner.shell.words import operators

_ends = r"(?=[\s;&|()<>]|\Z)"
_opening = re.compile(r"(?:if|then|elif|else|while|until|do|!|\{)" + _ends)
_closing = re.compile(r"(?:fi|done|\})" + _ends)
_time = re.compile(r"time(?:[ \t]+-p)?" + _ends + r"(?![ \t]+-)")
_esac = re.compile(r"esac" + _ends)
_in = re.compile(r"in" + _ends)
_loop = re.compile(r"(?:for|select)" + _ends)
_case = re.compile(r"case" + _ends)
_function = re.compile(r"function(?=[ \t])")
_coproc = re.compile(r"coproc" + _ends)
_condition = re.compile(r"\[\[(?=[\s]|\Z)")
_condition_end = re.compile(r"\]\]" + _ends)
_case_break = re.compile(r";;&|;;|;&")
_operator = re.compile(r"&&|\|\||\|&|[;&|]")
_compares_numbers = re.compile(r"\s-(?:eq|ne|lt|le|gt|ge)\s")


class Commands(Simple):
    """All commands of a script, read once from its beginning to its end, or to where it is lost."""

    def __init__(self, flat: FlatScript, dialect: Dialect) -> None:
        super().__init__(flat, dialect)
        self.first_pipe: int | None = None
        self.lost: Lost | None = None

    def read(self) -> list[Spot]:
        """What is known of each hole."""
        try:
            self.commands("")
            if self._waiting:
                raise Lost(self._waiting[0].at, "this heredoc has no body")
        except Lost as lost:
            self.lost = lost
            self._refuse_unsettled(lost)
        self._refuse_counted()
        return self.words.spots

    def _refuse_unsettled(self, lost: Lost) -> None:
        for spot in self.words.spots:
            if not spot.settled and (spot.refusal is None or not spot.refusal.end):
                spot.refusal = Refusal("lost", lost.at, detail=lost.reason)

    def _refuse_counted(self) -> None:
        """A variable that arithmetic reads must not hold a value: it would be run as an expression."""
        counted = self.words.counted
        for name, spots, declared in self.facts.assigned:
            if declared and name in self.facts.arrays:
                kind = "array"
            elif name in self.facts.references:
                kind = "reference"
            elif name in self.facts.integers or name in counted:
                kind = "counted"
            else:
                continue
            for spot in spots:
                spot.refusal = spot.refusal or Refusal(kind, spot.at, detail=name)

    # Lists of commands -------------------------------------------------------------------------

    def commands(self, closing: str) -> None:
        """Commands up to the end, a `)`, or the end of a branch of `case`."""
        last: Command | None = None
        piped: Command | None = None
        words = self.words
        with words.deeper():
            while not self._at_end(closing):
                char = words.peek()
                if char == "\n":
                    self.newline()
                    last = None
                elif char in ";&|" and not words.starts("&>"):
                    piped = self._separator(last)
                    last = None
                else:
                    last = self._command(piped)
                    piped = None

    def _at_end(self, closing: str) -> bool:
        words = self.words
        words.skip_blanks()
        char = words.peek()
        if not char:
            if closing:
                raise Lost(words.position, "the script ends too early")
            return True
        if closing == "case" and (words.match(_case_break) or words.match(_esac)):
            return True
        if char == ")":
            if closing != ")":
                raise Lost(words.position, "this `)` closes nothing")
            return True
        return False

    def _separator(self, last: Command | None) -> Command | None:
        """An operator between commands; the command before a pipe."""
        match = self.words.match(_operator)
        assert match is not None
        if match.group() == ";" and self.words.peek(1) in tuple(";&"):
            raise Lost(self.words.position, "`;;` stands outside of `case`")
        start = self.words.position
        self.words.position = match.end()
        self.not_continued()
        if match.group() not in ("|", "|&"):
            return None
        if self.first_pipe is None:
            self.first_pipe = start
        return last

    # One command -------------------------------------------------------------------------------

    def _command(self, piped: Command | None) -> Command | None:
        """A simple command, or the beginning or end of a compound one."""
        words = self.words
        start = words.position
        if match := words.match(_opening) or words.match(_closing) or words.match(_time):
            words.position = match.end()
        elif match := words.match(_loop):
            words.position = match.end()
            self._loop_head()
        elif match := words.match(_case):
            words.position = match.end()
            self._case()
        elif match := words.match(_function):
            words.position = match.end()
            words.skip_blanks()
            self.function_name(words.word())
        elif match := words.match(_condition):
            words.position = match.end()
            self._double_brackets(start)
        elif words.starts("(("):
            self._double_parentheses()
        elif words.starts("("):
            self._subshell()
        elif words.match(_coproc):
            raise Lost(start, "`coproc` is not followed")
        else:
            return self.simple(piped)
        return None

    def _subshell(self) -> None:
        start = self.words.position
        self.words.position += 1
        self.commands(")")
        self.close(start)

    def _double_parentheses(self) -> None:
        start = self.words.position
        self.words.position += 2
        if not self.words.arithmetic(start):
            self.words.position = start
            self._subshell()

    def _double_brackets(self, start: int) -> None:
        """`[[ … ]]`."""
        words = self.words
        inside = Word(words.position)
        with words.refuse(Refusal("double-brackets", start)):
            while not words.match(_condition_end):
                if not words.peek():
                    raise Lost(start, "this `[[` is not closed")
                if words.peek() in operators:
                    words.position += 1
                    continue
                before = words.position
                part = words.word()
                inside.holes.extend(part.holes)
                if words.position == before:
                    raise Lost(start, "this `[[` is not closed")
        text = words.text[inside.start : words.position]
        if _compares_numbers.search(text):
            words.counted.update(re.findall(r"[A-Za-z_]\w*", text))
        words.position += 2
        for spot in inside.holes:
            spot.refusal = Refusal("double-brackets", start, words.position)
            spot.settled = True

    def _loop_head(self) -> None:
        """`for name in words`, up to the end of the words."""
        words = self.words
        words.skip_blanks()
        if words.starts("(("):
            start = words.position
            words.position += 2
            if not words.arithmetic(start):
                raise Lost(start, "these parentheses are not closed")
            return
        name = words.word()
        for spot in name.holes:
            spot.refusal, spot.settled = spot.refusal or Refusal("name", name.start, name.end), True
        self.lines()
        match = words.match(_in)
        if match is None:
            return
        words.position = match.end()
        listed = self._listed_words()
        self.facts.assigned.append((name.text, [spot for word in listed for spot in word.holes], False))

    def _listed_words(self) -> list[Word]:
        found: list[Word] = []
        while True:
            self.words.skip_blanks()
            if self.words.peek() in ("", "\n", ";"):
                return found
            if self.words.peek() in "&|()<>" and not self.words.match(process):
                raise Lost(self.words.position, "an operator stands in the list of `for`")
            word = self.word()
            self.words.finish_word(word, listed=True)
            word.settle()
            found.append(word)

    def _case(self) -> None:
        words = self.words
        start = words.position
        words.skip_blanks()
        self._settled_word(start)
        self.lines()
        match = words.match(_in)
        if match is None:
            raise Lost(start, "this `case` has no `in`")
        words.position = match.end()
        while True:
            self.lines()
            if match := words.match(_esac):
                words.position = match.end()
                return
            self._patterns(start)
            self.commands("case")
            if match := words.match(_case_break):
                words.position = match.end()

    def _patterns(self, start: int) -> None:
        words = self.words
        if words.peek() == "(":
            words.position += 1
        while True:
            words.skip_blanks()
            self._settled_word(start)
            words.skip_blanks()
            char = words.peek()
            words.position += 1
            if char == ")":
                return
            if char != "|":
                raise Lost(start, "this `case` is not closed")

    def _settled_word(self, start: int) -> None:
        """A word that stays one word whatever its value."""
        word = self.words.word()
        if word.end == word.start:
            raise Lost(start, "a word is missing here")
        word.settle()
