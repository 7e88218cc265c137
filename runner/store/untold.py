"""What a continued run had not come to when it died: it is recorded again as earlier sessions had left it.

A session records again whatever it finds done, one after the other, and what is told of a run is what its
last session has recorded. What of it still holds is not known here: that is seen when the run goes on.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import count, islice

from runner.addresses import address_of
from runner.position import Position
from runner.records import (
    UNDER_WAY,
    Counts,
    Declared,
    Done,
    Event,
    Item,
    ItemsCounted,
    ItemSettled,
    Mark,
    SliceStarted,
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
"""So many events are in memory."""


def tell(database: Database, is_performed: Callable[[], bool]) -> None:
    """Record it in the file of a run that nobody performs, if nobody has: all of it or nothing."""
    run = Recorded(database).run()
    assert run is not None
    EarlierSessions(database, run.session, 0)  # which prepares the file, in transactions of its own
    with database.transaction():  # whoever else would write waits
        if database.row(queries.OPEN_AND_CONTINUED) is not None and not is_performed():
            _Telling(database).tell()


@struct
class _Fan:
    """A task in one body of the last session, with the items that it has."""

    number: int
    address: str
    task: Declared
    has: Places
    tally: Counter[Status]
    acted: bool = False
    """Something of it, or inside it, was really done."""


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
        for statement, rows in changes:
            self._database.change(statement, rows)

    def _body(self, path: str, before: str, *within: int) -> Iterator[Event]:
        """The tasks of the body of a group, whose addresses begin with `before`.

        `within` is the number of the group and the index of its item.
        """
        for task in self._bodies[path]:
            address = before + task.path.rpartition(".")[2]
            past = self._earlier.fan(address)
            row = self._database.row(queries.TASK_BEFORE, [task.path, self._session])
            if past is not None and row is not None and row[:2] == (task.kind, int(task.mapped)):
                yield from self._task(task, address, past, Position(*row[2:]), *within)

    def _task(
        self, task: Declared, address: str, past: EarlierFan, position: Position, *within: int
    ) -> Iterator[Event]:
        reached = self._database.row(queries.FAN_OF_ADDRESS, [address, self._session])
        if reached is not None:
            number, ended = reached
            if ended is None:
                yield from self._rest(self._reached(number, address, task), past)
            return
        fan = _Fan(next(self._fans), address, task, Places(), Counter())
        rest = self._rest(fan, past)
        first = next(rest, None)
        if first is not None:
            name = task.path.rpartition(".")[2]
            yield TaskOpened(fan.number, address, name, task.kind, task.mapped, position, *within)
            if task.mapped and (end := past.end()) and end.total is not None:
                yield ItemsCounted(fan.number, end.total)
            yield first
            yield from rest

    def _reached(self, number: int, address: str, task: Declared) -> _Fan:
        """A fan that the session had opened: of what is under way there is nothing to tell."""
        has, is_group = Places(), task.kind in group_kinds
        for (item,) in self._database.rows(queries.IDS, [item_id(number, 0), item_id(number + 1, 0)]):
            has.add(index_of(item))
        for under_way in [] if is_group else self._read.running_items(number):
            has.add(under_way.index)
        counts = self._read.counts(number)
        tally = Counter({status: getattr(counts, status.value, 0) for status in Status})
        self._rows.goes_on(number, self._numbers[task.path], task.path, task.kind, counts.total)
        acted = self._database.row(queries.MADE_THERE if is_group else queries.DONE_THERE, [number])
        inside = is_group and self._acts_inside(f"{address}{'[' if task.mapped else '.'}")
        return _Fan(number, address, task, has, tally, inside or acted is not None)

    def _acts_inside(self, before: str) -> bool:
        """Whether the session had begun with a command or a call whose address begins so."""
        asked = [before, f"{before}\U0010ffff", self._session]
        return self._database.row(queries.ACTED_INSIDE, asked) is not None

    def _rest(self, fan: _Fan, past: EarlierFan) -> Iterator[Event]:
        """What it has come to by itself, not what it was ended with."""
        end = past.end()
        is_over = end is not None and is_end(end.status, end.reason)
        for item, done in past.items():
            if item.index not in fan.has and not self._has_key(fan, item):
                yield from self._item(fan, item, done, is_over)
        if end and end.status and is_over and not fan.acted:
            counts = Counts(**{status.value: number for status, number in fan.tally.items() if number})
            yield TaskSettled(
                fan.number, end.status, counts, end.reason, end.failure, end.marks, end.started, end.seconds
            )

    def _has_key(self, fan: _Fan, item: Item) -> bool:
        """Whether the item stands elsewhere in the list now."""
        if item.by_place or item.key is None:
            return False
        return self._database.row(queries.EARLIER_BY_KEY, [fan.number, item.key]) is not None

    def _item(self, fan: _Fan, item: Item, done: Done, is_over: bool) -> Iterator[Event]:
        came_to_it = is_end(done.status, done.reason) or (is_over and done.reason != UNDER_WAY)
        if fan.task.kind in group_kinds:
            address = address_of(fan.address, fan.task.mapped, item.key, item.index)
            passes = self._passes(fan, item)
            if done.attempts and passes < 2:  # another pass is another body
                opened = None if came_to_it or passes else done.outcome.started
                yield from self._inside(fan, item, f"{address}.", opened)
            came_to_it = came_to_it and (not passes or not (passes > 1 or self._acts_inside(f"{address}.")))
        if came_to_it:
            fan.tally[done.status] += 1
            yield _settled(fan.number, item, done)

    def _inside(self, fan: _Fan, item: Item, before: str, opened: float | None) -> Iterator[Event]:
        """What is inside an item of a group. `opened`: when that was, if it is to be told as under way."""
        body = self._body(fan.task.path, before, fan.number, item.index)
        first = next(body, None)
        if first is not None:
            if opened is not None:
                yield SliceStarted(fan.number, -1 - item.index, (item,), opened)
            yield first
            yield from body

    def _passes(self, fan: _Fan, item: Item) -> int:
        """How often the session had gone through the body of an item, as far as it came."""
        row = self._database.row(queries.LAST_PASS, [item_id(fan.number, item.index)])
        return int(row[0]) if row else 0


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
