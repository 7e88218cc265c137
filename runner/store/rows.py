"""Events → rows of the file of a run. It writes nothing itself.

What JSON cannot hold exactly, and what stands masked in the events, is kept by reference in `kept`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from itertools import count

from runner.hints import Any
from runner.records import (
    AttemptFailed,
    Event,
    Failure,
    ItemsCounted,
    ItemSettled,
    ItemsSettled,
    Notice,
    Outcome,
    Reconsidered,
    RunFinished,
    RunStarted,
    SliceStarted,
    Status,
    Stopping,
    TaskOpened,
    TaskSettled,
)
from runner.store.daybook import Changes
from runner.store.entries import DIED, group_kinds, write_failure
from runner.store.kept import Kept, contents, if_json
from runner.store.statements import (
    COUNT_ITEMS,
    END_FAN,
    END_SESSION,
    END_SLICES,
    NEW_ATTEMPT,
    NEW_BATCH,
    NEW_DECLARED,
    NEW_FAN,
    NEW_ITEM,
    NEW_NOTICE,
    NEW_SESSION,
    NEW_SLICE,
    NEW_TASK,
    ORDER,
    Change,
    sealed_together,
    with_seals,
)
from runner.store.tables import INDEX_BITS, item_id
from runner.store.texts import encode
from runner.store.values import Row
from runner.struct import struct

_words = {status: status.value for status in Status}


@struct(frozen=False)
class _OpenFan:
    task: int
    path: str
    is_group: bool
    settled: int = 0


class Rows:
    """The rows of one run, in the making."""

    def __init__(
        self, run_id: str, options: Mapping[str, Any], session: int = 1, first_task: int = 1
    ) -> None:
        self.kept = Kept()
        self._run_id = run_id
        self._next_task = count(first_task)
        self._options = options
        self._session = session
        self._rows: defaultdict[Change, list[Row]] = defaultdict(list)
        self._tasks: dict[tuple[int, str], int] = {}
        self._open: dict[int, _OpenFan] = {}
        self._settled: defaultdict[int, list[Row]] = defaultdict(list)
        """The items of each fan that are recorded together."""
        self._passes: dict[int, int] = {}
        self._makers: Mapping[type, Callable[[Any], None]] = {
            RunStarted: self._run_started,
            TaskOpened: self._task_opened,
            ItemsCounted: self._items_counted,
            SliceStarted: self._slice_started,
            Reconsidered: lambda event: None,
            ItemSettled: self._item_settled,
            ItemsSettled: self._items_settled,
            AttemptFailed: self._attempt_failed,
            TaskSettled: self._task_settled,
            Notice: self._notice,
            Stopping: lambda event: None,
            RunFinished: self._run_finished,
        }

    def knows(self, tasks: Mapping[str, int]) -> None:
        """There are rows of tasks already; each path with its number."""
        for path, number in tasks.items():
            around, _, name = path.rpartition(".")
            self._tasks[tasks.get(around, 0), name] = number

    def goes_on(self, fan: int, task: int, path: str, kind: str, settled: int) -> None:
        """There is a row of a fan that has not ended, and so many of its items have settled."""
        self._open[fan] = _OpenFan(task, path, kind in group_kinds, settled)

    def died(self) -> Changes:
        """What is to be recorded of a session that nobody ended."""
        row = (self._session, DIED, None, encode({}), encode([]), None, None)
        return [(END_SESSION.statement, with_seals(END_SESSION, [row]))]

    def of(self, events: Iterable[Event]) -> Changes:
        """Each statement to carry out for `events`, with its rows."""
        makers = self._makers
        for event in events:
            makers[type(event)](event)
        self._seal_items()
        made, self._rows = self._rows, defaultdict(list)
        return [(change.statement, with_seals(change, made[change])) for change in ORDER if change in made]

    def _seal_items(self) -> None:
        """The last item of each fan bears the seal of all that are recorded together."""
        for items in self._settled.values():
            self._rows[NEW_ITEM] += sealed_together(items)
        self._settled.clear()

    def _run_started(self, event: RunStarted) -> None:
        self._rows[NEW_SESSION].append(
            (
                self._session,
                self._run_id,
                event.workflow,
                event.file,
                encode(dict(event.params)),
                event.workers,
                encode(event.tasks),
                encode(dict(self._options)),
                event.started,
            )
        )

        tasks = [[it.path, it.kind, int(it.mapped), it.needs] for it in event.declared]
        self._rows[NEW_DECLARED].append((self._session, encode(tasks), encode(dict(event.versions))))

    def _task_opened(self, event: TaskOpened) -> None:
        parent = None if event.parent is None else self._open[event.parent]
        within = None if event.parent is None else item_id(event.parent, event.parent_index or 0)
        path = event.name if parent is None else f"{parent.path}.{event.name}"
        task = self._task(event, path, parent.task if parent else 0)
        self._open[event.fan] = _OpenFan(task, path, event.kind in group_kinds)
        attempt = 1 if within is None else self._passes.get(within, 1)
        self._rows[NEW_FAN].append((event.fan, task, within, attempt, event.address))

    def _task(self, event: TaskOpened, path: str, parent: int) -> int:
        """The number of a task of the file, which becomes a row when it is reached first."""
        number = self._tasks.get((parent, event.name))
        if number is None:
            number = self._tasks[parent, event.name] = next(self._next_task)
            place = event.position
            self._rows[NEW_TASK].append(
                (
                    number,
                    self._session,
                    path,
                    event.name,
                    event.kind,
                    int(event.mapped),
                    place.file,
                    place.line,
                    place.column,
                )
            )
        return number

    def _items_counted(self, event: ItemsCounted) -> None:
        self._rows[COUNT_ITEMS].append((event.total, event.fan))

    def _slice_started(self, event: SliceStarted) -> None:
        items = event.items
        indexes = [item.index for item in items]
        self._rows[NEW_SLICE].append(
            (
                event.fan,
                event.submission,
                item_id(event.fan, min(indexes)),
                item_id(event.fan, max(indexes)),
                len(items),
                contents(items),
                event.at,
            )
        )

    def _item_settled(self, event: ItemSettled) -> None:
        item, outcome = event.item, event.outcome
        fan = self._open[event.fan]
        number = event.fan << INDEX_BITS | item.index
        failure = event.failure
        started, seconds = event.started, event.seconds
        result = withheld = exit_code = worker = log = digest = None
        if outcome is not None:
            failure = failure or outcome.failure
            if started is None:
                started, seconds = outcome.started, outcome.seconds
            if event.status is Status.SUCCEEDED:
                result, withheld = self.kept.result(number, outcome)
            exit_code, worker = outcome.exit_code, outcome.worker
            digest = outcome.digest.hex() if outcome.digest else None
            log = "\n".join(outcome.log) if outcome.log else None
            if event.attempts > 1 and not 0 < event.made < self._session:
                self._add_attempt(number, outcome, None)
        row = (
            number,
            fan.settled,
            item.key,
            self.kept.value(number, item),
            _words[event.status],
            event.attempts,
            result,
            withheld,
            _failure_text(failure),
            event.reason,
            " ".join(event.marks) if event.marks else None,
            exit_code,
            worker,
            log,
            digest,
            event.made,
            None if started is None else started + 0.0,
            None if seconds is None else seconds + 0.0,
        )
        self._settled[event.fan].append(row)
        fan.settled += 1
        if fan.is_group:
            self._passes.pop(number, None)

    def _items_settled(self, event: ItemsSettled) -> None:
        from runner.store.batches import pack

        fan = self._open[event.fan]
        batches = None if fan.is_group else pack(event.fan, fan.settled, event.items, event.outcomes)
        if batches is None:
            for each in event.each():
                self._item_settled(each)
            return
        self._rows[NEW_ITEM] += sealed_together(self._settled.pop(event.fan, []))
        self._rows[NEW_BATCH] += batches
        fan.settled += len(event.items)

    def _attempt_failed(self, event: AttemptFailed) -> None:
        number = item_id(event.fan, event.item.index)
        self._add_attempt(number, event.outcome, event.wait)
        if self._open[event.fan].is_group:
            self._passes[number] = event.outcome.attempt + 1

    def _add_attempt(self, number: int, outcome: Outcome, wait: float | None) -> None:
        self._rows[NEW_ATTEMPT].append(
            (
                number,
                outcome.attempt,
                _failure_text(outcome.failure),
                outcome.exit_code,
                outcome.worker,
                "\n".join(outcome.log) or None,
                outcome.started,
                outcome.seconds,
                wait,
            )
        )

    def _task_settled(self, event: TaskSettled) -> None:
        self._open.pop(event.fan, None)
        counts = event.counts
        self._rows[END_FAN].append(
            (
                event.fan,
                event.status.value,
                event.reason,
                _failure_text(event.failure),
                " ".join(event.marks) or None,
                counts.succeeded,
                counts.failed,
                counts.skipped,
                counts.cancelled,
                event.started,
                event.seconds,
                counts.total if event.status in (Status.SUCCEEDED, Status.SKIPPED) else None,
            )
        )
        self._rows[END_SLICES].append((event.fan,))

    def _notice(self, event: Notice) -> None:
        self._rows[NEW_NOTICE].append((self._session, event.fan, event.text))

    def _run_finished(self, event: RunFinished) -> None:
        self._rows[END_SESSION].append(
            (
                self._session,
                event.status.value,
                event.exit_code,
                encode({name: if_json(value) for name, value in event.outputs.items()}),
                encode([write_failure(problem) for problem in event.problems]),
                event.finished,
                event.seconds,
            )
        )


def _failure_text(failure: Failure | None) -> str | None:
    return None if failure is None else encode(write_failure(failure))
