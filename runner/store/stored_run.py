"""A run as its file tells it, while it goes on or long after. Reports read nothing else."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from types import TracebackType

from runner.addresses import Step, address_of, steps_of
from runner.hints import TYPE_CHECKING
from runner.problem import UserError, did_you_mean
from runner.records import Status
from runner.store.begun import has_begun
from runner.store.database import Database
from runner.store.entries import ItemRecord, RunRecord, TaskRecord
from runner.store.errors import DamagedError
from runner.store.formats import UPGRADES
from runner.store.history import begins_nowhere, complete, complete_session, find_run, living, record_of
from runner.store.recorded import Recorded
from runner.store.tables import VERSION, item_id
from runner.struct import struct

if TYPE_CHECKING:
    from runner.store.whole import Whole


def open_run(state: str, prefix: str | None = None) -> StoredRun:
    """The run whose id begins with `prefix`, or the newest one.

    Raises `DamagedError` if anything in its file is not as it was written.
    """
    stored = StoredRun(find_run(state, prefix))
    try:
        stored.check()
    except BaseException:
        stored.close()
        raise
    return stored


@struct
class Found:
    """What an address names: a task, or one item of it."""

    task: TaskRecord
    item: ItemRecord | None


def _address_of(found: Found) -> str:
    task, item = found.task, found.item
    return address_of(task.address, task.mapped, item.key, item.index) if item else task.address


@struct
class LogFile:
    """Something that an attempt printed."""

    address: str
    attempt: int
    path: str
    through: int = 1
    """Which pass through the group around it this was."""


def _opened(folder: str) -> Database:
    return Database.read(record_of(folder), VERSION, upgrades=UPGRADES)


class StoredRun:
    """What one run has recorded; `read` gives access to all of it, `whole` to all of it at once."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.log_folder = os.path.join(folder, "logs")
        complete(folder)
        self._database = _opened(folder)
        if complete_session(self._database, folder):
            self._database.close()
            self._database = _opened(folder)
        self.read = Recorded(self._database)

    @cached_property
    def whole(self) -> Whole:
        """All of it at once."""
        from runner.store.whole import Whole

        return Whole(self._database)

    def __enter__(self) -> StoredRun:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._database.close()

    def snapshot(self) -> contextlib.AbstractContextManager[None]:
        """All that is read inside is of one moment, whatever the run does meanwhile."""
        return self._database.snapshot()

    def check(self) -> None:
        """Raises `DamagedError` if anything in the file is not as it was written."""
        from runner.store.soundness import check

        check(self._database)

    def run(self) -> RunRecord:
        """The run as a whole; its status is `died` when nobody performs it any more."""
        run = self.read.run()
        if run is None:
            path = record_of(self.folder)
            raise begins_nowhere(path) if has_begun(self.folder) else DamagedError(f"{path} holds no run")
        return living(run, self.folder)

    def tasks(self) -> Iterator[TaskRecord]:
        """The tasks of the file, in its order."""
        return self.read.root_tasks(self.run())

    def find(self, address: str) -> Iterator[Found]:
        """What `country[fr].parse[3]` names; `country.parse` names `parse` in every item of `country`.

        Raises `UserError` when there is none.
        """
        return self._find(list(self.tasks()), steps_of(address), address)

    def _find(self, tasks: list[TaskRecord], steps: Sequence[Step], address: str) -> Iterator[Found]:
        (name, key), *inner = steps
        found = self._find_in(tasks, name, key, address)
        if not inner:
            yield found
            return
        missing = UserError(f"no '{address}' in this run: nothing inside {_address_of(found)} was reached")
        some = False
        for nth, body in enumerate(self._bodies(found, address)):
            try:
                for one in self._find(body, inner, address):
                    some = True
                    yield one
            except UserError as error:  # where an item lacks it, another may have it
                missing = missing if nth else error
        if not some:
            raise missing

    def log_files(self, found: Found) -> Iterator[LogFile]:
        """The logs of all attempts at an item, or at every item of a task, and of what is inside.

        Those of earlier passes through the group around it come first.
        """
        for task in self.read.passes(found.task):
            item = None if found.item is None else self._item_of(task, found.item)
            yield from self._logs_of(Found(task, item))

    def _item_of(self, task: TaskRecord, item: ItemRecord) -> ItemRecord | None:
        if not task.mapped or task.fan is None or item.key is None:
            return task.item
        return self.read.item_by_key(task.fan, item.key)

    def _logs_of(self, found: Found) -> Iterator[LogFile]:
        if found.item is not None:
            yield from self._logs_of_item(found.task, found.item)
        elif found.task.fan is not None:
            for item in self.read.items(found.task.fan):
                yield from self._logs_of_item(found.task, item)

    def all_log_files(self) -> Iterator[LogFile]:
        """The logs of the whole run."""
        for task in self.tasks():
            yield from self.log_files(Found(task, task.item))

    def _logs_of_item(self, task: TaskRecord, item: ItemRecord) -> Iterator[LogFile]:
        if item.attempts == 1 and item.status == Status.SUCCEEDED and not item.log and not task.is_group:
            return
        address = address_of(task.address, task.mapped, item.key, item.index)
        names = [(attempt.number, name) for attempt in self.read.attempts(item) for name in attempt.log]
        names = names or [(item.attempts, name) for name in self._logs_under_way(item)]
        for number, name in names:
            path = os.path.join(self.log_folder, name)
            if os.path.isfile(path) and os.path.getsize(path):
                yield LogFile(address, number, path, task.attempt)
        if task.is_group:
            for inner in self.read.all_passes(item.id):
                yield from self._logs_of(Found(inner, inner.item))

    def _logs_under_way(self, item: ItemRecord) -> list[str]:
        """A running attempt's logs are not recorded yet, but their names are known."""
        stem = f"{item.id >> 36}-{item.index}-{item.attempts}"
        return [f"{stem}.out", f"{stem}.err"]

    def _bodies(self, found: Found, address: str) -> Iterator[list[TaskRecord]]:
        """The tasks inside a group or an item of it, or inside each of its items."""
        if not found.task.is_group:
            raise UserError(f"no '{address}' in this run: {found.task.address} has no tasks inside")
        if found.item is None and found.task.mapped and found.task.fan is not None:
            yield from (body for _, body in self.read.items_with_bodies(found.task) if body)
        elif found.task.fan is not None:
            id = item_id(found.task.fan, 0) if found.item is None else found.item.id
            yield from filter(None, [self.read.body(id)])

    def _find_in(self, tasks: list[TaskRecord], name: str, key: str | None, address: str) -> Found:
        task = next((task for task in tasks if task.name == name), None)
        if task is None:
            known = [task.name for task in tasks]
            hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
            raise UserError(f"no '{address}' in this run: there is no task '{name}'", hint=hint)
        if key is None:
            return Found(task, task.item)
        if task.fan is None:
            raise UserError(f"no '{address}' in this run: {name} was not reached")
        if not task.mapped:
            raise UserError(f"no '{address}' in this run: {name} is no map, it has no items")
        item = self.read.item_by_key(task.fan, key)
        if item is None:
            raise UserError(f"no '{address}' in this run: {name} has no item '{key}'")
        return Found(task, item)
