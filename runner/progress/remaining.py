"""How long a run will still take, and how much of it is done, by how long its tasks took when they last ran.

It knows nothing of terminals.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from runner.progress.standing import Series, Standing
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

    @cached_property
    def _paces(self) -> dict[str, Pace]:
        """Of the tasks that the file still has."""
        declared = self._standing.declared
        paces = self._usual.paces.items()
        return {path: pace for path, pace in paces if not declared or path in declared}

    def pace(self, path: str) -> float | None:
        """How many seconds an item of this task took, on average."""
        pace = self._paces.get(path)
        return None if pace is None else pace.seconds

    def seconds(self) -> float | None:
        """How long it will still take; None where nothing is known."""
        usual, standing = self._usual, self._standing
        paces = self._paces
        work = sum(pace.seconds * pace.items for pace in paces.values())
        if not work or not standing.workers:
            return None
        side_by_side = min(work / usual.seconds if usual.seconds else work, standing.workers)
        left = self._work_left()
        longest = max(min(left[path], pace.seconds) for path, pace in paces.items())
        return max(sum(left.values()) / side_by_side, longest)

    def share_done(self) -> float:
        """From 0 to 1: how much of the work is done, by its time or, where no time is known, by its tasks."""
        work = sum(pace.seconds * self._items(path, pace) for path, pace in self._paces.items())
        if work:
            return 1 - min(1.0, sum(self._work_left().values()) / work)
        return self._share_of_tasks("", 1)

    @cached_property
    def _inside(self) -> dict[str, list[str]]:
        """The addresses of the tasks of each group, and of the file."""
        inside: dict[str, list[str]] = {}
        for path in self._standing.declared:
            inside.setdefault(path.rpartition(".")[0], []).append(path)
        return inside

    def _share_of_tasks(self, group: str, bodies: float) -> float:
        shares = [self._share_of(path, bodies) for path in self._inside.get(group, ())]
        return sum(shares) / len(shares) if shares else 0.0

    def _share_of(self, path: str, bodies: float) -> float:
        """How much is done of a task that stands in so many bodies."""
        if path in self._standing.done:
            return 1.0
        series, items = self._standing.series.get(path), self._items_of(path, bodies)
        if series is None or items is None:
            return 0.0
        if not items:
            return 1.0
        return min(1.0, max(series.counts().total / items, self._share_of_tasks(path, items)))

    def _items_of(self, path: str, bodies: float) -> float | None:
        """How many items a task will have in so many bodies; None where nothing is known of that."""
        series, leader = self._standing.series.get(path), self._standing.leaders.get(path)
        if leader is not None:
            return self._items_of(leader, bodies)
        if series is None:
            return None
        if not series.mapped:
            return bodies
        return series.counted / series.maps * bodies if series.maps else None

    def _work_left(self) -> dict[str, float]:
        return {path: self._left(path, pace) for path, pace in self._paces.items()}

    def _left(self, path: str, pace: Pace) -> float:
        """Seconds of work at what is not done of one task."""
        if path.partition(".")[0] in self._standing.done:
            return 0.0
        series = self._standing.series.get(path)
        if series is None:
            return pace.seconds * pace.items
        left = pace.seconds * max(0, self._items(path, pace) - series.counts().total)
        return max(0.0, left - self._spent(series))

    def _items(self, path: str, pace: Pace) -> int:
        series = self._standing.series.get(path)
        return pace.items if series is None or series.total is None else series.total

    def _spent(self, series: Series) -> float:
        return 0.0 if series.many or series.begun is None else self._clock() - series.begun
