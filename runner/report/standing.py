"""How each task of a file stands, all bodies in which it was opened taken together, in the file's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from runner.records import Counts, Declared, Status
from runner.report.insides import Insides
from runner.report.notes import note
from runner.report.unbegun import Missing, sum_of
from runner.report.values import duration, standing
from runner.store.entries import RunRecord, TaskRecord
from runner.store.recorded import Recorded
from runner.store.stored_run import StoredRun
from runner.store.tables import item_id
from runner.store.whole import PathRecord
from runner.struct import struct


@struct
class Standing:
    """A task: its `status` is the worst that it has in any body; `counts` are of items, or of bodies."""

    path: str
    kind: str
    mapped: bool
    many: bool
    """There may be several of it: it is a map, or stands in one."""
    status: Status
    tolerated: bool
    counts: Counts
    seconds: float | None
    position: str | None
    note: str
    needs: tuple[tuple[str, str], ...] = ()
    missing: Missing = Missing()

    @property
    def total(self) -> int:
        """How many items it has, or bodies, as far as they are known of."""
        return self.counts.total + self.missing.under_way + self.missing.not_begun

    @property
    def name(self) -> str:
        """As it stands in the file."""
        return self.path.rpartition(".")[2]

    @property
    def depth(self) -> int:
        """How many groups it is inside of."""
        return self.path.count(".")


def standings(stored: StoredRun, run: RunRecord, insides: Insides) -> list[Standing]:
    """All tasks of the file, reached or not; of an older record those that were."""
    found = insides.overview
    many: set[str] = {task.path for task in found.tasks if task.mapped}
    for task in found.tasks:
        if task.path.rpartition(".")[0] in many:
            many.add(task.path)
    told = dict(_told(stored.read, run, insides, stored.read.root_tasks(run)))
    return [
        _standing(
            task,
            found.reached.get(task.path, ()),
            found.missing[task.path],
            task.path in many,
            *told.get(task.path, (None, "")),
        )
        for task in found.tasks
    ]


def _standing(
    task: Declared,
    records: Sequence[PathRecord],
    lacking: Missing,
    many: bool,
    status: Status | None,
    note: str,
) -> Standing:
    """`status`: of all bodies together, where it may be in several."""
    failed = [it for it in records if it.status == Status.FAILED]
    seconds = [it.seconds for it in records if it.seconds is not None]
    return Standing(
        task.path,
        task.kind,
        task.mapped,
        many,
        status or (_status(records[0]) if records else Status.WAITING),
        bool(failed) and all(it.tolerated for it in failed),
        sum_of([lacking.settled, *(it.counts for it in records)]),
        sum(seconds) if seconds and not (many and not task.mapped) else None,
        f"{records[0].file}:{records[0].line}" if records else None,
        note,
        task.needs,
        lacking,
    )


def _status(record: PathRecord) -> Status:
    if record.status is not None:
        return Status(record.status)
    return Status.RUNNING if record.begun or record.kind in ("tasks", "workflow") else Status.WAITING


def _told(
    read: Recorded,
    run: RunRecord,
    insides: Insides,
    tasks: Iterable[TaskRecord],
    around: str | None = None,
) -> Iterator[tuple[str, tuple[Status | None, str]]]:
    """How each task that may be in several bodies stands, and what there is to say of each, by its path."""
    for task in tasks:
        yield task.path, (None, note(read, run, task, around))
        if task.is_group and task.fan is not None and not task.mapped:
            body = read.body(item_id(task.fan, 0))
            yield from _told(read, run, insides, body, task.tolerates(around))
        elif task.is_group and task.fan is not None:
            for inner in insides.of(task):
                yield inner.path, (inner.status, inner.note)


def values(run: RunRecord, task: Standing, timings: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A task as templates get it."""
    return {
        "address": task.path,
        "name": task.name,
        "depth": task.depth,
        "kind": task.kind,
        "mapped": task.mapped,
        "status": standing(run, task.status),
        "tolerated": task.tolerated,
        "position": task.position,
        "note": task.note,
        "seconds": duration(task.seconds),
        "counts": counts_values([task]),
        "needs": [{"address": address, "how": how} for address, how in task.needs],
        **timings.get(task.path, {"items": 0, "running": None, "waiting": None}),
    }


def counts_values(tasks: Iterable[Standing]) -> dict[str, int]:
    """How many ended how, and how many never began."""
    found = list(tasks)
    counts = sum_of(task.counts for task in found)
    return {
        "succeeded": counts.succeeded,
        "failed": counts.failed,
        "skipped": counts.skipped,
        "cancelled": counts.cancelled,
        "under_way": sum(task.missing.under_way for task in found),
        "not_begun": sum(task.missing.not_begun for task in found),
        "uncounted": sum(task.missing.uncounted for task in found),
    }
