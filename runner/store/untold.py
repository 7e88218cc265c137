"""What a continued run had not come to when it died: it is recorded again as earlier sessions had left it.

A session records again whatever it finds done, one after the other, and what is told of a run is what its
last session has recorded. What of it still holds is not known here: that is seen when the run goes on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import count, islice

from runner.addresses import address_of
from runner.position import Position
from runner.records import (
    UNDER_WAY,
    Counts,
    Declared,
    Done,
    Ended,
    Event,
    Item,
    ItemsCounted,
    ItemSettled,
    Mark,
    Status,
    TaskOpened,
    TaskSettled,
)
from runner.store import queries
from runner.store.counterparts import Places
from runner.store.database import Database
from runner.store.daybook import Changes
from runner.store.earlier import EarlierFan, EarlierSessions
from runner.store.entries import group_kinds, read_declared
from runner.store.failed import is_end
from runner.store.recorded import Recorded
from runner.store.rows import Rows
from runner.store.tables import index_of, item_id
from runner.struct import struct

AT_ONCE = 4096
"""So many events in a transaction: who is killed meanwhile leaves the rest to the next one."""

_NO_END = Ended(None, Counts())


def tell(database: Database) -> None:
    """Record it in the file of a run that nobody performs, if nobody has."""
    if database.row(queries.OPEN_AND_CONTINUED) is not None:
        _Telling(database).tell()


@struct
class _Fan:
    """A task in one body of the last session, with the items that it has."""

    number: int
    address: str
    task: Declared
    has: Places
    tally: Counter[Status]
    did_something: bool = False


class _Telling:
    """What is told of one run."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._read = Recorded(database)
        run = self._read.run()
        assert run is not None
        self._session = run.session
        _, first_fan, first_task = database.row(queries.FIRST_FREE) or (1, 1, 1)
        self._fans = count(first_fan)
        self._earlier = EarlierSessions(database, run.session, first_fan)
        self._rows = Rows(run.id, {}, run.session, first_task)
        self._numbers = {path: number for number, path in database.rows(queries.PATHS, [run.session])}
        self._rows.knows(self._numbers)
        self._bodies: defaultdict[str, list[Declared]] = defaultdict(list)
        row = database.row(queries.DECLARED, [run.session])
        for task in read_declared(row[0] if row else None):
            self._bodies[task.path.rpartition(".")[0]].append(task)

    def tell(self) -> None:
        """All of it, and that the session has died."""
        events = self._body("", "")
        while some := list(islice(events, AT_ONCE)):
            self._record(self._rows.of(some))
        self._record(self._rows.died())

    def _record(self, changes: Changes) -> None:
        with self._database.transaction():
            for statement, rows in changes:
                self._database.change(statement, rows)

    def _body(self, path: str, before: str, *within: int) -> Iterator[Event]:
        """The tasks of the body of a group, whose addresses begin with `before`.

        `within` is the number of the group and the index of its item.
        """
        for task in self._bodies[path]:
            name = task.path.rpartition(".")[2]
            past = self._earlier.fan(before + name)
            row = self._database.row(queries.TASK_BEFORE, [task.path, self._session])
            if past is None or row is None or row[:2] != (task.kind, int(task.mapped)):
                continue
            if not _came_to_something(past.end() or _NO_END):
                continue
            reached = self._database.row(queries.FAN_OF_ADDRESS, [before + name, self._session])
            if reached is None:
                fan = _Fan(next(self._fans), before + name, task, Places(), Counter())
                position = Position(*row[2:])
                yield TaskOpened(fan.number, fan.address, name, task.kind, task.mapped, position, *within)
                yield from self._rest(fan, past)
            elif reached[1] is None:
                yield from self._rest(self._reached(reached[0], before + name, task), past)

    def _reached(self, number: int, address: str, task: Declared) -> _Fan:
        """A fan that the session had opened: of what is under way there is nothing to tell."""
        has = Places()
        for (item,) in self._database.rows(queries.IDS, [item_id(number, 0), item_id(number + 1, 0)]):
            has.add(index_of(item))
        if task.kind not in group_kinds:
            for under_way in self._read.running_items(number):
                has.add(under_way.index)
        counts = self._read.counts(number)
        tally = Counter({status: getattr(counts, status.value, 0) for status in Status})
        self._rows.goes_on(number, self._numbers[task.path], task.path, task.kind, counts.total)
        acted = self._database.row(queries.DONE_THERE, [number]) is not None
        return _Fan(number, address, task, has, tally, acted)

    def _rest(self, fan: _Fan, past: EarlierFan) -> Iterator[Event]:
        end = past.end() or _NO_END
        if fan.task.mapped and end.total is not None and not fan.did_something:
            yield ItemsCounted(fan.number, end.total)
        for item, done in past.items():
            if item.index not in fan.has and not self._has_key(fan, item):
                yield from self._item(fan, item, done)
        if end.status is not None and not fan.did_something:
            counts = Counts(**{status.value: number for status, number in fan.tally.items() if number})
            yield TaskSettled(
                fan.number, end.status, counts, end.reason, end.failure, end.marks, end.started, end.seconds
            )

    def _has_key(self, fan: _Fan, item: Item) -> bool:
        """Whether the item stands elsewhere in the list now."""
        if item.by_place or item.key is None:
            return False
        return self._database.row(queries.EARLIER_BY_KEY, [fan.number, item.key]) is not None

    def _item(self, fan: _Fan, item: Item, done: Done) -> Iterator[Event]:
        begun, is_group = done.attempts > 0, fan.task.kind in group_kinds
        passes = self._passes(fan, item) if is_group else 0
        if begun and is_group and passes < 2:  # another pass is another body
            address = address_of(fan.address, fan.task.mapped, item.key, item.index)
            yield from self._body(fan.task.path, f"{address}.", fan.number, item.index)
        if done.reason != UNDER_WAY and not (passes and fan.did_something):
            fan.tally[done.status] += 1
            yield _settled(fan.number, item, done)

    def _passes(self, fan: _Fan, item: Item) -> int:
        """How often the session had gone through the body of an item, as far as it came."""
        row = self._database.row(queries.LAST_PASS, [item_id(fan.number, item.index)])
        return int(row[0]) if row else 0


def _came_to_something(end: Ended) -> bool:
    """Whether there is more to tell of a task than that it waits."""
    done = end.counts.succeeded + end.counts.failed
    return end.status is None or is_end(end.status, end.reason) or done > 0


def _settled(fan: int, item: Item, done: Done) -> ItemSettled:
    outcome = done.outcome if done.attempts else None
    made = outcome.made if outcome else 0
    return ItemSettled(
        fan,
        item,
        done.status,
        done.attempts,
        outcome,
        done.failure,
        done.reason,
        (*done.marks, Mark.REUSED) if made else done.marks,
        outcome.started if outcome else None,
        outcome.seconds if outcome else None,
        made,
    )
