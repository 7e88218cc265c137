"""What the file of a run holds, read back: lazily, in input order.

It does not know who writes the file (`store`), where runs lie (`history`) or how they are shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.addresses import address_of
from runner.hints import TYPE_CHECKING, Any
from runner.records import Counts, Mark, Status
from runner.store import queries
from runner.store.database import Database
from runner.store.entries import (
    AttemptRecord,
    Cause,
    Duration,
    Inside,
    ItemRecord,
    LaterFan,
    NoticeRecord,
    Remarkable,
    RunRecord,
    TaskRecord,
    read_declared,
    read_marks,
)
from runner.store.gathering import interleaved, latest_passes, merged, open_item, place_of
from runner.store.tables import fan_of, item_id
from runner.store.texts import decode, encode
from runner.store.totals import STOPPED, leaders, with_totals
from runner.struct import replace

if TYPE_CHECKING:
    from runner.store.batches import Batch


class Recorded:
    """What the file of one run holds, read on the connection that it is given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # The run and its tasks ----------------------------------------------------------------------

    def run(self) -> RunRecord | None:
        """The run as a whole, as it was started last; None before its start is recorded."""
        return next(self._database.records(queries.run_record, queries.RUN), None)

    def done_in_any_session(self) -> Iterator[str]:
        """The addresses of all commands and calls that have ever succeeded in this run."""
        for address, mapped, key, index in self._database.rows(queries.DONE):
            yield address_of(address, mapped, key, index)
        for address, *batch in self._database.rows(queries.DONE_IN_BATCHES):
            from runner.store.batches import Batch

            for item in Batch(*batch).items():
                yield address_of(address, True, item.key, item.index)

    def first_started(self) -> float | None:
        """When the run was started first, in seconds since the epoch."""
        row = self._database.row("SELECT started FROM session ORDER BY number LIMIT 1")
        return row[0] if row else None

    def root_tasks(self, run: RunRecord) -> Iterator[TaskRecord]:
        """The tasks of the file, in its order, reached or not."""
        reached = {task.name: task for task in self._tasks(queries.ROOT_TASKS, run.session)}
        reached |= {task.name: task for task in self._with_totals(list(reached.values()))}
        for name in run.tasks:
            yield reached.get(name) or TaskRecord(name, name)

    def task(self, fan: int) -> TaskRecord | None:
        """The task whose fan has this number."""
        return next(self._tasks(queries.TASK, fan), None)

    def failed_tasks(self, run: RunRecord) -> Iterator[TaskRecord]:
        """The tasks that failed though none of their items did, in the order in which they were reached."""
        return self._tasks(queries.FAILED_TASKS, run.session)

    def later_fans(self, session: int) -> Iterator[LaterFan]:
        """The tasks that were reached in sessions after this one."""
        return self._database.records(LaterFan, queries.LATER_FANS, [session])

    def notices(self, run: RunRecord) -> Iterator[NoticeRecord]:
        """What was worth saying besides outcomes."""
        return self._database.records(NoticeRecord, queries.NOTICES, [run.session])

    def durations(self, run: RunRecord) -> list[Duration]:
        """How long the items of each task took that succeeded in this run."""
        return list(self._database.records(Duration, queries.DURATIONS, [run.session]))

    # Bodies of groups ---------------------------------------------------------------------------

    def body(self, item: int) -> list[TaskRecord]:
        """The tasks in the body of one item of a group, in the order of the file."""
        bodies = latest_passes(self._tasks(queries.TASKS_WITHIN, item, item + 1))
        return self._with_totals(next(bodies, (item, []))[1])

    def all_passes(self, item: int) -> list[TaskRecord]:
        """The tasks of all passes through the body of one item of a group, the first pass first.

        Those of one that is reused stand where it was done.
        """
        done = self._where_tried(item)
        return sorted(
            self._tasks(queries.TASKS_WITHIN, done, done + 1), key=lambda it: (it.attempt, place_of(it))
        )

    def _where_tried(self, item: int) -> int:
        """The number of an item of a group where it was tried, if it was so more than once and is reused."""
        group = self.item(item)
        several = group is not None and group.attempts > 1 and Mark.REUSED in group.marks
        return self._as_it_was_done(group) if group is not None and several else item

    def passes(self, task: TaskRecord) -> list[TaskRecord]:
        """The same task in all passes through the group around it, the first one first."""
        around = task.within
        if around is None or (task.attempt == 1 and self._where_tried(around) == around):
            return [task]
        return [it for it in self.all_passes(around) if it.name == task.name] or [task]

    def items_with_bodies(self, group: TaskRecord) -> Iterator[tuple[ItemRecord, list[TaskRecord]]]:
        """The items of a mapped group in input order, each with the tasks of its body.

        Of an item that is under way only the body may be known.
        """
        assert group.fan is not None
        passes = latest_passes(self._tasks(queries.TASKS_WITHIN, *_all_of(group.fan)))
        bodies = ((number, self._with_totals(tasks)) for number, tasks in passes)
        body = next(bodies, None)
        for item in self.items(group.fan):
            while body is not None and body[0] < item.id:
                yield open_item(group, *body), body[1]
                body = next(bodies, None)
            if body is not None and body[0] == item.id:
                yield item, body[1]
                body = next(bodies, None)
            else:
                yield item, []
        if body is not None:
            yield open_item(group, *body), body[1]
        for number, tasks in bodies:
            yield open_item(group, number, tasks), tasks

    # Items --------------------------------------------------------------------------------------

    def items(self, fan: int) -> Iterator[ItemRecord]:
        """All items of a fan that have settled or are under way, in input order."""
        settled = self.settled_items(fan)
        under_way = self.running_items(fan)
        return merged(settled, under_way) if under_way else settled

    def settled_items(self, fan: int, status: Status | None = None) -> Iterator[ItemRecord]:
        """The items of a fan that have settled, or have settled so, in input order."""
        if status is None:
            alone = self._database.records(ItemRecord, queries.ITEMS, _all_of(fan))
        else:
            asked = [*_all_of(fan), status.value]
            alone = self._database.records(ItemRecord, queries.ITEMS_OF_STATUS, asked)
        if status not in (None, Status.SUCCEEDED):
            return alone
        batches = ((batch.first, batch.items()) for batch in self._batches(fan))
        return interleaved(((item.id, item) for item in alone), batches)

    def _batches(self, fan: int) -> Iterator[Batch]:
        from runner.store.batches import Batch

        return self._database.records(Batch, queries.BATCHES, _all_of(fan))

    def running_items(self, fan: int) -> list[ItemRecord]:
        """The items of a fan that were given out and have not settled, in input order."""
        found: dict[int, ItemRecord] = {}
        for at, first, end, items in self._database.rows(queries.OPEN_SLICES, [fan]):
            settled = {item for (item,) in self._database.rows(queries.IDS, [first, end])}
            for start, behind in self._database.rows(queries.BATCHES_ACROSS, [first, end]):
                settled.update(range(start, behind))
            for index, key, attempt, value in decode(items):
                item = item_id(fan, index)
                if item not in settled:
                    running = Status.RUNNING.value
                    found[item] = ItemRecord(item, key, encode(value), running, attempt, started=at)
        return [found[item] for item in sorted(found)]

    def items_by_settling(self, fan: int, after: int, most: int) -> Iterator[ItemRecord]:
        """Items in the order in which they settled; `index_by_settling` makes that quick."""
        return self._database.records(ItemRecord, queries.ITEMS_BY_SETTLING, [fan, after, after + most])

    def index_by_settling(self) -> None:
        """Prepare for reading items in the order in which they settled."""
        self._database.execute("CREATE INDEX IF NOT EXISTS item_nth ON item (fan, nth)")

    def item_by_key(self, fan: int, key: str) -> ItemRecord | None:
        """The item of a map with this key, settled or under way."""
        settled = self._database.records(ItemRecord, queries.ITEM_BY_KEY, [*_all_of(fan), key])
        batches = (batch for batch in self._batches(fan) if batch.has_key(key))
        batched = (item for batch in batches for item in batch.items() if item.key == key)
        under_way = (item for item in self.running_items(fan) if item.key == key)
        return next(settled, None) or next(batched, None) or next(under_way, None)

    def item(self, number: int) -> ItemRecord | None:
        """The item of this number, if it has settled and is recorded alone, as what did not succeed is."""
        return next(self._database.records(ItemRecord, queries.ITEM, [number]), None)

    def failed_items(self, run: RunRecord, start: int) -> Iterator[ItemRecord]:
        """The items of the whole run that failed by themselves, from the number `start` on."""
        return self._database.records(ItemRecord, queries.FAILED_ITEMS, [run.session, start])

    def result_texts(self, fan: int) -> Iterator[str | None]:
        """The JSON texts of the results of a map's items that succeeded, in input order."""
        alone = self._database.rows(queries.RESULTS, _all_of(fan))
        batches = self._database.rows(queries.RESULTS_OF_BATCHES, _all_of(fan))
        return interleaved(iter(alone), ((first, texts.split("\n")) for first, texts in batches))

    def attempts(self, item: ItemRecord) -> list[AttemptRecord]:
        """Every try at an item that has come to an end, in the session in which it was really done."""
        tries = self._tries(item.id)
        if not tries and item.attempts > 1 and Mark.REUSED in item.marks:
            tries = self._tries(self._as_it_was_done(item))
        if tries or not item.attempts or item.status == Status.RUNNING:
            return tries
        only = (item.started, item.seconds, item.failure, item.exit_code, item.worker, item.log)
        return [AttemptRecord(item.attempts, *only)]

    def _tries(self, item: int) -> list[AttemptRecord]:
        return list(self._database.records(queries.attempt_record, queries.ATTEMPTS, [item]))

    def _as_it_was_done(self, item: ItemRecord) -> int:
        """The number of an item that is reused in the session in which it was done."""
        values = (item.key, item.value_text, item.log_text, item.value_text)
        row = self._database.row(queries.ITEM_AS_IT_WAS_DONE, [fan_of(item.id), item.made, *values])
        return row[0] if row else item.id

    def was_repeated(self, task: TaskRecord) -> bool:
        """Whether the pass of a group in which the task stands was followed by another."""
        query = "SELECT count(*) FROM attempt WHERE item = ? AND number = ? AND wait IS NOT NULL"
        found = self._database.row(query, [task.within, task.attempt]) if task.within is not None else None
        return bool(found and found[0])

    def all_attempts(self, fan: int) -> int:
        """How many tries the items of a fan have taken together."""
        return self._number(queries.ALL_ATTEMPTS, fan) + self._number(queries.BATCHED, fan)

    def counts(self, fan: int) -> Counts:
        """How the items of a fan have settled so far."""
        alone = Counts(**dict(self._database.rows(queries.COUNTS, _all_of(fan))))
        return replace(alone, succeeded=alone.succeeded + self._number(queries.BATCHED, fan))

    def count_under_way(self, fan: int, *, is_group: bool) -> int:
        """How many items of a fan were given out, or have an open body, and have not settled."""
        if not is_group:
            return len(self.running_items(fan))
        row = self._database.row(queries.COUNT_OPEN_BODIES, _all_of(fan))
        return int(row[0]) if row else 0

    def count_failed(self, fan: int) -> int:
        """How many items of a fan failed."""
        return self._number(queries.COUNT_FAILED, fan)

    def remarkable(self, fan: int) -> Remarkable:
        """What is worth knowing about the items of a fan besides how they ended."""
        return Remarkable(*map(int, self._database.row(queries.REMARKABLE, _all_of(fan)) or ()))

    def causes(self, fan: int, most: int) -> list[Cause]:
        """Why items of a fan were skipped or cancelled, the commonest causes first."""
        return list(self._database.records(Cause, queries.CAUSES, [*_all_of(fan), most]))

    def inside(self, run: RunRecord, group: TaskRecord) -> list[Inside]:
        """The tasks inside a mapped group, in the order of the file."""
        prefix = f"{group.path}."
        asked = [run.session, prefix, prefix]
        passes = self._database.rows(queries.INSIDE, asked)
        causes = self._database.rows(queries.CAUSES_INSIDE, asked)
        from runner.store.insides import read_inside

        marks = self._database.rows(queries.MARKS_INSIDE, asked)
        return read_inside(group.path, passes, causes, self._tolerances_inside(asked), marks)

    def _tolerances_inside(self, asked: Sequence[Any]) -> Iterator[tuple[str, str, int]]:
        """Why so many failures of a task inside a group do not count, by its path, for what is around it."""
        rows = self._database.rows(queries.TOLERATED_INSIDE, asked)
        for path, around, mapped, status, reason, marks, number in rows:
            group = TaskRecord(
                "", around, Status(status), mapped=bool(mapped), reason=reason, marks=read_marks(marks)
            )
            if told := group.tolerates(None):
                yield path, told, number

    def _number(self, query: str, fan: int) -> int:
        row = self._database.row(query, _all_of(fan))
        return int((row[0] if row else None) or 0)

    def _tasks(self, query: str, *values: int) -> Iterator[TaskRecord]:
        return map(self._as_it_stands, self._database.records(queries.task_record, query, values))

    def _as_it_stands(self, task: TaskRecord) -> TaskRecord:
        """A task that has not settled runs as soon as something of it was given out."""
        if task.status is not Status.WAITING or task.fan is None:
            return task
        row = self._database.row(queries.FIRST_START, [task.fan])
        begun = row[0] if row else None
        if begun is None and not task.is_group and not task.mapped:
            return task
        if task.mapped:
            status = Status.WAITING if begun is None and not task.is_group else Status.RUNNING
            counts, under_way = self.counts(task.fan), self.count_under_way(task.fan, is_group=task.is_group)
            return replace(task, status=status, started=begun, counts=counts, under_way=under_way)
        open_item = next(iter(self.running_items(task.fan)), None)
        return replace(task, status=Status.RUNNING, started=begun, item=task.item or open_item)

    def _with_totals(self, body: list[TaskRecord]) -> list[TaskRecord]:
        """The tasks of a body, each map with the number of its items as far as that is known."""
        if not any(task.mapped and (task.total is None or task.status in STOPPED) for task in body):
            return body
        row = self._database.row("SELECT tasks FROM declared ORDER BY session DESC LIMIT 1")
        return with_totals(body, leaders(read_declared(row[0]))) if row else body


def _all_of(fan: int) -> tuple[int, int]:
    """The numbers between which the items of a fan lie."""
    return item_id(fan, 0), item_id(fan + 1, 0)
