"""The lines that come with time, though nothing happens: what is slow, and how far large maps are.

It prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from runner.display import visible
from runner.progress.line import SLOW, Line, about
from runner.progress.narration import FIRST_FAILURES, FIRST_ITEMS, FIRST_TRIES
from runner.progress.remaining import Remaining
from runner.progress.standing import Series, Standing, UnderWay

EVERY = 5.0
"""Seconds between two lines that count the items of a map."""

USUALLY = 3
"""How many times as long as in earlier runs something may take before it is slow."""

FIRST_SLOW = 10
"""Of so many items of a map it is told that they are slow."""

WORTH_KNOWING = 1.0
"""Seconds from which on it is told how long something will still take."""


class OverTime:
    """What is to be told now and then. `counts`: nobody sees all the time how far maps are."""

    def __init__(
        self,
        standing: Standing,
        remaining: Remaining,
        clock: Callable[[], float],
        *,
        counts: bool,
        verbose: bool,
    ) -> None:
        self._standing = standing
        self._remaining = remaining
        self._clock = clock
        self._counts = counts
        self._verbose = verbose
        self._next = 0.0

    def lines(self) -> list[Line]:
        """What is due."""
        now = self._clock()
        if now < self._next:
            return []
        self._next = now + EVERY / 5
        self._standing.look(now)
        return self._slow(now) + (self._counted(now) if self._counts else [])

    def _slow(self, now: float) -> list[Line]:
        lines = []
        for given in self._standing.under_way():
            spent = now - (now if given.begun is None else given.begun)
            if spent >= given.due and self._is_slow(given, spent) and not self._standing.stopping:
                lines += self._told_as_slow(given)
        return lines

    def _is_slow(self, given: UnderWay, spent: float) -> bool:
        """Whether it takes longer than it used to; if not, it is looked at again when that is so."""
        if not given.slow:
            usual = self._remaining.pace(given.fan.series.path) or 0.0
            given.due = max(given.due, USUALLY * usual)
            given.slow = spent >= given.due
        return given.slow

    def _told_as_slow(self, given: UnderWay) -> list[Line]:
        series, seconds = given.fan.series, given.due
        given.due *= 2
        series.told_slow += 1
        if series.many and series.told_slow > FIRST_SLOW and not self._verbose:
            return []
        return [Line(SLOW, given.name, seconds, on=True)]

    def _counted(self, now: float) -> list[Line]:
        """A line for each map that has gone on for some time since it was last told of."""
        lines = []
        for series in {fan.series.path: fan.series for fan in self._standing.running.values()}.values():
            if series.many and _untold(series) and now - series.last_count >= EVERY:
                series.last_count = now
                lines.append(Line("running", visible(series.path), now - series.opened, how_far(series, now)))
        return lines


def _untold(series: Series) -> bool:
    return (
        series.told_items > FIRST_ITEMS
        or series.told_failures > FIRST_FAILURES
        or series.told_tries > FIRST_TRIES
    )


def how_far(series: Series, now: float, also: str = " items") -> str:
    """How many items of a map are done, what else is said of them, and how long the rest will take."""
    counts, left = series.counts(), series.seconds_left(now)
    said = f"{counts.total}{f' of {series.total}' if series.total is not None else ''}{also}"
    said += f", {counts.failed} failed" if counts.failed else ""
    if left is None or left < WORTH_KNOWING or now - (series.begun or now) < WORTH_KNOWING:
        return said
    return f"{said}, {about(left)} left"
