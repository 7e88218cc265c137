"""A recorded run → its failures as problems at the places of their tasks, the most important first.

First come those that the run fails for, in the order in which their tasks were reached, so that a cause comes
before what follows from it. Of a map, and of a task inside of one, the first failure stands for all.
"""

from __future__ import annotations

import re
from itertools import islice

from runner.display import shown_lines
from runner.position import Position
from runner.problem import Problem
from runner.records import Failure
from runner.regex import regex
from runner.report.which import which_items
from runner.store.entries import FailureRecord
from runner.store.failed import failures
from runner.store.stored_run import StoredRun
from runner.struct import struct

MOST = 10_000
"""Failures that are looked at, one a map."""

LINES = 10
LONGEST = 2000
"""Of output: lines, and characters."""

_place = regex(r"(.*?)(?::(\d+):(\d+))?", re.DOTALL)


@struct(frozen=False)
class _Told:
    """A task that failed: its first failure, and how many there are."""

    first: FailureRecord
    which: list[str]
    number: int = 0


def failed(stored: StoredRun) -> list[Problem]:
    """What failed by itself, one a task of the file."""
    with stored.snapshot():
        run = stored.run()
        told: dict[tuple[str, bool], _Told] = {}
        for found in islice(failures(stored.read, run, each=1), MOST):
            name = found.task.path, found.tolerated
            each = told.get(name)
            if each is None:
                which = which_items(stored.read, found.task, found.item, found.failure)
                each = told[name] = _Told(found, which)
            each.number += 0 if found.item is None else stored.read.count_failed(found.fan)
    counted = [_of_task(it) for it in told.values() if not it.first.tolerated]
    tolerated = [_of_task(it) for it in told.values() if it.first.tolerated]
    return [*counted, *map(_of_run, run.problems), *tolerated]


def _of_task(told: _Told) -> Problem:
    first = told.first
    where = f" ({first.tolerance})" if first.tolerance else ""
    lines = [_said(first.failure), *told.which, *_end_of(first.failure.output)]
    if told.number > 1:
        lines.append(f"and {told.number - 1} more of {first.task.path}")
    return Problem(
        first.task.position or Position("", 0, 0),
        f"{first.address} failed{where}",
        "\n".join(lines),
        severity="warning" if first.tolerated else "error",
        length=len(first.task.name),
    )


def _of_run(failure: Failure) -> Problem:
    """Of an output, or of the run as a whole."""
    found = _place.fullmatch(failure.position or "")
    assert found is not None
    place = Position(found[1], int(found[2] or 0), int(found[3] or 0))
    return Problem(place, "the run failed", _said(failure))


def _said(failure: Failure) -> str:
    return f"{failure.message[:LONGEST]} [{failure.kind.value}]"


def _end_of(output: str | None) -> list[str]:
    return shown_lines((output or "")[-LONGEST:])[-LINES:]
