"""What failed by itself in a run, and not because of what is inside it or before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge

from runner.addresses import address_of
from runner.records import NOT_SELECTED, Status
from runner.store.entries import FailureRecord, ItemRecord, RunRecord, TaskRecord
from runner.store.recorded import Recorded
from runner.store.tables import fan_of, item_id
from runner.struct import replace


def failures(read: Recorded, run: RunRecord, each: int | None = None) -> Iterator[FailureRecord]:
    """All failures, in the order in which their tasks were reached; of one map at most `each` items.

    What failed in a pass of a group that was tried again is not among them.
    """
    around = _Around(read)
    return merge(_of_items(read, run, each, around), _of_tasks(read, run, around), key=lambda it: it.fan)


def still_failed(read: Recorded, run: RunRecord) -> list[str]:
    """The addresses of what counts as failed in any session of the run, and has come to no end since.

    What was cancelled since, or was under way when the program died, has not.
    """
    found: dict[str, int] = {}
    for session in range(run.session, 0, -1):
        for failure in failures(read, replace(run, session=session)):
            if not failure.tolerated:
                found.setdefault(failure.address, session)
    older = {address: session for address, session in found.items() if session < run.session}
    ended = set(_ended_since(read, older)) if older else set()
    return [address for address in found if address not in ended]


def _ended_since(read: Recorded, older: Mapping[str, int]) -> Iterator[str]:
    """Which of these addresses, each with a session, have come to an end after it."""
    maps = {address.rpartition("[")[0] for address in older}
    for fan in read.later_fans(min(older.values())):
        if older.get(fan.address, fan.session) < fan.session and is_end(fan.status, fan.reason):
            yield fan.address
        for item in read.settled_items(fan.number) if fan.mapped and fan.address in maps else ():
            address = address_of(fan.address, True, item.key, item.index)
            if older.get(address, fan.session) < fan.session and is_end(item.status, item.reason):
                yield address


def is_end(status: str | None, reason: str | None) -> bool:
    """Whether something came to that end by itself, not for what it needs or was not asked for."""
    if status == Status.SKIPPED:
        return reason != NOT_SELECTED and not (reason or "").startswith("needs ")
    return status in (Status.SUCCEEDED, Status.FAILED)


def tolerance_around(read: Recorded, task: TaskRecord) -> str | None:
    """Why no failure counts where a task stands, if something around it says so."""
    return None if task.within is None else _Around(read).tolerates(fan_of(task.within))


def _of_items(read: Recorded, run: RunRecord, each: int | None, around: _Around) -> Iterator[FailureRecord]:
    task: TaskRecord | None = None
    for item in _first_of_each(read, run, each):
        fan = fan_of(item.id)
        if task is None or task.fan != fan:
            task = read.task(fan)
        failure = item.failure
        if task is not None and failure is not None and not around.is_repeated(fan):
            address = address_of(task.address, task.mapped, item.key, item.index)
            yield FailureRecord(address, failure, task, item, around.tolerance(fan))


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
            yield FailureRecord(task.address, failure, task, None, around.tolerance(task.fan))


class _Around:
    """What holds for a fan because of itself or of a group around it; each is looked up once."""

    def __init__(self, read: Recorded) -> None:
        self._read = read
        self._tasks: dict[int, TaskRecord | None] = {}
        self._inside: dict[int, str | None] = {}
        self._repeated: dict[int, bool] = {}

    def tolerance(self, fan: int) -> str | None:
        """Why failures in this fan do not count, where they do not."""
        task = self._task(fan)
        if task is None:
            return None
        return task.tolerance or (None if task.within is None else self.tolerates(fan_of(task.within)))

    def is_repeated(self, fan: int) -> bool:
        """Whether the body that this fan stands in was left for another pass."""
        if fan not in self._repeated:
            task = self._task(fan)
            self._repeated[fan] = task is not None and (
                self._read.was_repeated(task)
                or (task.within is not None and self.is_repeated(fan_of(task.within)))
            )
        return self._repeated[fan]

    def tolerates(self, fan: int) -> str | None:
        """Why failures do not count that are inside what this fan opened."""
        if fan not in self._inside:
            task = self._task(fan)
            self._inside[fan] = None if task is None else task.tolerates(self.tolerance(fan))
        return self._inside[fan]

    def _task(self, fan: int) -> TaskRecord | None:
        if fan not in self._tasks:
            self._tasks[fan] = self._read.task(fan)
        return self._tasks[fan]
