"""What a run did not come to: of each task how many items never began, as far as they were counted.

All bodies in which a task stands are taken together. What is in a group that was skipped is not missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from runner.records import Counts, Declared, Status
from runner.store.entries import RunRecord, group_kinds
from runner.store.stored_run import StoredRun
from runner.store.totals import STOPPED, leaders
from runner.store.whole import FanRecord, PathRecord
from runner.struct import replace, struct

_stopped = {status.value for status in STOPPED} | {None}


@struct
class Missing:
    """Of a task: `settled` are the items of bodies in which it has not come to its end, `under_way` others.

    `open_maps` are maps that have begun and not come to their end, `uncounted` those of which it was never
    known how many items they have. `more`: it may be in bodies of others of these, of no known number.
    """

    settled: Counts = Counts()
    under_way: int = 0
    not_begun: int = 0
    uncounted: int = 0
    open_maps: int = 0
    more: bool = False

    @property
    def uncounted_in_words(self) -> str:
        """That there are such maps, if there are."""
        if self.uncounted > 1:
            return f"{self.uncounted:,} maps not counted"
        return "rest not counted" if self.uncounted or self.more else ""


def missing(
    stored: StoredRun, run: RunRecord, tasks: Sequence[Declared], reached: Mapping[str, Sequence[PathRecord]]
) -> dict[str, Missing]:
    """By the path of each of `tasks`, which stand behind the groups that they are inside of."""
    fans = _Fans(stored, run, leaders(tasks))
    bodies = {path: sum(record.bodies for record in records) for path, records in reached.items()}
    opened = {"": 1}
    for path, number in bodies.items():
        group = path.rpartition(".")[0]
        if group:
            opened[group] = max(number, opened.get(group, 0))
    closed = {"": 0}
    uncounted: set[str] = set()
    found: dict[str, Missing] = {}
    for task in tasks:
        group = task.path.rpartition(".")[0]
        is_open = run.status != Status.SUCCEEDED and group in closed
        of_bodies = opened.get(group, 0) + closed[group] if is_open else 0
        lacking = max(0, of_bodies - bodies.get(task.path, 0))
        it = _missing(task, lacking, fans, reached.get(task.path, ()))
        found[task.path] = it = replace(it, more=is_open and group in uncounted)
        if it.uncounted or it.more:
            uncounted.add(task.path)
        if task.kind in group_kinds:
            unopened = _unopened(reached.get(task.path, ()), opened.get(task.path, 0))
            closed[task.path] = it.not_begun if task.mapped else lacking + unopened
    return found


def _missing(task: Declared, lacking: int, fans: _Fans, records: Iterable[PathRecord]) -> Missing:
    """`lacking`: in so many bodies it was not reached."""
    settled, under_way = fans.settled.get(task.path, Counts()), fans.under_way[task.path]
    if task.mapped:
        uncounted = fans.uncounted[task.path] + lacking
        return Missing(settled, under_way, fans.not_begun[task.path], uncounted, fans.open_maps[task.path])
    reached = [it for it in records if it.status is None]
    if task.kind in group_kinds:
        waiting = sum(it.bodies for it in reached) - under_way
    else:
        waiting = sum(int(it.bodies - it.begun) for it in reached)
    return Missing(settled, under_way, lacking + max(0, waiting - settled.total))


def _unopened(records: Sequence[PathRecord], opened: int) -> int:
    """In how many bodies a group was reached and stopped before it was opened."""
    stopped = sum(record.bodies for record in records if record.status in _stopped)
    ended = sum(it.bodies for it in records if it.status in (Status.SUCCEEDED, Status.FAILED))
    return min(stopped, max(0, stopped + ended - opened))


class _Fans:
    """What is missing in the bodies in which a task was reached, by its path."""

    def __init__(self, stored: StoredRun, run: RunRecord, followed: Mapping[str, str]) -> None:
        self._read = stored.read
        self._followed = followed
        self._totals: dict[tuple[int | None, str], int | None] = {}
        self.settled: dict[str, Counts] = {}
        self.under_way: Counter[str] = Counter()
        self.not_begun: Counter[str] = Counter()
        self.uncounted: Counter[str] = Counter()
        self.open_maps: Counter[str] = Counter()
        maps, leading = [], set(followed.values())
        for fan in stored.whole.fans(run):
            if fan.repeated:
                continue
            if fan.path in leading:
                self._totals[fan.within, fan.path] = fan.counted
            if fan.mapped and (fan.status in _stopped or (fan.settled or 0) < (fan.total or 0)):
                maps.append(fan)
            elif fan.status is None:
                self._see(fan)
        for fan in maps:
            self._see_map(fan)

    def _see(self, fan: FanRecord) -> tuple[int, int]:
        """How many items of what has not come to its end have settled, and how many are under way."""
        settled = self._read.counts(fan.number)
        under_way = self._read.count_under_way(fan.number, is_group=fan.kind in group_kinds)
        self.settled[fan.path] = sum_of([self.settled.get(fan.path, Counts()), settled])
        self.under_way[fan.path] += under_way
        return settled.total, under_way

    def _see_map(self, fan: FanRecord) -> None:
        begun = sum(self._see(fan)) if fan.settled is None else fan.settled
        self.open_maps[fan.path] += fan.status is None and begun > 0
        stopped = fan.status in _stopped
        total = self._total(fan.within, fan.path, fan.counted) if stopped else fan.total
        if total is None:
            self.uncounted[fan.path] += 1
        else:
            self.not_begun[fan.path] += max(0, total - begun)

    def _total(self, within: int | None, path: str, own: int | None) -> int | None:
        """How many items a map has: as many as the one that it follows, if it follows one."""
        leader = self._followed.get(path)
        return own if leader is None else self._total(within, leader, self._totals.get((within, leader)))


def sum_of(several: Iterable[Counts]) -> Counts:
    """All of them together."""
    found = list(several)
    return Counts(
        sum(it.succeeded for it in found),
        sum(it.failed for it in found),
        sum(it.skipped for it in found),
        sum(it.cancelled for it in found),
    )
