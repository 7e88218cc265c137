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
        """The list of them. Raises `Unwanted`, and what they raise."""
        self.through = elements
        iterator = iter(elements)
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
