"""Which attempt waited for which: from the last one at what a task needs to its first one.

Where one map follows another item by item, that is told of the first items, and of what is inside mapped
groups of the first bodies; a group stands for all that is inside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.records import Declared
from runner.store.tables import index_of
from runner.store.whole import FanRecord
from runner.struct import struct

MOST_ITEMS = 1000
MOST_INSIDE = 10_000
_at_once = 0.001
"""Seconds by which clocks may differ."""


@struct(frozen=False)
class _Ends:
    """Of some attempts the one that began first and the one that ended last, by their numbers."""

    first: int
    began: float
    last: int
    ended: float


class Arrows:
    """What is known of it, while attempts are seen in the order of their tasks and items."""

    def __init__(self, declared: Sequence[Declared]) -> None:
        self._needs = {task.path: task.needs for task in declared}
        mapped = {task.path for task in declared if task.mapped}
        self._repeated = {path for path in self._needs if any(it in mapped for it in _around(path))}
        self._followed = {
            path
            for task in declared
            for need, how in task.needs
            if how == "items"
            for path in (task.path, need)
        }
        self._ends: dict[str, _Ends] = {}
        self._items: dict[tuple[str, int], _Ends] = {}
        self._body: dict[str, tuple[int, _Ends]] = {}
        self._within: int | None = None
        self._inside: list[tuple[int, int]] = []

    def see(self, fan: FanRecord, item: int, attempt: int, began: float, ended: float) -> None:
        """Take in an attempt."""
        path = fan.path
        if fan.within is not None:
            if fan.within != self._within or self._body.get(path, (fan.number,))[0] != fan.number:
                self._leave_body()
                self._within = fan.within
            known = self._body.get(path)
            self._body[path] = fan.number, _with(known and known[1], attempt, began, ended)
        for name in (path, *_around(path)):
            if name not in self._repeated:
                self._ends[name] = _with(self._ends.get(name), attempt, began, ended)
        index = index_of(item)
        if path in self._followed and path not in self._repeated and index < MOST_ITEMS:
            self._items[path, index] = _with(self._items.get((path, index)), attempt, began, ended)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """The attempts at both ends of each arrow."""
        self._leave_body()
        for path, needs in self._needs.items():
            for need, how in needs:
                if how == "items" and self._repeated.isdisjoint((path, need)):
                    yield from self._item_by_item(need, path)
                elif not _in_one_body(need, path):
                    yield from _arrow(self._ends.get(need), self._ends.get(path))
        yield from self._inside

    def _item_by_item(self, need: str, path: str) -> Iterator[tuple[int, int]]:
        for index in range(MOST_ITEMS):
            yield from _arrow(self._items.get((need, index)), self._items.get((path, index)))

    def _leave_body(self) -> None:
        """Take in what was waited for in a body of a group, once all of it has been seen."""
        for path, (_, ends) in self._body.items():
            for need, _how in self._needs.get(path, ()):
                if need in self._body and len(self._inside) < MOST_INSIDE:
                    self._inside += _arrow(self._body[need][1], ends)
        self._body.clear()


def _around(path: str) -> list[str]:
    """The groups around a task."""
    names = path.split(".")
    return [".".join(names[:depth]) for depth in range(1, len(names))]


def _in_one_body(need: str, path: str) -> bool:
    """Whether both are inside the same group."""
    return "." in path and need.rpartition(".")[0] == path.rpartition(".")[0]


def _with(ends: _Ends | None, attempt: int, began: float, ended: float) -> _Ends:
    if ends is None:
        return _Ends(attempt, began, attempt, ended)
    if began < ends.began:
        ends.first, ends.began = attempt, began
    if ended >= ends.ended:
        ends.last, ends.ended = attempt, ended
    return ends


def _arrow(need: _Ends | None, path: _Ends | None) -> Iterator[tuple[int, int]]:
    if need is not None and path is not None and need.ended <= path.began + _at_once:
        yield need.last, path.first
