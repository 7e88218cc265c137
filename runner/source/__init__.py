"""YAML text ⇄ plain data with places: reads a file once, and knows where everything in it stands.

It does not know what a workflow is, and it raises for no text: what is wrong is in `faults`.
"""

from __future__ import annotations

import gc
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from runner.position import Fault, Position
from runner.regex import regex
from runner.source.build import Builder, Tree
from runner.source.events import SyntaxFailure, event_reader, syntax_errors
from runner.source.glued import space_missing
from runner.source.lines import line_break, line_number, line_start
from runner.source.quoting import cut_by_comma, cut_off
from runner.source.reading import most_bytes
from runner.source.scalars import places
from runner.source.survey import limit_reached
from runner.source.syntax import explain, misread
from runner.source.troubles import LimitReached, Trouble

_unreadable = regex(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
Path = tuple[str | int, ...]


class Document:
    """One YAML text as data. `value` is to be read, not changed: places are kept by identity.

    An aliased or merged value has the place where it was written. `complete` is False where a
    fault kept the rest from being read, so that what is missing from `value` may well stand in
    the file.
    """

    def __init__(
        self, name: str, text: str, tree: Tree, troubles: list[Trouble], complete: bool = True
    ) -> None:
        self.name = name
        self.text = text
        self.value: Any = tree.value
        self.complete = complete
        self._tree = tree
        self._ordinals: dict[int, dict[str, int]] = {}
        self._lines: dict[int, str] = {}
        self._places: dict[int, Sequence[int] | None] = {}
        self._is_large = len(text) > most_bytes // 16
        self.faults = [self._fault(trouble) for trouble in troubles]

    def has(self, path: Path) -> bool:
        """Whether there is a value at the path."""
        return self._find(path)[1] == len(path)

    def is_partial(self, path: Path) -> bool:
        """Whether something was left out of the mapping at the path, because of what is wrong with it."""
        _, depth, value = self._find(path)
        return depth == len(path) and id(value) in self._tree.partial

    def is_unfinished(self, path: Path) -> bool:
        """Whether the end could not be read of the value at the path, or of what it would be in."""
        if self.complete:
            return False
        _, depth, value = self._find(path)
        return depth == 0 or id(value) in self._tree.unfinished

    def mark(self, path: Path, *, key: bool = False) -> Position:
        """The place of the value, or of its key; of its nearest ancestor where there is none."""
        return self._position(self._token(path, key)[0])

    def mark_in(self, path: Path, offset: int) -> Position:
        """The place of a character of the string at the path, through escapes, folds and indentation."""
        span, _, value = self._find(path)
        start, end = span[2], span[3]
        if not isinstance(value, str):
            return self.mark(path)
        if start not in self._places:  # one scalar may hold thousands of problems
            self._places = {start: places(self.text[start:end], value)}
        known = self._places[start]
        if known is None:
            return self._position(start)
        return self._position(start + known[min(max(offset, 0), len(known) - 1)])

    def length(self, path: Path, *, key: bool = False) -> int:
        """How long the value (or its key) is on its first line, for the caret."""
        start, end = self._token(path, key)
        found = line_break.search(self.text, start, end)
        return max((found.start() if found else end) - start, 1)

    def line(self, number: int) -> str:
        """The text of a line, without its break."""
        if number not in self._lines:  # a long line may hold thousands of problems: one copy is enough
            if not 1 <= number <= len(self._line_starts):
                return ""
            start = self._line_starts[number - 1]
            self._lines[number] = self._line_from(start)
        return self._lines[number]

    def _line_from(self, start: int) -> str:
        found = line_break.search(self.text, start)
        return self.text[start : found.start() if found else len(self.text)]

    def style(self, path: Path) -> str:
        """How the scalar at the path is written: `'`, `"`, `|`, `>`, or nothing for plain."""
        span, _, value = self._find(path)
        if not isinstance(value, str) or span[3] == span[2]:
            return ""
        first = self.text[span[2]]
        return first if first in "'\"|>" else ""

    def written(self, path: Path) -> str:
        """What stands at the path, as it was typed."""
        (_, _, start, end), _, _ = self._find(path)
        return self.text[start:end]

    def cut_off(self, path: Path) -> tuple[str, str]:
        """The comment that cuts off the text at the path inside a quote, and an advice; or nothing."""
        span, _, value = self._find(path)
        if not isinstance(value, str) or self.style(path):
            return "", ""
        return cut_off(self.text, span[2], span[3])

    def cut_by_comma(self, path: Path) -> tuple[bool, str] | None:
        """Whether the key at the path is the first part that a comma made of a value, and an advice."""
        at, _ = self._token(path, True)
        found = cut_by_comma(self.text, at)
        if found is None:
            return None
        begins, advice = found
        beside = (self._token((*path[:-1], key), True)[0] for key in self._find(path[:-1])[2])
        return not any(begins < other < at for other in beside), advice

    def space_missing(self, path: Path) -> str:
        """What is advised for a key that should be a key and its value."""
        key, (_, _, value) = path[-1] if path else "", self._find(path)
        is_cut = isinstance(key, str) and any(f":{bracket}" in key for bracket in "[{")
        return space_missing(key) if value is None or is_cut else ""

    def _find(self, path: Path) -> tuple[tuple[int, int, int, int], int, Any]:
        """The key's and the value's start and end, how much of the path exists, and the value."""
        value, tree = self.value, self._tree
        span = (tree.start, tree.end, tree.start, tree.end)
        for depth, part in enumerate(path):
            if not isinstance(value, (dict, list)):
                return span, depth, value
            marks = tree.marks.get(id(value))
            if marks is None:  # what stands in for a text that was refused
                return span, depth, value
            if type(value) is dict:
                ordinal = self._ordinal(value, part)
                if ordinal is None:
                    return span, depth, value
                key_start, key_end, start, end = marks[4 * ordinal : 4 * ordinal + 4]
                span, value = (key_start, key_end, start, end), value[part]
            else:
                if not isinstance(part, int) or not -len(value) <= part < len(value):
                    return span, depth, value
                ordinal = part % len(value)
                start, end = marks[2 * ordinal : 2 * ordinal + 2]
                span, value = (start, end, start, end), value[part]
        return span, len(path), value

    def _ordinal(self, mapping: dict[str, Any], key: str | int) -> int | None:
        ordinals = self._ordinals.get(id(mapping))
        if ordinals is None:
            ordinals = {name: number for number, name in enumerate(mapping)}
            self._ordinals[id(mapping)] = ordinals
        return ordinals.get(key)  # type: ignore[arg-type]

    def _token(self, path: Path, key: bool) -> tuple[int, int]:
        """Start and end of what is pointed at. Of a mapping in block style it is the first key."""
        span, _, value = self._find(path)
        if key:
            return span[0], span[1]
        start, end = span[2], span[3]
        if type(value) is dict and value and self.text[start : start + 1] != "{":
            first = self._tree.marks[id(value)]
            if first[0] == start:
                return start, first[1]
        if type(value) is list and self.text[start : start + 1] == "-":
            return start, start + 1
        return start, end

    @cached_property
    def _line_starts(self) -> array[int]:
        starts = array("I", [0])
        starts.extend(found.end() for found in line_break.finditer(self.text))
        return starts

    def _position(self, index: int) -> Position:
        if self._is_large and not self.value:  # few places are asked for, and the table would be large, too
            line, start = line_number(self.text, index), line_start(self.text, index)
            if line not in self._lines:
                self._lines[line] = self._line_from(start)
            return Position(self.name, line, index - start + 1)
        line = bisect_right(self._line_starts, index)
        return Position(self.name, line, index - self._line_starts[line - 1] + 1)

    def _fault(self, trouble: Trouble) -> Fault:
        related = tuple((self._position(at), words) for at, words in trouble.related)
        position = self._position(trouble.at)
        length = max(1, min(trouble.length, len(self.line(position.line)) - position.column + 1))
        return Fault(position, trouble.code, trouble.message, trouble.hint, length, related)


def parse(text: str, name: str) -> Document:
    """Reads a text as one YAML document. It never raises: what is wrong is in `faults`."""
    text = text.removeprefix("\ufeff")
    if len(text) > most_bytes:
        trouble = Trouble(0, "too-large", f"this is larger than {most_bytes >> 20} MB")
        return Document(name, "", Tree({}), [trouble], False)
    unreadable = [_unreadable_trouble(text, found) for found in _first(_unreadable.finditer(text), 20)]
    readable = text[: unreadable[0].at] if unreadable else text
    builder = Builder(readable)
    stop = _build(builder, readable)
    if unreadable and (stop is None or stop.at >= line_start(text, unreadable[0].at)):
        stop = unreadable[0]
    tree = builder.tree
    if stop is not None:
        builder.abandon(line_start(text, stop.at))
        if not isinstance(tree.value, (dict, list)):
            tree.value = {}
    troubles = {
        (it.at, it.code): it for it in [*builder.troubles.found, *unreadable, *([stop] if stop else [])]
    }
    return Document(name, text, tree, sorted(troubles.values()), complete=stop is None)


def _build(builder: Builder, text: str) -> Trouble | None:
    """Builds what can be built; gives what stopped it. Beyond a limit nothing is kept."""
    if beyond := limit_reached(text):
        stop, builder.troubles = beyond
        return stop
    try:
        with _no_collection():
            builder.build(event_reader(text))
    except LimitReached as reached:
        builder.forget()
        return reached.trouble
    except syntax_errors as error:
        failure = SyntaxFailure.of(error, text)
        if failure.is_too_deep:  # even for the parser, which reads far ahead of what is built
            builder.forget()
            return _build(Builder(text[: failure.at]), text[: failure.at])
        opened = builder.open_starts()
        builder.troubles.forget_between(*misread(failure, text, opened))
        return explain(failure, text, opened)
    return None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the garbage collector, which would go over ever more new objects and free none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _first(found: Iterator[re.Match[str]], most: int) -> list[re.Match[str]]:
    return [match for match, _ in zip(found, range(most), strict=False)]


def _unreadable_trouble(text: str, found: re.Match[str]) -> Trouble:
    code = ord(found.group())
    names = {0: "a NUL character", 0x1B: "an escape character", 0xFEFF: "a byte order mark"}
    name = names.get(code, "a control character" if code < 0xA0 else "a character that no text may hold")
    hint = "delete it" if code > 0xFF else f"in double quotes it can be written as \\x{code:02x}"
    message = f"{name} (U+{code:04X}) may not stand in the file"
    return Trouble(found.start(), "control-character", message, hint)
