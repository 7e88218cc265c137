"""Refuses values where they stand, and those that come somewhere by a variable, by a file, or by a pipe."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from runner.shell.counting import counted
from runner.shell.findings import Facts, Refusal, Spot, Word
from runner.shell.flat import HOLE, FlatScript
from runner.shell.holdings import Holdings, Values
from runner.shell.integers import integers
from runner.shell.known.builtins import program_variables
from runner.shell.known.options import words_of
from runner.shell.known.settings import begins_harmless
from runner.shell.texts import Key

# What is said otherwise of a value that came by a variable.
_held = {
    "program": "held-program",
    "program-input": "held-input",
    "name": "held-name",
    "format": "held-format",
    "prompt": "held-prompt",
    "split-test": "split-test",
    "split-command": "split-command",
    "arithmetic": "counted",
    "subscript": "counted",
    "evaluated": "evaluated",
}

_take_words = words_of("split-test split-command format array opened")
"""For what a plain word is not refused."""


class Refusing:
    """Says of each value of a script why it may not stand where it does, or come where it would.

    `takes_word` tells whether a script of a shell takes plain words where others stand in it.
    """

    def __init__(
        self,
        flat: FlatScript,
        facts: Facts,
        spots: Sequence[Spot],
        holdings: Holdings,
        takes_word: Callable[[str], bool],
    ) -> None:
        self._takes_word = takes_word
        self._flat, self._facts, self._spots, self._holdings = flat, facts, spots, holdings
        self._given: dict[str, list[Word]] = {}
        for given in facts.assigned:
            self._given.setdefault(given.name, []).extend(given.word.elements or [given.word])
        self._written = [word for command in facts.commands for word in command.words]
        self._written += [word for words in self._given.values() for word in words]

    def refuse(
        self,
        values: Values,
        kind: str,
        detail: str = "",
        word: Word | None = None,
        *,
        apart: bool = False,
        script: str = "",
    ) -> None:
        """None of these values may come into a word; the first reason stands."""
        for number, name in values.items():
            if number < 0 and (kind in _take_words or (script and self._takes_word(script))):
                continue
            spot = self._spots[max(number, ~number)]
            if spot.place == "verbatim" or (spot.refusal and spot.refusal.kind != "quoted-heredoc"):
                continue
            if word and kind == "name" and self._is_behind_name(name, word):
                spot.refusal = Refusal("unnamed", word.start, word.end)
            elif name and kind in _held:
                told = name if _held[kind] in ("counted", "evaluated") else f"{detail} {name}"
                at_word = word is not None and kind in ("program", "program-input", "name")
                start, end = (word.start, word.end) if word and at_word else (spot.at, spot.at)
                spot.refusal = Refusal(_held[kind], start, end, told, apart)
            else:
                start, end = (word.start, word.end) if word else (spot.at, spot.at)
                if kind == "name" and not start <= spot.at <= end:  # it comes there by a file or a pipe
                    kind, detail = "given-name", self._flat.shown(start, end)
                spot.refusal = Refusal(kind, start, end, detail, apart)

    def _is_behind_name(self, variable: str, word: Word) -> bool:
        """Whether a variable stands only behind the `=` of a word that gives another one a value."""
        before, equals, after = self._flat.text[word.start : word.end].partition("=")
        return bool(equals) and variable in after and re.search(rf"\b{re.escape(variable)}\b", before) is None

    def judge(self, word: Word) -> None:
        """Nothing may come into a word that is refused, by no way."""
        if word.refusals:
            values = self._holdings.word(word)
            for refusal in word.refusals:
                script = self._kept_script(word) if refusal.script == HOLE else refusal.script
                if refusal.kind in ("setting", "assignment"):
                    values = self._unnamed(values, word, refusal.detail)
                if refusal.kind != "test-many":
                    self.refuse(
                        values, refusal.kind, refusal.detail, word, apart=refusal.apart, script=script
                    )

    def _kept_script(self, word: Word) -> str:
        """The script that a variable is given, if that is all that it is."""
        if len(word.variables) != 1 or word.inner or self._facts.references:
            return ""
        given = self._given.get(word.variables[0], ())
        return given[0].text.removeprefix(f"{word.variables[0]}=") if len(given) == 1 else ""

    def _unnamed(self, values: Values, word: Word, program: str) -> Values:
        """Those values that stand behind no name of a setting where the script has them."""
        given = [one for name in word.variables for one in self._given.get(name, ())]
        if word.text == HOLE and given and all(_is_named(one, program) for one in given):
            return {}
        named = {spot.number for one in self._written if _is_named(one, program) for spot in one.holes}
        return {number: name for number, name in values.items() if number not in named}

    def judge_variables(self) -> None:
        """A variable that arithmetic reads must not hold a value: it would be run as an expression."""
        facts, holdings = self._facts, self._holdings
        computed = integers(facts, holdings)
        for name, at in (
            *((name, 0) for name in sorted(computed)),
            *counted(self._flat.text, facts, computed),
        ):
            self.refuse(dict.fromkeys(holdings.named_values(name, at), ""), "counted", name)
            for other in holdings.names_in(name, at):  # it reads those, too
                self.refuse(dict.fromkeys(holdings.all_values(other), ""), "counted", other)
        for given in facts.assigned:
            place = holdings.variable(given.name, given.word.start)
            if given.declared and not given.aims and given.name in facts.arrays:
                self.refuse(holdings.word(given.word), "array", given.name)
            elif given.name in facts.references and not holdings.is_aimed(given.name):
                self._refuse_held(place, "reference", given.name)
        for name in program_variables:
            self._refuse_held(("variable", name), "program-variable", name)

    def _refuse_held(self, place: Key, kind: str, name: str) -> None:
        self.refuse(dict.fromkeys(self._holdings.of(place), ""), kind, name)

    def refuse_pasted(self, values: Values, place: tuple[Word, Refusal] | None, base: str) -> None:
        """What `xargs` and `find` put into a word where it would be run."""
        if place is None:
            return
        word, refusal = place
        if refusal.kind == "opened":
            self.refuse(values, "opened", base)
        elif base == "xargs":
            self.refuse(values, "program-input", base, word)
        else:
            self.refuse(values, "found", f"{base} {refusal.detail}", word)


def _is_named(word: Word, program: str) -> bool:
    """Whether a word, or what it gives a variable, begins with the name of a setting."""
    text = word.text.removeprefix(f"{word.name}=")
    return begins_harmless(text.partition(HOLE)[0], program)
