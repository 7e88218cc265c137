"""The tasks inside mapped groups, all passes through a body taken together: how each stands, and why.

All reports have it from here, so that they tell the same. It knows nothing of how they show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from runner.display import items_in_words
from runner.records import Counts, Status
from runner.report.notes import MOST_REASONS, cause_in_words, causes_in_words, marked, so_far
from runner.report.overview import Overview, overview
from runner.report.unbegun import Missing, sum_of
from runner.report.values import standing
from runner.store.entries import RUNNING, Cause, Inside, RunRecord, TaskRecord
from runner.store.stored_run import StoredRun
from runner.struct import struct


@struct
class Told:
    """A task inside a mapped group, `depth` groups below it: `status` is the worst that it has in any pass.

    `is_plain`: there is no more to say of it than that all passes succeeded, or nothing at all.
    """

    path: str
    depth: int
    status: Status
    note: str
    is_plain: bool

    @property
    def name(self) -> str:
        """As it stands in the file."""
        return self.path.rpartition(".")[2]


class Insides:
    """What there is to say of the tasks inside the mapped groups of a run."""

    def __init__(self, stored: StoredRun, run: RunRecord) -> None:
        self._stored = stored
        self._run = run
        self._told: dict[str, list[Told]] = {}

    @cached_property
    def overview(self) -> Overview:
        """All tasks of the run, and what of each never began."""
        return overview(self._stored, self._run)

    def of(self, group: TaskRecord) -> list[Told]:
        """All tasks inside a mapped group, each behind the one that it is inside of."""
        if group.path not in self._told:
            self._told[group.path] = list(self._of(group))
        return self._told[group.path]

    def _of(self, group: TaskRecord) -> list[Told]:
        reached = {inside.path: inside for inside in self._stored.read.inside(self._run, group)}
        return [
            _told(self._run, reached.get(task.path) or _unreached(group, task.path, task.mapped), left)
            for task, left in self.overview.inside(group.path)
        ]

    def remarkable(self, group: TaskRecord) -> list[Told]:
        """Those of which there is something to say, and those around them."""
        shown: list[Told] = []
        above = 0  # what stands higher than this is around a task that is shown
        for task in reversed(self.of(group)):
            if not task.is_plain or task.depth < above:
                shown.append(task)
                above = task.depth
        return shown[::-1]


def _unreached(group: TaskRecord, path: str, mapped: bool) -> Inside:
    items = Counts() if mapped else None
    return Inside(path, path.count(".") - group.path.count("."), items=items)


def _told(run: RunRecord, task: Inside, left: Missing) -> Told:
    status, note = _status(run, task, left), _note(run, task, left)
    all_succeeded = (
        status is Status.SUCCEEDED
        and not task.causes
        and not marked(task.flaky, task.reused)
        and not _has_other_items(task, left)
    )
    return Told(task.path, task.depth, status, note, all_succeeded or not note)


def _status(run: RunRecord, task: Inside, left: Missing) -> Status:
    """The worst that it has in any pass, those included that never began."""
    for status in (Status.FAILED, Status.CANCELLED, Status.SKIPPED):
        if getattr(task.counts, status.value):
            return status
    if _under_way(task, left):
        return Status.RUNNING
    waits = task.under_way or left.uncounted if task.items is not None else left.not_begun
    if not task.counts.total:
        return Status.WAITING
    if waits or left.more:
        return Status.RUNNING if run.status == RUNNING else Status.WAITING
    return Status.SUCCEEDED


def _under_way(task: Inside, left: Missing) -> int:
    """In how many passes it has begun and not come to its end."""
    return left.under_way if task.items is None else left.open_maps


def _note(run: RunRecord, task: Inside, left: Missing) -> str:
    """How it ended in the passes, in how many of them it did not begin, and how the items of a map ended."""
    counts = task.counts
    passes = [
        f"{number} {word}"
        for number, word in (
            (counts.succeeded, "succeeded"),
            (counts.failed, "failed"),
            (counts.skipped, "skipped"),
            (counts.cancelled, "cancelled"),
            (_under_way(task, left), "under way" if run.status == RUNNING else "broke off"),
            (left.not_begun if task.items is None else 0, standing(run, Status.WAITING)),
        )
        if number
    ]
    if passes and task.items is None and left.more:
        passes.append(left.uncounted_in_words)
    if task.items is None:
        passes += marked(task.flaky, task.reused)
    said = [", ".join(passes), *causes_in_words(task.causes), *_tolerances(task.tolerances, counts.failed)]
    if task.items is not None and (_has_other_items(task, left) or marked(task.flaky, task.reused)):
        said += _items(run, task, task.items, left)
    return "; ".join(filter(None, said))


def _has_other_items(task: Inside, left: Missing) -> bool:
    """Whether a map has items that did not succeed, or may have them."""
    settled = sum_of([task.items or Counts(), left.settled])
    unsettled = left.under_way + left.not_begun + left.uncounted + left.more
    return task.items is not None and bool(settled.total - settled.succeeded + unsettled)


def _items(run: RunRecord, task: Inside, ended: Counts, left: Missing) -> list[str]:
    """How the items of a map ended in all passes."""
    items = sum_of([ended, left.settled])
    total = items.total + left.under_way + left.not_begun
    told = [left.uncounted_in_words] if left.uncounted_in_words and (total or left.uncounted) else []
    if total and run.status == RUNNING:
        told.insert(0, f"{so_far(items, total)} so far")
    elif total:
        all_succeeded = f"{total} of {total} item{'' if total == 1 else 's'} succeeded"
        words = items_in_words(items, total, left.under_way)
        told.insert(0, all_succeeded if items.succeeded == total else words)
    besides = [cause.reason for cause in task.causes]
    return [
        ", ".join([*told, *marked(task.flaky, task.reused)]),
        *causes_in_words(task.causes_of_items, besides),
        *_tolerances(task.tolerances_of_items, ended.failed),
    ]


def _tolerances(found: Sequence[Cause], failed: int) -> list[str]:
    """Why some that `failed` do not count; with numbers, if that is not so of all for one cause."""
    some = [cause.number for cause in found] != [failed]
    told = [cause_in_words(cause, some) for cause in found[:MOST_REASONS]]
    more = ["…"] if len(found) > MOST_REASONS else []
    return [", ".join(told + more)] if told else []
