"""The command lines that come of one where variables and arguments stand for what a script gives them.

A function is gone through for each of its calls, with the arguments of that. It knows no program.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product

from runner.regex import regex
from runner.shell.arguments import Shifts, is_positional, moved, places, shifts_of
from runner.shell.choices import Choices, Line, different, identity, is_another, parts, split_apart, with_text
from runner.shell.findings import Assigned, Command, Facts, Lost, Piece, Word
from runner.shell.flat import HOLE, FlatScript
from runner.shell.known.options import refuse_all
from runner.shell.scopes import Scopes
from runner.shell.structure import functions_of
from runner.struct import struct

_most_lines, _most_reduced, _most_calls, _deepest, _most_dropped = 60, 200, 20_000, 12, 9
_longest_chain, _most_kept = 100, 20_000
_expanded = regex(
    r"(?:\w+\+?=)?\"?\$(?:(?P<plain>\w+|[@*])|\{(?P<name>!\#|\w+|[@*])(?:\[(?P<key>[^\]]*)\])?"
    r"(?::(?P<from>\d+|[ ]-\d+)(?::[^}]*)?|:?[-=]\"?(?P<default>[\w./ =-]*)\"?|:?\?[^}]*)?\})\"?"
)
_led_by_variable = regex(r"\$\{?(\w+)\}?(?=\")")


@struct
class Frame:
    """A call of a function, or the script itself: the arguments that it may have."""

    body: Piece | None
    arguments: tuple[Line, ...]
    shifts: Shifts | None
    deep: int = 0


@struct
class Spread:
    """A variable that is all of a word, and what of it the word names; `scope` is which one of that name."""

    name: str
    scope: int | None
    key: str | None
    start: str
    default: str | None
    bare: bool


class Lines:
    """What all commands of a script become; `look` is given each with the line that it becomes.

    `takes_data` tells whether a program reads a line as no other, whichever of some words it has, how often.
    `look` may add to the `programs` of the command, which are then gone through too.
    """

    def __init__(
        self,
        facts: Facts,
        flat: FlatScript,
        scopes: Scopes,
        look: Callable[[Command, Line], None],
        takes_data: Callable[[Sequence[Word], Sequence[Word]], bool],
    ) -> None:
        self._takes_data = takes_data
        self._facts, self._flat, self._scopes, self._look = facts, flat, scopes, look
        self._bodies = functions_of(facts)
        self._commands: dict[Piece | None, list[Command]] = {}
        for command in facts.commands:
            self._commands.setdefault(self._bodies.at(command.start), []).append(command)
        self._written = {command: tuple(command.programs) for command in facts.commands}
        self._met: set[object] = set()
        self._found: dict[tuple[Spread, frozenset[str]], Choices] = {}

    def go_through(self) -> None:
        """Every command, in every call of the function that it stands in."""
        left = [Frame(None, self._arguments_of(None, None), None)]
        left += [Frame(body, self._arguments_of(body, ()), None) for body in self._facts.called_later()]
        while left:
            frame = left.pop()
            self._found.clear()
            for command in self._commands.get(frame.body, ()):
                for line in self._written[command]:
                    left += self._become(command, line, frame)

    def _become(self, command: Command, line: Sequence[Word], frame: Frame) -> Iterator[Frame]:
        for became in self._lines(line, frame):
            if is_another(became, line):
                self._look(command, became)
            if not command.is_behind(line):
                yield from self._called(command, became, frame)

    def _called(self, command: Command, line: Line, frame: Frame) -> Iterator[Frame]:
        """The functions that a line calls, as they have not been called before."""
        for _, body in self._facts.called(line[0].base) if line else ():
            call = (body, identity(line[1:]))
            if call in self._met:
                continue
            self._met.add(call)
            if len(self._met) > _most_calls or frame.deep == _deepest:
                raise Lost(command.start, "its functions call one another too often")
            shifts = shifts_of(body, self._flat.text)
            yield Frame(body, self._arguments_of(body, line[1:]), shifts, frame.deep + 1)

    def _arguments_of(self, body: Piece | None, given: Line | None) -> tuple[Line, ...]:
        """What the arguments of a function or of the script are, with what `set --` makes of them."""
        found = [] if given is None else [given]
        for command in self._commands.get(body, ()):
            texts = [word.text for word in command.words]
            if texts[:1] == ["set"] and "--" in texts:
                lines: list[Line] = [()]
                for word in command.words[texts.index("--") + 1 :]:
                    spread = self._spread(word)
                    parts = found if spread and spread.name in ("@", "*") else [(word,)]
                    lines = [(*before, *part) for before in lines for part in parts]
                found = [*found, *lines][:_most_lines]
        return tuple(found)

    # One line ----------------------------------------------------------------------------------

    def _lines(self, line: Sequence[Word], frame: Frame) -> list[Line]:
        """What a line may become."""
        options = [self._of(word, frame, frozenset()) for word in line]
        if _count(options) > _most_lines:
            options[1:] = [one.telling_or(word) for word, one in zip(line[1:], options[1:], strict=True)]
        if _count(options) > _most_reduced:
            words = [word for each in options for one in each.lines for word in one]
            if not self._takes_data(line, words):
                refuse_all(words, "unknown")
            return []
        chosen = product(*(each.lines for each in options))
        return [tuple(word for part in parts for word in part) for parts in chosen]

    def _of(self, word: Word, frame: Frame, asked: frozenset[str]) -> Choices:
        """The words that one word may be; itself where that is not known."""
        spread = self._spread(word)
        if spread is None:
            return Choices(self._parted(word) or [(word,)])
        found = Choices([])
        if spread.name in asked:
            pass
        elif is_positional(spread.name) or spread.name == "!#":
            lines = self._arguments(spread, word, frame, asked)
            if spread.bare:
                lines = [tuple(part for one in line for part in split_apart(one)) for line in lines]
            found = Choices(different(lines))
        else:
            find = self._elements if spread.name in self._arrays else self._values
            found = self._kept(find, spread, word.start, frame, asked | {spread.name})
            if printed := found.printed:  # it has no other name than the variable
                found = Choices([(word,) if at in printed else it for at, it in enumerate(found.lines)])
        if spread.default is not None:
            given = Word(word.start, word.end, spread.default, spread.default)
            known = bool(spread.default) or spread.bare
            default = [tuple(parts(given, given.text)) if spread.bare else (given,)] * known
            found = Choices(different([*found.lines, *default]))
        return found if found.lines else Choices([(word,)])

    def _parted(self, word: Word) -> list[Line]:
        """`P="sh -c "; $P"make a"`, where a blank at the end of the variable parts two words."""
        match = _led_by_variable.match(self._flat.text, word.start, word.end) if word.bare_variables else None
        if match is None:
            return []
        rest, found = with_text(word, word.text[1:], match.end()), list[Line]()
        for given in self._assigned.get((match[1], self._scope(match[1], word.start)), ()):
            if HOLE not in given.text and given.text != given.text.rstrip():
                found.append((*parts(given.word, given.text), rest))
        return found

    def _kept(
        self,
        find: Callable[[Spread, Frame, frozenset[str]], list[Line]],
        spread: Spread,
        at: int,
        frame: Frame,
        asked: frozenset[str],
    ) -> Choices:
        """What a variable may be, found once in each call of a function."""
        key = (spread, asked)
        if len(asked) > _longest_chain or len(self._found) > _most_kept:
            raise Lost(at, "its variables are given one another too often")
        if key not in self._found:
            self._found[key] = Choices(different(find(spread, frame, asked)))
        return self._found[key]

    def _spread(self, word: Word) -> Spread | None:
        if word.text != HOLE or word.holes or word.inner or not word.variables:
            return None
        if word.start == word.end:
            return Spread(
                word.variables[0], self._scope(word.variables[0], word.start), None, "", None, False
            )
        match = _expanded.fullmatch(self._flat.text, word.start, word.end)
        if match is None:
            return None
        name = match["plain"] or match["name"]
        scope, first = self._scope(name, word.start), match["from"] or ""
        return Spread(name, scope, match["key"], first, match["default"], bool(word.bare_variables))

    def _all(self, words: Iterable[Word], frame: Frame, asked: frozenset[str]) -> list[Line]:
        """What words become that stand one behind the other."""
        found: list[Line] = [()]
        for word in words:
            found = [(*before, *after) for before in found for after in self._of(word, frame, asked).lines]
            del found[_most_lines:]
        return found

    # Arguments ---------------------------------------------------------------------------------

    def _arguments(self, spread: Spread, word: Word, frame: Frame, asked: frozenset[str]) -> list[Line]:
        if self._bodies.at(word.start) is not frame.body:
            return []
        found: list[Line] = []
        for given in frame.arguments:
            for arguments in self._all(given, frame, asked | {spread.name}):
                found += self._taken(spread, arguments, word.start, frame)
        return found

    def _taken(self, spread: Spread, arguments: Line, at: int, frame: Frame) -> Iterable[Line]:
        if spread.name == "!#" or spread.start.startswith(" "):
            return [(word,) for word in arguments]
        by = moved(frame.shifts, at)
        if spread.name.isdigit():
            place = int(spread.name) + by
            given = places(arguments, self._flat, frame.shifts)
            return [(one.word,) for one in given if one.first <= place <= one.last]
        first = max(int(spread.start or 1) - 1, 0)
        sure = frame.shifts is not None and all(
            one.first == one.last for one in places(arguments, self._flat, frame.shifts)[: by + first]
        )
        drops = [by + first] if sure else range(first, first + max(by, _most_dropped) + 1)
        return [arguments[dropped:] for dropped in drops if dropped <= len(arguments)] or [()]

    # Variables ---------------------------------------------------------------------------------

    @cached_property
    def _assigned(self) -> dict[tuple[str, int | None], list[Assigned]]:
        found: dict[tuple[str, int | None], list[Assigned]] = {}
        for given in self._facts.assigned:
            scope = self._scope(given.name, given.word.start)
            found.setdefault((given.name, scope), []).append(given)
        return found

    def _scope(self, name: str, at: int) -> int | None:
        return None if is_positional(name) else self._scopes.of(name, at)

    @cached_property
    def _arrays(self) -> set[str]:
        return {
            given.name for given in self._facts.assigned if given.word.elements or "=()" in given.word.text
        }

    def _elements(self, spread: Spread, frame: Frame, asked: frozenset[str]) -> list[Line]:
        """Those of an array: all, or the one that is named."""
        wholes = self._joined(self._assigned.get((spread.name, spread.scope), ()), frame, asked)
        if spread.key in ("@", "*"):
            first = int(spread.start or 0) if not spread.start.startswith(" ") else 0
            return [line[first:] for line in wholes]
        if spread.key is None or spread.key.isdecimal():
            at = int(spread.key or 0)
            if all(len(line) > at for line in wholes):
                return [line[at : at + 1] for line in wholes]
        words = [word for line in wholes for word in line]
        return [tuple(parts(word, word.text)) if spread.bare else (word,) for word in words]

    def _joined(self, given: Sequence[Assigned], frame: Frame, asked: frozenset[str]) -> list[Line]:
        """What an array may be of which parts are added; each part may be left out."""
        found: list[Line] = []
        for one in given:
            added = self._all(map(self._keyless, one.word.elements), frame, asked)
            if one.adds(self._flat) and len(added) > 1:  # each of them may be added, in a loop
                added = [*added, tuple(word for part in added for word in part)]
            if one.adds(self._flat):
                found += [(*before, *part) for before in found or [()] for part in added]
            else:
                found += added
            if len(found) > _most_lines:
                found = [max(found, key=len)]
        return found

    def _keyless(self, element: Word) -> Word:
        """The value of `[key]=value`."""
        if self._flat.text[element.start] != "[":
            return element
        return with_text(element, element.text.partition("=")[2])

    def _values(self, spread: Spread, frame: Frame, asked: frozenset[str]) -> list[Line]:
        """What a variable is given."""
        found: list[Line] = []
        for given in self._assigned.get((spread.name, spread.scope), ()):
            word = given.word
            value = with_text(word, given.text) if given.declared else word
            if self._spread(value) is not None:
                found += self._held(value, spread, frame, asked, each=given.aims)
            elif spread.bare:
                wholes = self._all(parts(value, value.text), frame, asked)
                if given.adds(self._flat):
                    wholes += [(*before, *part) for before in found for part in wholes]
                found += wholes
            else:
                found.append((value,))
        return found

    def _held(
        self, value: Word, spread: Spread, frame: Frame, asked: frozenset[str], *, each: bool
    ) -> list[Line]:
        """What a variable is that is given another; one element of that, if `each`."""
        held = self._of(value, frame, asked).lines
        if each:
            return [(word,) for line in held for word in line]
        if spread.bare:
            return [tuple(part for word in line for part in parts(word, word.text)) for line in held]
        return [line if len(line) == 1 else (value,) for line in held]


def _count(options: Sequence[Choices]) -> int:
    return math.prod(len(each.lines) for each in options)
