"""What a callable gives bit by bit → all of it, as long as somebody waits for it.

Knows neither callables nor who waits.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterable, Iterable
from itertools import islice
from typing import Any

from runner.work.halt import Halt

MOST = 64
"""So many elements are taken without a look at whether somebody waits, as long as that takes no time."""

NO_TIME = 0.001
"""Seconds that this may be."""

BRIEFLY = 0.2
"""Seconds that it goes on once it was asked to end: what is about to end by itself is done."""


DEEPEST = 100
"""Lists and mappings further down are not looked into."""

_leaves = frozenset({type(None), bool, int, float, str, bytes})
"""Types of what has nothing in it."""


class Unwanted(Exception):
    """Nobody waits any more. `late`: it has taken longer than it may."""

    def __init__(self, late: bool) -> None:
        super().__init__(late)
        self.late = late


class Gathering:
    """Takes one element after the other, for so many `seconds` at the most, and until `halt` is asked for."""

    def __init__(self, halt: Halt, seconds: float | None) -> None:
        self._halt = halt
        self._began = time.monotonic()
        self._seconds = seconds
        self._asked: float | None = None
        self.through: Any = None
        """What is gone through, once that has begun."""

    def all_of(self, elements: Iterable[Any]) -> list[Any]:
        """The list of them. Raises `Unwanted`, and what they raise.

        What is in an element is gathered before the next one is taken: the groups of `groupby` need that.
        """
        self.through = elements
        iterator = map(self.within, elements)
        found: list[Any] = []
        number, then = 1, self._look()
        while True:
            before = len(found)
            found += islice(iterator, number)
            if len(found) - before < number:
                return found
            now = self._look()
            number = min(2 * number, MOST) if now - then < NO_TIME else 1
            then = now

    def within(self, value: Any) -> Any:
        """The value with a list in the place of each iterator in it. Raises as `all_of`."""
        return value if type(value) in _leaves else self._within(value, {}, 0)

    def _within(self, value: Any, known: dict[int, Any], depth: int) -> Any:
        """`known` are the lists and mappings seen before, by identity: they may hold each other."""
        if id(value) in known:
            return known[id(value)]
        if gives_once(type(value), "__next__", "__enter__"):
            known[id(value)] = self.all_of(value)
            return known[id(value)]
        names, parts = _names_and_parts(value)
        if depth == DEEPEST or _leaves.issuperset(map(type, parts)):
            return value
        known[id(value)] = value
        whole = [it if type(it) in _leaves else self._within(it, known, depth + 1) for it in parts]
        if any(new is not old for new, old in zip(whole, parts, strict=True)):
            known[id(value)] = whole if names is None else dict(zip(names, whole, strict=True))
        return known[id(value)]

    async def all_of_later(self, elements: AsyncIterable[Any]) -> list[Any]:
        """The same, of what gives them one day."""
        self.through = elements
        found = []
        async for element in elements:
            found.append(element)
            self._look()
        return found

    def _look(self) -> float:
        """What time it is. Raises `Unwanted`."""
        now = time.monotonic()
        if self._seconds is not None and now - self._began > self._seconds:
            raise Unwanted(late=True)
        if self._halt.is_asked:
            self._asked = self._asked or now
            if now - self._asked > BRIEFLY:
                raise Unwanted(late=False)
        return now


def is_whole(value: Any) -> bool:
    """Whether it is surely given at once, as most results are: told in less time than a call takes."""
    kind = type(value)
    if kind is dict:
        return _leaves.issuperset(map(type, value.values()))
    return kind in _leaves or (kind in (list, tuple) and _leaves.issuperset(map(type, value)))


def gives_once(kind: type, following: str, entering: str) -> bool:
    """Whether something is an iterator and nothing else: an open file, say, is more than its lines."""
    return hasattr(kind, following) and not hasattr(kind, entering)


def _names_and_parts(value: Any) -> tuple[list[Any] | None, list[Any]]:
    """What a list or a mapping holds now; no method is called that a type of its own may have overridden."""
    kind = type(value)
    if issubclass(kind, dict):
        return list(dict.keys(value)), list(dict.values(value))
    if issubclass(kind, list):
        return None, list(list.__iter__(value))
    return None, list(tuple.__iter__(value)) if issubclass(kind, tuple) else []
