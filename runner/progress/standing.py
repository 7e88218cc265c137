"""How far a run is, by the events of it: what is under way, since when, and what has settled.

It tells nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from runner.addresses import address_of
from runner.display import visible
from runner.records import Counts, Item, Status, TaskOpened
from runner.struct import field, struct

SLOW_AFTER = 30.0
"""Seconds after which something under way is slow, unless earlier runs took long for it."""


@struct(frozen=False, eq=False)
class Series:
    """The items of a map, or of a task inside of maps, wherever they stand; or the one of a plain task."""

    path: str
    many: bool
    mapped: bool
    opened: float
    total: int | None = None
    """How many there are, where the map is not inside of another and that is known."""
    counted: int = 0
    """How many there are in all of the `maps` that have counted theirs."""
    maps: int = 0
    begun: float | None = None
    settled: dict[str, int] = field(default_factory=dict)
    reused: int = 0
    """How many of those that have settled were not done now."""
    told_items: int = 0
    told_failures: int = 0
    told_tries: int = 0
    told_slow: int = 0
    last_count: float = 0.0

    def counts(self) -> Counts:
        """How many have settled, and how."""
        return Counts(**self.settled)

    def seconds_left(self, now: float) -> float | None:
        """How long the rest takes at the pace until now; None where that cannot be said."""
        counts = self.counts()
        done = counts.total - self.reused
        if self.total is None or self.begun is None or done <= 0:
            return None
        return (now - self.begun) / done * max(0, self.total - counts.total)


@struct(frozen=False, eq=False)
class Fan:
    """A task, or a map with its items, that is known and has not settled."""

    opened: TaskOpened
    series: Series
    within_many: bool
    """Whether it is inside of a map."""
    total: int | None = None
    inside: dict[int, Item] = field(default_factory=dict)
    """Of a mapped group, the items that are open."""

    def address(self, item: Item) -> str:
        """The address of an item."""
        opened = self.opened
        return visible(address_of(opened.address, opened.mapped, item.key, item.index))


@struct(frozen=False, eq=False)
class UnderWay:
    """What was given to a worker at once: one item, or some of which each takes a moment.

    `begun` is None while it waits for a worker; `due` is after how many seconds it is told as slow.
    """

    fan: Fan
    items: tuple[Item, ...]
    begun: float | None = None
    due: float = SLOW_AFTER
    slow: bool = False

    @property
    def name(self) -> str:
        """Of the first that is under way in it."""
        return self.fan.address(self.items[0])


@struct(frozen=False, eq=False)
class Standing:
    """How far the run is, for who shows it."""

    workflow: str = ""
    run_id: str = ""
    tasks: int = 0
    declared: frozenset[str] = frozenset()
    """The addresses without keys of all tasks of the file."""
    leaders: Mapping[str, str] = field(default_factory=dict)
    """The maps that follow another item by item, each with that other."""
    done: set[str] = field(default_factory=set)
    """The names of the root tasks that have settled."""
    verdicts: dict[str, int] = field(default_factory=dict)
    """How many of them ended how."""
    workers: int = 0
    begun: float = 0.0
    series: dict[str, Series] = field(default_factory=dict)
    running: dict[int, Fan] = field(default_factory=dict)
    """Tasks of which something has begun, by the number of their fan."""
    stopping: bool = False
    _given: dict[tuple[int, int], UnderWay] = field(default_factory=dict)

    def give(self, number: int, fan: Fan, items: tuple[Item, ...], now: float) -> None:
        """A worker will do some items; those that were given before go first."""
        begun = now if len(self._given) < self.workers else None
        self._given[number, items[0].index] = UnderWay(fan, items, begun)

    def come_back(self, number: int, index: int) -> None:
        """What began with this item has come back."""
        self._given.pop((number, index), None)

    def forget(self, number: int) -> None:
        """The task has settled."""
        self.running.pop(number, None)
        for key in [key for key in self._given if key[0] == number]:
            del self._given[key]

    def task_settled(self, name: str, status: Status, tolerated: bool) -> None:
        """A task of the file itself has settled."""
        self.done.add(name)
        word = "failed (tolerated)" if tolerated and status is Status.FAILED else status.value
        self.verdicts[word] = self.verdicts.get(word, 0) + 1

    def under_way(self) -> Iterator[UnderWay]:
        """What workers are at, what was given first before the rest."""
        return islice(self._given.values(), self.workers)

    def is_given(self, number: int) -> bool:
        """Whether something of a task is at a worker, or waits for one."""
        return any(key[0] == number for key in self._given)

    def look(self, now: float) -> None:
        """Note since when workers are at what they are at: as often as somebody wants to know."""
        for given in self.under_way():
            if given.begun is None:
                given.begun = now
