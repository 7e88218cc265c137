"""A cursor over a script, and the holes that it passes.

It knows no syntax of shells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from runner.shell.findings import Compound, Dialect, Facts, Lost, Refusal, Spot, Word
from runner.shell.flat import HOLE, FlatScript
from runner.workflow import Place

_deepest = 60


class Cursor:
    """A place in a script. `nested` reads commands and the `)` that ends them; `facts` is what it finds."""

    def __init__(self, script: FlatScript, dialect: Dialect, nested: Callable[[str], Compound]) -> None:
        self.script = script
        self.text = script.text
        self.end = len(script.text)
        self.position = 0
        self.dialect = dialect
        self.nested = nested
        self.spots = [Spot(number, at) for number, at in enumerate(script.at)]
        self.facts = Facts()
        self.refusing: Refusal | None = None
        self._depth = 0

    def peek(self, ahead: int = 0) -> str:
        """The character here, or one further on; empty at the end."""
        at = self.position + ahead
        return self.text[at] if at < self.end else ""

    def starts(self, text: str) -> bool:
        """Whether this text stands here."""
        return self.text.startswith(text, self.position, self.end)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """The match of a pattern here."""
        return pattern.match(self.text, self.position, self.end)

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One construct inside another."""
        self._depth += 1
        if self._depth > _deepest:
            raise Lost(self.position, "it is nested too deeply")
        yield
        self._depth -= 1

    @contextmanager
    def refuse(self, refusal: Refusal | None) -> Iterator[None]:
        """Every hole of this stretch is refused, unless it stands in commands inside it."""
        before = self.refusing
        self.refusing = refusal
        yield
        self.refusing = before

    def hole(self, word: Word, place: Place, refusal: Refusal | None = None) -> None:
        """Go past a hole that stands in a word."""
        spot = self.spots[self.script.number(self.position)]
        self.position += 1
        word.add(HOLE)
        if self.script.verbatim[spot.number]:
            spot.place, spot.refusal, spot.settled = "verbatim", None, True
        else:
            spot.place, spot.settled = place, False
            spot.refusal = spot.first = refusal or self.refusing
            word.holes.append(spot)

    def darken(self, word: Word | None, start: int, end: int, refusal: Refusal) -> None:
        """No hole between these offsets is reached by any expansion."""
        for number in self.script.inside(start, end):
            spot = self.spots[number]
            if self.script.verbatim[number]:
                spot.place, spot.refusal, spot.settled = "verbatim", None, True
            else:
                spot.refusal = spot.first = refusal
                spot.settled = False
                if word is not None:
                    word.holes.append(spot)
