"""When everything in a run began and ended: numbers in columns, from which times and pictures are made.

An item takes some 50 bytes, whatever it holds. It knows nothing of how any of it is shown.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan, nan

from runner.addresses import address_of
from runner.records import Declared, Status
from runner.store.entries import ItemRecord, RunRecord
from runner.store.stored_run import StoredRun
from runner.store.tables import fan_of, index_of
from runner.store.whole import Whole

WORKED = ("run", "call")
"""The kinds of tasks that take a worker."""


ENDED, FAILED, STOPPED = range(3)
"""How an attempt came to its end: as it should, with a failure, or because it was cancelled."""


class Fans:
    """The tasks that were reached, each in one body: a column for each thing that is known of them.

    A row has the number of its fan less that of the first.
    """

    def __init__(self, whole: Whole, run: RunRecord, declared: dict[str, int]) -> None:
        self.first = 0
        self.paths: list[str] = list(declared)
        self.path = array("l")
        self.within = array("q")
        self.end = array("d")
        self.worked = bytearray()
        self.repeated = bytearray()
        numbers = dict(declared)
        for fan in whole.fans(run):
            self.first = self.first or fan.number
            while len(self.path) < fan.number - self.first:
                self._add(-1, -1, nan, False, True)
            if fan.path not in numbers:
                numbers[fan.path] = len(self.paths)
                self.paths.append(fan.path)
            inside_repeated = fan.within is not None and self.is_repeated(fan_of(fan.within))
            over = fan.started is not None and fan.seconds is not None
            self._add(
                numbers[fan.path],
                -1 if fan.within is None else fan.within,
                (fan.started or 0.0) + (fan.seconds or 0.0) if over else nan,
                fan.kind in WORKED,
                bool(fan.repeated) or inside_repeated,
            )

    def _add(self, path: int, within: int, end: float, worked: bool, repeated: bool) -> None:
        self.path.append(path)
        self.within.append(within)
        self.end.append(end)
        self.worked.append(worked)
        self.repeated.append(repeated)

    def __contains__(self, fan: int) -> bool:
        return self.first <= fan < self.first + len(self.path)

    def is_repeated(self, fan: int) -> bool:
        """Whether it is of a pass that was followed by another."""
        return fan in self and bool(self.repeated[fan - self.first])

    def parent(self, fan: int) -> int | None:
        """The group around it."""
        within = self.within[fan - self.first]
        return None if within < 0 else fan_of(within)


class Facts:
    """The items of the last session, in columns, and the attempts at them."""

    def __init__(self, stored: StoredRun, run: RunRecord) -> None:
        self.run = run
        self.whole = stored.whole
        self.declared: list[Declared] = stored.whole.declared(run)
        self.begin = stored.whole.started(run)
        self.fans = Fans(stored.whole, run, {task.path: at for at, task in enumerate(self.declared)})
        self.ids = array("q")
        self.start = array("d")
        self.end = array("d")
        self.spent = array("d")
        """The seconds in which its attempts ran."""
        self.tries = Tries()
        self._read(stored)
        last = max((end for end in self.end if not isnan(end)), default=self.begin)
        self.finish = max(last, self.begin + (run.seconds or 0.0))

    def _read(self, stored: StoredRun) -> None:
        tries = stored.whole.tries(self.run)
        upcoming = next(tries, None)
        for item in stored.whole.items(self.run):
            several = []
            while upcoming is not None and upcoming[0] <= item.id:
                if upcoming[0] == item.id:
                    several.append(upcoming[1:])
                upcoming = next(tries, None)
            self._add(item, several)

    def _add(self, item: ItemRecord, several: Sequence[tuple[float, float, int, str | None]]) -> None:
        """One more item; `several`: its attempts, if it was tried more than once."""
        fan, row = fan_of(item.id), len(self.ids)
        begun = item.started is not None and item.made in (0, self.run.session)
        start = item.started if begun and item.started is not None else nan
        seconds, spent = item.seconds or 0.0, 0.0
        if begun and fan in self.fans and self.fans.worked[fan - self.fans.first]:
            only = (start, seconds, item.status == Status.FAILED, item.worker)
            for place, (began, took, failed, worker) in enumerate(several or [only], 1):
                spent += took
                last = place >= len(several)
                stopped = last and not failed and item.status == Status.CANCELLED
                self.tries.add(row, began, took, FAILED if failed else STOPPED if stopped else ENDED, worker)
        self.ids.append(item.id)
        self.start.append(start)
        self.end.append(start + seconds)
        self.spent.append(spent)

    def row_of(self, number: int) -> int | None:
        """The row of an item, if it has settled."""
        row = bisect_left(self.ids, number)
        return row if row < len(self.ids) and self.ids[row] == number else None

    def path_of(self, row: int) -> int:
        """The number of the path of an item's task."""
        fan = fan_of(self.ids[row])
        return self.fans.path[fan - self.fans.first] if fan in self.fans else -1

    def listed(self) -> Counter[bool]:
        """How many items there are, without those of passes that were repeated: of workers, and others."""
        fans = self.fans
        of_fans = Counter(fan_of(number) - fans.first for number in self.ids)
        listed: Counter[bool] = Counter()
        for fan, number in of_fans.items():
            if fan + fans.first in fans and not fans.is_repeated(fan + fans.first):
                listed[bool(fans.worked[fan])] += number
        return listed

    def worked_rows(self) -> Iterator[int]:
        """The items that a worker did in this session, those of passes that were repeated included."""
        fans = self.fans
        for row, number in enumerate(self.ids):
            if not isnan(self.start[row]) and fans.worked[fan_of(number) - fans.first]:
                yield row

    def address(self, stored: StoredRun, row: int) -> str:
        """How an item is addressed."""
        item = self.whole.item(self.ids[row])
        return "" if item is None else address_of_item(stored, item)


class Tries:
    """All attempts, in columns."""

    def __init__(self) -> None:
        self.row = array("l")
        self.start = array("d")
        self.seconds = array("d")
        self.ends = bytearray()
        self.worker = array("l")
        self.workers: dict[str, int] = {}

    def add(self, row: int, start: float, seconds: float, end: int, worker: str | None) -> None:
        """One more; `end` is `ENDED`, `FAILED` or `STOPPED`."""
        self.row.append(row)
        self.start.append(start)
        self.seconds.append(seconds)
        self.ends.append(end)
        self.worker.append(self.workers.setdefault(worker or "", len(self.workers)))


def address_of_item(stored: StoredRun, item: ItemRecord) -> str:
    """How an item is addressed: its task is looked up."""
    task = stored.read.task(fan_of(item.id))
    return "" if task is None else address_of(task.address, task.mapped, item.key, index_of(item.id))
