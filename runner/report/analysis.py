"""What a report for people is made of besides the facts of each task: pictures, times, what to do next.

Each part is made when a template names it first, since all of it together goes over all items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from runner.report import table
from runner.report.critical import critical_path
from runner.report.facts import Facts
from runner.report.graph import graph
from runner.report.insides import Insides
from runner.report.lazy import Lazy
from runner.report.previous import previous
from runner.report.readiness import Readiness
from runner.report.rerun import Rerun
from runner.report.retries import retried
from runner.report.standing import Standing, counts_values, standings, values
from runner.report.timeline import timeline
from runner.report.timings import timings
from runner.store.entries import RunRecord
from runner.store.stored_run import StoredRun

MOST_TASKS = 2000
MOST_UNDER_WAY = 50


class Analysis(Mapping[str, Any]):
    """The parts by name."""

    def __init__(self, stored: StoredRun, run: RunRecord, insides: Insides) -> None:
        self._stored = stored
        self._run = run
        self._insides = insides
        self._made: dict[str, Any] = {}
        self._parts: Mapping[str, Callable[[], Any]] = {
            "tasks": self._tasks,
            "counts": self._counts,
            "timeline": lambda: timeline(stored, self._facts),
            "graph": lambda: graph(run, self._standings, self._facts.declared),
            "critical_path": lambda: critical_path(stored, self._facts, self._ready),
            "retried": lambda: retried(stored, run),
            "under_way": lambda: list(islice(table.under_way(stored, run), MOST_UNDER_WAY)),
            "items": self._items,
            "previous": lambda: previous(stored, run),
            "versions": lambda: stored.whole.versions(run),
            "rerun": self._rerun,
        }

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._parts[name]()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    @cached_property
    def _facts(self) -> Facts:
        return Facts(self._stored, self._run)

    @cached_property
    def _ready(self) -> Readiness:
        return Readiness(self._facts)

    @cached_property
    def _standings(self) -> list[Standing]:
        return standings(self._stored, self._run, self._insides)

    def _tasks(self) -> list[dict[str, Any]]:
        times = timings(self._facts, self._ready)
        return [values(self._run, task, times) for task in self._standings[:MOST_TASKS]]

    def _counts(self) -> dict[str, int]:
        """How all that was to be done by workers ended."""
        return counts_values(task for task in self._standings if task.kind in ("run", "call"))

    def _items(self) -> dict[str, Any]:
        listed = self._facts.listed()
        total = sum(listed.values())
        return {
            "total": total,
            "worked": listed[True],
            "listed": min(total, table.MOST),
            "blocks": Lazy(
                lambda: table.blocks(self._stored, self._facts), -(-min(total, table.MOST) // table.BLOCK)
            ),
        }

    def _rerun(self) -> dict[str, Any]:
        rerun = Rerun(self._stored, self._run)
        return {"all": rerun.all(), "folder": rerun.folder}
