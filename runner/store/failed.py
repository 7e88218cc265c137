"""What failed by itself in a run, and not because of what is inside it or before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import merge

from runner.addresses import address_of
from runner.records import Mark
from runner.store.entries import FailureRecord, ItemRecord, RunRecord, TaskRecord
from runner.store.recorded import Recorded
from runner.store.tables import fan_of, item_id


def failures(read: Recorded, run: RunRecord, each: int | None = None) -> Iterator[FailureRecord]:
    """All failures, in the order in which their tasks were reached; of one map at most `each` items.

    What failed in a pass of a group that was tried again is not among them.
    """
    around = _Around(read)
    return merge(_of_items(read, run, each, around), _of_tasks(read, run, around), key=_fan)


def _fan(found: FailureRecord) -> int:
    assert found.task.fan is not None
    return found.task.fan


def _of_items(read: Recorded, run: RunRecord, each: int | None, around: _Around) -> Iterator[FailureRecord]:
    task: TaskRecord | None = None
    for item in _first_of_each(read, run, each):
        fan = fan_of(item.id)
        if task is None or task.fan != fan:
            task = read.task(fan)
        failure = item.failure
        if task is not None and failure is not None and not around.is_repeated(fan):
            address = address_of(task.address, task.mapped, item.key, item.index)
            yield FailureRecord(address, failure, task, item, around.is_tolerated(fan))


def _first_of_each(read: Recorded, run: RunRecord, each: int | None) -> Iterator[ItemRecord]:
    onward: int | None = 0
    while onward is not None:
        fan, given, start, onward = -1, 0, onward, None
        for item in read.failed_items(run, start):
            if fan_of(item.id) != fan:
                fan, given = fan_of(item.id), 0
            if given == each:
                onward = item_id(fan + 1, 0)
                break
            given += 1
            yield item


def _of_tasks(read: Recorded, run: RunRecord, around: _Around) -> Iterator[FailureRecord]:
    for task in read.failed_tasks(run):
        failure = task.failure
        if failure is None or failure.address is not None or task.fan is None:
            continue
        if not around.is_repeated(task.fan):
            yield FailureRecord(task.address, failure, task, None, around.is_tolerated(task.fan))


class _Around:
    """What holds for a fan because of itself or of a group around it; each is looked up once."""

    def __init__(self, read: Recorded) -> None:
        self._read = read
        self._tolerated: dict[int, bool] = {}
        self._repeated: dict[int, bool] = {}

    def is_tolerated(self, fan: int) -> bool:
        """Whether failures in this fan do not count."""
        return self._holds(fan, self._tolerated, _tolerates)

    def is_repeated(self, fan: int) -> bool:
        """Whether the body that this fan stands in was left for another pass."""
        return self._holds(fan, self._repeated, self._read.was_repeated)

    def _holds(self, fan: int, known: dict[int, bool], question: Callable[[TaskRecord], bool]) -> bool:
        if fan not in known:
            task = self._read.task(fan)
            known[fan] = task is not None and (
                question(task)
                or (task.within is not None and self._holds(fan_of(task.within), known, question))
            )
        return known[fan]


def _tolerates(task: TaskRecord) -> bool:
    return task.items_tolerated or Mark.TOLERATED in task.marks
