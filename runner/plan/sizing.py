"""How many items go into the next slice of a map: as many as take a few milliseconds together.

Slices start small and grow as items turn out brief. How long one takes is told by the mean of the
last few hundred: a rare slow one among brief ones makes slices shorter, and not each item a slice.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.records import Outcome

LARGEST = 512
"""So many items are in one slice at the most."""

LONG = 0.01
"""Seconds that a slice is to take where giving one out costs little: what it has done is not recorded yet."""

ROUNDING = 1e-9

BRIEF = 0.001
"""Seconds that the last slices of a map may take, though it could be shared out more evenly."""

REMEMBERED = 512
"""So many items at least tell how long the next will take, if there have been as many."""


class Sizing:
    """The size of the next slice of one map."""

    __slots__ = ("_items", "_long", "_seconds", "size")

    def __init__(self, long: float = LONG) -> None:
        self.size = 1
        self._long = long
        self._items = 0.0
        self._seconds = 0.0

    def learn(self, outcomes: Sequence[Outcome]) -> None:
        """A slice has come back with these."""
        self._items += len(outcomes)
        self._seconds += sum(outcome.seconds for outcome in outcomes)
        if self._items > 2 * REMEMBERED:
            self._items /= 2
            self._seconds /= 2
        self.size = max(1, min(2 * self.size, LARGEST, self._lasting(self._long)))

    def of_the_last(self, items: int, workers: int) -> int:
        """The size of the next slice where so many items are left: no worker is to be without."""
        return min(self.size, max(1, items // workers, self._lasting(BRIEF)))

    def _lasting(self, seconds: float) -> int:
        """How many items take so long."""
        return int(seconds * self._items / self._seconds + ROUNDING) if self._seconds > 0 else LARGEST
