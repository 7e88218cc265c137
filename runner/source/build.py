"""Builds plain data from the events of a YAML parser, and keeps where each value stands.

Places are indexes into the text; lines and files are not known here, and neither are the words
for syntax errors. Nothing is ever expanded: an alias is the very object that it names, and what
it would come to is only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple

from runner.regex import regex
from runner.source.collections import Marks, OpenList, OpenMapping
from runner.source.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from runner.source.scalars import NumberTooLong, meaning
from runner.source.tags import of_condition, reads_plainly, tag
from runner.source.troubles import (
    LimitReached,
    Troubles,
    alias_cycle,
    directive,
    long_number,
    second_document,
    tab,
    too_deep,
    too_large,
    too_many,
    unknown_alias,
    unquoted_expression,
)
from runner.struct import field, struct

deepest = 100
most_values = 5_000_000
most_characters = 64 * 1024 * 1024

_indented_by_tab = regex(r"(?<![^\r\n]) *\t[ \t]*(?=[^ \t\r\n])")
_property = regex(r"[&!][^\s,\[\]{}]*")
_blanks_and_comments = regex(r"\s*(?:#[^\r\n]*\s*)*")


@struct(frozen=False)
class Tree:
    """What was built: the value, its start and end, and the places of all that is in it.

    `partial` are the mappings, by identity, from which something had to be left out, and `unfinished` the
    lists and mappings whose end was not seen.
    """

    value: Any = None
    start: int = 0
    end: int = 0
    marks: Marks = field(default_factory=dict)
    partial: set[int] = field(default_factory=set)
    unfinished: set[int] = field(default_factory=set)

    wants_key: ClassVar[bool] = False

    def add(self, value: Any, start: int, end: int) -> None:
        """Takes the one value of the document."""
        self.value, self.start, self.end = value, start, end

    def pass_over(self) -> None:
        """Goes on as if the one value did not stand in the text."""


class Anchored(NamedTuple):
    value: Any
    start: int
    end: int
    nodes: int
    characters: int


class _SecondDocument(Exception):
    """Nothing behind the first document is read."""


class Builder:
    """Takes events one by one; `tree` and `troubles` are what was built and found so far."""

    def __init__(self, text: str) -> None:
        self.tree = Tree()
        self.troubles = Troubles()
        self._text = text
        self._opened: list[OpenList | OpenMapping] = []
        self._top: Tree | OpenList | OpenMapping = self.tree
        self._tabs = _tabs(text)
        self._anchors: dict[str, Anchored | None] = {}
        self._keys: dict[str, str] = {}
        self._nodes = self._characters = self._merged = self._documents = 0

    def build(self, next_event: Callable[[], Any]) -> None:
        """Builds all of it. Raises what `next_event` raises, and `LimitReached`."""
        take: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            AliasEvent: self._alias,
            MappingStartEvent: self._open_mapping,
            SequenceStartEvent: self._open_list,
            MappingEndEvent: self._close_mapping,
            SequenceEndEvent: self._close_list,
            DocumentStartEvent: self._document,
        }
        try:
            while (event := next_event()) is not None:
                step = take.get(type(event))
                if step is not None:
                    step(event)
        except _SecondDocument:
            return

    def open_starts(self) -> list[int]:
        """Where the lists and mappings begin whose end was not seen."""
        return [unfinished.start for unfinished in self._opened]

    def abandon(self, cut: int) -> None:
        """Keeps only what was finished before the cut, at the root and one level below."""
        if not self._opened:
            self.tree.unfinished |= set(map(id, _last_in(self.tree.value)))
        del self._opened[2:]
        if len(self._opened) == 2 and self._opened[1].start >= cut:
            del self._opened[1]
        while self._opened:
            unfinished = self._opened[-1]
            while unfinished.marks and unfinished.marks[-1] > cut:
                unfinished.drop_last()
            for trouble in unfinished.odd_keys:
                if trouble.at < cut:
                    self.troubles.add(trouble)
            self.tree.unfinished.add(id(unfinished.value))
            self._close(cut)

    def forget(self) -> None:
        """Keeps nothing of what was built, only what was found wrong."""
        self._opened.clear()
        self.tree.value = None
        self.tree.marks.clear()

    # Events

    def _document(self, event: Any) -> None:
        self._documents += 1
        if event.version is not None and tuple(event.version) != (1, 2):
            self.troubles.add(directive(event.start_mark.index, len("%YAML 1.1")))
        if self._documents > 1:
            self.troubles.add(second_document(event.start_mark.index))
            raise _SecondDocument

    def _scalar(self, event: Any) -> None:
        text, plain = event.value, not event.style
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor is not None or event.tag is not None:
            start = min(self._behind_properties(event, start), end)
        self._nodes += 1
        self._characters += len(text)
        if self._nodes > most_values or start in self._tabs:
            self._count(0, 0, start)
        top: Any = self._top
        value: Any = text
        if event.tag is not None and not top.wants_key and self._is_tag_alone(event):
            top.pass_over()
        elif top.wants_key:
            top.add_key(self._keys.setdefault(text, text), plain, start, end)
        else:
            if reads_plainly(event.tag, plain):
                value = self._meaning(text, start)
            top.add(value, start, end)
        if event.anchor is not None:
            self._anchors[event.anchor] = Anchored(value, start, end, 1, len(text))

    def _is_tag_alone(self, event: Any) -> bool:
        """Whether what YAML reads as a tag was the value, or the beginning of it."""
        return not (event.value or event.style) or bool(of_condition(self._text, event.start_mark.index))

    def _alias(self, event: Any) -> None:
        name, at = event.anchor, event.start_mark.index
        anchored = self._anchors.get(name)
        if anchored is None:
            self._count(1, 0, at)
            self._bad_alias(name, at)
            self._top.pass_over()
            return
        self._count(anchored.nodes, anchored.characters, at)
        top: Any = self._top
        if not top.wants_key:
            top.add(anchored.value, anchored.start, anchored.end)
        elif type(anchored.value) is str:
            top.add_key(anchored.value, False, at, at + len(name) + 1)
        else:
            top.add(anchored.value, at, at + len(name) + 1)

    def _open_list(self, event: Any) -> None:
        start = self._opening(event)
        self._push(OpenList(start, event.anchor, self._nodes - 1, self._characters))

    def _open_mapping(self, event: Any) -> None:
        start = self._opening(event)
        self._push(OpenMapping(start, event.anchor, self._nodes - 1, self._characters, self.troubles))

    def _close_list(self, event: Any) -> None:
        done: Any = self._top
        nothing_left = done.lacks and not done.value
        if nothing_left and done.anchor is None and len(self._opened) > 1:
            self._pop()
            self._top.pass_over()
        else:
            self._close(event.end_mark.index)

    def _close_mapping(self, event: Any) -> None:
        mapping: Any = self._top
        if not mapping.odd_keys:
            self._merged = mapping.merge(self.tree.marks, self._merged, self.tree.partial)
            self._close(event.end_mark.index)
        elif self._text.startswith("{{", mapping.start):
            self._close_expression(event.end_mark.index)
        else:
            for trouble in mapping.odd_keys:
                self.troubles.add(trouble)
            self._close(event.end_mark.index)

    # Lists and mappings

    def _opening(self, event: Any) -> int:
        start: int = event.start_mark.index
        if len(self._opened) == deepest:
            raise LimitReached(too_deep(start, deepest))
        if event.anchor is not None or event.tag is not None:
            start = self._behind_properties(event, start)
            if event.anchor is not None:
                self._anchors[event.anchor] = None
        self._count(1, 0, start)
        return start

    def _push(self, opened: OpenList | OpenMapping) -> None:
        self._opened.append(opened)
        self._top = opened

    def _pop(self) -> OpenList | OpenMapping:
        done = self._opened.pop()
        self._top = self._opened[-1] if self._opened else self.tree
        return done

    def _close(self, end: int) -> None:
        done = self._pop()
        if done.marks and self._text[done.start] not in "[{":
            end = done.marks[-1]
        self.tree.marks[id(done.value)] = done.marks
        if done.is_partial:
            self.tree.partial.add(id(done.value))
        self._finish(done, done.value, end)

    def _close_expression(self, end: int) -> None:
        """What was read as a mapping in a mapping is the text `{{ … }}`."""
        done = self._pop()
        text = self._text[done.start : end]
        self.troubles.forget_between(done.start, end)
        self.troubles.add(unquoted_expression(done.start, text))
        self._finish(done, text, end)

    def _finish(self, done: OpenList | OpenMapping, value: Any, end: int) -> None:
        if done.anchor is not None:
            nodes, characters = self._nodes - done.nodes, self._characters - done.characters
            self._anchors[done.anchor] = Anchored(value, done.start, end, nodes, characters)
        self._top.add(value, done.start, end)

    # Scalars, aliases, limits

    def _meaning(self, text: str, start: int) -> Any:
        try:
            return meaning(text)
        except NumberTooLong:
            self.troubles.add(long_number(start, text))
            return text

    def _bad_alias(self, name: str, at: int) -> None:
        if self.troubles.full:
            return
        if name in self._anchors:
            self.troubles.add(alias_cycle(at, name))
        else:
            self.troubles.add(unknown_alias(at, name, self._anchors))

    def _count(self, nodes: int, characters: int, at: int) -> None:
        self._nodes += nodes
        self._characters += characters
        if self._nodes > most_values:
            raise LimitReached(too_many(at, most_values))
        if self._characters > most_characters:
            raise LimitReached(too_large(at, most_characters))
        if at in self._tabs:
            self._tab(at)

    def _tab(self, at: int) -> None:
        """Only where everything is in brackets, as in JSON, may a tab indent."""
        if self._opened and self._text[self._opened[0].start] not in "[{":
            place = self._text.index("\t", self._tabs[at])
            self.troubles.add(tab(place, at - place))

    def _behind_properties(self, event: Any, at: int) -> int:
        """Refuses a tag; gives the place of what stands behind tag and anchor."""
        for _ in (event.anchor, event.tag):
            found = _property.match(self._text, at)
            if found is None:
                break
            if self._text[at] == "!":
                self.troubles.add(tag(self._text, at))
            after = _blanks_and_comments.match(self._text, found.end())
            at = after.end() if after else found.end()
        return at


def _last_in(value: Any) -> Iterator[Any]:
    """A value, the last one in it, the last one in that, and so on."""
    while isinstance(value, dict | list):
        yield value
        if not value:
            return
        value = value[-1] if isinstance(value, list) else next(reversed(value.values()))


def _tabs(text: str) -> dict[int, int]:
    """By the place where a line's first word begins: where the line begins, if a tab stands between."""
    if "\t" not in text:
        return {}
    return {found.end(): found.start() for found in _indented_by_tab.finditer(text)}
