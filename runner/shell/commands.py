"""The commands of a script: lists, pipes, loops, functions, `case`, conditions.

It finds each simple command, and judges at the end what only the whole script tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from runner.shell.findings import Assigned, Compound, Dialect, Lost, Piece, Refusal, Spot, Word
from runner.shell.flat import FlatScript
from runner.shell.options import words_of
from runner.shell.running import Running
from runner.shell.simple import Simple, process
from runner.shell.words import operators

_ends = r"(?=[\s;&|()<>]|\Z)"
_opening = re.compile(r"(?:if|while|until|\{)" + _ends)
_middle = re.compile(r"(?:then|elif|else|do|!)" + _ends)
_closing = re.compile(r"(?:fi|done|\})" + _ends)
_closes = {"fi": ("if",), "done": ("while", "until"), "}": ("{",)}
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
_most_open = 60
_compares_numbers = words_of("-eq -ne -lt -le -gt -ge")


class Commands(Simple):
    """All commands of a script, read once from its beginning to its end, or to where it is lost."""

    def __init__(self, flat: FlatScript, dialect: Dialect) -> None:
        super().__init__(flat, dialect)
        self.first_pipe: int | None = None
        self.lost: Lost | None = None
        self._open: list[Compound] = []
        self._last: Piece | None = None
        self._piped: Piece | None = None
        self._finished = 0

    def read(self) -> list[Spot]:
        """What is known of each hole."""
        self._open = [Compound(-1, len(self.flat.text))]
        whole = self._open[0]
        try:
            self._list("")
            if self._waiting:
                raise Lost(self._waiting[0].at, "this heredoc has no body")
        except Lost as lost:
            self.lost = lost
            self._refuse_unsettled(lost)
        if self.flat.holes:
            self._follow(whole)
        return self.words.spots

    def _follow(self, whole: Compound) -> None:
        running = Running(self.flat, self.facts, self.words.spots)
        try:
            running.follow(whole)
        except Lost as lost:
            self._refuse_lost(lost, self.words.spots)
        if self.lost is not None:
            self._refuse_lost(self.lost, running.named_in(self.flat.text[self._finished :]))

    def _refuse_unsettled(self, lost: Lost) -> None:
        """What is not judged yet, and what may be fed to what follows."""
        self._finished = min(self._finished, lost.at)
        spots = self.words.spots
        self._refuse_lost(lost, [spot for spot in spots if spot.at >= self._finished or not spot.settled])

    def _refuse_lost(self, lost: Lost, spots: Iterable[Spot]) -> None:
        for spot in spots:
            if spot.place != "verbatim" and (spot.refusal is None or not (spot.settled or spot.refusal.end)):
                spot.refusal = Refusal("lost", lost.at, detail=lost.reason)

    def _finish_list(self) -> None:
        """What stands before is fed to nothing that follows."""
        self._last = None
        if len(self._open) == 1 and self._open[0].start < 0 and self._piped is None:
            self._finished = self.words.position

    # Lists of commands -------------------------------------------------------------------------

    def commands(self, closing: str) -> Compound:
        """Commands up to the end, a `)`, or the end of a branch of `case`."""
        before = self._open, self._last, self._piped, self.named
        group = Compound(self.words.position)
        self._open, self._last, self._piped, self.named = [group], None, None, ""
        self._list(closing)
        self._open, self._last, self._piped, self.named = before
        group.end = self.words.position
        return group

    def _list(self, closing: str) -> None:
        words = self.words
        with words.deeper():
            while not self._at_end(closing):
                char = words.peek()
                if char == "\n":
                    self.newline()
                    self._finish_list()
                elif char in ";&|" and not words.starts("&>"):
                    self._separator()
                else:
                    self._command()

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

    def _separator(self) -> None:
        """An operator between commands; a pipe joins the last one and the next."""
        match = self.words.match(_operator)
        assert match is not None
        if match.group() == ";" and self.words.peek(1) in tuple(";&"):
            raise Lost(self.words.position, "`;;` stands outside of `case`")
        start = self.words.position
        self.words.position = match.end()
        self.not_continued()
        last, self._last, self._piped = self._last, None, None
        if match.group() not in ("|", "|&"):
            self._finish_list()
            return
        if self.first_pipe is None:
            self.first_pipe = start
        if last is not None:
            last.pipe = match.group()
            self._piped = last

    def _begin(self, piece: Piece) -> None:
        """A command begins: it reads from the pipe before it, or is the body of a function."""
        piece.piped, self._piped = self._piped, None
        if self.named:
            self.facts.functions.setdefault(self.named, []).append(piece)
            self.named = ""
        else:
            self._open[-1].pieces.append(piece)

    def _push(self, opening: str, start: int) -> Compound:
        compound = Compound(start, opening=opening)
        self._begin(compound)
        self._open.append(compound)
        if len(self._open) > _most_open:
            raise Lost(start, "it is nested too deeply")
        return compound

    def _pop(self, closing: str, start: int) -> None:
        """`fi`, `done` or `}`; `for … { … }` ends with its braces."""
        ends = self._open[-1]
        if ends.opening not in _closes[closing]:
            raise Lost(start, f"this `{closing}` closes nothing")
        self._open.pop()
        if closing == "}" and self._open[-1].opening == "for":
            ends = self._open.pop()
        self._ended(ends)

    def _ended(self, compound: Compound) -> None:
        self.redirections(compound)
        self._last = compound

    # One command -------------------------------------------------------------------------------

    def _command(self) -> None:
        """A simple command, or the beginning, middle or end of a compound one."""
        words = self.words
        start = words.position
        if match := words.match(_middle) or words.match(_time):
            words.position = match.end()
            if match.group() == "do" and self._open[-1].opening == "for":
                self._open[-1].opening = "while"
        elif match := words.match(_opening):
            words.position = match.end()
            self._push(match.group(), start)
        elif match := words.match(_closing):
            words.position = match.end()
            self._pop(match.group(), start)
        elif match := words.match(_loop):
            words.position = match.end()
            self._loop_head(self._push("for", start))
        elif match := words.match(_function):
            words.position = match.end()
            words.skip_blanks()
            self.function_name(words.word())
        elif words.match(_coproc):
            raise Lost(start, "`coproc` is not followed")
        elif match := words.match(_case) or words.match(_condition):
            words.position = match.end()
            self._whole(self._case if match.re is _case else self._double_brackets, start)
        elif words.starts("(("):
            self._whole(self._double_parentheses, start)
        elif words.starts("("):
            self._whole(self._subshell, start)
        elif command := self.simple():
            self._begin(command)
            self._last = command

    def _whole(self, read: Callable[[Compound], None], start: int) -> None:
        compound = Compound(start)
        self._begin(compound)
        read(compound)
        self._ended(compound)

    def _subshell(self, compound: Compound) -> None:
        start = self.words.position
        self.words.position += 1
        compound.pieces.append(self.commands(")"))
        self.close(start)

    def _double_parentheses(self, compound: Compound) -> None:
        start = self.words.position
        self.words.position += 2
        word = Word(start)
        if self.words.arithmetic(word, start):
            compound.words.append(word)
        else:
            self.words.position = start
            self._subshell(compound)

    def _double_brackets(self, compound: Compound) -> None:
        """`[[ … ]]`."""
        words, start = self.words, compound.start
        parts: list[Word] = []
        with words.refuse(Refusal("double-brackets", start)):
            while not words.match(_condition_end):
                if not words.peek():
                    raise Lost(start, "this `[[` is not closed")
                if words.peek() in operators:
                    words.position += 1
                    continue
                parts.append(words.word())
                if parts[-1].end == parts[-1].start:
                    raise Lost(start, "this `[[` is not closed")
        for left, operator, right in zip([Word(0), *parts], parts, [*parts[1:], Word(0)], strict=False):
            self._compared(left, operator.text, right)
        words.position += 2
        compound.words += parts
        for part in parts:
            for spot in part.holes:
                spot.refusal = Refusal("double-brackets", start, words.position)
            part.settle()

    def _compared(self, left: Word, operator: str, right: Word) -> None:
        """What `[[ ]]` computes, or takes for a name."""
        if operator in _compares_numbers:
            for word in (left, right):
                self.words.count(word.start, word.end)
                self.words.evaluate(word, "arithmetic")
        elif operator in ("-v", "-R"):
            self.words.evaluate(right, "name")

    def _loop_head(self, loop: Compound) -> None:
        """`for name in words`, up to the end of the words."""
        words = self.words
        words.skip_blanks()
        if words.starts("(("):
            start = words.position
            words.position += 2
            numbers = Word(start)
            if not words.arithmetic(numbers, start):
                raise Lost(start, "these parentheses are not closed")
            loop.words.append(numbers)
            return
        name = words.word()
        for spot in name.holes:
            spot.refusal, spot.settled = spot.refusal or Refusal("name", name.start, name.end), True
        self.lines()
        match = words.match(_in)
        if match is None:
            return
        words.position = match.end()
        loop.words += self._listed_words()
        self.facts.assigned += [Assigned(name.text, word) for word in loop.words]

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

    def _case(self, compound: Compound) -> None:
        words = self.words
        start = words.position
        words.skip_blanks()
        compound.words.append(self._settled_word(start))
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
            compound.words += self._patterns(start)
            compound.pieces.append(self.commands("case"))
            if match := words.match(_case_break):
                words.position = match.end()

    def _patterns(self, start: int) -> list[Word]:
        words = self.words
        found: list[Word] = []
        if words.peek() == "(":
            words.position += 1
        while True:
            words.skip_blanks()
            found.append(self._settled_word(start))
            words.skip_blanks()
            char = words.peek()
            words.position += 1
            if char == ")":
                return found
            if char != "|":
                raise Lost(start, "this `case` is not closed")

    def _settled_word(self, start: int) -> Word:
        """A word that stays one word whatever its value."""
        word = self.words.word()
        if word.end == word.start:
            raise Lost(start, "a word is missing here")
        word.settle()
        return word
