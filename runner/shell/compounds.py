"""What stands at the head of `for`, inside `case` and inside `[[ ]]`.

What is inside their bodies is read by `commands`.
"""

from __future__ import annotations

import re

from runner.regex import regex
from runner.shell.captures import captured
from runner.shell.findings import Assigned, Compound, Lost, Refusal, Word
from runner.shell.flat import HOLE
from runner.shell.known.options import words_of
from runner.shell.simple import Simple, process
from runner.shell.words import operators

ends = r"(?=[\s;&|()<>]|\Z)"
"""A pattern of what ends a word of the shell's own."""
esac = regex(r"esac" + ends)
case_break = regex(r";;&|;;|;&")
_in = regex(r"in" + ends)
_condition_end = regex(r"\]\]" + ends)
_blank, _text = regex(r"\s"), regex(r"\S")
_compares_numbers = words_of("-eq -ne -lt -le -gt -ge")


class Compounds(Simple):
    """Reads the words of compound commands."""

    def double_brackets(self, compound: Compound) -> None:
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
            self._compared(left, operator, right)
        words.position += 2
        compound.words += parts
        for part in parts:
            for spot in part.holes:
                spot.refusal = Refusal("double-brackets", start, words.position)
            part.settle()

    def _compared(self, left: Word, operator: Word, right: Word) -> None:
        """What `[[ ]]` computes, or takes for a name."""
        if operator.text in _compares_numbers:
            for word in (left, right):
                self.words.compute(word.start, word.end)
                self.words.evaluate(word, "arithmetic")
        elif operator.text in ("-v", "-R"):
            self.words.evaluate(right, "name")
        elif operator.text == "=~":
            for name, kind in captured(self._pattern(operator.end, right), self.words.text):
                if kind != "number":
                    given = Word(left.start, left.end, HOLE)
                    given.absorb(left)
                    self.facts.assigned.append(Assigned(name, given, plain=kind == "word"))

    def _pattern(self, start: int, word: Word) -> str:
        """A regular expression, also where a variable holds it that was given a text."""
        begin = _text.search(self.words.text, start)
        end = _blank.search(self.words.text, begin.start()) if begin else None
        pattern = self.words.text[begin.start() : end.start() if end else None] if begin else HOLE
        if word.text == HOLE and len(word.variables) == 1 and word.start == (begin and begin.start()):
            given = [one.word.text for one in self.facts.assigned if one.name == word.variables[0]]
            alone = re.fullmatch(r"\$\w+|\$\{\w+\}", pattern) is not None
            return given[0] if len(given) == 1 and alone else HOLE
        return HOLE if re.search("[\"'`]", pattern) else pattern

    def loop_head(self, loop: Compound) -> None:
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
            arguments = Word(name.end, name.end, HOLE, "x", variables=["@"])
            self.facts.assigned.append(Assigned(name.text, arguments, aims=True))
            return
        words.position = match.end()
        loop.words += self._listed_words()
        self.facts.assigned += [Assigned(name.text, word, aims=True) for word in loop.words]

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

    def case(self, compound: Compound) -> None:
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
            if match := words.match(esac):
                words.position = match.end()
                return
            compound.words += self._patterns(start)
            compound.pieces.append(self.commands("case"))
            if match := words.match(case_break):
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
