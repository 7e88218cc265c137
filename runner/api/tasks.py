"""Tasks and items as they ended, read from the record of their run when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from itertools import islice
from typing import Any, overload

from runner.addresses import address_of
from runner.api.arguments import check
from runner.api.naming import TasksByName, UnknownAddress, naming_nothing
from runner.api.performing import Ending
from runner.problem import UserError
from runner.records import Counts, Failure, Mark, Status
from runner.report.values import item_marks, item_reason, task_failure, task_marks, task_reason
from runner.store.entries import OPAQUE, ItemRecord, TaskRecord
from runner.store.failed import tolerance_around
from runner.store.stored_run import StoredRun
from runner.store.texts import decode
from runner.struct import replace


class Archive:
    """Where a run is recorded, with what of it is not: results that JSON does not hold."""

    def __init__(self, folder: str, ending: Ending) -> None:
        self.folder = folder
        self._opaque = ending.opaque

    def open(self) -> AbstractContextManager[StoredRun]:
        """The record, as long as it is read."""
        return StoredRun(self.folder)

    def result(self, item: ItemRecord | None) -> Any:
        """What an item gave."""
        if item is None:
            return None
        return self._opaque.get(item.id) if item.withheld == OPAQUE else item.result

    def results(self, fan: int) -> list[Any]:
        """What the items of a map gave that succeeded, in input order."""
        with self.open() as stored:
            if self._opaque:
                return [self.result(item) for item in stored.read.settled_items(fan, Status.SUCCEEDED)]
            texts = (text or "null" for text in stored.read.result_texts(fan))
            results: list[Any] = decode(f"[{','.join(texts)}]")
            return results

    def texts(self, names: Sequence[str]) -> str:
        """What stands in some log files, one after the other; one that is gone says nothing."""
        return "".join(_text(os.path.join(self.folder, "logs", name)) for name in names)


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def placed(failure: Failure, task: TaskRecord) -> Failure:
    """The failure of a task, with its place in the file."""
    return failure if task.position is None else replace(failure, position=str(task.position))


class TaskResult:
    """How a task ended, or one item of it: what an address names."""

    def __init__(
        self, archive: Archive, task: TaskRecord, item: ItemRecord | None, around: str | None
    ) -> None:
        self._archive = archive
        self._task = task
        self._item = item
        self._element = item if task.mapped else None
        """The item of a map that this is, if it is one."""
        self._around = around
        """Why failures do not count where it stands."""

    # What there is to say of it -----------------------------------------------------------------

    @property
    def address(self) -> str:
        """`fetch`, `fetch[cat.jpg]`, `country[fr].parse[3]`."""
        item = self._element
        return (
            self._task.address if item is None else address_of(self._task.address, True, item.key, item.index)
        )

    @property
    def name(self) -> str:
        """The name of the task."""
        return self._task.name

    @property
    def status(self) -> Status:
        """How it ended."""
        return Status(self._element.status) if self._element else self._task.status

    @property
    def reason(self) -> str | None:
        """Why it was skipped or cancelled, or why its failure does not count."""
        if self._element:
            return item_reason(self._element, self._task, self._around)
        return task_reason(self._task, self._around)

    @property
    def failure(self) -> Failure | None:
        """Why it failed."""
        found = self._element.failure if self._element else task_failure(self._task)
        return found and placed(found, self._task)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is worth knowing besides."""
        if self._element:
            return tuple(map(Mark, item_marks(self._element, self._task, self._around)))
        return tuple(map(Mark, task_marks(self._task, self._around)))

    @property
    def attempts(self) -> int:
        """How many there were; of a map, those of all its items together."""
        if self._item is not None or self._task.fan is None:
            return self._item.attempts if self._item else 0
        with self._archive.open() as stored:
            return stored.read.all_attempts(self._task.fan)

    @property
    def started(self) -> datetime | None:
        """When its first attempt began, if there was one."""
        began = self._element.started if self._element else self._task.started
        return None if began is None else datetime.fromtimestamp(began).astimezone()

    @property
    def seconds(self) -> float | None:
        """How long it took, from its first start to its end."""
        return self._element.seconds if self._element else self._task.seconds

    @property
    def exit_code(self) -> int | None:
        """That of its command."""
        return self._item.exit_code if self._item else None

    @property
    def output(self) -> str:
        """What its last attempt printed: standard output, then standard error."""
        return self._archive.texts(self._item.log if self._item else ())

    # What it gave -------------------------------------------------------------------------------

    @property
    def result(self) -> Any:
        """What it gave; None if it did not succeed. Raises `UserError` for a map: it has `results`."""
        if self.is_map:
            raise UserError(f"{self.address} is a map: it has `results`, and each of its `items` a `result`")
        return self._archive.result(self._item)

    @property
    def results(self) -> list[Any]:
        """What the items of a map gave that succeeded, in input order.

        Raises `UserError` if this is no map.
        """
        return self._archive.results(self._fan_of_map("results"))

    # What it is made of -------------------------------------------------------------------------

    @property
    def is_map(self) -> bool:
        """Whether it is a map as a whole, with `items`."""
        return self._task.mapped and self._item is None

    @property
    def counts(self) -> Counts:
        """How many items of a map ended how. Raises `UserError` if this is no map."""
        self._fan_of_map("counts")
        return self._task.counts

    @property
    def items(self) -> Sequence[TaskResult]:
        """All items of a map, in input order; each time that somebody goes over them, they are read anew.

        Raises `UserError` if this is no map.
        """
        fan = self._fan_of_map("items")
        return _Items(self._archive, self._item_of, fan)

    def __getitem__(self, key: str) -> TaskResult:
        """The item of a map with this key.

        Raises `UnknownAddress`, which is a `KeyError`, where there is none; `UserError` if this is no map.
        """
        fan = self._fan_of_map("items")
        with naming_nothing():
            check(key=key)
        item = self._item_by_key(fan, key)
        if item is None:
            raise UnknownAddress(f"no '{self.address}[{key}]' in this run: {self.name} has no item '{key}'")
        return self._item_of(item)

    def __contains__(self, key: object) -> bool:
        """Whether a map has an item with this key. Raises `UserError` if this is no map."""
        fan = self._fan_of_map("items")
        return isinstance(key, str) and self._item_by_key(fan, key) is not None

    def __iter__(self) -> Iterator[str]:
        """The keys of a map's items, in input order. Raises `UserError` if this is no map."""
        fan = self._fan_of_map("items")
        return self._keys(fan)

    def __len__(self) -> int:
        """How many items a map has. Raises `UserError` if this is no map."""
        return len(self.items)

    def __bool__(self) -> bool:
        """It is there, also if it has no items."""
        return True

    @property
    def index(self) -> int | None:
        """The place of an item in its map."""
        return self._element.index if self._element else None

    @property
    def key(self) -> str | None:
        """The key of an item."""
        return self._element.key if self._element else None

    @property
    def item(self) -> Any:
        """An item itself: what the map ranges over."""
        return self._element.value if self._element else None

    @property
    def tasks(self) -> Mapping[str, TaskResult]:
        """The tasks inside a group, or inside an item of it, by name; of all others there are none."""
        if not self._task.is_group or self._item is None:
            return TasksByName()
        inside = self._task.tolerates(self._around)
        with self._archive.open() as stored:
            body = stored.read.body(self._item.id)
        return TasksByName({task.name: TaskResult(self._archive, task, task.item, inside) for task in body})

    def _keys(self, fan: int) -> Iterator[str]:
        with self._archive.open() as stored:
            for item in stored.read.items(fan):
                yield str(item.index) if item.key is None else item.key

    def _item_by_key(self, fan: int, key: str) -> ItemRecord | None:
        with self._archive.open() as stored:
            return stored.read.item_by_key(fan, key)

    def _item_of(self, item: ItemRecord) -> TaskResult:
        return TaskResult(self._archive, self._task, item, self._around)

    def _fan_of_map(self, asked: str) -> int:
        if not self.is_map or self._task.fan is None:
            kind = "an item" if self._element else "no map"
            hint = "what is inside of it is in its `tasks`, by name" if self._task.is_group else ""
            raise UserError(f"{self.address} is {kind}: it has no `{asked}`", hint)
        return self._task.fan

    def __repr__(self) -> str:
        return f"<{self.address} {self.status.value}>"


class _Items(Sequence[TaskResult]):
    """The items of one map."""

    def __init__(self, archive: Archive, make: Callable[[ItemRecord], TaskResult], fan: int) -> None:
        self._archive = archive
        self._make = make
        self._fan = fan

    def __iter__(self) -> Iterator[TaskResult]:
        with self._archive.open() as stored:
            yield from map(self._make, stored.read.items(self._fan))

    def __len__(self) -> int:
        with self._archive.open() as stored:
            return stored.read.counts(self._fan).total

    @overload
    def __getitem__(self, place: int) -> TaskResult: ...
    @overload
    def __getitem__(self, place: slice) -> list[TaskResult]: ...
    def __getitem__(self, place: int | slice) -> TaskResult | list[TaskResult]:
        check(place=place)
        places = range(len(self))[place]
        if isinstance(places, range):
            return list(self)[place] if isinstance(place, slice) else []
        return next(islice(self, places, None))

    def __repr__(self) -> str:
        return f"<{len(self)} items>"


def read_task(archive: Archive, stored: StoredRun, task: TaskRecord, item: ItemRecord | None) -> TaskResult:
    """What an address has been found to name."""
    return TaskResult(archive, task, item, tolerance_around(stored.read, task))
