"""When what everything waited for was there, and what came last of it.

An item may start when all that its task needs has ended; of an item-wise map, when its own item has.
What is inside a group may start no sooner than the group's item.
"""

from __future__ import annotations

from array import array
from math import isnan
from typing import NamedTuple

from runner.report.facts import Facts
from runner.store.tables import fan_of, index_of, item_id

MOST_SKIPPED = 100
"""So many tasks that never began are followed, where one stands before the other in the file."""


class Ready(NamedTuple):
    """The moment, and what came last: a task (its fan) or an item (its row), or nothing."""

    at: float
    fan: int | None = None
    row: int | None = None


class Readiness:
    """Asked for items, it tells since when they could start."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._orders = _Orders(facts.fans.paths)
        self._needs = _needs(facts)
        self._passes: dict[int, dict[int, float]] = {}
        """Of bodies that were left for another pass: when each such pass ended, by its first fan."""
        self._at = array("d")
        self._last = array("q")
        for fan in range(facts.fans.first, facts.fans.first + len(facts.fans.path)):
            ready = self._of_fan(fan)
            self._end_pass(fan)
            self._at.append(ready.at)
            self._last.append(_packed(ready))

    def of_item(self, fan: int, index: int) -> Ready:
        """Since when an item could start."""
        own = self.of_fan(fan)
        path = self._facts.fans.path[fan - self._facts.fans.first]
        for need, how in self._needs[path]:
            source = self._find(fan, need) if how == "items" else None
            row = None if source is None else self._facts.row_of(item_id(source, index))
            if row is not None and self._facts.end[row] > own.at:
                return Ready(self._facts.end[row], row=row)
        return own

    def of_fan(self, fan: int) -> Ready:
        """Since when a task could start."""
        place = fan - self._facts.fans.first
        return _unpacked(self._at[place], self._last[place])

    def _of_fan(self, fan: int, deep: int = 0) -> Ready:
        fans = self._facts.fans
        within = fans.within[fan - fans.first]
        ready = Ready(self._facts.begin)
        if within >= 0 and fan_of(within) in fans:
            ready = self.of_item(fan_of(within), index_of(within))
        path = fans.path[fan - fans.first]
        for first, end in self._passes.get(within, {}).items():
            if first < self._first_of_body(fan) and end > ready.at:
                ready = Ready(end)
        for need, how in self._needs[path] if path >= 0 else ():
            source = None if how == "items" else self._find(fan, need)
            if source is not None:
                ready = max(ready, self._end_of(source, deep), key=lambda it: it.at)
        return ready

    def _end_of(self, source: int, deep: int) -> Ready:
        """When a task had its end; one that never began had it as soon as all that it needed had theirs."""
        fans = self._facts.fans
        end = fans.end[source - fans.first]
        if not isnan(end):
            return Ready(end, fan=source)
        if source - fans.first < len(self._at):
            return self.of_fan(source)
        return self._of_fan(source, deep + 1) if deep < MOST_SKIPPED else Ready(self._facts.begin)

    def _end_pass(self, fan: int) -> None:
        fans = self._facts.fans
        within, end = fans.within[fan - fans.first], fans.end[fan - fans.first]
        if within >= 0 and fans.is_repeated(fan) and not isnan(end):
            ends = self._passes.setdefault(within, {})
            first = self._first_of_body(fan)
            ends[first] = max(end, ends.get(first, end))

    def _first_of_body(self, fan: int) -> int:
        return fan - self._orders.place(self._facts.fans.path[fan - self._facts.fans.first])

    def _find(self, fan: int, path: int) -> int | None:
        """The task of this path that `fan` sees: fans of one body are numbered in the order of the file."""
        fans, orders = self._facts.fans, self._orders
        for _ in range(orders.depth(fans.path[fan - fans.first]) - orders.depth(path)):
            parent = fans.parent(fan)
            if parent is None:
                return None
            fan = parent
        found = self._first_of_body(fan) + orders.place(path)
        return found if found in fans and fans.path[found - fans.first] == path else None


class _Orders:
    """The depth of each path, and its place in its body."""

    def __init__(self, paths: list[str]) -> None:
        sizes: dict[str, int] = {}
        self._of: list[tuple[int, int]] = []
        for path in paths:
            body = path.rpartition(".")[0]
            sizes[body] = sizes.get(body, -1) + 1
            self._of.append((path.count("."), sizes[body]))

    def depth(self, path: int) -> int:
        return self._of[path][0]

    def place(self, path: int) -> int:
        return self._of[path][1]


def _needs(facts: Facts) -> list[list[tuple[int, str]]]:
    """What the task of each path waits for, by the numbers of paths."""
    numbers = {task.path: number for number, task in enumerate(facts.declared)}
    needs = [[(numbers[path], how) for path, how in task.needs if path in numbers] for task in facts.declared]
    return needs + [[] for _ in range(len(facts.fans.paths) - len(needs))]


def _packed(ready: Ready) -> int:
    if ready.fan is not None:
        return ready.fan * 2 + 1
    return ready.row * 2 + 2 if ready.row is not None else 0


def _unpacked(at: float, last: int) -> Ready:
    if not last or isnan(at):
        return Ready(at)
    return Ready(at, fan=last // 2) if last % 2 else Ready(at, row=last // 2 - 1)
