"""What programs print: what they are given, what they read, and the names of files that they find.

Which program prints what is known from `printing` and `naming`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from runner.shell.arguments import may_be_several
from runner.shell.files import Files
from runner.shell.findings import Command, Facts, Word
from runner.shell.flat import HOLE, FlatScript
from runner.shell.holdings import Holdings, Values, folder
from runner.shell.known import finders, git_output, xargs
from runner.shell.known.columns import keeps_rows, nowhere, taken
from runner.shell.known.naming import given_by_find, given_by_xargs, names, names_stand
from runner.shell.known.printing import counts, passes, printed, read_variables, tells_folder
from runner.shell.known.wrappers import containers
from runner.shell.known.writing import Writing, writings
from runner.shell.known.written_names import redirected_in
from runner.shell.plain_words import what_becomes
from runner.shell.streams import Redirecting, Streams
from runner.shell.texts import Key


class Outputs:
    """Tells the holdings what comes out of a command."""

    def __init__(
        self, flat: FlatScript, facts: Facts, holdings: Holdings, files: Files, redirecting: Redirecting
    ) -> None:
        self._flat, self._facts, self._holdings = flat, facts, holdings
        self._files, self._redirecting = files, redirecting
        self._said = Counter(re.findall(r"[\w-]+", flat.text))

    def process(self, word: Word, streams: Streams) -> Key:
        """What is read from a word that is `<( )` or names a file, or written to one that is `>( )`."""
        if self._is_written_to(word):
            return self._redirecting.sink(streams, word)
        return self._redirecting.source(streams, word)

    def _is_written_to(self, word: Word) -> bool:
        """Whether it is `>( )`."""
        return word.process is not None and self._flat.text.startswith(">(", word.process.start - 2)

    def given_to_xargs(self, words: Sequence[Word], streams: Streams) -> Key:
        """What `xargs` reads."""
        file = xargs.input_file(words)
        return streams.stdin if file is None else self.process(file, streams)

    def found(self, words: Sequence[Word], streams: Streams) -> Values:
        """What may stand in the paths that `find` finds."""
        found: Values = {}
        for word in finders.paths(words):
            found |= self._holdings.word(word)
        for option, word in pairwise(words):
            if option.text == "-files0-from":
                read = streams.stdin if word.text == "-" else self.process(word, streams)
                found |= self._holdings.of(read)
        return found

    def _environment(self, command: Command, words: Sequence[Word], names: frozenset[str] | None) -> Values:
        """What a program may print of its environment, of which it names some variables, or all."""
        holdings, exported = self._holdings, self._facts.exported
        found = dict(holdings.of(holdings.exported)) if names is None else Values()
        for name in exported & (names or set()) if "*" not in exported else names or ():
            found |= holdings.named_values(name, words[0].start)
        if names is None or names:
            for word in command.assignments:
                if names is None or word.name in names:
                    found |= dict.fromkeys(holdings.word(word), word.name)
            for word in command.words:
                name, equals, _ = word.text.partition("=")
                if equals and (names is None or name in names):
                    found |= holdings.word(word)
        return found

    def print(self, command: Command, words: Sequence[Word], streams: Streams) -> None:
        """What a program prints goes to its output, and to all that it is told to write to."""
        prints: Key = (what_becomes(command, words, self._flat), (id(words), streams.key))
        fed = self._fed(command)
        named = read_variables(words, fed)
        self._name(words, streams, prints)
        sure = counts(words) and not any(may_be_several(word, self._flat) for word in words)
        given = () if sure else printed(words, fed)
        self._holdings.add(prints, self._holdings.words(given) | self._environment(command, words, named))
        if tells_folder(words):
            self._holdings.hand_on(folder, prints)
        if words[0].base == "git":
            self._git(command, words, streams, prints)
        elif passes(words):
            self._pass(words, streams, prints)
        self._holdings.hand_on(prints, streams.stdout)
        writes = words[0].base in ("tee", "sponge")
        for word in words[1:]:
            if writes or self._is_written_to(word):
                self._holdings.hand_on(prints, self._redirecting.sink(streams, word))
        for writing in writings(words, fed):
            self._write(command, words, writing, streams, prints)

    def _write(
        self, command: Command, words: Sequence[Word], writing: Writing, streams: Streams, prints: Key
    ) -> None:
        """A program writes files itself."""
        values = self._holdings.of(prints)
        if not writing.printed:
            values = self._holdings.words(writing.given) | self._environment(command, words, writing.named)
            if writing.fed:
                values |= self._holdings.of(streams.stdin)
            for key in self._named(writing.read):
                values |= self._holdings.of(key)
            for word in writing.sources:
                values |= self._holdings.of(self.process(word, streams))
        for key in self._named(writing.files):
            self._holdings.add(key, values)
        for word in writing.operands:
            self._holdings.add(self._redirecting.sink(streams, word), values)
        for word in writing.begun if values else ():
            self._files.begin(word, values)

    def write_by(self, command: Command, script: str, streams: Streams) -> None:
        """A script that a command runs writes files of what it is given, or reads."""
        files = redirected_in(script)
        if not files or command.words[0].base in containers:
            return
        values = self._holdings.words(command.words) | self._holdings.of(streams.stdin)
        values |= self._environment(command, command.words, frozenset(re.findall(r"\w+", script)))
        for key in self._named(files):
            self._holdings.add(key, values)

    def _named(self, names: Iterable[str]) -> Iterator[Key]:
        """The files of some names, where they look like some or the script says more of these."""
        for name in names:
            if "." in name or "/" in name or self._said[name] > 1:
                yield self._files.place(name)

    def _fed(self, command: Command) -> str:
        """What a command reads from its input, where that is known."""
        for redirection in reversed(command.redirections):
            if body := redirection.body:
                return self._flat.text[body.start : body.end]
            if redirection.operator == "<<<":
                return redirection.target.text
        return HOLE

    def _git(self, command: Command, words: Sequence[Word], streams: Streams, to: Key) -> None:
        """What git prints of what it reads and of what its repository keeps."""
        read = self._holdings.of(streams.stdin) if git_output.reads(words) else {}
        if git_output.keeps(words):
            given = self._holdings.words((*git_output.given(words), *_authors(command.assignments)))
            self._holdings.add(git_output.repository, given | read)
        behind = git_output.kept_stand(words)
        if behind is not None:
            self._holdings.add(to, self._holdings.of(git_output.repository) | read, behind)

    def _name(self, words: Sequence[Word], streams: Streams, to: Key) -> None:
        """A program prints names of files, which are in the paths that it is given."""
        behind = names_stand(words)
        is_finder = words[0].base in finders.finders
        given = given_by_find(words) if is_finder else []
        if behind is None and not given:
            return
        values = self.found(words, streams) if is_finder else self._holdings.words(names(words))
        for columns in (behind, *given):
            if columns is not None:
                self._holdings.add(to, values, columns)

    def _pass(self, words: Sequence[Word], streams: Streams, to: Key) -> None:
        """A program prints what it reads."""
        source, behind = streams.stdin, nowhere
        if words[0].base == "xargs":
            given, source = given_by_xargs(words), self.given_to_xargs(words, streams)
            if given is None:
                return
            behind = given
        columns = taken(words, [self._flat.text[word.start : word.end] for word in words])
        for key in (source, *(self.process(word, streams) for word in words[1:])):
            if keeps_rows(words):
                self._holdings.hand_on(key, to)
            else:
                self._holdings.add(to, self._holdings.of(key, columns), behind)


def _authors(assignments: Sequence[Word]) -> list[Word]:
    """`GIT_AUTHOR_NAME=… git commit`."""
    return [word for word in assignments if word.name.startswith("GIT_")]
