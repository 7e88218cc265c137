"""Descriptors: what each reads from and writes to, and how redirections change that.

It knows no program.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from runner.regex import regex
from runner.shell.files import Files
from runner.shell.findings import Compound, Redirection, Word
from runner.shell.flat import HOLE
from runner.shell.holdings import Holdings, nothing, output
from runner.shell.texts import Key
from runner.struct import field, struct

_descriptor = regex(r"/dev/(std(?:in|out|err))|(?:/dev|/proc/[^/]+)/fd/(\w+|\0)")
_standard = {"stdin": "0", "stdout": "1", "stderr": "2"}


@struct(frozen=False)
class Streams:
    """What the descriptors of a command read and write; what is not told is nothing of the script."""

    reads: dict[str, Key] = field(default_factory=dict)
    writes: dict[str, Key] = field(default_factory=dict)

    @property
    def stdin(self) -> Key:
        """What is read where nothing else is named."""
        return self.reads.get("0", nothing)

    @property
    def stdout(self) -> Key:
        """Where goes what is printed."""
        return self.writes.get("1", nothing)

    def copy(self) -> Streams:
        """The same, to be changed apart."""
        return Streams(dict(self.reads), dict(self.writes))

    def lined(self) -> Streams:
        """The same, for commands that may write several lines."""
        writes = {number: key if key[0] == "lines" else ("lines", key) for number, key in self.writes.items()}
        return Streams(dict(self.reads), writes)

    @property
    def key(self) -> object:
        """To tell the same streams again."""
        return frozenset(self.reads.items()), frozenset(self.writes.items())


def descriptor_of(word: Word) -> str:
    """The descriptor that a file stands for; a HOLE if it is not known; empty if it is a file."""
    match = _descriptor.fullmatch(posixpath.normpath(word.text)) if word.text else None
    if match is None:
        return ""
    return _standard[match[1]] if match[1] else match[2]


class Redirecting:
    """Changes streams by redirections. `run` runs commands of `<( )` and `>( )`."""

    def __init__(self, holdings: Holdings, files: Files, run: Callable[[Compound, Streams], None]) -> None:
        self._holdings, self._files = holdings, files
        self._run = run

    def redirect(self, streams: Streams, redirection: Redirection) -> None:
        """What one redirection does."""
        operator, target = redirection.operator, redirection.target
        reading = operator in ("<", "<<", "<<-", "<<<", "<&", "<>")
        descriptor = redirection.descriptor or ("0" if reading else "1")
        if operator in ("<&", ">&") and (target.text.rstrip("-").isdigit() or HOLE in target.text):
            self._duplicate(streams, descriptor, target)
        elif reading:
            streams.reads[descriptor] = self._source(streams, redirection)
        else:
            sink = self.sink(streams, target)
            streams.writes[descriptor] = sink
            if operator in ("&>", "&>>", ">&"):
                streams.writes["2"] = sink

    def _duplicate(self, streams: Streams, descriptor: str, target: Word) -> None:
        number = target.text.rstrip("-")
        known = HOLE not in number
        streams.reads[descriptor] = streams.reads.get(number, nothing) if known else self.any(streams, target)
        if known:
            streams.writes[descriptor] = streams.writes.get(number, nothing)

    def any(self, streams: Streams, word: Word) -> Key:
        """What a descriptor may read that is not told by its number."""
        key: Key = ("any", id(word))
        for source in streams.reads.values():
            self._holdings.add(key, self._holdings.of(source))
        return key

    def _source(self, streams: Streams, redirection: Redirection) -> Key:
        if redirection.heredoc is None and redirection.operator != "<<<":
            return self.source(streams, redirection.target)
        key: Key = ("given", id(redirection))
        self._holdings.add(key, self._holdings.word(redirection.body or redirection.target))
        return key

    def source(self, streams: Streams, file: Word) -> Key:
        """What is read from a file, which may be a descriptor or the output of commands."""
        if file.process is not None:
            inside = streams.copy()
            inside.writes["1"] = output(file.process)
            self._run(file.process, inside)
            return output(file.process)
        number = descriptor_of(file)
        if number:
            return streams.reads.get(number, nothing) if number != HOLE else self.any(streams, file)
        return self._files.file(file)

    def sink(self, streams: Streams, file: Word) -> Key:
        """What is written to a file, which may be a descriptor or the input of commands."""
        if file.process is not None:
            inside = streams.copy()
            key: Key = ("input", id(file.process))
            inside.reads["0"] = key
            self._run(file.process, inside)
            return key
        number = descriptor_of(file)
        return streams.writes.get(number, nothing) if number else self._files.written(file)
