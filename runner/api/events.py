"""What is told of a run while it goes on, each with the address of whose it is.

The stream between plan and store goes by numbers, and tells brief items together; here everything stands
for itself. It does not know who listens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from runner import records
from runner.addresses import address_of
from runner.api.naming import OutputsByName, ParamsByName
from runner.records import Counts, Failure, Item, Mark, Outcome, Status
from runner.store.texts import decode
from runner.struct import struct


@struct
class RunStarted:
    """The first event of every run."""

    run: str
    workflow: str
    started: datetime
    params: Mapping[str, Any]
    workers: int
    tasks: tuple[str, ...]
    """The names of the tasks, in the order of the file."""


@struct
class ItemsCounted:
    """It is known how many items a map has."""

    address: str
    total: int


@struct
class ItemStarted:
    """An attempt at an item of a map, or at a plain task, begins. Their address has the key in it."""

    address: str
    task: str
    """The address of its task."""
    key: str | None
    attempt: int


@struct
class AttemptFailed:
    """An attempt failed, or `until` was not yet true, and after `wait` seconds there will be another.

    `failure` is None where nothing went wrong.
    """

    address: str
    task: str
    key: str | None
    attempt: int
    failure: Failure | None
    wait: float


@struct
class ItemSettled:
    """An item of a map, or a plain task, has come to its end."""

    address: str
    task: str
    key: str | None
    index: int
    status: Status
    result: Any
    failure: Failure | None
    reason: str | None
    """Why it was skipped or cancelled."""
    attempts: int
    seconds: float | None
    marks: tuple[Mark, ...]


@struct
class TaskSettled:
    """A task has come to its end: a plain one, a map with all its items, a group with all that is inside."""

    address: str
    status: Status
    counts: Counts
    reason: str | None
    failure: Failure | None
    marks: tuple[Mark, ...]
    seconds: float | None


@struct
class Notice:
    """Something worth hearing that is no outcome, about a task or about the whole run."""

    text: str
    address: str | None


@struct
class RunFinished:
    """The last event of every run. `problems` are failures of outputs, or of the run's own timeout."""

    status: Status
    exit_code: int
    seconds: float
    outputs: Mapping[str, Any]
    problems: tuple[Failure, ...]


Event = (
    RunStarted | ItemsCounted | ItemStarted | AttemptFailed | ItemSettled | TaskSettled | Notice | RunFinished
)


class Telling:
    """Tells of one run. It knows the addresses of the tasks that are open."""

    def __init__(self) -> None:
        self._open: dict[int, tuple[str, bool]] = {}

    def of(self, events: Iterable[records.Event]) -> Iterator[Event]:
        """The events for people."""
        for event in events:
            yield from self._of(event)

    def _of(self, event: records.Event) -> Iterator[Event]:
        match event:
            case records.TaskOpened():
                self._open[event.fan] = event.address, event.mapped
            case records.ItemsCounted():
                yield ItemsCounted(self._open[event.fan][0], event.total)
            case records.SliceStarted():
                for item in event.items:
                    yield ItemStarted(*self._whose(event.fan, item), item.attempt)
            case records.AttemptFailed(outcome=outcome):
                whose = self._whose(event.fan, event.item)
                yield AttemptFailed(*whose, event.attempts, outcome.failure, event.wait)
            case records.ItemSettled():
                yield self._settled(event)
            case records.ItemsSettled():
                yield from map(self._settled, event.each())
            case records.TaskSettled():
                address, _ = self._open.pop(event.fan)
                how = (event.status, event.counts, event.reason, event.failure, event.marks, event.seconds)
                yield TaskSettled(address, *how)
            case records.Notice(fan=fan):
                yield Notice(event.text, None if fan is None or fan not in self._open else self._open[fan][0])
            case records.RunStarted():
                began = datetime.fromtimestamp(event.started).astimezone()
                told = (ParamsByName(event.params), event.workers, event.tasks)
                yield RunStarted(event.run_id, event.workflow, began, *told)
            case records.RunFinished():
                told_last = (event.seconds, OutputsByName(event.outputs), event.problems)
                yield RunFinished(event.status, event.exit_code, *told_last)

    def _whose(self, fan: int, item: Item) -> tuple[str, str, str | None]:
        task, mapped = self._open[fan]
        return address_of(task, mapped, item.key, item.index), task, item.key

    def _settled(self, event: records.ItemSettled) -> ItemSettled:
        return ItemSettled(
            *self._whose(event.fan, event.item),
            event.item.index,
            event.status,
            _result(event.outcome) if event.status is Status.SUCCEEDED else None,
            event.failure,
            event.reason,
            event.attempts,
            event.seconds,
            event.marks,
        )


def _result(outcome: Outcome | None) -> Any:
    """What it gave; secrets in it are masked."""
    if outcome is None:
        return None
    return decode(outcome.encoded) if outcome.secret else outcome.result
