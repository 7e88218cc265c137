"""The earlier sessions of a run that is continued, read from its file: how each task and item ended.

The newest session that knows an item counts. It does not know what of that still holds.
"""

from __future__ import annotations

from collections.abc import Mapping

from runner.records import UNDER_WAY, Done, Item, Mark, Outcome, Status
from runner.store import queries
from runner.store.database import Database
from runner.store.entries import ItemRecord
from runner.store.recorded import Recorded
from runner.store.tables import item_id
from runner.store.texts import encode


class EarlierSessions:
    """What was recorded before this session; fans of this one are numbered from `first_fan` on."""

    def __init__(self, database: Database, session: int, first_fan: int) -> None:
        self.session = session
        self.first_fan = first_fan
        self._database = database
        for statement in queries.INDEXES_OF_EARLIER:
            database.execute(statement)

    def fan(self, address: str) -> EarlierFan | None:
        """What is known of the task of an address; None if it was never reached."""
        fans: dict[int, str | None] = dict(self._database.rows(queries.EARLIER_FANS, [address, self.session]))
        return EarlierFan(self._database, fans) if fans else None


class EarlierFan:
    """A task in one body, in all earlier sessions that reached it, the newest first.

    `fans` are its numbers, each with the status in which it ended there, if it did.
    """

    def __init__(self, database: Database, fans: Mapping[int, str | None]) -> None:
        self._database = database
        self._fans = fans
        self._recorded = Recorded(database)
        self._under_way: dict[int, list[ItemRecord]] = {}

    def find(self, item: Item) -> Done | None:
        """The same item: that of its key, or where the key is only the index, of its value.

        What was never begun in one session is looked up in the one before.
        """
        never_begun = None
        for fan, status in self._fans.items():
            record = self._record(fan, item)
            if record is not None and record.attempts:
                return _done(record, item, status)
            if self._was_under_way(fan, item):
                outcome = Outcome(item.index, 1, 0.0, 0.0)
                return Done(Status.CANCELLED, 1, outcome, reason=UNDER_WAY, key=item.key)
            if never_begun is None and record is not None:
                never_begun = _done(record, item, status)
        return never_begun

    def _was_under_way(self, fan: int, item: Item) -> bool:
        """Whether it was given out in a session that died before it settled."""
        if fan not in self._under_way:
            self._under_way[fan] = self._recorded.running_items(fan)
        value = encode(item.value) if item.by_place else None
        return any(
            running.value_text == value if item.by_place else running.key == item.key
            for running in self._under_way[fan]
        )

    def _record(self, fan: int, item: Item) -> ItemRecord | None:
        if item.key is None:
            return self._first(queries.ITEM, item_id(fan, item.index))
        if not item.by_place:
            return self._first(queries.EARLIER_BY_KEY, fan, item.key)
        value = encode(item.value)
        same_place = self._first(queries.ITEM, item_id(fan, item.index))
        if same_place is not None and same_place.value_text == value:
            return same_place
        return None if value is None else self._first(queries.EARLIER_BY_VALUE, fan, value)

    def _first(self, query: str, *values: object) -> ItemRecord | None:
        return next(self._database.records(ItemRecord, query, values), None)


def _done(record: ItemRecord, item: Item, status: str | None) -> Done:
    outcome = Outcome(
        item.index,
        record.attempts,
        record.started or 0.0,
        record.seconds or 0.0,
        record.worker or "",
        result=record.result,
        encoded=record.result_text or "null",
        failure=record.failure,
        exit_code=record.exit_code,
        truncated=Mark.TRUNCATED in record.marks,
        log=record.log,
        digest=bytes.fromhex(record.digest) if record.digest else None,
        made=record.made,
    )
    marks = tuple(mark for mark in record.marks if mark is not Mark.REUSED)
    return Done(
        Status(record.status),
        record.attempts,
        outcome,
        record.failure,
        record.reason,
        marks,
        whole=record.withheld is None,
        key=record.key,
        final=status == Status.SUCCEEDED,
    )
