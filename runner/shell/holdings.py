"""What may hold values: variables, outputs, files that a script writes.

Everything here only grows, whatever the order of the commands: a variable holds what it is given
anywhere. It knows no command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from runner.shell.findings import Facts, Piece, Word
from runner.shell.flat import HOLE, FlatScript

Key = tuple[str, object]
"""A place that may hold values, such as `("variable", "x")`."""

Values = dict[int, str]
"""The numbers of holes, each with the variable by which its value came, if any."""

nothing: Key = ("nothing", 0)

_positional = re.compile(r"[1-9@*]")


class Holdings:
    """What each place holds; `grown` says whether anything was added."""

    def __init__(self, flat: FlatScript, facts: Facts) -> None:
        self.flat = flat
        self.grown = False
        self._kept: dict[Key, Values] = {}
        self._facts = facts
        self._bodies = [
            (body.start, body.end, name) for name, bodies in facts.functions.items() for body in bodies
        ]

    def of(self, key: Key) -> Values:
        """What a place holds by now."""
        return self._kept.get(key, {})

    def add(self, key: Key, values: Values) -> None:
        """A place holds more."""
        if key == nothing or not values:
            return
        kept = self._kept.setdefault(key, {})
        for number, name in values.items():
            if number not in kept:
                kept[number] = name
                self.grown = True

    def named(self) -> Iterator[tuple[str, Values]]:
        """Each variable, and each word in the name of a file, with what it holds."""
        for (kind, name), values in self._kept.items():
            if kind == "variable":
                plain = name[1] if isinstance(name, tuple) else str(name)
                yield re.sub(r"!(.+)\[@\]", r"\1", plain), values
            elif kind == "file":
                yield from ((part, values) for part in re.findall(r"\w+", str(name)))

    def assign(self) -> None:
        """Variables hold what they are given, by way of others too."""
        grown, again = self.grown, True
        while again:
            self.grown = False
            for given in self._facts.assigned:
                self.add(self.variable(given.name, given.word.start), self.word(given.word))
            again, grown = self.grown, grown or self.grown
        self.grown = grown

    def variable(self, name: str, at: int) -> Key:
        """The variable of this name at an offset: `$1` is another one in each function."""
        if not _positional.fullmatch(name):
            return ("variable", name)
        around = max(
            ((start, body) for start, end, body in self._bodies if start <= at < end), default=(0, "")
        )
        return ("variable", (around[1], name))

    def file(self, word: Word) -> Key:
        """A file, by the words that name it."""
        text = self.flat.shown(word.start, word.end) if HOLE in word.text else word.text
        return ("file", text.strip('"').removeprefix("./"))

    def word(self, word: Word) -> Values:
        """What may come into a word; a whole number is harmless anywhere."""
        found: Values = {}
        for piece in word.inner:
            found |= self.of(("output", id(piece)))
        for name in word.variables:
            found |= dict.fromkeys(self.of(self.variable(name, word.start)), name)
        return found | {spot.number: "" for spot in word.holes if not self.flat.whole[spot.number]}

    def words(self, words: Iterable[Word]) -> Values:
        """What may come into any of them."""
        found: Values = {}
        for word in words:
            found |= self.word(word)
        return found


def output(piece: Piece) -> Key:
    """What a command prints, where somebody reads it."""
    return ("output", id(piece))
