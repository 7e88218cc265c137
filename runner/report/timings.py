"""How long each task took: its attempts, and its waiting, each in total, median, 95th percentile and longest.

An item waits from when all that it needs was there until its end, but for the time in which its attempts
ran: for a worker, a limit, its map's `max_parallel` or another try. Items of one task count together,
in whatever body they stand.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from math import ceil
from typing import Any

from runner.report.facts import Facts
from runner.report.readiness import Readiness
from runner.report.values import duration
from runner.store.tables import fan_of, index_of


def timings(facts: Facts, ready: Readiness) -> dict[str, dict[str, Any]]:
    """By the address of a task without keys, in the order of the file."""
    ran = [array("d") for _ in facts.fans.paths]
    waited = [array("d") for _ in facts.fans.paths]
    for row in facts.worked_rows():
        number = facts.ids[row]
        since = ready.of_item(fan_of(number), index_of(number)).at
        path = facts.path_of(row)
        ran[path].append(facts.spent[row])
        waited[path].append(max(0.0, facts.end[row] - since - facts.spent[row]))
    return {
        facts.fans.paths[path]: {
            "items": len(times),
            "running": spread(times),
            "waiting": spread(waits),
        }
        for path, times, waits in _done(ran, waited)
    }


def _done(
    ran: list[array[float]], waited: list[array[float]]
) -> Iterator[tuple[int, array[float], array[float]]]:
    for path, (times, waits) in enumerate(zip(ran, waited, strict=True)):
        if times:
            yield path, times, waits


def spread(seconds: array[float]) -> dict[str, float | None]:
    """What is worth knowing of many durations."""
    times = sorted(seconds)
    return {
        "total": duration(sum(times)),
        "median": duration(quantile(times, 0.5)),
        "p95": duration(quantile(times, 0.95)),
        "longest": duration(times[-1]),
    }


def quantile(times: list[float], share: float) -> float:
    """The time in which this share of them was done."""
    return times[max(0, ceil(share * len(times)) - 1)]
