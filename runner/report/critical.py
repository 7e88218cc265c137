"""The critical path: what ended last, what that had waited for, and so on to the beginning of the run."""

from __future__ import annotations

from array import array
from math import isnan
from typing import Any

from runner.report.facts import Facts
from runner.report.readiness import Readiness, Ready
from runner.report.values import duration
from runner.store.stored_run import StoredRun
from runner.store.tables import fan_of, index_of

MOST = 100
"""So many steps are told, the last ones."""


def critical_path(stored: StoredRun, facts: Facts, ready: Readiness) -> list[dict[str, Any]]:
    """Its steps from the first to the last, each with how long it waited for its turn, and took."""
    last = _Last(facts)
    row = last.of_all
    steps: list[dict[str, Any]] = []
    while row is not None and len(steps) < MOST:
        number = facts.ids[row]
        since = ready.of_item(fan_of(number), index_of(number))
        steps.append(
            {
                "address": facts.address(stored, row),
                "task": facts.fans.paths[facts.path_of(row)],
                "begins": duration(max(0.0, since.at - facts.begin)),
                "waited": duration(max(0.0, facts.start[row] - since.at)),
                "took": duration(facts.end[row] - facts.start[row]),
            }
        )
        row = _earlier(facts, last, since, facts.start[row])
    return steps[::-1]


def _earlier(facts: Facts, last: _Last, since: Ready, before: float) -> int | None:
    """The item that another waited for, which began before that did."""
    row = since.row if since.fan is None else last.of_fan(since.fan)
    if row is not None and fan_of(facts.ids[row]) in facts.fans and not _is_worked(facts, row):
        row = last.inside(facts.ids[row])
    return row if row is not None and facts.start[row] < before else None


def _is_worked(facts: Facts, row: int) -> bool:
    return bool(facts.fans.worked[fan_of(facts.ids[row]) - facts.fans.first])


class _Last:
    """The item that ended last, of the run, and of all that is in a task."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._rows = array("l", [-1]) * len(facts.fans.path)
        self.of_all: int | None = None
        for row in facts.worked_rows():
            self.of_all = self._later(self.of_all, row)
            fan: int | None = fan_of(facts.ids[row])
            while fan is not None and fan in facts.fans:
                place = fan - facts.fans.first
                known = self._rows[place]
                self._rows[place] = self._later(None if known < 0 else known, row)
                fan = facts.fans.parent(fan)

    def of_fan(self, fan: int) -> int | None:
        row = self._rows[fan - self._facts.fans.first]
        return None if row < 0 else row

    def inside(self, item: int) -> int | None:
        """Of what is in the body of one item of a group."""
        found = None
        first = self._facts.fans.first
        for place, within in enumerate(self._facts.fans.within):
            row = self.of_fan(first + place) if within == item else None
            if row is not None:
                found = self._later(found, row)
        return found

    def _later(self, known: int | None, row: int) -> int:
        end = self._facts.end
        return row if known is None or isnan(end[known]) or end[row] >= end[known] else known
