"""Lists and mappings in brackets on a line that YAML refuses: where the texts in them begin and end.

It guesses what was meant, with quotes as shells have them, and gives nothing where that is not sure.
What of it YAML reads as it stands is not known here.
"""

from __future__ import annotations

from typing import NamedTuple

from runner.regex import regex

_closing = {"[": "]", "{": "}"}
_key = regex(r"[ \t]*(?:[\w.<-]+[ \t]*:(?=[ \t]|$)|(?:\"[^\"\\]*\"|'[^']*')(?::|[ \t]*:(?=[ \t]|$)))")
_mapping = regex(r"\{[ \t]*(?:[\w.<-]+|\"[^\"\\]*\"|'[^']*')[ \t]*:(?:[ \t]|$)")
_blanks = regex(r"[ \t]*")
_ends = regex(r"[ \t]*(?:[,\]}]|$)")
_in_quotes = regex(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_named = regex(r"[*&][\w-]+")
_entry_follows = regex(r"[^,]*:(?:[ \t]|$)")


class Span(NamedTuple):
    """Where a text begins and ends on its line."""

    start: int
    end: int


class _Unclear(Exception):
    """More than one thing may be meant."""


def texts_in(line: str, start: int, bracket: str = "") -> tuple[list[Span], int] | None:
    """The texts without quotes of the list or mapping that begins at `start`, and where it ends.

    With `bracket` it began with that in a line above. It may go on in the next line, after a comma.
    """
    reader = _Reader(line)
    try:
        end = reader.entries(start, bracket) if bracket else reader.collection(start)
    except _Unclear:
        return None
    return reader.texts, end


def is_mapping(text: str) -> bool:
    """Whether a text begins as a mapping in braces does, and no command."""
    return bool(_mapping.match(text))


def bracket_end(line: str, start: int) -> int | None:
    """The place behind the bracket that closes the one at `start`; None where none does."""
    try:
        return _Reader(line).bracket(start)
    except _Unclear:
        return None


def is_balanced(text: str) -> bool:
    """Whether every bracket that is in no quotes has its counterpart."""
    try:
        return _Reader(f"[{text}]").bracket(0) == len(text) + 2
    except _Unclear:
        return False


class _Reader:
    def __init__(self, line: str) -> None:
        self.line = line
        self.texts: list[Span] = []

    def collection(self, at: int) -> int:
        """The place behind the list or mapping that begins here."""
        return self.entries(at + 1, self.line[at])

    def entries(self, at: int, bracket: str) -> int:
        """The place behind the list or mapping of which an entry begins here."""
        closing = _closing[bracket]
        while True:
            at = self._behind_blanks(at)
            if at == len(self.line):
                return at
            if self.line[at] == closing:
                return at + 1
            if bracket == "{":
                at = self._behind_key(at)
            at = self._behind_blanks(self._value(self._behind_blanks(at), closing))
            if at < len(self.line) and self.line[at] == ",":
                at += 1
            elif at == len(self.line) or self.line[at] != closing:
                raise _Unclear

    def bracket(self, at: int) -> int:
        """The place behind the bracket that closes the one here."""
        waiting = [_closing[self.line[at]]]
        at += 1
        while waiting:
            at = self._behind_quotes(at)
            if at >= len(self.line):
                raise _Unclear
            self._weigh(self.line[at], waiting)
            at += 1
        return at

    def _behind_blanks(self, at: int) -> int:
        found = _blanks.match(self.line, at)
        return found.end() if found else at

    def _behind_key(self, at: int) -> int:
        found = _key.match(self.line, at)
        if found is None:
            raise _Unclear
        return found.end()

    def _value(self, at: int, closing: str) -> int:
        begin = self.line[at : at + 1]
        if not begin or begin in "#!" or (begin == "," and closing == "]"):
            raise _Unclear
        if begin == "," or begin == closing:  # a key without a value
            return at
        for words in (_in_quotes, _named):
            found = words.match(self.line, at)
            if found and _ends.match(self.line, found.end()):
                return found.end()
        if begin == "&" and _named.match(self.line, at):
            raise _Unclear
        if begin in _closing and not self.line.startswith(("{{", "{%"), at):
            end = self._inner(at)
            if end is not None:
                return end
        return self._text(at, closing)

    def _inner(self, at: int) -> int | None:
        """The place behind a list or mapping in this one; None where it is text that so begins."""
        before = len(self.texts)
        try:
            end = self.collection(at)
            if _ends.match(self.line, end):
                return end
        except _Unclear:
            pass
        if is_mapping(self.line[at:]):
            raise _Unclear
        del self.texts[before:]
        return None

    def _text(self, start: int, closing: str) -> int:
        if closing == "]" and _key.match(self.line, start):  # a text, or a mapping without its braces
            raise _Unclear
        waiting: list[str] = []
        at = self._behind_quotes(start)
        while not self._ends_text(at, closing, waiting):
            self._weigh(self.line[at], waiting)
            at = self._behind_quotes(at + 1)
        end = len(self.line[:at].rstrip(" \t"))
        self.texts.append(Span(start, end))
        return end

    def _ends_text(self, at: int, closing: str, waiting: list[str]) -> bool:
        if at >= len(self.line):
            raise _Unclear
        character = self.line[at]
        if character == "#" and self.line[at - 1] in " \t":
            raise _Unclear
        if waiting:
            return False
        return character == closing or (character == "," and self._ends_entry(at + 1, closing))

    def _ends_entry(self, at: int, closing: str) -> bool:
        """Whether a comma before this place ends an entry, and is no part of its text."""
        if closing == "]" or _key.match(self.line, at) or not self.line[at:].strip():
            return True
        if _entry_follows.match(self.line, at):
            raise _Unclear
        return False

    def _weigh(self, character: str, waiting: list[str]) -> None:
        """Keeps which brackets wait to be closed."""
        if character in _closing:
            waiting.append(_closing[character])
        elif character in "]}" and (not waiting or waiting.pop() != character):
            raise _Unclear

    def _behind_quotes(self, at: int) -> int:
        """The first place from here on that is in no quotes and no `{{ }}`."""
        quote = ""
        while at < len(self.line):
            character = self.line[at]
            hole = self.line.find("}}", at) if self.line.startswith("{{", at) else -1
            if hole >= 0:
                at = hole + 2
            elif character == "\\" and quote != "'":
                if not quote and self.line[at + 1 : at + 2] in ("", *",[]{}"):
                    raise _Unclear
                at += 2
            elif character == quote:
                quote, at = "", at + 1
            elif not quote and character in "\"'":
                if self.line[at - 1].isalnum() and self.line[at + 1 : at + 2].isalnum():
                    raise _Unclear  # an apostrophe, or a quote in the middle of a word
                quote, at = character, at + 1
            elif quote:
                at += 1
            else:
                return at
        if quote:
            raise _Unclear
        return at
