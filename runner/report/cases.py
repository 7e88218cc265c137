"""A run as test cases: all that has an outcome of its own, each of them once, and how it counts.

Plain tasks and the items of maps are cases. A group is one only where what is inside cannot stand for it: it
was not opened, or failed by itself; a map only where it has no items, or failed though none of them did, and
for all of its items that never began.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from zlib import crc32

from runner.addresses import address_of
from runner.display import visible
from runner.records import Failure, FailureKind, Status
from runner.regex import regex
from runner.report.values import task_failure
from runner.store.entries import ItemRecord, TaskRecord
from runner.store.recorded import Recorded
from runner.store.tables import item_id
from runner.struct import struct

NOT_BEGUN = {FailureKind.START, FailureKind.EXPRESSION, FailureKind.ITEMS, FailureKind.LOST}
_statuses = {status.value: status for status in Status}
_not_in_xml = regex("[\ufffe\uffff]")


class Verdict(StrEnum):
    """How a case counts. `error`: it could not be started or bound, or its worker died."""

    PASSED = "passed"
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@struct
class Case:
    """One case. `item` is None for a map itself; `tolerance`: why its failure does not count.

    `earlier`: the task as it was in passes through a group around it that were followed by another.
    """

    task: TaskRecord
    item: ItemRecord | None
    tolerance: str | None
    earlier: tuple[TaskRecord, ...] = ()

    @property
    def address(self) -> str:
        """What names it in the run."""
        if self.item is None or not self.task.mapped:
            return self.task.address
        return address_of(self.task.address, True, self.item.key, self.item.index)

    @property
    def status(self) -> Status:
        """How it stands."""
        return _statuses[self.item.status] if self.item and self.task.mapped else self.task.status

    @property
    def is_unbegun(self) -> bool:
        """Whether it stands for those items of a map that never began, and for nothing else."""
        task = self.task
        left = task.not_begun or (_stopped_uncounted(task) and task.counts.total)
        return self.item is None and bool(left) and not _is_its_own_failure(task)

    @property
    def failure(self) -> Failure | None:
        """Why it failed."""
        if self.is_unbegun:
            return None
        return self.item.failure if self.item and self.task.mapped else task_failure(self.task)

    def verdict(self, *, over: bool) -> Verdict:
        """How it counts; `over`: nothing in the run goes on any more, or will."""
        status = self.status
        if self.is_unbegun:
            return Verdict.SKIPPED
        if status is Status.SUCCEEDED:
            return Verdict.PASSED
        if status is Status.RUNNING and over:
            return Verdict.ERROR
        if status is not Status.FAILED or self.tolerance:
            return Verdict.SKIPPED
        failure = self.failure
        return Verdict.ERROR if failure and failure.kind in NOT_BEGUN else Verdict.FAILURE


def cases_of(
    read: Recorded, task: TaskRecord, around: str | None = None, earlier: tuple[TaskRecord, ...] = ()
) -> Iterator[Case]:
    """The cases of a task, in the order of the file and of the items.

    `around`: why no failure counts where it stands, if something around it says so.
    """
    tolerance = task.tolerance or around
    if task.mapped:
        yield from _of_map(read, task, around, earlier)
    elif task.is_group:
        item = task.item
        body = [] if task.fan is None else read.body(item_id(task.fan, 0))
        yield from _of_body(read, body, task.tolerates(around), _items_at(read, earlier, None))
        if not body or _failed_by_itself(read, task_failure(task), item):
            yield Case(task, item, tolerance, earlier)
    else:
        yield Case(task, task.item, tolerance, earlier)


def _of_map(
    read: Recorded, task: TaskRecord, around: str | None, earlier: tuple[TaskRecord, ...]
) -> Iterator[Case]:
    tolerance, inside, some = task.tolerance or around, task.tolerates(around), False
    if task.fan is not None and task.is_group:
        for item, body in read.items_with_bodies(task):
            some = True
            yield from _of_body(read, body, inside, _items_at(read, earlier, item))
            if not body or _failed_by_itself(read, item.failure, item):
                yield Case(task, item, tolerance, earlier)
    elif task.fan is not None:
        for item in read.items(task.fan):
            some = True
            yield Case(task, item, tolerance, earlier)
    if not some or task.not_begun or _stopped_uncounted(task) or _is_its_own_failure(task):
        yield Case(task, None, tolerance)


def _stopped_uncounted(task: TaskRecord) -> bool:
    """Whether a map was stopped before its items were counted: more of them may never have begun."""
    return task.is_over and task.is_uncounted


def _is_its_own_failure(task: TaskRecord) -> bool:
    """Whether a map failed though none of its items did."""
    return task.mapped and task.status is Status.FAILED and not task.counts.failed


def _of_body(
    read: Recorded, body: list[TaskRecord], around: str | None, earlier: list[int]
) -> Iterator[Case]:
    """The cases in one body; `earlier`: the same item of the group in passes around it that were given up."""
    before = [task for item in earlier for task in read.all_passes(item)]
    for task in body:
        same = [it for it in before if it.name == task.name] + read.passes(task)[:-1]
        yield from cases_of(read, task, around, tuple(same))


def _items_at(read: Recorded, tasks: tuple[TaskRecord, ...], item: ItemRecord | None) -> list[int]:
    """The numbers of the items of `tasks` that are the same as `item`."""
    return [it.id for task in tasks if (it := _same(read, task, item)) is not None]


def _same(read: Recorded, task: TaskRecord, item: ItemRecord | None) -> ItemRecord | None:
    if task.fan is None:
        return None
    found = read.item(item_id(task.fan, item.index if item else 0))
    return found if found and (item is None or found.key == item.key) else None


def _failed_by_itself(read: Recorded, failure: Failure | None, item: ItemRecord | None) -> bool:
    """Whether a group failed, be it in a pass that was followed by another, and nothing inside it did."""
    if failure is not None and failure.address is None:
        return True
    return item is not None and any(it.address is None for _, it in _own_tries(read, item))


def failed_tries(read: Recorded, case: Case) -> Iterator[tuple[float | None, Failure]]:
    """What failed of a case and was followed by another try: how long it took, and why it failed."""
    item = case.item
    for task in case.earlier:
        before = _same(read, task, item if task.mapped else None)
        if before is None or before.status != Status.FAILED:
            continue
        yield from _own_tries(read, before)
        if before.failure is not None:
            yield before.seconds, before.failure
    if item is not None:
        yield from _own_tries(read, item)


def _own_tries(read: Recorded, item: ItemRecord) -> Iterator[tuple[float | None, Failure]]:
    """The attempts at an item that failed and were followed by another."""
    if item.attempts > 1:
        for attempt in read.attempts(item):
            if attempt.failure is not None and attempt.number < item.attempts:
                yield attempt.seconds, attempt.failure


def said_of(case: Case, *, over: bool) -> str | None:
    """Why a case is no success, in a line."""
    status = case.status
    if case.is_unbegun:
        left = case.task.not_begun
        of = f"{left} of {case.task.total} items" if left else "its other items, which were not counted,"
        why = f": {case.task.reason}" if case.task.reason else ""
        return f"{of} never began{why}" if over else f"{of} {'has' if left == 1 else 'have'} not begun yet"
    if status in (Status.RUNNING, Status.WAITING):
        return _standing[status, over]
    if status is Status.FAILED:
        message = case.failure.message if case.failure else "it failed"
        return f"{case.tolerance}: {message}" if case.tolerance else message
    reason = case.item.reason if case.item and case.task.mapped else None
    reason = reason or case.task.reason or (case.item.reason if case.item else None)
    if status is Status.CANCELLED:
        return f"cancelled: {reason}" if reason else "cancelled"
    return reason if status is Status.SKIPPED else None


_standing = {
    (Status.RUNNING, False): "it is still running",
    (Status.RUNNING, True): "it broke off with the run",
    (Status.WAITING, False): "it has not begun yet",
    (Status.WAITING, True): "it was not begun",
}


def name_of(case: Case) -> str:
    """Its address, as it can be shown; where that differs, a number tells it from others."""
    address = case.address
    shown = _not_in_xml.sub("\ufffd", visible(address))
    return shown if shown == address else f"{shown} #{crc32(address.encode('utf-8', 'surrogatepass')):08x}"
