"""When idle workers may have what waits behind an item that takes long. It does not know who performs it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from runner.engine.flights import Executor
from runner.records import Submission
from runner.work.clock import now


class Sharing:
    """Looks at what is under way, the more seldom the longer it takes."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._looked: dict[int, float] = {}
        """When somebody looked last, by submission (`time.monotonic`)."""

    def held_up(self, flights: Mapping[int, Submission]) -> list[int]:
        """Those of which idle workers may do something; whoever asks takes it back from them."""
        moment = time.monotonic()
        found = [number for number, look in self._looks(flights) if look <= moment]
        self._looked.update(dict.fromkeys(found, moment))
        return found

    def next_look(self, flights: Mapping[int, Submission]) -> float | None:
        """When to ask again, in seconds since the epoch."""
        first = min((look for _, look in self._looks(flights)), default=None)
        return None if first is None else now() + first - time.monotonic()

    def forget(self, number: int) -> None:
        """It has come back."""
        self._looked.pop(number, None)

    def _looks(self, flights: Mapping[int, Submission]) -> Iterator[tuple[int, float]]:
        if self._executor.here or len(flights) >= self._executor.workers:
            return
        for number, submission in flights.items():
            if len(submission.items) > 1:
                began = self._executor.began(number) or time.monotonic()
                passed = self._looked.get(number, began + self._executor.slice_seconds) - began
                yield number, began + 2 * passed
