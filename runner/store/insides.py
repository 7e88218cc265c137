"""The tasks inside a mapped group, all passes through its body taken together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from runner.records import Counts, Mark, Status
from runner.store.causes import add_cause
from runner.store.entries import Cause, Inside
from runner.struct import fields


def read_inside(
    group: str,
    passes: Iterable[tuple[Any, ...]],
    causes: Iterable[tuple[Any, ...]],
    tolerances: Iterable[tuple[str, str, int]],
    marks: Iterable[tuple[Any, ...]],
) -> list[Inside]:
    """The tasks inside the group at the path `group`, each behind the one that it is inside of.

    The numbers of tasks go by the file only within a body, as bodies are opened one after another.
    """
    numbers: dict[str, int] = {}
    tasks: dict[str, _Task] = {}
    for number, path, mapped, *of_passes in passes:
        numbers[path] = number
        task = tasks.setdefault(path, _Task(path, path.count(".") - group.count("."), bool(mapped)))
        task.add(*of_passes)
    for path, reason, number, example in causes:
        add_cause(tasks[path].causes_of_items, Cause(reason, number, example))
    for path, reason, number in tolerances:
        add_cause(tasks[path].tolerances, Cause(reason, number, reason))
    for path, flaky, reused in marks:
        tasks[path].flaky += int(flaky)
        tasks[path].reused += int(reused)

    def place(path: str) -> list[int]:
        return [numbers.get(above, 0) for above in _from_outermost(path)]

    return [tasks[path].inside() for path in sorted(tasks, key=place)]


_ends = fields(Counts())


class _Task:
    """What is known of one task while its rows are read."""

    def __init__(self, path: str, depth: int, mapped: bool) -> None:
        self.path, self.depth, self.mapped = path, depth, mapped
        self.ended: Counter[str] = Counter()
        self.under_way = 0
        self.causes: dict[str, Cause] = {}
        self.tolerances: dict[str, Cause] = {}
        self.items: Counter[str] = Counter()
        self.causes_of_items: dict[str, Cause] = {}
        self.tolerances_of_items: dict[str, Cause] = {}
        self.flaky = self.reused = 0

    def add(self, status: str | None, reason: str | None, number: int, *items: int | None) -> None:
        """So many passes have this status, or none yet; `items`: how their items ended together."""
        if status is None:
            self.under_way += number
        else:
            self.ended[status] += number
        ended = {name: count or 0 for name, count in zip(_ends, items, strict=True)}
        self.items.update(ended)
        if reason and status == Status.SUCCEEDED and reason.startswith(Mark.TOLERATED):
            add_cause(self.tolerances_of_items, Cause(reason, ended["failed"], reason))
        elif reason:
            add_cause(self.causes, Cause(reason, number, reason))

    def inside(self) -> Inside:
        """All of it."""
        return Inside(
            self.path,
            self.depth,
            Counts(**self.ended),
            self.under_way,
            tuple(self.causes.values()),
            tuple(self.tolerances.values()),
            Counts(**self.items) if self.mapped else None,
            tuple(self.causes_of_items.values()),
            tuple(self.tolerances_of_items.values()),
            self.flaky,
            self.reused,
        )


def _from_outermost(path: str) -> Iterator[str]:
    """`a`, `a.b`, `a.b.c`."""
    names = path.split(".")
    return (".".join(names[: length + 1]) for length in range(len(names)))
