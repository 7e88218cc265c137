"""How each task of a file stands, all bodies in which it was opened taken together, in the file's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from runner.records import Counts, Declared, Status
from runner.report.as_text import standing
from runner.report.notes import note, note_of_inside
from runner.report.unbegun import Missing, missing, sum_of
from runner.report.values import duration
from runner.store.entries import RUNNING, RunRecord, TaskRecord
from runner.store.recorded import Recorded
from runner.store.stored_run import StoredRun
from runner.store.tables import item_id
from runner.store.whole import PathRecord
from runner.struct import struct

_worst_first = (
    Status.FAILED,
    Status.CANCELLED,
    Status.RUNNING,
    Status.SUCCEEDED,
    Status.SKIPPED,
    Status.WAITING,
)


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


def standings(stored: StoredRun, run: RunRecord, declared: Sequence[Declared]) -> list[Standing]:
    """All tasks of the file, reached or not; of an older record those that were."""
    reached: dict[str, list[PathRecord]] = {}
    for record in stored.whole.by_path(run):
        reached.setdefault(record.path, []).append(record)
    known = {task.path: task for task in declared}
    for path, records in reached.items():
        known.setdefault(path, Declared(path, records[0].kind, bool(records[0].mapped)))
    for name in run.tasks:
        known.setdefault(name, Declared(name, "", False))
    order = sorted(known, key=_in_bodies(known))
    many: set[str] = {path for path in order if known[path].mapped}
    for path in order:
        if path.rpartition(".")[0] in many:
            many.add(path)
    lacking = missing(stored, run, [known[path] for path in order], reached)
    told = dict(_notes(stored.read, run, stored.read.root_tasks(run), lacking))
    return [
        _standing(known[path], reached.get(path, ()), lacking[path], path in many, told.get(path, ""))
        for path in order
    ]


def _in_bodies(known: Iterable[str]) -> Any:
    """A key that sorts each task behind that which it is inside of, else as they are known."""
    places = {path: place for place, path in enumerate(known)}

    def key(path: str) -> list[int]:
        names = path.split(".")
        above = [".".join(names[: length + 1]) for length in range(len(names))]
        return [places.get(it, -1) for it in above]

    return key


def _standing(
    task: Declared, records: Sequence[PathRecord], lacking: Missing, many: bool, told: str
) -> Standing:
    found = {_status(record) for record in records} or {Status.WAITING}
    failed = [it for it in records if it.status == Status.FAILED]
    seconds = [it.seconds for it in records if it.seconds is not None]
    return Standing(
        task.path,
        task.kind,
        task.mapped,
        many,
        next(status for status in _worst_first if status in found),
        bool(failed) and all(it.tolerated for it in failed),
        sum_of([lacking.settled, *(it.counts for it in records)]),
        sum(seconds) if seconds and not (many and not task.mapped) else None,
        f"{records[0].file}:{records[0].line}" if records else None,
        told,
        task.needs,
        lacking,
    )


def _status(record: PathRecord) -> Status:
    if record.status is not None:
        return Status(record.status)
    return Status.RUNNING if record.begun or record.kind in ("tasks", "workflow") else Status.WAITING


def _notes(
    read: Recorded,
    run: RunRecord,
    tasks: Iterable[TaskRecord],
    lacking: Mapping[str, Missing],
    around: str | None = None,
) -> Iterator[tuple[str, str]]:
    """What there is to say of each task, by its path."""
    for task in tasks:
        yield task.path, note(read, run, task, around)
        if task.is_group and task.fan is not None and not task.mapped:
            body = read.body(item_id(task.fan, 0))
            yield from _notes(read, run, body, lacking, task.tolerates(around))
        elif task.is_group and task.fan is not None:
            trail = [task.path]
            for inner in read.inside(run, task):
                trail[inner.depth :] = [inner.name]
                path = ".".join(trail)
                left = None if inner.items is not None and run.status == RUNNING else lacking.get(path)
                yield path, note_of_inside(inner, left, standing(run, Status.WAITING))


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
