"""Which record of an earlier session is that of an item: told by its key, or by its value.

Where keys are only indexes, equal values are told apart by their number alone: a record is that of one
item only. It does not know what of a record still holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge

from runner.records import Ended, Item, Status
from runner.store import queries
from runner.store.database import Database
from runner.store.entries import ItemRecord
from runner.store.recorded import Recorded
from runner.store.tables import index_of, item_id
from runner.store.texts import encode

MANY = 16
"""After so many records of a value that were in vain it is remembered how far they were looked through."""


class Places:
    """A set of places in a list: a bit for each."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def __contains__(self, place: int) -> bool:
        byte = place >> 3
        return byte < len(self._bits) and bool(self._bits[byte] >> (place & 7) & 1)

    def add(self, place: int) -> None:
        """Put a place in."""
        byte = place >> 3
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte + 1 - len(self._bits)))
        self._bits[byte] |= 1 << (place & 7)


class Counterparts:
    """The items of a task in one body, as one earlier session has left them.

    `fan` is its number there.
    """

    def __init__(self, database: Database, fan: int, ended: Ended) -> None:
        self.ended = ended
        self._database = database
        self._fan = fan
        self._taken = Places()
        """Those of items that were told by their value."""
        self._onward: dict[str, int] = {}
        """Of values that many records have: the first place where one may be that is not taken."""
        self._under_way: dict[int, ItemRecord] | None = None
        self._looks_for_copies = False
        self._page = _Page(database, self._numbers()[1])

    def of_key(self, item: Item) -> ItemRecord | None:
        """The record under the same key; a plain task has one, without a key."""
        found = self._page.at(item_id(self._fan, item.index))
        if item.key is not None and (found is None or found.key != item.key):
            found = self._first(queries.EARLIER_BY_KEY, self._fan, item.key)
        return found or next((it for it in self._running() if it.key == item.key), None)

    def take(self, place: int, value: str | None, newer: Sequence[Counterparts]) -> ItemRecord | None:
        """A record with this value that is no other item's: that at the same place, or else the first one.

        `newer`: later sessions, which may have one of the same item.
        """
        if newer and not self._looks_for_copies:
            self._database.execute(queries.INDEX_OF_COPIES)
            self._looks_for_copies = True
        for record in self._candidates(place, value):
            if record.index in self._taken:
                continue
            self._taken.add(record.index)
            if not any(session._is_later(record) for session in newer):
                return record
        return None

    @property
    def was_left(self) -> bool:
        """Whether nothing of it was really done there: it only compared, or came to nothing at all."""
        if self.ended.status in (Status.SUCCEEDED, Status.FAILED):
            return False
        return self._database.row(queries.DONE_THERE, [self._fan]) is None

    def length(self) -> int | None:
        """How many items the list had, if that is known: of an item-wise map it is told how many settled."""
        (last,) = self._database.row(queries.LAST_ITEM, self._numbers()) or (None,)
        total = self.ended.total
        return total if total is None or last is None or index_of(last) < total else None

    def _numbers(self) -> list[int]:
        return [item_id(self._fan, 0), item_id(self._fan + 1, 0)]

    def all(self) -> Iterator[ItemRecord]:
        """All that settled or was under way there, in input order."""
        return merge(self._settled(), self._running(), key=lambda record: record.id)

    def _settled(self) -> Iterator[ItemRecord]:
        """Read a page at a time."""
        after, end = self._numbers()
        while page := list(self._database.records(ItemRecord, queries.PAGE_OF_ITEMS, [after, end])):
            yield from page
            after = page[-1].id + 1

    def _candidates(self, place: int, value: str | None) -> Iterator[ItemRecord]:
        same_place = self._at(place)
        if same_place is not None and same_place.value_text == value:
            yield same_place
        if value is None:
            return
        start = self._onward.get(value, 0)
        values = [self._fan, value, item_id(self._fan, start)]
        for passed, record in enumerate(self._database.records(ItemRecord, queries.EARLIER_BY_VALUE, values)):
            if passed >= MANY:
                self._onward[value] = record.index
            yield record
        yield from (record for record in self._running() if record.value_text == value)

    def _is_later(self, record: ItemRecord) -> bool:
        """Whether what is recorded here of an item took the place of `record`, or was taken over from it."""
        same_place = self._at(record.index)
        if same_place is not None and same_place.attempts and same_place.value_text == record.value_text:
            return True
        copy = (self._fan, record.started, record.seconds, record.made, record.value_text, record.log_text)
        return record.started is not None and self._first(queries.EARLIER_COPY, *copy) is not None

    def _at(self, place: int) -> ItemRecord | None:
        number = item_id(self._fan, place)
        running = self._running_by_number()
        return running.get(number) or self._page.at(number)

    def _running(self) -> Iterator[ItemRecord]:
        return iter(self._running_by_number().values())

    def _running_by_number(self) -> dict[int, ItemRecord]:
        """What was given out there and has not settled, since the program died."""
        if self._under_way is None:
            self._under_way = {it.id: it for it in Recorded(self._database).running_items(self._fan)}
        return self._under_way

    def _first(self, query: str, *values: object) -> ItemRecord | None:
        return self._database.record(ItemRecord, query, values)


class _Page:
    """Neighbours that were recorded: who asks for one after the other has many read at once."""

    def __init__(self, database: Database, end: int) -> None:
        self._database = database
        self._end = end
        self._next = self._read_from = self._read_to = 0
        self._records: dict[int, ItemRecord] = {}

    def at(self, number: int) -> ItemRecord | None:
        """The item of this number; who asks goes forward as a rule."""
        goes_on, self._next = number == self._next, number + 1
        if self._read_from <= number < self._read_to:
            return self._records.get(number)
        if not goes_on:
            return self._database.record(ItemRecord, queries.ITEM, [number])
        page = list(self._database.records(ItemRecord, queries.PAGE_OF_ITEMS, [number, self._end]))
        self._records = {record.id: record for record in page}
        self._read_from, self._read_to = number, page[-1].id + 1 if page else self._end
        return self._records.get(number)


def value_of(item: Item) -> str | None:
    """The value of an item as it is recorded."""
    return encode(item.value)
