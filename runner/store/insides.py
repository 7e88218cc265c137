"""The tasks inside a mapped group, all passes through its body taken together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from runner.records import Counts
from runner.store.causes import add_reason
from runner.store.entries import Cause, Inside

_Row = tuple[int, str, str, str | None, str | None, int]
"""A task's number, path and name; a status (none yet: it is under way) and its reason; how many passes."""


def read_inside(group: str, rows: Iterable[tuple[Any, ...]]) -> list[Inside]:
    """The tasks inside the group at the path `group`, each behind the one that it is inside of.

    The numbers of tasks go by the file only within a body, as bodies are opened one after another.
    """
    numbers: dict[str, int] = {}
    tasks: dict[str, Inside] = {}
    for (number, path, name), those in groupby(rows, key=lambda row: (row[0], row[1], row[2])):
        numbers[path] = number
        tasks[path] = _inside(name, path.count(".") - group.count("."), those)

    def place(path: str) -> list[int]:
        return [numbers.get(above, 0) for above in _from_outermost(path)]

    return [tasks[path] for path in sorted(tasks, key=place)]


def _inside(name: str, depth: int, rows: Iterator[_Row]) -> Inside:
    ended: Counter[str] = Counter()
    under_way = 0
    causes: dict[str, Cause] = {}
    for *_, status, reason, number in rows:
        if status is None:
            under_way += number
        else:
            ended[status] += number
        if reason:
            add_reason(causes, reason, number)
    return Inside(name, depth, Counts(**ended), under_way, tuple(causes.values()))


def _from_outermost(path: str) -> Iterator[str]:
    """`a`, `a.b`, `a.b.c`."""
    names = path.split(".")
    return (".".join(names[: length + 1]) for length in range(len(names)))
