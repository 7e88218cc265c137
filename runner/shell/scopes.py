"""Which of several variables a name means: one that is `local`, that a loop goes through, or given anew.

What gives a name a value and what reads it belong together if the value may arrive there. It knows no value,
and where a script may name variables otherwise than by writing their names, it tells none apart.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator
from typing import cast

from runner.regex import regex
from runner.shell.calls import Calls
from runner.shell.findings import Assigned, Command, Compound, Dialect, Facts, Piece, Word
from runner.shell.flat import HOLE
from runner.shell.guards import Guards
from runner.shell.known.builtins import declaring, integer_variables, program_variables, reading_options
from runner.shell.mentions import Mentions
from runner.shell.structure import Nested, Structure

_plain_name = regex(r"[A-Za-z_]\w*")
_own_names = frozenset({"REPLY", "MAPFILE", "OPTARG", "BASH_REMATCH", "PWD", "OLDPWD", "IFS", "PATH", "_"})
_reads_at_once = ("", "-r", "-s", "-e", "-p", "-i", "-rs", "-sr", "-re", "-er")
_local = ("local", "declare", "typeset")
_loops = ("while", "until", "for")
_names_otherwise = regex(
    r"\b(?:source|getopts|allexport|set[ \t]+-[a-z]*a)\b|\$\{!|(?:\A|[\s;&|(])\.[ \t]"
    r"|\b(?:declare|typeset|local)[ \t][^\n;]*-\w*g"
)
_evaluates = regex(r"\beval\b")
_branch = regex(r"\b(?:then|elif|else)\b")
_loop_head = regex(r"\b(?:for|select)[ \t]+\Z")
_longest_head = 20
_goes_apart = regex(r"[ \t]*(?:\\|&(?!&)|\|(?!\|))")


class Scopes:
    """Tells the variables of one name apart, each by the first place where it is given a value."""

    def __init__(self, text: str, facts: Facts, whole: Compound, dialect: Dialect) -> None:
        self._text, self._facts, self._dialect = text, facts, dialect
        self._trapped = {name for trap in facts.traps for name in re.findall(r"\w+", trap.text)}
        """What is named in commands that are run at any time."""
        self._told: dict[str, dict[int, int]] = {}
        self._places: dict[str, list[int]] = {}
        self._evaluates = _evaluates.search(text) is not None
        self._is_followed = not (
            facts.references
            or (self._evaluates and facts.keeps_dollars)
            or "*" in facts.trapped
            or len(re.findall(r"\btrap\b", text)) != len(facts.traps)
            or facts.handed
            or "*" in facts.exported
            or HOLE in facts.retyped
            or facts.counting
            or any(given.by or HOLE in given.name for given in facts.assigned)
            or _names_otherwise.search(text)
        )
        if self._is_followed:
            self._mentions = Mentions(text, facts, texts=not self._evaluates)
            self._structure = Structure(facts, whole)
            self._giving = Giving(text, facts, self._structure)
            self._calls = Calls(text, facts)
        self._guards = None if self._evaluates or not self._is_followed else Guards(text, facts, whole)

    def are_digits(self, name: str, at: int) -> bool:
        """Whether a variable is sure to hold a number at an offset, as it would not have come there else."""
        return self._guards is not None and name not in self._trapped and self._guards.pass_digits(name, at)

    def of(self, name: str, at: int) -> int | None:
        """Which variable a name means that is given or read at an offset; None where it means but one."""
        if name not in self._told:
            self._told[name] = self._tell(name) if self._may_tell(name) else {}
            self._places[name] = sorted(self._told[name])
        told, places = self._told[name], self._places[name]
        if at in told or not told:
            return told.get(at)
        following = bisect_left(places, at)
        return told[places[following]] if following < len(places) else None

    def _may_tell(self, name: str) -> bool:
        facts = self._facts
        return (
            self._is_followed
            and _plain_name.fullmatch(name) is not None
            and name not in _own_names
            and name not in self._trapped
            and not any(name in names for names in (facts.exported, facts.integers, facts.arrays))
            and name not in integer_variables
            and name not in program_variables
            and bool(self._giving.words(name))
        )

    # Variables of a name -----------------------------------------------------------------------

    def _tell(self, name: str) -> dict[int, int]:
        """For each place of a name the variable that it means; nothing where they are not told apart."""
        places = self._mentions.of(name, 0, len(self._text))
        bodies = {id(body): body for body in map(self._structure.function, places)}.values()
        shared = {id(body) for body in bodies if body and not self._is_local(name, body)}
        if len(bodies) > 1 and shared and (self._evaluates or self._calls.are_sudden):
            return {}
        reaching = Reaching(name, self._structure, self._giving, self._calls if shared else None)
        together = Together(word.start for word in self._giving.words(name))
        read, joined = dict[int, int](), set[int]()
        for at in places:
            if self._giving.only_gives(name, at):
                continue
            reached = reaching.at(at)
            read[at] = next(iter(reached), -1)
            if id(reached) not in joined:
                together.join(reached)
                joined.add(id(reached))
            # What a word is given that has the variable in itself is told by the start of the word.
            # So is one that is read and then perhaps given, as by `:=`.
            given = [at] if at in together else []
            together.join((*reached[:1], *self._giving.around(name, at), *given))
        told = {at: together.first(at) for at in together}
        told |= {at: together.first(one) if one >= 0 else -1 for at, one in read.items() if at not in told}
        return told if len(set(told.values())) > 1 else {}

    def _is_local(self, name: str, body: Piece) -> bool:
        """Whether a function has its own variable of this name, from the first mention on."""
        command = self._giving.declared_in(body).get(name)
        if command is None:
            return False
        mentions = self._mentions.of(name, body.start, body.end)
        within = self._mentions.of(name, command.start, command.end)
        if within != mentions[:1]:
            return False
        if self._dialect == "bash" or self._text.startswith("=", within[0] + len(name)):
            return True
        # Some shells give it the value of the outer one.
        reaching = Reaching(name, self._structure, self._giving)
        return all(
            self._giving.only_gives(name, at) or reaching.killed(at) is not None for at in mentions[1:]
        )


class Reaching:
    """Which values of one variable may arrive where it is read.

    `calls` are those of the script, if a function has no such variable of its own: what is called there may
    give it another value, and what is read first may be what any of them has given it.
    """

    def __init__(self, name: str, structure: Structure, giving: Giving, calls: Calls | None = None) -> None:
        self._name, self._structure, self._giving, self._calls = name, structure, giving, calls
        self._given: dict[int, list[tuple[int, int]]] = {}
        self._runs: dict[tuple[int, int, int], list[int]] = {}
        for word in giving.words(name):
            body = structure.function(word.start)
            self._given.setdefault(id(body), []).append((giving.given_at(word), word.start))
        for given in self._given.values():
            given.sort()
        self._anywhere = [start for given in self._given.values() for _, start in given]

    def at(self, place: int) -> list[int]:
        """The places of the words that a variable may have been given there, one list for each set."""
        body, killed = id(self._structure.function(place)), self.killed(place)
        if self._calls is not None and (killed is None or self._calls.stand_between(*killed)):
            return self._anywhere
        given = self._given.get(body, [])
        first, last = 0, len(given)
        if killed is not None:
            first, last = bisect_left(given, (killed[0], -1)), bisect_left(given, (killed[1] + 1, -1))
        run = (body, first, last)
        if run not in self._runs:
            self._runs[run] = [start for _, start in given[first:last]]
        return self._runs[run]

    def killed(self, place: int) -> tuple[int, int] | None:
        """Between which offsets a value may be given that is there: from the one that is sure to be given."""
        name, giving = self._name, self._giving
        end = at = self._structure.read_at(place)
        for one in self._structure.lists(at):
            command = giving.sure_before(one, name, at)
            if command is not None:
                return command.start, end
            if name in giving.gone_through(one) and one.pieces[0].start <= at:
                return one.start, end
            if one.opening in _loops:
                end = max(end, one.end)
        return None


class Giving:
    """What gives variables their values, and which of it is sure to do so."""

    def __init__(self, text: str, facts: Facts, structure: Structure) -> None:
        self._text, self._structure = text, structure
        self._words: dict[str, list[Word]] = {}
        self._own: dict[str, Nested[Word]] = {}
        self._loops: dict[int, set[str]] = {}
        self._sure: dict[int, dict[str, list[Command]]] = {}
        self._declared: dict[int, dict[str, Command]] = {}
        for given in facts.assigned:
            self._words.setdefault(given.name, []).append(given.word)
            if given.aims:
                self._note_loop(given)
        self._starts = {(name, word.start) for name, words in self._words.items() for word in words}
        self._names_alone = {
            (word.text, word.start)
            for command in facts.commands
            if command.words and command.words[0].text in declaring
            for word in command.words
        }

    def _note_loop(self, given: Assigned) -> None:
        loop = self._structure.innermost(given.word.start)
        if loop is not None and loop.pieces and given.word.start < loop.pieces[0].start:
            self._loops.setdefault(id(loop), set()).add(given.name)

    def words(self, name: str) -> list[Word]:
        """All that a variable is given."""
        return self._words.get(name, [])

    def around(self, name: str, at: int) -> list[int]:
        """The places of the words that a variable is given and that have it in themselves there."""
        if name not in self._own:
            own = {id(word): word for word in self.words(name) if name in word.variables}.values()
            self._own[name] = Nested((word.start, word.end, word) for word in own if word.end > word.start)
        return [word.start for word in self._own[name].outwards(at)]

    def given_at(self, word: Word) -> int:
        """Where a word has been read, and a variable holds it."""
        read = self._structure.read_at(word.start)
        return max(word.end, read) if read == word.start else read

    def only_gives(self, name: str, at: int) -> bool:
        """Whether a name stands there only to be given a value, or to be declared."""
        if (name, at) in self._starts:
            return self._text[at - 1 : at] != "{" and not self._text.startswith(("[", "+="), at + len(name))
        if (name, at) in self._names_alone:
            return True
        return _loop_head.search(self._text, max(at - _longest_head, 0), at) is not None

    def gone_through(self, loop: Compound) -> Collection[str]:
        """The variables to which a `for` gives its words, one after the other."""
        return self._loops.get(id(loop), ())

    def sure_before(self, one: Compound, name: str, at: int) -> Command | None:
        """The last command of a list before an offset that is sure to give a variable another value."""
        if id(one) not in self._sure:
            found: dict[str, list[Command]] = {}
            self._sure[id(one)] = found
            for piece in one.pieces:
                for given in self._sure_names(piece):
                    found.setdefault(given, []).append(cast(Command, piece))
        commands = self._sure[id(one)].get(name, [])
        last = bisect_right(commands, at, key=lambda command: command.end) - 1
        for command in commands[last::-1] if last >= 0 else ():
            if one.opening != "if" or not _branch.search(self._text, command.end, at):
                return command
        return None

    def _sure_names(self, piece: Piece) -> Iterator[str]:
        """The variables to which a command is sure to give a value."""
        if not isinstance(piece, Command) or not self._is_sure(piece) or not _is_sure_to_be_read(piece):
            return
        given = piece.assignments if not piece.words else []
        if piece.words and piece.words[0].text in declaring:
            given = piece.words[1:]
        for word in given:
            name, equals, _ = self._text[word.start : word.end].partition("=")
            if equals and _plain_name.fullmatch(name):
                yield name
        if piece.words and piece.words[0].text == "read":
            arguments = list(reading_options["read"].read(piece.words[1:]))
            if all(option in _reads_at_once for option, _ in arguments):
                yield from (word.text for option, word in arguments if option == "")

    def declared_in(self, body: Piece) -> dict[str, Command]:
        """The variables that a function is sure to have for itself, with what declares them."""
        if id(body) not in self._declared:
            found: dict[str, Command] = {}
            self._declared[id(body)] = found
            for piece in body.pieces if isinstance(body, Compound) else ():
                if isinstance(piece, Command) and self._is_sure(piece):
                    for name in _local_names(piece):
                        found.setdefault(name, piece)
        return self._declared[id(body)]

    def _is_sure(self, piece: Piece) -> bool:
        """Whether a command is run by this shell, if what follows it is."""
        return not (piece.joined or piece.piped or piece.pipe or _goes_apart.match(self._text, piece.end))


class Together:
    """Places that belong together, told by the first of them."""

    def __init__(self, places: Iterable[int]) -> None:
        self._before = {at: at for at in places}

    def __iter__(self) -> Iterator[int]:
        return iter(self._before)

    def __contains__(self, at: int) -> bool:
        return at in self._before

    def first(self, at: int) -> int:
        before = self._before
        while before[at] != at:
            before[at] = at = before[before[at]]
        return at

    def join(self, places: Iterable[int]) -> None:
        firsts = {self.first(at) for at in places}
        for one in firsts:
            self._before[one] = min(firsts)


def _is_sure_to_be_read(command: Command) -> bool:
    """Whether no file could be missing that it is to read from or to write to."""
    return all(one.operator in ("<<", "<<-", "<<<") for one in command.redirections)


def _local_names(command: Command) -> Iterator[str]:
    """The variables that a command makes those of its function."""
    words = command.words
    if words and words[0].text in _local and not any(re.match(r"[-+]\w*g", word.text) for word in words):
        yield from (word.text.partition("=")[0] for word in words[1:])
