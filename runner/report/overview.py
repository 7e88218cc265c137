"""All tasks of a file as a run has them, reached or not, and what of each is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.hints import Any
from runner.records import Declared
from runner.report.unbegun import Missing, missing
from runner.store.entries import RunRecord
from runner.store.stored_run import StoredRun
from runner.store.whole import PathRecord
from runner.struct import struct


@struct
class Overview:
    """The tasks in the order of the file, each behind the group that it is inside of; the rest by path."""

    tasks: tuple[Declared, ...]
    reached: dict[str, list[PathRecord]]
    missing: dict[str, Missing]

    def inside(self, group: str) -> Iterator[tuple[Declared, Missing]]:
        """The tasks inside the group at this path."""
        for task in self.tasks:
            if task.path.startswith(f"{group}."):
                yield task, self.missing[task.path]


def overview(stored: StoredRun, run: RunRecord) -> Overview:
    """All tasks of the file; of an older record those that were reached."""
    reached: dict[str, list[PathRecord]] = {}
    for record in stored.whole.by_path(run):
        reached.setdefault(record.path, []).append(record)
    known = {task.path: task for task in stored.whole.declared(run)}
    for path, records in reached.items():
        known.setdefault(path, Declared(path, records[0].kind, bool(records[0].mapped)))
    for name in run.tasks:
        known.setdefault(name, Declared(name, "", False))
    tasks = tuple(known[path] for path in sorted(known, key=_in_bodies(known)))
    return Overview(tasks, reached, missing(stored, run, tasks, reached))


def _in_bodies(known: Iterable[str]) -> Any:
    """A key that sorts each task behind that which it is inside of, else as they are known."""
    places = {path: place for place, path in enumerate(known)}

    def key(path: str) -> list[int]:
        names = path.split(".")
        above = [".".join(names[: length + 1]) for length in range(len(names))]
        return [places.get(it, -1) for it in above]

    return key
