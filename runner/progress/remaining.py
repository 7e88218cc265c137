"""How long a run will still take, by how long its tasks took when they last ran.

It knows nothing of terminals.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from runner.progress.narration import Series, Standing
from runner.records import Pace, Usual


class Remaining:
    """What is left to do, as a share of what there was to do the last time.

    `usual` is asked once, when somebody wants to know.
    """

    def __init__(self, usual: Callable[[], Usual], standing: Standing, clock: Callable[[], float]) -> None:
        self._ask = usual
        self._standing = standing
        self._clock = clock

    @cached_property
    def _usual(self) -> Usual:
        return self._ask()

    def seconds(self) -> float | None:
        """None where nothing is known."""
        usual, standing = self._usual, self._standing
        work = sum(pace.seconds * pace.items for pace in usual.paces.values())
        if not work or not usual.seconds or not standing.workers:
            return None
        side_by_side = min(max(work / usual.seconds, 1.0), standing.workers)
        left = [self._left(pace, standing.series.get(path)) for path, pace in usual.paces.items()]
        longest = max(min(work, pace.seconds) for work, pace in zip(left, usual.paces.values(), strict=True))
        return max(sum(left) / side_by_side, longest)

    def _left(self, pace: Pace, series: Series | None) -> float:
        """Seconds of work at what is not done of one task."""
        if series is None:
            return pace.seconds * pace.items
        items = pace.items if series.total is None else series.total
        left = pace.seconds * max(0, items - series.counts().total)
        spent = 0.0 if series.many or series.begun is None else self._clock() - series.begun
        return max(0.0, left - spent)
