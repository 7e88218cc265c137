"""What may hold values: variables, outputs, files that a script writes.

Everything here only grows, whatever the order of the commands: a variable holds what it is given
anywhere. It knows no command.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from runner.regex import regex
from runner.shell.arguments import Shifts, is_positional, moved, shifts_of
from runner.shell.findings import Assigned, Facts, Piece, Word
from runner.shell.flat import HOLE, FlatScript
from runner.shell.known.columns import Columns, nowhere
from runner.shell.scopes import Scopes
from runner.shell.structure import functions_of
from runner.shell.texts import Key, Texts, variable_of

Values = dict[int, str]
"""The numbers of holes, each with the variable by which its value came, if any.

`~number` is a plain word of the value, in one line, which is no harm in a script but as a name.
"""

nothing: Key = ("nothing", 0)
folder: Key = ("folder", 0)
"""The name of the folder that a script is in."""

_keep_words = frozenset({"variable", "output", "printed", "given", "exported"})
"""The kinds of places that hold a word as it came; others may put it beside others, or change it."""

_variable_alone = regex(r'"?\$\{?(\w+)\}?"?')
_name = regex(r"[A-Za-z_]\w*")
_moves = regex(r"\b(?:shift|set)\b")


class Holdings:
    """What each place holds; `grown` says whether anything was added.

    `exported` is the place of what other programs get in their environment.
    """

    exported: Key = ("exported", 0)

    def __init__(self, flat: FlatScript, facts: Facts, scopes: Scopes) -> None:
        self.flat = flat
        self._grown = False
        self.changes = 0
        """How often a place has come to hold more."""
        self._kept: dict[Key, Values] = {}
        self._behind: dict[tuple[Key, int], Columns] = {}
        self._given: dict[int, list[Assigned]] = {}
        for given in facts.assigned:
            self._given.setdefault(id(given.word), []).append(given)
        self._named: dict[tuple[str, str], list[Key]] = {}
        self.texts = Texts()
        self._facts, self._scopes = facts, scopes
        self._around = functions_of(facts)
        self._bodies = {body: name for name, bodies in facts.functions.items() for body in bodies}
        self._shifts = {body: shifts_of(body, flat.text) for body in self._bodies}

    @property
    def grown(self) -> bool:
        return self._grown or self.texts.grown

    @grown.setter
    def grown(self, value: bool) -> None:
        self._grown, self.texts.grown = value, False

    def of(self, key: Key, taken: Columns | None = None) -> Values:
        """What a place holds by now, in all columns or in some."""
        kept = self._kept.get(key, {})
        if taken is None:
            return kept
        behind = self._behind
        return {number: name for number, name in kept.items() if not behind[key, number].hold(taken)}

    def add(self, key: Key, values: Values, behind: Columns = nowhere) -> None:
        """A place holds more, which stands behind some columns."""
        if key == nothing or not values:
            return
        if key[0] == "lines":
            assert isinstance(key[1], tuple)
            key, values = key[1], _whole(values)
        elif key[0] == "encoded":
            values = _plain(values)
        elif key[0] not in _keep_words or variable_of(key) in ("@", "*"):
            values = _whole(values)
        if key not in self._kept:
            self._named.setdefault((key[0], _name_of(key)), []).append(key)
        kept = self._kept.setdefault(key, {})
        for number, name in values.items():
            if number not in kept:
                kept[number] = name
                self._behind[key, number] = behind
                self.grown, self.changes = True, self.changes + 1
                continue
            common = self._behind[key, number].common(behind)
            if common != self._behind[key, number]:
                self._behind[key, number] = common
                self.grown, self.changes = True, self.changes + 1

    def hand_on(self, source: Key, to: Key, known: int = 0) -> None:
        """A place holds what another does, in the same columns; the first ones are `known` already."""
        kept, behind = self._kept.get(to, {}), self._behind
        for number, name in tuple(islice(self.of(source).items(), known, None)):
            if number in kept and behind[to, number] is behind[source, number]:
                continue
            self.add(to, {number: name}, self._behind[source, number])

    def places(self, kind: str, name: str) -> Sequence[Key]:
        """The places of a kind that hold something: variables of a name, files of one in any folder."""
        return self._named.get((kind, name), ())

    def named(self) -> Iterator[tuple[str, Values]]:
        """Each variable, and each word in the name of a file, with what it holds."""
        for (kind, name), values in self._kept.items():
            if kind == "variable":
                plain = name[1].partition("+")[0] if isinstance(name, tuple) else str(name)
                yield re.sub(r"!(.+)\[@\]", r"\1", plain), values
                if plain.isdigit():  # it may have been moved there
                    yield from ((str(place), values) for place in range(1, int(plain)))
            elif kind == "file":
                yield from ((part, values) for part in re.findall(r"\w+", str(name)))

    def assign(self) -> None:
        """Variables hold what they are given, by way of others too."""
        grown, again, ordered = self.grown, True, list(self._facts.assigned)
        while again:
            self.grown = False
            for given in ordered:
                self._assign(given)
            ordered.reverse()  # for what is given before that of which it is given
            for name in self._facts.references:
                for text in self.texts.of(("variable", name)):
                    self.add(("variable", text.partition("[")[0]), self.of(("variable", name)))
            self._export()
            again, grown = self.grown, grown or self.grown
        self.grown = grown

    def give(self, word: Word) -> None:
        """What a word gives variables, as soon as it is read."""
        for given in self._given.get(id(word), ()):
            self._assign(given)

    def _export(self) -> None:
        names: set[str] = self._facts.exported
        if "*" in names:
            names = {name for kind, name in self._kept if kind == "variable" and isinstance(name, str)}
        for name in names:
            self.add(self.exported, self.named_values(name, 0))

    def variable(self, name: str, at: int) -> Key:
        """The variable of this name at an offset: `$1` is another one in each function."""
        if not is_positional(name):
            scope = self._scopes.of(name, at)
            return ("variable", name if scope is None else (str(scope), name))
        body = self._around.at(at)
        if body is None:
            return ("variable", ("", name))
        function, by = self._bodies[body], moved(self._shifts[body], at)
        if by and name.isdigit():
            return ("variable", (function, str(int(name) + by)))
        return ("variable", (function, f"{name}+{by}" if by else name))

    def shifts(self, body: Piece) -> Shifts | None:
        """How a function moves its arguments."""
        return self._shifts[body]

    def _assign(self, given: Assigned) -> None:
        if given.by is not None:
            for name in self.named_by(given.by):
                self.add(("variable", name), self.word(given.word))
            return
        key, word = self.variable(given.name, given.word.start), given.word
        values = self.word(word)
        if given.plain:
            values = _plain(values)
        elif word.elements or not self._is_one_line(given):
            values = _whole(values)
        self.add(key, values)
        named = self.flat.text.startswith(f"{given.name}=", word.start)
        other = self.alone(word, word.start + (len(given.name) + 1 if named else 0))
        if word.process is not None:
            self.add(("file", key), self.of(output(word.process)))
        elif other is not None:
            self.texts.hand_on(other, key)
        elif HOLE not in given.text:
            self.texts.say(key, [given.text])
        else:
            self.texts.unsay(key)
            if word.text == HOLE and word.variables in (["@"], ["*"]):
                self._may_be_arguments(key, word.start)

    def _is_one_line(self, given: Assigned) -> bool:
        """Whether a variable is given nothing beside a word that could make lines of it."""
        after = given.word.start + len(given.name)
        named = self.flat.text.startswith(given.name, given.word.start)
        adds = named and self.flat.text[after : after + 1] in ("+", "[")
        by_name = given.word.name == given.name or given.declared or given.aims
        return by_name and not adds and "\n" not in given.word.text

    def _may_be_arguments(self, key: Key, at: int) -> None:
        """A variable goes through the arguments of a function."""
        for place in "123456789":
            argument = self.variable(place, at)
            self.texts.say(key, self.texts.of(argument))

    def is_aimed(self, reference: str) -> bool:
        """Whether it is known for which variables one that is declared with `-n` may stand."""
        aims = [given for given in self._facts.assigned if given.name == reference and given.aims]
        return reference not in self._facts.aimless and all(map(self._is_known_aim, aims))

    def _is_known_aim(self, given: Assigned) -> bool:
        if not given.declared:
            return False
        other = self.alone(given.word, given.word.start + len(given.name) + 1)
        if other is None:
            return HOLE not in given.word.text
        return self.texts.are_sure(self._first_given(other, given.word.start))

    def _first_given(self, variable: Key, at: int) -> Key:
        """An argument as its function got it, where no `shift` stands between."""
        body = self._around.at(at)
        moves = body is not None and _moves.search(self.flat.text, body.start, at) is not None
        return variable if moves or not isinstance(variable[1], tuple) else ("given", variable[1])

    def named_by(self, word: Word) -> list[str]:
        """The variables that a word may name: one, or those whose names a variable holds."""
        if word.text != HOLE or len(word.variables) != 1:
            return [word.text]
        return list(self.texts.of(self.variable(word.variables[0], word.start)))

    def alone(self, word: Word, start: int) -> Key | None:
        """The variable that is all of a word from an offset on."""
        match = _variable_alone.fullmatch(self.flat.text, start, word.end)
        return self.variable(match[1], word.start) if match else None

    def word(self, word: Word) -> Values:
        """What may come into a word; a whole number is harmless anywhere."""
        found: Values = {}
        for piece in word.inner:
            found |= self.of(("output", id(piece)))
        for name in word.variables:
            found = self.named_values(name, word.start) | found
        for spot in word.holes:
            if not self.flat.whole[spot.number]:
                found[~spot.number if self.flat.plain[spot.number] else spot.number] = ""
        return _whole(found) if word.rewritten else found

    def named_values(self, name: str, at: int) -> Values:
        """What a variable holds, and those that it stands for."""
        if name in ("PWD", "OLDPWD"):
            return dict.fromkeys(self.of(folder), name)
        if self._scopes.are_digits(name, at):
            return {}
        name = "@" if name == "!#" else name
        found = dict.fromkeys(self.of(self.variable(name, at)), name)
        plain = name.removeprefix("!")
        if plain in self._facts.references or (plain != name and not name.endswith("]")):
            for text in self.texts.of(self.variable(plain, at)):
                found |= dict.fromkeys(self.of(self.variable(text.partition("[")[0], at)), text)
        if plain != name and not name.endswith("]") and self.texts.are_unsure(self.variable(plain, at)):
            found |= self._anything_named_by(plain)
        return found

    def _anything_named_by(self, name: str) -> Values:
        """What the variables hold that one may name, whose text is known in parts only."""
        texts = [given.word.text for given in self._facts.assigned if given.name == name]
        found: Values = {}
        for text in texts or [HOLE]:
            pattern = re.compile(r"\w*".join(map(re.escape, text.partition("[")[0].split(HOLE))))
            for key in (key for key in self._kept if pattern.fullmatch(variable_of(key))):
                found |= self.of(key)
        return found

    def names_in(self, name: str, at: int) -> set[str]:
        """The variables that the text of one names, and those that are named there."""
        found, left = set[str](), [self.variable(name, at)]
        while left:
            texts = self.texts.of(left.pop())
            names = {name for text in texts for name in _name.findall(text)} - found
            left += [key for name in names for key in self.texts.named(name)]
            found |= names
        return found

    def all_values(self, name: str) -> Values:
        """What all variables of a name hold."""
        found: Values = {}
        for key in self.places("variable", name):
            found |= self._kept[key]
        return found

    def words(self, words: Iterable[Word]) -> Values:
        """What may come into any of them."""
        found: Values = {}
        for word in words:
            found |= self.word(word)
        return found


def _plain(values: Values) -> Values:
    return {min(number, ~number): name for number, name in values.items()}


def _whole(values: Values) -> Values:
    """Values of which it is not known any more that they are plain words."""
    return {max(number, ~number): name for number, name in values.items()}


def _name_of(key: Key) -> str:
    kind, name = key
    return posixpath.basename(name) if kind == "file" and isinstance(name, str) else variable_of(key)


def output(piece: Piece) -> Key:
    """What a command prints, where somebody reads it."""
    return ("output", id(piece))
