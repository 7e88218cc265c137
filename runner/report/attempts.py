"""The attempts of a run's last session in the order of time, and which of them waited for which.

They are sorted in a file that goes when it is closed: of a million attempts none is held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from runner.addresses import address_of
from runner.display import one_line, visible
from runner.records import Failure, Mark
from runner.report.arrows import Arrows
from runner.store.entries import ItemRecord, RunRecord
from runner.store.scratch import Scratch
from runner.store.stored_run import StoredRun
from runner.store.tables import fan_of
from runner.store.texts import encode
from runner.store.whole import FanRecord
from runner.struct import struct

WORKED = ("run", "call")
"""The kinds of tasks that take a worker."""

_at_once = 500
_table = """
CREATE TABLE attempt (id INTEGER PRIMARY KEY, start REAL, seconds REAL, worker TEXT, kind TEXT, name TEXT,
    told TEXT);
CREATE TABLE arrow (attempt INTEGER, number INTEGER, ends INTEGER);
"""


@struct
class Attempt:
    """One try at an item: `told` is JSON; `beginning` and `ending` are the arrows that do so at it."""

    id: int
    start: float
    seconds: float
    worker: str
    kind: str
    name: str
    told: str
    beginning: Sequence[int] = ()
    ending: Sequence[int] = ()


class Attempts:
    """All attempts. It is a context: what it has written is gone at its end."""

    def __init__(self, stored: StoredRun, run: RunRecord) -> None:
        self._stored, self._run = stored, run
        self._aside = Scratch(_table)

    def __enter__(self) -> Attempts:
        try:
            self._fill()
        except BaseException:
            self._aside.close()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._aside.close()

    def workers(self) -> list[str]:
        """Who did anything."""
        return [name for (name,) in self._aside.rows("SELECT DISTINCT worker FROM attempt")]

    def span(self) -> tuple[float, float]:
        """When the first of them began, and the last ended."""
        first, last = next(self._aside.rows("SELECT min(start), max(start + seconds) FROM attempt"))
        return first or 0.0, last or 0.0

    def times(self) -> Iterator[tuple[float, float]]:
        """When each began, and how long it took."""
        return self._aside.rows("SELECT start, seconds FROM attempt")

    def in_time(self) -> Iterator[Attempt]:
        """All of them, in the order in which they began."""
        arrows = self._aside.rows(
            "SELECT attempt.id, number, ends FROM arrow JOIN attempt ON attempt.id = arrow.attempt "
            "ORDER BY start, attempt.id, ends DESC, number"
        )
        upcoming = next(arrows, None)
        for row in self._aside.rows("SELECT * FROM attempt ORDER BY start, id"):
            ends: tuple[list[int], list[int]] = ([], [])
            while upcoming is not None and upcoming[0] == row[0]:
                ends[upcoming[2]].append(upcoming[1])
                upcoming = next(arrows, None)
            yield Attempt(*(*row, *ends))

    def _fill(self) -> None:
        arrows = Arrows(self._stored.whole.declared(self._run))
        rows: list[tuple[Any, ...]] = []
        number = 0
        for fan, item in self._items():
            for start, seconds, worker, told in self._tries(fan, item):
                number += 1
                attempt = told["attempt"]
                name = visible(address_of(fan.address, bool(fan.mapped), item.key, item.index))
                shown = f"{name} (attempt {attempt})" if attempt > 1 else name
                rows.append((number, start, seconds, worker, fan.kind, shown, encode(told)))
                arrows.see(fan, item.id, number, start, start + seconds)
            if len(rows) > _at_once:
                self._insert(rows)
        self._insert(rows)
        pairs = enumerate(arrows.pairs(), 1)
        ends = ((end, arrow, place) for arrow, pair in pairs for place, end in enumerate(pair))
        self._aside.insert("INSERT INTO arrow VALUES (?, ?, ?)", ends)

    def _insert(self, rows: list[tuple[Any, ...]]) -> None:
        self._aside.insert("INSERT INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        rows.clear()

    def _items(self) -> Iterator[tuple[FanRecord, ItemRecord]]:
        """The items that a worker did in this session, with their tasks."""
        fans = self._stored.whole.fans(self._run)
        fan = next(fans, None)
        for item in self._stored.whole.items(self._run):
            number = fan_of(item.id)
            while fan is not None and fan.number < number:
                fan = next(fans, None)
            done_here = item.started is not None and item.made in (0, self._run.session)
            if fan is None or fan.number != number or not done_here or Mark.REUSED in item.marks:
                continue
            if fan.kind in WORKED:
                yield fan, item

    def _tries(self, fan: FanRecord, item: ItemRecord) -> Iterator[tuple[float, float, str, dict[str, Any]]]:
        """Each try at an item: when it began, how long it took, who did it, and what there is to tell."""
        if item.attempts <= 1:
            told = _told(fan, item, item.attempts, item.failure, item.exit_code)
            yield item.started or 0.0, item.seconds or 0.0, item.worker or "", told
            return
        for tried in self._stored.read.attempts(item):
            if tried.started is not None:
                told = _told(fan, item, tried.number, tried.failure, tried.exit_code)
                if tried.number < item.attempts:
                    told["status"] = "failed" if tried.failure else "not yet"
                yield tried.started, tried.seconds or 0.0, tried.worker or "", told


def _told(
    fan: FanRecord, item: ItemRecord, attempt: int, failure: Failure | None, exit_code: int | None
) -> dict[str, Any]:
    told: dict[str, Any] = {"task": fan.path, "status": item.status, "attempt": attempt}
    if item.attempts > 1:
        told["attempts"] = item.attempts
    if exit_code is not None:
        told["exit_code"] = exit_code
    if failure is not None:
        told |= {"kind": failure.kind.value, "message": one_line(failure.message, 500)}
    elif item.reason is not None:
        told["reason"] = one_line(item.reason, 500)
    return told
