"""The events of a YAML parser for a text: the C parser of PyYAML, or the pure one where that is missing.

It hides from the parser what YAML 1.2 reads otherwise than 1.1. It builds nothing. No other
module knows PyYAML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import islice
from typing import Any

import yaml
from yaml.error import MarkedYAMLError

from runner.regex import regex
from runner.source.troubles import LimitReached, too_many_directives
from runner.struct import struct

most_directives = 100
_piece = 1 << 16

AliasEvent = yaml.AliasEvent
DocumentStartEvent = yaml.DocumentStartEvent
MappingEndEvent = yaml.MappingEndEvent
MappingStartEvent = yaml.MappingStartEvent
ScalarEvent = yaml.ScalarEvent
SequenceEndEvent = yaml.SequenceEndEvent
SequenceStartEvent = yaml.SequenceStartEvent

syntax_errors = (yaml.YAMLError,)
"""What reading an event raises where the text is not YAML; `SyntaxFailure.of` tells what it says."""

_lone_half = regex("[\ud800-\udfff]")
_tag_directive = regex(r"(?<![^\r\n])%TAG\b")
_pair = regex(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_foreign_breaks = "\x85\u2028\u2029"
_private = range(0xE000, 0xF8FF)


@struct
class SyntaxFailure:
    """A parser's complaint: what it says is wrong, where, and where the thing around it began."""

    problem: str
    at: int
    context: str
    context_at: int

    @property
    def is_too_deep(self) -> bool:
        """Whether there are more brackets in brackets than the parser takes, in newer versions of it."""
        return "nesting depth" in self.problem

    @classmethod
    def of(cls, error: Exception, text: str) -> SyntaxFailure:
        """What the parser says, with all places inside the text."""
        mark, context = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
        at = min(mark.index, len(text)) if mark else len(text)
        context_at = min(context.index, at) if context else at
        words = getattr(error, "problem", None), getattr(error, "context", None)
        return cls(str(words[0] or ""), at, str(words[1] or ""), context_at)


def event_reader(text: str) -> Callable[[], Any]:
    """A function that gives the next event of the text, and None at its end.

    Both raise `syntax_errors`; `LimitReached` is for a text that the parser would take too long for.
    """
    if text.count("%TAG") > most_directives:
        _check_directives(text)
    disguise = _disguise(text)
    read = _parser(disguise.put_on(text) if disguise else text)
    return disguise.read_through(read) if disguise else read


def _check_directives(text: str) -> None:
    directives = list(islice(_tag_directive.finditer(text), most_directives + 1))
    if len(directives) > most_directives:
        raise LimitReached(too_many_directives(directives[0].start()))


def _parser(text: str) -> Callable[[], Any]:
    try:
        from yaml._yaml import CParser  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return _pure_parser(text)
    source: Any = _Pieces(text) if len(text) > _piece else text
    read: Callable[[], Any] = CParser(source).get_event
    return read


class _Pieces:
    """A long text as a file that is read: of one that is given at once, the parser makes a copy."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self, _: int) -> str:
        """The next piece of it."""
        piece = self._text[self._at : self._at + _piece]
        self._at += len(piece)
        return piece


def _pure_parser(text: str) -> Callable[[], Any]:
    parser: Any = yaml.SafeLoader(text)

    def read() -> Any:
        try:
            event: Any = parser.get_event()
        except ValueError as error:  # an escape beyond the last character
            raise yaml.YAMLError from error
        if type(event) is ScalarEvent and _lone_half.search(event.value):
            mark: Any = event.start_mark
            raise MarkedYAMLError("quoted scalar", mark, "half of a character", mark)
        return event

    return read


def _disguise(text: str) -> _Disguise | None:
    """None for a text that YAML 1.1 and 1.2 read alike, as they do nearly all."""
    breaks = [mark for mark in _foreign_breaks if mark in text]
    if not breaks and not _pair.search(text):
        return None
    used = set(text)
    unused = [chr(code) for code in _private if chr(code) not in used][: len(_foreign_breaks) + 2]
    return _Disguise(*unused) if len(unused) == len(_foreign_breaks) + 2 else None


class _Disguise:
    """Puts characters that the text does not use in place of what the parser would misread.

    A foreign break has one stand-in. Two `\\u` escapes that make one character, as JSON writes
    it, become a mark, their digits and filling, so that all else keeps its place.
    """

    def __init__(self, *stand_ins: str) -> None:
        *breaks, self._mark, self._filling = stand_ins
        self._hidden = {ord(mark): hidden for mark, hidden in zip(_foreign_breaks, breaks, strict=True)}
        self._meant = {ord(hidden): chr(mark) for mark, hidden in self._hidden.items()}
        self._hidden_pair = re.compile(f"{self._mark}(.{{8}}){self._filling}{{3}}")

    def put_on(self, text: str) -> str:
        """The text as the parser gets it, of the same length."""
        hidden = rf"\1{self._mark}\2\3{self._filling * 3}"
        return _pair.sub(hidden, text).translate(self._hidden)

    def read_through(self, read: Callable[[], Any]) -> Callable[[], Any]:
        """A function that reads events and takes the disguise off again."""

        def read_meant() -> Any:
            event = read()
            if type(event) is ScalarEvent:
                value = event.value.translate(self._meant)
                meant = _joined if event.style == '"' else _as_written
                event.value = self._hidden_pair.sub(meant, value) if self._mark in value else value
            return event

        return read_meant


def _joined(found: re.Match[str]) -> str:
    high, low = int(found[1][:4], 16), int(found[1][4:], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _as_written(found: re.Match[str]) -> str:
    return f"\\u{found[1][:4]}\\u{found[1][4:]}"
