"""All items of a run's last session in one go, for who looks at the run as a whole.

They come in the order in which their tasks were reached, and in input order within one. It reads no
values and results.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

from runner.records import Counts, Declared, Status
from runner.store import queries
from runner.store.batches import Batch
from runner.store.database import Database
from runner.store.entries import ItemRecord, RunRecord, read_declared
from runner.store.tables import item_id
from runner.store.texts import decode
from runner.struct import struct


@struct
class FanRecord:
    """A task in one body, in brief. `repeated`: the body around it was left for another pass.

    `tolerated`: items of it that failed do not count, because of itself. `settled`: how many items had
    settled at its end.
    """

    number: int
    path: str
    address: str
    kind: str
    mapped: int
    within: int | None
    status: str | None
    started: float | None
    seconds: float | None
    repeated: int
    tolerated: int
    total: int | None
    settled: int | None

    @property
    def counted(self) -> int | None:
        """How many items it has, where that is known: not of what was stopped before it was opened."""
        return None if self.status == Status.CANCELLED and not self.total else self.total


@struct
class PathRecord:
    """A task in all bodies in which it has this status: in how many, and how its items there ended."""

    path: str
    kind: str
    mapped: int
    file: str
    line: int
    status: str | None
    tolerated: int
    bodies: int
    succeeded: float
    failed: float
    skipped: float
    cancelled: float
    seconds: float | None
    begun: float

    @property
    def counts(self) -> Counts:
        """How its items ended together."""
        return Counts(*map(int, (self.succeeded, self.failed, self.skipped, self.cancelled)))


class Whole:
    """What one session of a run has recorded, read from front to back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def started(self, run: RunRecord) -> float:
        """When the session began, in seconds since the epoch."""
        row = self._database.row("SELECT started FROM session WHERE number = ?", [run.session])
        return float(row[0]) if row else run.started

    def declared(self, run: RunRecord) -> list[Declared]:
        """The tasks of the file and what each waits for; of an older record nothing."""
        return read_declared(self._told("tasks", run))

    def versions(self, run: RunRecord) -> dict[str, str]:
        """With what it ran; of an older record nothing."""
        return dict(decode(self._told("versions", run)) or {})

    def _told(self, column: str, run: RunRecord) -> str | None:
        row = self._database.row(f"SELECT {column} FROM declared WHERE session = ?", [run.session])
        return row[0] if row else None

    def fans(self, run: RunRecord) -> Iterator[FanRecord]:
        """The tasks that were reached, each behind the one that it is inside of."""
        return self._database.records(FanRecord, queries.ALL_FANS, [run.session])

    def by_path(self, run: RunRecord) -> Iterator[PathRecord]:
        """The tasks that were reached, all bodies of one taken together that have the same status."""
        return self._database.records(PathRecord, queries.BY_PATH, [run.session])

    def items(self, run: RunRecord) -> Iterator[ItemRecord]:
        """All items that have settled."""
        start = [self._first(run)]
        alone = self._database.records(ItemRecord, queries.ALL_ITEMS, start)
        batches = self._database.records(Batch, queries.ALL_BATCHES, start)
        batched = (item for batch in batches for item in batch.items())
        return merge(alone, batched, key=lambda item: item.id)

    def tries(self, run: RunRecord) -> Iterator[tuple[int, float, float, int, str | None]]:
        """Of items that were tried more than once: item, start, seconds, whether it failed, worker."""
        return self._database.rows(queries.ALL_TRIES, [self._first(run)])

    def again(self, run: RunRecord, most: int) -> list[ItemRecord]:
        """Items that were tried more than once, at most so many."""
        return list(self._database.records(ItemRecord, queries.TRIED_AGAIN, [self._first(run), most]))

    def count_again(self, run: RunRecord) -> tuple[int, int]:
        """How many items were tried more than once, and how many of them succeeded."""
        row = self._database.row(queries.COUNT_TRIED_AGAIN, [self._first(run)]) or (0, 0)
        return int(row[0]), int(row[1])

    def item(self, number: int) -> ItemRecord | None:
        """The item of this number."""
        alone = next(self._database.records(ItemRecord, queries.ITEM, [number]), None)
        if alone is not None:
            return alone
        batch = next(self._database.records(Batch, queries.BATCH_UP_TO, [number]), None)
        items = batch.items() if batch else iter(())
        return next((item for item in items if item.id == number), None)

    def _first(self, run: RunRecord) -> int:
        """The number of the first item that the session can have: later ones have greater numbers."""
        query = "SELECT min(fan.id) FROM fan JOIN task ON task.id = fan.task WHERE task.session = ?"
        row = self._database.row(query, [run.session])
        return item_id(row[0], 0) if row and row[0] is not None else 1 << 62
