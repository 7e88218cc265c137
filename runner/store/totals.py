"""How many items a map has that was stopped, where its own row does not say.

One that follows another item by item has as many. It changes no record: a map that came to its end has the
number that is recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runner.records import Declared, Status
from runner.store.entries import TaskRecord
from runner.struct import replace

STOPPED = (Status.CANCELLED, Status.RUNNING, Status.WAITING)
"""Items of what has this status may be missing from the record."""


def leaders(declared: Sequence[Declared]) -> dict[str, str]:
    """The maps that follow another item by item, each with that other, by their paths."""
    return {task.path: need for task in declared if task.mapped for need, how in task.needs if how == "items"}


def with_totals(body: list[TaskRecord], followed: Mapping[str, str]) -> list[TaskRecord]:
    """The tasks of a body with their totals, as far as these are known; `followed` are the `leaders`."""
    known = {task.path: task for task in body}

    def total(task: TaskRecord) -> int | None:
        leader = known.get(followed.get(task.path, ""))
        if leader is not None and (task.total is None or task.status in STOPPED):
            return total(leader)
        return None if task.status is Status.CANCELLED and not task.total else task.total

    return [replace(task, total=total(task)) if task.mapped else task for task in body]
