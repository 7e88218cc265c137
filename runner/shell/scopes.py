"""Which of several variables a name means: one that is `local`, that a loop goes through, or given anew.

What gives a name a value and what reads it belong together if the value may arrive there. It knows no value,
and where a script may name variables otherwise than by writing their names, it tells none apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from runner.shell.builtins import declaring, integer_variables, program_variables
from runner.shell.findings import Assigned, Command, Compound, Dialect, Facts, Piece, Word
from runner.shell.flat import HOLE

_plain_name = re.compile(r"[A-Za-z_]\w*")
_own_names = frozenset({"REPLY", "MAPFILE", "OPTARG", "BASH_REMATCH", "PWD", "OLDPWD", "IFS", "PATH", "_"})
_local = ("local", "declare", "typeset")
_loops = ("while", "until", "for")
_names_otherwise = re.compile(
    r"\b(?:eval|trap|source|getopts|allexport|set[ \t]+-[a-z]*a)\b|\$\{!|(?:\A|[\s;&|(])\.[ \t]"
)
_branch = re.compile(r"\b(?:then|elif|else)\b")
_loop_head = re.compile(r"\b(?:for|select)[ \t]+\Z")
_longest_head = 20


class Scopes:
    """Tells the variables of one name apart, each by the first place where it is given a value."""

    def __init__(self, text: str, facts: Facts, whole: Compound, dialect: Dialect) -> None:
        self._text, self._facts, self._dialect = text, facts, dialect
        self._bodies = [body for bodies in facts.functions.values() for body in bodies]
        pieces = list(_pieces([whole, *self._bodies]))
        self._lists = [piece for piece in pieces if isinstance(piece, Compound)]
        self._heredocs = [
            (body.start, body.end, one.heredoc.at)
            for piece in pieces
            for one in piece.redirections
            if one.heredoc is not None and (body := one.heredoc.body) is not None
        ]
        self._is_followed = not (
            facts.references
            or facts.traps
            or facts.trapped
            or facts.handed
            or "*" in facts.exported
            or HOLE in facts.retyped
            or any(given.by or HOLE in given.name for given in facts.assigned)
            or _names_otherwise.search(text)
        )
        self._told: dict[str, dict[int, int]] = {}

    def of(self, name: str, at: int) -> int | None:
        """Which variable a name means that is given or read at an offset; None where it means but one."""
        if name not in self._told:
            self._told[name] = self._tell(name) if self._may_tell(name) else {}
        told = self._told[name]
        if at in told or not told:
            return told.get(at)
        return next((told[place] for place in sorted(told) if place >= at), None)

    def _may_tell(self, name: str) -> bool:
        facts = self._facts
        return (
            self._is_followed
            and _plain_name.fullmatch(name) is not None
            and name not in facts.exported | facts.integers | facts.arrays | _own_names
            and name not in integer_variables | program_variables
            and any(given.name == name for given in facts.assigned)
        )

    # Variables of a name -----------------------------------------------------------------------

    def _tell(self, name: str) -> dict[int, int]:
        """For each place of a name the variable that it means; nothing where they are not told apart."""
        given = [one for one in self._facts.assigned if one.name == name]
        places = self._mentions(name, -1, len(self._text))
        contexts = {self._around(at) for at in places}
        if len(contexts) > 1 and not all(self._is_local(name, body) for body in contexts if body):
            return {}
        together = {one.word.start: one.word.start for one in given}
        read: dict[int, set[int]] = {}
        for at in places:
            reached = self._reaching(name, at, given)
            around = {
                one.word.start
                for one in given
                if one.word.start < at < one.word.end and name in one.word.variables
            }
            if self._only_gives(name, at, together):
                continue
            read[at] = reached
            _join(together, reached | around | ({at} & together.keys()))
        told = {at: _first(together, at) for at in together}
        told |= {at: _first(together, min(found)) for at, found in read.items() if found and at not in told}
        told |= {at: -1 for at, found in read.items() if not found and at not in told}
        return told if len(set(told.values())) > 1 else {}

    def _mentions(self, name: str, start: int, end: int) -> list[int]:
        pattern = re.compile(rf"(?<!\w){name}(?!\w)")
        return [match.start() for match in pattern.finditer(self._text, max(start, 0), end)]

    def _only_gives(self, name: str, at: int, given: Iterable[int]) -> bool:
        """Whether a name stands there only to be given a value, or to be declared."""
        after = self._text[at + len(name) : at + len(name) + 2]
        if at in given:
            return after[:1] != "[" and after != "+="
        if _loop_head.search(self._text, max(at - _longest_head, 0), at):
            return True
        return any(
            word.start == at and word.text == name
            for command in self._facts.commands
            if command.start < at < command.end and command.words and command.words[0].text in declaring
            for word in command.words
        )

    def _is_local(self, name: str, body: Piece) -> bool:
        """Whether a function has its own variable of this name, from the first mention on."""
        mentions = self._mentions(name, body.start, body.end)
        for piece in body.pieces if isinstance(body, Compound) else ():
            if not (isinstance(piece, Command) and self._is_sure(piece) and _declares(piece, name)):
                continue
            within = self._mentions(name, piece.start, piece.end)
            if within != mentions[:1]:
                return False
            if self._dialect == "bash" or self._text.startswith("=", within[0] + len(name)):
                return True
            # Some shells give it the value of the outer one.
            return all(
                self._killed(name, at) is not None or self._is_loop_variable(name, at)
                for at in mentions[1:]
                if not self._gives(name, at)
            )
        return False

    def _is_loop_variable(self, name: str, at: int) -> bool:
        return _loop_head.search(self._text, max(at - _longest_head, 0), at) is not None

    def _gives(self, name: str, at: int) -> bool:
        return any(one.name == name and one.word.start == at for one in self._facts.assigned)

    # What reaches a place ----------------------------------------------------------------------

    def _reaching(self, name: str, at: int, given: list[Assigned]) -> set[int]:
        """The places whose values may be there."""
        body, killed = self._around(at), self._killed(name, at)
        words = [one.word for one in given if self._around(one.word.start) is body]
        start, end = killed or (-1, len(self._text))
        return {word.start for word in words if start <= self._given_at(word) <= end}

    def _killed(self, name: str, at: int) -> tuple[int, int] | None:
        """Between which offsets a value may be given that is there: from the one that is sure to be given."""
        place, body = self._read_at(at), self._around(at)
        lists = [
            one
            for one in self._lists
            if one.start <= place < one.end and self._around(max(one.start, 0)) is body
        ]
        end = place
        for one in sorted(lists, key=lambda one: -one.start):
            for piece in reversed([piece for piece in one.pieces if piece.end <= place]):
                if self._kills(piece, name) and not (
                    one.opening == "if" and _branch.search(self._text, piece.end, place)
                ):
                    return piece.start, end
            if self._goes_through(one, name, place):
                return one.start, end
            if one.opening in _loops:
                end = max(end, one.end)
        return None

    def _kills(self, piece: Piece, name: str) -> bool:
        """Whether a command is sure to give a variable another value."""
        if not isinstance(piece, Command) or not self._is_sure(piece) or not _is_sure_to_be_read(piece):
            return False
        if not piece.words:
            return any(self._text.startswith(f"{name}=", word.start) for word in piece.assignments)
        program, *words = piece.words
        if program.text == "read":
            return any(word.text == name for word in words)
        return program.text in declaring and any(word.text.startswith(f"{name}=") for word in words)

    def _is_sure(self, piece: Piece) -> bool:
        """Whether a command is run by this shell, if what follows it is."""
        after = self._text[piece.end :].lstrip(" \t")
        apart = after[:1] in ("|", "&", "\\") and after[:2] not in ("||", "&&")
        return not (piece.joined or piece.piped or piece.pipe or apart)

    def _goes_through(self, loop: Compound, name: str, at: int) -> bool:
        """Whether a place is in the body of a `for` that gives a variable its values."""
        if not loop.pieces or at < loop.pieces[0].start:
            return False
        return any(
            one.name == name and one.aims and loop.start < one.word.start < loop.pieces[0].start
            for one in self._facts.assigned
        )

    # Places ------------------------------------------------------------------------------------

    def _around(self, at: int) -> Piece | None:
        """The function that an offset stands in."""
        around = [body for body in self._bodies if body.start <= at < body.end]
        return max(around, key=lambda body: body.start) if around else None

    def _read_at(self, at: int) -> int:
        """Where it is read what stands at an offset: a heredoc with its command."""
        for start, end, read in self._heredocs:
            if start <= at < end:
                return self._read_at(read)
        return at

    def _given_at(self, word: Word) -> int:
        """Where a word has been read, and a variable holds it."""
        read = self._read_at(word.start)
        return max(word.end, read) if read == word.start else read


def _pieces(of: Iterable[Piece | Word | None]) -> Iterator[Piece]:
    """All commands, with those inside of them."""
    left = list(of)
    while left:
        one = left.pop()
        if one is None:
            continue
        if isinstance(one, Word):
            left += [*one.inner, *one.elements, one.process]
            continue
        yield one
        for redirection in one.redirections:
            left += [redirection.target, redirection.heredoc.body if redirection.heredoc else None]
        if isinstance(one, Compound):
            left += [*one.words, *one.pieces]
        elif isinstance(one, Command):
            left += [*one.words, *one.assignments]


def _is_sure_to_be_read(command: Command) -> bool:
    """Whether no file could be missing that it is to read from or to write to."""
    return all(one.operator in ("<<", "<<-", "<<<") for one in command.redirections)


def _declares(command: Command, name: str) -> bool:
    """Whether a command makes a variable one of its function."""
    words = command.words
    if not words or words[0].text not in _local or any(re.match(r"[-+]\w*g", word.text) for word in words):
        return False
    return any(word.text.partition("=")[0] == name for word in words[1:])


def _first(together: dict[int, int], at: int) -> int:
    while together[at] != at:
        at = together[at]
    return at


def _join(together: dict[int, int], places: Iterable[int]) -> None:
    firsts = {_first(together, at) for at in places}
    for one in firsts:
        together[one] = min(firsts)
