"""Files that a script names: which names are those of one file, and what may be in one that is run.

It knows no command. What is in a file is kept by the holdings.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache

from runner.regex import regex
from runner.shell.file_names import Held, Name, name_of, named, names_given, names_passed, spelled, with_given
from runner.shell.files_in_text import run_in, with_arguments
from runner.shell.findings import Assigned, Facts, Word
from runner.shell.flat import FlatScript
from runner.shell.holdings import Holdings, Values, nothing, output
from runner.shell.texts import Key

_pattern = regex(r"[*?\[]")
_most_origins, _most_sources, _most_names = 500, 50, 50


class Files:
    """Tells files by the words that name them."""

    def __init__(self, flat: FlatScript, facts: Facts, holdings: Holdings) -> None:
        self._flat, self._holdings = flat, holdings
        self._facts = facts
        self._assigned: dict[Key, dict[Name, None]] = {}
        self._passed: dict[Key, dict[Name, None]] = {}
        self._assigned_known = -1
        self._handed: dict[tuple[Key, Key], int] = {}
        self._found_elsewhere: dict[Name, Values] = {}
        self._linked_after: dict[Name, int] = {}
        self._named_anew = False
        self._links: dict[Name, tuple[dict[Name, Key], list[tuple[Key, Key]]]] = {}
        self._copied: dict[str, set[tuple[str, str]]] = {}
        self._begun: dict[str, Values] = {}
        self._searched_copies: set[str] = set()
        self._entered_copies: set[str] = set()
        self._paths = [
            flat.shown(given.word.start, given.word.end) for given in facts.assigned if given.name == "PATH"
        ]
        moves = [it for it in facts.commands if it.words and it.words[0].base in ("cd", "pushd", "popd")]
        self._moves = bool(moves)
        self._entered_paths = {
            self._path(name_of(word, flat)) for command in moves for word in command.words[1:]
        }
        self._entered = set(map(posixpath.basename, self._entered_paths))

    def begin_round(self) -> None:
        """What is in a file is looked at anew, as values may be found behind other columns."""
        self._handed.clear()
        self._linked_after.clear()
        self._found_elsewhere.clear()
        given_anew = len(self._facts.assigned) != self._assigned_known
        if self._named_anew or given_anew or self._copied or self._begun:
            self._links.clear()
        self._named_anew = False

    def file(self, word: Word) -> Key:
        """A file that is read, by the words that name it."""
        return self._read(name_of(word, self._flat))

    def written(self, word: Word) -> Key:
        """A file that is written. What is written by one of its names is in it by all the others."""
        name = name_of(word, self._flat)
        self._linked(name)
        return _written(self._place(name))

    def _read(self, name: Name) -> Key:
        self._linked(name)
        return self._place(name)

    def pass_on(self, argument: Key, word: Word) -> None:
        """A function is given a word, which may name a file for it."""
        if word.process is not None:
            self._holdings.add(("file", argument), self._holdings.of(output(word.process)))
        known = self._passed.setdefault(argument, {})
        for name in names_passed(word, self._flat) if len(known) < _most_names else ():
            if name not in known:
                known[name] = None
                self._holdings.grown = self._named_anew = True

    def _place(self, name: Name) -> Key:
        """The place of a file by one of its names: of that which a variable says, or of a path."""
        key = self.place(spelled(name))
        held = next((piece for piece in name if isinstance(piece, Held)), None)
        if held is not None and key[1] == f"${held.name}":
            return ("file", self._holdings.variable(held.name, held.at))
        return key

    def _linked(self, name: Name) -> list[Name]:
        """All names of a file; what is read by one was written by any."""
        if name not in self._links:
            self._links[name] = self._find_links(name)
        found, links = self._links[name]
        if self._linked_after.get(name) == self._holdings.changes:
            return list(found)
        for key, other_key in links:
            self._hand_on(_written(key), _written(other_key))
        for key in found.values():
            self._hand_on(_written(key), key)
        for key, other_key in reversed(links):
            self._hand_on(other_key, key)
        self._linked_after[name] = self._holdings.changes
        return list(found)

    def _find_links(self, name: Name) -> tuple[dict[Name, Key], list[tuple[Key, Key]]]:
        """The names of a file with their places, and which of these leads to which."""
        found, links = {name: self._place(name)}, list[tuple[Key, Key]]()
        for one in (left := [name]):
            for other in self._others(one):
                if other not in found and len(found) < _most_names:
                    found[other] = self._place(other)
                    left.append(other)
                links += [(found[one], found[other])] if other in found else []
        return found, links

    def _others(self, name: Name) -> Iterator[Name]:
        """The names that a file has by what one of the variables in its name is given."""
        folder, _, inside = self._path(name).rpartition("/")
        if folder in self._entered_paths:
            yield named(inside, 0)
        for at, piece in enumerate(name):
            if isinstance(piece, Held):
                for given in self._given(self._holdings.variable(piece.name, piece.at)):
                    yield with_given(name, at, given)

    def _given(self, variable: Key) -> Iterable[Name]:
        """What a variable names, as an argument of functions too."""
        if len(self._facts.assigned) != self._assigned_known:
            self._assigned_known, self._assigned = len(self._facts.assigned), {}
            for given in self._facts.assigned:
                key = self._holdings.variable(given.name, given.word.start)
                self._assigned.setdefault(key, {}).update(dict.fromkeys(names_given(given, self._flat)))
        return (*self._assigned.get(variable, ()), *self._passed.get(variable, ()))

    def _hand_on(self, source: Key, to: Key) -> None:
        if source != to:
            known = self._handed.get((source, to), 0)
            self._handed[source, to] = len(self._holdings.of(source))
            self._holdings.hand_on(source, to, known)

    def place(self, text: str) -> Key:
        """The file of a name, with what is in the files of which it is a copy."""
        key = _file(text)
        name = str(key[1])
        for origin in self._origins(name) if self._copied and self._may_hold(name) else ():
            self._holdings.add(key, self._holdings.of(_file(origin)))
        for end in range(1, len(name)) if self._begun else ():
            self._holdings.add(key, self._begun.get(name[:end], {}))
        return key

    def begin(self, word: Word, values: Values) -> None:
        """Files whose names begin so hold values, as those that `split` writes do."""
        begun = self._begun.setdefault(self._path(name_of(word, self._flat)), {})
        if not begun.keys() >= values.keys():
            begun.update(values)
            self._holdings.grown = True

    def _may_hold(self, path: str) -> bool:
        """Whether anything is in a file of this last name, which is that of all of which it is a copy."""
        return bool(self._begun or self._holdings.places("file", posixpath.basename(path)))

    def _origins(self, path: str) -> set[str]:
        """The files of which one is a copy, made by that of a folder above it or by a pattern."""
        found, left = set[str](), [path]
        while left and len(found) < _most_origins:
            one = left.pop()
            folder = posixpath.dirname(one) or "."
            while True:
                rest = one if folder == "." else one.removeprefix(f"{folder}/")
                sources = self._copied.get(folder, ())
                if len(sources) > _most_sources:
                    names = self._holdings.places("file", posixpath.basename(path))
                    return found | {str(key[1]) for key in names}
                for source, pattern in sources:
                    origin = posixpath.normpath(f"{source}/{rest}")
                    if origin not in found and fnmatchcase(rest.partition("/")[0], pattern):
                        found.add(origin)
                        left.append(origin)
                if folder in (".", "/"):
                    break
                folder = posixpath.dirname(folder) or "."
        return found

    def run_elsewhere(self, word: Word) -> Values:
        """What is in the files that this one may be where the script is in another folder by then."""
        return self._elsewhere(name_of(word, self._flat))

    def named_by(self, given: Assigned) -> Values:
        """What is in the file whose name a variable is given."""
        found: Values = {}
        for name in names_given(given, self._flat):
            found |= self._holdings.of(self._read(name)) | self._elsewhere(name)
        return found

    def run_by(self, words: Sequence[Word], arguments: Sequence[Word] = ()) -> Iterator[tuple[str, Values]]:
        """What is in the files that the text of a script runs, each with what runs it."""
        given = [spelled(name_of(word, self._flat)) for word in arguments]
        names = [name_of(word, self._flat) for word in words]
        for name in self._linked(names[0]) if len(names) == 1 else [_joined(names)]:
            for program, text in run_in(with_arguments(name, given)):
                file = named(text, words[0].start)
                yield program, self._holdings.of(self._read(file)) | self._elsewhere(file)

    def _elsewhere(self, name: Name) -> Values:
        """Looked for once in each round, as none is the last one in which anything is added."""
        if name not in self._found_elsewhere:
            self._found_elsewhere[name] = self._find_elsewhere(name)
        return self._found_elsewhere[name]

    def _find_elsewhere(self, name: Name) -> Values:
        found: Values = {}
        for text in (self._path(one) for one in self._linked(name)):
            elsewhere = self._moves or text.startswith("$")
            for key in self._holdings.places("file", posixpath.basename(text)) if elsewhere else ():
                if self._may_be(text, str(key[1])):
                    found |= self._holdings.of(key)
            for folder in self._entered_copies if self._may_hold(text) else ():
                found |= self._holdings.of(self.place(f"{folder}/{text}"))
        return found

    def _may_be(self, text: str, written: str) -> bool:
        """Whether a path may lead to a file of the same last name from another folder.

        One up, or below what a variable says, may be any folder that the script was in.
        """
        if text.startswith("../"):
            return True
        if text.startswith("$") and not written.startswith(("$", "/")):
            return True
        short, long = sorted((text, written), key=len)
        folder = posixpath.basename(long.removesuffix(f"/{short}"))
        return long.endswith(f"/{short}") and folder in self._entered

    def found_by_name(self, program: str) -> Values:
        """What is in the files that may be run by the name of a program."""
        found: Values = {}
        for key in self._holdings.places("file", program):
            if self._is_searched(posixpath.dirname(str(key[1]))):
                found |= self._holdings.of(key)
        for folder in self._searched_copies if self._may_hold(program) else ():
            found |= self._holdings.of(self.place(f"{folder}/{program}"))
        return found

    def _is_searched(self, folder: str) -> bool:
        """Whether programs may be found in a folder."""
        searched = any(_plain(folder) in _plain(path) for path in self._paths)
        return searched or posixpath.basename(folder) in ("bin", "sbin")

    def copy(self, word: Word, to: Word) -> None:
        """A file is put into another, or into a folder."""
        source, target = self.file(word), self.written(to)
        self._holdings.add(target, self._holdings.of(source))
        if isinstance(source[1], str) and isinstance(target[1], str):
            self._holdings.add(
                _file(f"{target[1]}/{posixpath.basename(source[1])}"), self._holdings.of(source)
            )
        for one in self._names(word):
            for other in self._names(to):
                self._note_copied(one, other)

    def _names(self, word: Word) -> Iterator[str]:
        """What a file is called, also by what variables in its path are known to be."""
        yield from map(self._path, self._linked(name_of(word, self._flat)))

    def _path(self, name: Name) -> str:
        return str(_file(spelled(name))[1])

    def _note_copied(self, source: str, target: str) -> None:
        """What is below a folder, or named by a pattern, is where they are copied to, too."""
        folder, last = posixpath.split(source)
        if self._is_searched(target):
            self._searched_copies.add(target)
        if posixpath.basename(target) in self._entered:
            self._entered_copies.add(target)
        if _pattern.search(last):
            self._add_copy(target, (folder or ".", last))
            return
        for inside in (target, posixpath.normpath(f"{target}/{last}")):
            self._add_copy(inside, (source, "*"))

    def _add_copy(self, folder: str, of: tuple[str, str]) -> None:
        known = self._copied.setdefault(folder, set())
        if of not in known:
            known.add(of)
            self._holdings.grown = True


@lru_cache(maxsize=1024)
def _file(text: str) -> Key:
    """The file of a name, however it is spelled."""
    if not text:
        return nothing
    named = re.sub(r"\A~/", "$HOME/", _plain(text))
    return ("file", posixpath.normpath(re.sub(r"\A(?:\$PWD|\$\(pwd\))/", "", named)))


def _joined(names: Sequence[Name]) -> Name:
    """What several words are with a blank between them."""
    return tuple(piece for name in names for piece in (*name, " "))


def _written(file: Key) -> Key:
    """Where is kept what is written to a file, if it may be another one where it is read."""
    named_by_variable = not isinstance(file[1], str) or "$" in file[1]
    return ("written", file[1]) if named_by_variable else file


def _plain(text: str) -> str:
    return re.sub(r"[\"']", "", re.sub(r"\$\{(\w+)\}", r"$\1", text))
