"""Lists and mappings of a YAML text while their end has not been seen.

They know what they hold, where it stands, and what a mapping may not hold. They do not know
what is around them, nor where an alias comes from.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence, Set
from typing import Any, ClassVar

from runner.source.scalars import NumberTooLong, meaning
from runner.source.troubles import (
    LimitReached,
    Trouble,
    Troubles,
    duplicate_key,
    key_not_scalar,
    key_not_text,
    long_key,
    longest_key,
    no_key,
    second_merge,
    too_many_merged,
    wrong_merge,
)

most_merged = 250_000

most_odd_keys = 100
"""So many of one mapping are told at the most."""

Marks = dict[int, "array[int]"]
"""By the `id` of each list and dict: start and end of each element, or of each key and each value."""

_unusable: Any = object()
_merge: Any = object()


class OpenList:
    """A list whose end has not been seen. `nodes` and `characters` were counted before it.

    `lacks` an element that could not be made out.
    """

    __slots__ = ("anchor", "characters", "lacks", "marks", "nodes", "start", "value")
    wants_key: ClassVar[bool] = False
    odd_keys: ClassVar[Sequence[Trouble]] = ()
    is_partial: ClassVar[bool] = False

    def __init__(self, start: int, anchor: str | None, nodes: int, characters: int) -> None:
        self.value: Any = []
        self.marks: array[int] = array("I")
        self.start = start
        self.anchor = anchor
        self.nodes = nodes
        self.characters = characters
        self.lacks = False

    def add(self, value: Any, start: int, end: int) -> None:
        """Takes the next element."""
        self.value.append(value)
        self.marks.append(start)
        self.marks.append(end)

    def pass_over(self) -> None:
        """Goes on as if the next element did not stand in the text."""
        self.lacks = True

    def drop_last(self) -> None:
        """Takes the last element away."""
        self.value.pop()
        del self.marks[-2:]


class OpenMapping:
    """A mapping whose end has not been seen. Keys and values are given to it in turn.

    `odd_keys` are what is wrong with keys that are no scalars: they may yet turn out to be none.
    `is_partial` once a key, a value or what it should be merged with could not be made out.
    """

    __slots__ = (
        "_first_merge",
        "_key",
        "_key_end",
        "_key_start",
        "_merges",
        "_troubles",
        "anchor",
        "characters",
        "is_partial",
        "marks",
        "nodes",
        "odd_keys",
        "start",
        "value",
        "wants_key",
    )

    def __init__(
        self, start: int, anchor: str | None, nodes: int, characters: int, troubles: Troubles
    ) -> None:
        self.value: Any = {}
        self.marks: array[int] = array("I")
        self.start = start
        self.anchor = anchor
        self.nodes = nodes
        self.characters = characters
        self.odd_keys: list[Trouble] = []
        self._troubles = troubles
        self.wants_key = True
        self._key: Any = None
        self._key_start = self._key_end = 0
        self.is_partial = False
        self._merges: list[dict[str, Any]] = []
        self._first_merge = 0

    def add_key(self, text: str, plain: bool, start: int, end: int) -> None:
        """Takes a scalar as the next key."""
        self.wants_key = False
        self._key_start, self._key_end = start, end
        if plain and text == "<<":
            self._key = _merge
            return
        self._key = text
        if len(text) > longest_key:
            self._key, self.is_partial = _unusable, True
            self._troubles.add(long_key(start, end - start))
        elif plain:
            self._check(text, start)
        if text in self.value:
            self._key = _unusable
            if not self._troubles.full:
                first = self.marks[4 * list(self.value).index(text)]
                self._troubles.add(duplicate_key(start, end - start, text, first))

    def add(self, value: Any, start: int, end: int) -> None:
        """Takes the value of the last key; where a key is wanted, something that can be none."""
        if self.wants_key:
            self.wants_key, self._key, self.is_partial = False, _unusable, True
            if type(value) is not str and len(self.odd_keys) < most_odd_keys:
                self.odd_keys.append(key_not_scalar(start, end - start, value))
            return
        self.wants_key = True
        key = self._key
        if key is _merge:
            self._merge_in(value, start, end)
        elif key is not _unusable:
            self.value[key] = value
            self.marks.extend((self._key_start, self._key_end, start, end))

    def pass_over(self) -> None:
        """Goes on as if the key or the pair that comes next did not stand in the text."""
        self.wants_key, self._key = not self.wants_key, _unusable
        self.is_partial = True

    def drop_last(self) -> None:
        """Takes the last pair away."""
        self.value.popitem()
        del self.marks[-4:]

    def _check(self, text: str, start: int) -> None:
        try:
            value = meaning(text)
        except NumberTooLong:
            value = 0
        if value is text:
            return
        if text:
            self._troubles.add(key_not_text(start, text, value))
        else:
            self._key, self.is_partial = _unusable, True
            self._troubles.add(no_key(start))

    # Merge keys

    def _merge_in(self, value: Any, start: int, end: int) -> None:
        sources = value if type(value) is list else [value]
        if not all(type(source) is dict for source in sources):
            self._troubles.add(wrong_merge(start, end - start, value))
            self.is_partial = True
            return
        if self._merges:
            self._troubles.add(second_merge(self._key_start, self._first_merge))
        else:
            self._first_merge = self._key_start
        self._merges.extend(sources)

    def merge(self, marks: Marks, merged_before: int, partial: Set[int]) -> int:
        """Brings in what its merge keys name, and tells how many keys have been brought in now.

        Own keys win over merged ones, and earlier sources over later ones. `partial` are the
        mappings from which something was left out: so it is from this one then.
        """
        if not self._merges:
            return merged_before
        merged_now = merged_before + sum(map(len, self._merges))
        if merged_now > most_merged:
            raise LimitReached(too_many_merged(self._first_merge, most_merged))
        sources = [(source, marks[id(source)]) for source in self._merges]
        self.is_partial |= any(id(source) in partial for source in self._merges)
        self.value, self.marks = _merged([(self.value, self.marks), *sources])
        return merged_now


def _merged(sources: Sequence[tuple[Mapping[str, Any], array[int]]]) -> tuple[dict[str, Any], array[int]]:
    """All keys with their places, where the first mapping that has a key gives its value.

    What is merged comes before what is the mapping's own, as other readers of YAML have it.
    """
    (own, own_marks), *others = sources
    value: dict[str, Any] = {}
    marks: array[int] = array("I")
    for source, theirs in others:
        if value.keys().isdisjoint(source) and own.keys().isdisjoint(source):
            value.update(source)
            marks.extend(theirs)
            continue
        for number, key in enumerate(source):
            if key not in own and key not in value:
                value[key] = source[key]
                marks.extend(theirs[4 * number : 4 * number + 4])
    value.update(own)
    marks.extend(own_marks)
    return value, marks
