"""Files that a script names: which names are those of one file, and what may be in one that is run.

It knows no command. What is in a file is kept by the holdings.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from runner.shell.findings import Assigned, Facts, Word
from runner.shell.flat import HOLE, FlatScript
from runner.shell.holdings import Holdings, Values, nothing
from runner.shell.texts import Key

_in_this_folder = re.compile(r'"?(?:\./|\$\{?PWD\}?/|\$\(pwd\)/)?"?\$\{?(\w+)\}?"?')
_with_one_variable = re.compile(r"[^$`\\]*\$(?:\w+|\{\w+\})[^$`\\]*")
_begun = r"(?:\A|[\n;&|({]|\b(?:then|do|else|exec|sudo|nohup|time)[ \t])[ \t]*"
_path = r"[\w./~${}-]+"
_run_in_text = re.compile(
    rf"(?<![\w.-])(?P<shell>(?:ba|da|z|k)?sh)(?:[ \t]+-[a-z]+)*[ \t]+[\"']?(?P<script>{_path})"
    rf"|{_begun}(?:(?P<source>source|\.)[ \t]+[\"']?(?P<sourced>{_path})"
    rf"|[\"']?(?P<run>[\w.~${{}}-]*/{_path}))"
)
"""What runs a file in the text of a script."""
_pattern = re.compile(r"[*?\[]")
_most_origins, _most_sources = 500, 50


class Files:
    """Tells files by the words that name them."""

    def __init__(self, flat: FlatScript, facts: Facts, holdings: Holdings) -> None:
        self._flat, self._holdings = flat, holdings
        self._copied: dict[str, set[tuple[str, str]]] = {}
        self._begun: dict[str, Values] = {}
        self._searched_copies: set[str] = set()
        self._entered_copies: set[str] = set()
        self._paths = [
            flat.shown(given.word.start, given.word.end) for given in facts.assigned if given.name == "PATH"
        ]
        moves = [it for it in facts.commands if it.words and it.words[0].base in ("cd", "pushd", "popd")]
        self._moves = bool(moves)
        self._entered = {
            posixpath.basename(str(self._named(word)[1])) for command in moves for word in command.words[1:]
        }

    def file(self, word: Word) -> Key:
        """A file, by the words that name it; one that a variable names has two names."""
        match = _in_this_folder.fullmatch(self._flat.text, word.start, word.end)
        if match is None:
            return self._in_some_folder(word)
        variable = self._holdings.variable(match[1], word.start)
        for text in self._holdings.texts.of(variable):
            self._holdings.join(("file", variable), self.place(text))
        return ("file", variable)

    def _in_some_folder(self, word: Word) -> Key:
        """A file in whose path a variable stands has other names by what that may be."""
        key, (before, *after) = self._named(word), word.text.split(HOLE)
        plain = _with_one_variable.fullmatch(self._flat.text, word.start, word.end)
        if plain and len(after) == len(word.variables) == 1 and not word.holes:
            for text in self._holdings.texts.of(self._holdings.variable(word.variables[0], word.start)):
                self._holdings.join(key, self.place(f"{before}{text}{after[0]}"))
        return key

    def _named(self, word: Word) -> Key:
        return self.place(self._flat.shown(word.start, word.end) if HOLE in word.text else word.text)

    def place(self, text: str) -> Key:
        """The file of a name, with what is in the files of which it is a copy."""
        key = _file(text)
        for origin in self._origins(str(key[1])) if self._copied else ():
            self._holdings.add(key, self._holdings.of(_file(origin)))
        name = str(key[1])
        for end in range(1, len(name)) if self._begun else ():
            self._holdings.add(key, self._begun.get(name[:end], {}))
        return key

    def begin(self, word: Word, values: Values) -> None:
        """Files whose names begin so hold values, as those that `split` writes do."""
        begun = self._begun.setdefault(str(self._named(word)[1]), {})
        if not begun.keys() >= values.keys():
            begun.update(values)
            self._holdings.grown = True

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
        return self._elsewhere(str(self._named(word)[1]))

    def named_by(self, given: Assigned) -> Values:
        """What is in the file whose name a variable is given."""
        word, named = given.word, f"{given.name}="
        start = word.start + len(named) * self._flat.text.startswith(named, word.start)
        text = word.text.removeprefix(named)
        file = Word(start, word.end, text, variables=word.variables, holes=word.holes)
        return self._holdings.of(self.file(file)) | self.run_elsewhere(file)

    def run_by(self, script: str) -> Iterator[tuple[str, Values]]:
        """What is in the files that the text of a script runs, each with what runs it."""
        for match in _run_in_text.finditer(script):
            text = match["script"] or match["sourced"] or match["run"]
            yield (
                match["shell"] or match["source"] or text,
                self._holdings.of(self.place(text)) | self._elsewhere(text),
            )

    def _elsewhere(self, text: str) -> Values:
        found: Values = {}
        elsewhere = self._moves or text.startswith("$")
        for key in self._holdings.places("file", posixpath.basename(text)) if elsewhere else ():
            if self._may_be(text, str(key[1])):
                found |= self._holdings.of(key)
        for folder in self._entered_copies:
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
        for folder in self._searched_copies:
            found |= self._holdings.of(self.place(f"{folder}/{program}"))
        return found

    def _is_searched(self, folder: str) -> bool:
        """Whether programs may be found in a folder."""
        searched = any(_plain(folder) in _plain(path) for path in self._paths)
        return searched or posixpath.basename(folder) in ("bin", "sbin")

    def copy(self, word: Word, to: Word) -> None:
        """A file is put into another, or into a folder."""
        source, target = self.file(word), self.file(to)
        self._holdings.add(target, self._holdings.of(source))
        if isinstance(source[1], str) and isinstance(target[1], str):
            self._holdings.add(
                _file(f"{target[1]}/{posixpath.basename(source[1])}"), self._holdings.of(source)
            )
        for one in self._names(word):
            for other in self._names(to):
                self._note_copied(one, other)

    def _names(self, word: Word) -> Iterator[str]:
        """What a file is called, also by what a variable in its path is known to be."""
        yield str(self._named(word)[1])
        if len(word.variables) == 1 and not word.holes:
            for text in self._holdings.texts.of(self._holdings.variable(word.variables[0], word.start)):
                yield str(_file(word.text.replace(HOLE, text))[1])

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


def _file(text: str) -> Key:
    """The file of a name, however it is spelled."""
    if not text:
        return nothing
    named = re.sub(r"\A~/", "$HOME/", _plain(text))
    return ("file", posixpath.normpath(re.sub(r"\A(?:\$PWD|\$\(pwd\))/", "", named)))


def _plain(text: str) -> str:
    return re.sub(r"[\"']", "", re.sub(r"\$\{(\w+)\}", r"$\1", text))
