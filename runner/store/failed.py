"""What failed by itself in a run, and not because of what is inside it or before it."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from runner.records import Mark
from runner.store.entries import FailureRecord, ItemRecord, RunRecord, TaskRecord, address_of
from runner.store.recorded import Recorded
from runner.store.tables import fan_of, item_id


def failures(read: Recorded, run: RunRecord, each: int | None = None) -> Iterator[FailureRecord]:
    """All failures, in the order in which their tasks were reached; of one map at most `each` items."""
    known: dict[int, bool] = {}
    return merge(_of_items(read, run, each, known), _of_tasks(read, run, known), key=_fan)


def _fan(found: FailureRecord) -> int:
    assert found.task.fan is not None
    return found.task.fan


def _of_items(
    read: Recorded, run: RunRecord, each: int | None, known: dict[int, bool]
) -> Iterator[FailureRecord]:
    task: TaskRecord | None = None
    for item in _first_of_each(read, run, each):
        fan = fan_of(item.id)
        if task is None or task.fan != fan:
            task = read.task(fan)
        failure = item.failure
        if task is not None and failure is not None:
            address = address_of(task.address, task.mapped, item.key, item.index)
            yield FailureRecord(address, failure, task, item, _is_tolerated(read, fan, known))


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


def _of_tasks(read: Recorded, run: RunRecord, known: dict[int, bool]) -> Iterator[FailureRecord]:
    for task in read.failed_tasks(run):
        failure = task.failure
        if failure is not None and failure.address is None and task.fan is not None:
            tolerated = _is_tolerated(read, task.fan, known)
            yield FailureRecord(task.address, failure, task, None, tolerated)


def _is_tolerated(read: Recorded, fan: int, known: dict[int, bool]) -> bool:
    """Whether failures in this fan do not count, for its own sake or that of a group around it."""
    if fan not in known:
        task = read.task(fan)
        known[fan] = task is not None and (
            task.items_tolerated
            or Mark.TOLERATED in task.marks
            or (task.within is not None and _is_tolerated(read, fan_of(task.within), known))
        )
    return known[fan]
