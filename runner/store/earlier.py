"""The earlier sessions of a run that is continued, read from its file: how each task and item ended.

The newest session that knows an item counts. It does not know what of that still holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import groupby

from runner.records import UNDER_WAY, Counts, Done, Ended, Item, Mark, Outcome, Status
from runner.store import queries
from runner.store.counterparts import Counterparts, value_of
from runner.store.database import Database
from runner.store.entries import OPAQUE, RUNNING, SECRET, ItemRecord, read_failure, read_marks
from runner.store.unpacking import unpack_all


class EarlierSessions:
    """What was recorded before this session; fans of this one are numbered from `first_fan` on."""

    def __init__(self, database: Database, session: int, first_fan: int) -> None:
        self.session = session
        self.first_fan = first_fan
        self._database = database
        unpack_all(database)
        for statement in queries.INDEXES_OF_EARLIER:
            database.execute(statement)

    def fan(self, address: str) -> EarlierFan | None:
        """What is known of the task of an address; None if it was never reached."""
        rows = self._database.rows(queries.EARLIER_FANS, [address, self.session])
        fans = {fan: _ended(*row) for fan, *row in rows}
        return EarlierFan(self._database, fans) if fans else None


class EarlierFan:
    """A task in one body, in all earlier sessions that reached it, the newest first.

    `fans` are its numbers, each with the status in which it ended there, if it did, and its tally.
    """

    def __init__(self, database: Database, fans: Mapping[int, Ended]) -> None:
        self._sessions = [Counterparts(database, fan, ended) for fan, ended in fans.items()]

    def end(self) -> Ended | None:
        """How it ended when something of it was done last, or without beginning; None: neither has been."""
        last = self._last()
        return last.ended if last else None

    def items(self) -> Iterator[tuple[Item, Done]]:
        """Its items, in input order, each as it was when something of it was done last."""
        last = self._last()
        if last is None:
            return
        older = self._sessions[self._sessions.index(last) + 1 :]
        sessions = [_with_ends(last), *(_with_ends(it, last.length()) for it in older)]
        records = merge(*sessions, key=_place)
        for index, found in groupby(records, key=_place):
            newest, *others = found
            alike = [it for it in (newest, *others) if it[0].key == newest[0].key]
            record, ended = next((it for it in alike if it[0].attempts), newest)
            item = Item(index, record.key, record.value, by_place=record.key == str(index))
            yield item, _done(record, item, ended)

    def _last(self) -> Counterparts | None:
        last = next((session for session in self._sessions if not session.was_left), None)
        if last is None:  # it never began
            last = next((session for session in self._sessions if session.ended.status), None)
        return last

    def find(self, item: Item) -> Done | None:
        """The same item: that of its key, or where the key is only the index, of its value.

        What was never begun in one session is looked up in the one before. Of equal values each
        record is found once.
        """
        value = value_of(item) if item.by_place else None
        place = item.index
        never_begun = None
        for age, session in enumerate(self._sessions):
            record = (
                session.take(place, value, self._sessions[:age]) if item.by_place else session.of_key(item)
            )
            if record is None:
                continue
            if record.attempts:
                return _done(record, item, session.ended)
            never_begun = never_begun or _done(record, item, session.ended)
            place = record.index
        return never_begun


def _with_ends(session: Counterparts, length: int | None = None) -> Iterator[tuple[ItemRecord, Ended]]:
    """The records of a session, as far as a list of this length goes, each with how its task ended there."""
    for record in session.all():
        if record.index == length:
            return
        yield record, session.ended


def _place(found: tuple[ItemRecord, Ended]) -> int:
    return found[0].index


def _ended(
    status: str | None,
    total: int | None,
    reason: str | None,
    failure: str | None,
    marks: str | None,
    started: float | None,
    seconds: float | None,
    *counts: int | None,
) -> Ended:
    tally = Counts(*(count or 0 for count in counts))
    end = Status(status) if status else None
    return Ended(end, tally, total, reason, read_failure(failure), read_marks(marks), started, seconds)


def _done(record: ItemRecord, item: Item, ended: Ended) -> Done:
    if record.status == RUNNING:
        lost = Outcome(item.index, 1, 0.0, 0.0)
        return Done(Status.CANCELLED, 1, lost, reason=UNDER_WAY, key=record.key)
    failure, marks = record.failure, record.marks
    outcome = Outcome(
        item.index,
        record.attempts,
        record.started or 0.0,
        record.seconds or 0.0,
        record.worker or "",
        result=record.result,
        encoded=None if record.withheld == OPAQUE else record.result_text or "null",
        failure=failure,
        exit_code=record.exit_code,
        secret=record.withheld == SECRET,
        truncated=Mark.TRUNCATED in marks,
        log=record.log,
        digest=bytes.fromhex(record.digest) if record.digest else None,
        made=record.made,
    )
    return Done(
        Status(record.status),
        record.attempts,
        outcome,
        failure,
        record.reason,
        tuple(mark for mark in marks if mark is not Mark.REUSED),
        whole=record.withheld is None,
        key=record.key,
        within=ended.counts if ended.status == Status.SUCCEEDED else None,
    )
