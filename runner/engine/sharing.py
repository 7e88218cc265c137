"""Slices that an item holds up which takes long: what came of those before it is known, and idle workers may
have those behind it. It does not know who performs them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence

from runner.engine.evaluations import Evaluations
from runner.engine.flights import Executor
from runner.plan import BrokenOff
from runner.records import Outcome, Submission
from runner.work import complete, so_far
from runner.work.clock import now
from runner.work.outcomes import cancel

WAITING = 0.05
"""Seconds until somebody looks again whether a slice has begun that waits for a worker."""


class Sharing:
    """Looks at what is under way, the more seldom the longer it takes."""

    def __init__(self, executor: Executor, evaluations: Evaluations) -> None:
        self._executor = executor
        self._evaluations = evaluations
        self._looked: dict[int, float] = {}
        """When somebody looked last, by submission (`time.monotonic`)."""
        self._told: dict[int, int] = {}
        """How many items of a submission have ended, and are told of, before it comes back."""
        self._went_on: dict[int, float] = {}
        """When the last of them had ended (`time.monotonic`)."""

    def held_up(self, flights: Mapping[int, Submission]) -> list[int]:
        """Those that have been under way for long; whoever asks has looked at them."""
        moment = time.monotonic()
        found = [number for number, look in self._looks(flights) if look <= moment]
        self._looked.update(dict.fromkeys(found, moment))
        return found

    def next_look(self, flights: Mapping[int, Submission]) -> float | None:
        """When to ask again, in seconds since the epoch."""
        first = min((look for _, look in self._looks(flights)), default=None)
        return None if first is None else now() + first - time.monotonic()

    def ended(self, submission: Submission) -> list[Outcome]:
        """What has ended of a submission that goes on. Who asks takes its first items from it."""
        number, task = submission.number, submission.shared.task
        halt = self._executor.halt_of(number)
        if halt is None or not halt.done:
            return []
        evaluates = task.result is not None or task.retry.until is not None
        if evaluates and self._evaluations.is_stopped:
            return []
        outcomes = so_far(submission, halt)
        if not outcomes:
            return []
        try:
            if evaluates:
                self._evaluations.evaluate(complete, submission, outcomes)
            else:
                complete(submission, outcomes)
        except BrokenOff:
            cancel(outcomes)
        last = outcomes[-1]
        self._told[number] = self._told.get(number, 0) + len(outcomes)
        self._went_on[number] = time.monotonic() - max(0.0, now() - last.started - last.seconds)
        return outcomes

    def others(self, number: int, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """Of those that a submission came back with, what is not told of yet."""
        return outcomes[self._told.get(number, 0) :]

    def began(self, number: int) -> float | None:
        """When a worker began with the item that it is at (`time.monotonic`), if one has."""
        return self._went_on.get(number) or self._executor.began(number)

    def forget(self, number: int) -> None:
        """It has come back, or is given up."""
        for known in (self._looked, self._told, self._went_on):
            known.pop(number, None)

    def _looks(self, flights: Mapping[int, Submission]) -> Iterator[tuple[int, float]]:
        if self._executor.here:
            return
        for number, submission in flights.items():
            if len(submission.items) < 2:
                continue
            began = self._executor.began(number)
            if began is None:
                yield number, time.monotonic() + WAITING
            else:
                passed = self._looked.get(number, began + self._executor.slice_seconds) - began
                yield number, began + 2 * passed
