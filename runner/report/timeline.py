"""Who was busy when: a lane for each worker, and how many were busy at once.

A picture of fixed width, whatever there was: what is nearer together than a point of it becomes one mark.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator
from typing import Any

from runner.display import took
from runner.report.facts import ENDED, FAILED, STOPPED, Facts
from runner.store.stored_run import StoredRun

WIDTH = 1000
LANE = 18
HEIGHT = 56
MOST_LANES = 32
MOST_MARKS = 400
"""So many attempts are each a mark of its own, with its address."""
MOST_COLOURS = 6
BINS = 250


def timeline(stored: StoredRun, facts: Facts) -> dict[str, Any] | None:
    """The lanes with their marks, the curve and the times; None if no worker did anything."""
    tries = facts.tries
    seconds = facts.finish - facts.begin
    if not tries.row or seconds <= 0:
        return None
    colours = _colours(facts)
    lanes = sorted(tries.workers, key=_natural)
    places = {tries.workers[name]: place for place, name in enumerate(lanes[:MOST_LANES])}
    each = len(tries.row) <= MOST_MARKS
    curve, peak = _concurrency(facts, seconds)
    return {
        "width": WIDTH,
        "lane": LANE,
        "lanes": [name or "main" for name in lanes[:MOST_LANES]],
        "more": max(0, len(lanes) - MOST_LANES),
        "height": LANE * min(len(lanes), MOST_LANES),
        "seconds": round(seconds, 6),
        "colours": [{"colour": number, "task": name} for name, number in _legend(facts, colours)],
        "failed": FAILED in tries.ends,
        "cancelled": STOPPED in tries.ends,
        "marks": list(_marks(stored, facts, places, colours, seconds)) if each else [],
        "paths": [] if each else _paths(facts, places, colours, seconds),
        "ticks": _ticks(seconds),
        "curve": curve,
        "curve_height": HEIGHT,
        "peak": peak,
        "workers": facts.run.workers,
        "busy": round(sum(tries.seconds) / seconds, 2),
    }


def _colours(facts: Facts) -> dict[int, int]:
    """The tasks that took most of the workers' time have a colour each; by the number of the path.

    Attempts that failed or were cancelled have colours of their own: what did nothing else has none.
    """
    spent: dict[int, float] = {}
    tries = facts.tries
    for row, seconds, end in zip(tries.row, tries.seconds, tries.ends, strict=True):
        if end == ENDED:
            path = facts.path_of(row)
            spent[path] = spent.get(path, 0.0) + seconds
    longest = sorted(spent, key=lambda path: (-spent[path], path))[:MOST_COLOURS]
    return {path: number for number, path in enumerate(sorted(longest))} | {
        path: MOST_COLOURS for path in spent if path not in longest
    }


def _legend(facts: Facts, colours: dict[int, int]) -> Iterator[tuple[str, int]]:
    for path, colour in sorted(colours.items(), key=lambda it: it[1]):
        if colour < MOST_COLOURS:
            yield facts.fans.paths[path], colour
    others = [path for path, colour in colours.items() if colour == MOST_COLOURS]
    if others:
        yield facts.fans.paths[others[0]] if len(others) == 1 else f"{len(others)} others", MOST_COLOURS


def _natural(name: str) -> tuple[str, int, str]:
    number = re.search(r"(\d+)$", name)
    return (name[: number.start()], int(number[1]), name) if number else (name, -1, name)


_said = {ENDED: "", FAILED: ", failed", STOPPED: ", cancelled"}


def _marks(
    stored: StoredRun, facts: Facts, places: dict[int, int], colours: dict[int, int], seconds: float
) -> Iterator[dict[str, Any]]:
    tries = facts.tries
    scale = WIDTH / seconds
    counted: dict[int, int] = {}
    for place, row in enumerate(tries.row):
        counted[row] = attempt = counted.get(row, 0) + 1
        if tries.worker[place] not in places:
            continue
        more = place + 1 < len(tries.row) and tries.row[place + 1] == row
        again = f", attempt {attempt}" if attempt > 1 or more else ""
        end = tries.ends[place]
        yield {
            "colour": colours.get(facts.path_of(row)),
            "failed": end == FAILED,
            "cancelled": end == STOPPED,
            "x": round(max(0.0, tries.start[place] - facts.begin) * scale, 1),
            "y": places[tries.worker[place]] * LANE + 3,
            "width": max(1.5, round(tries.seconds[place] * scale, 1)),
            "title": f"{facts.address(stored, row)}: {took(tries.seconds[place])}{again}{_said[end]}",
        }


def _paths(
    facts: Facts, places: dict[int, int], colours: dict[int, int], seconds: float
) -> list[dict[str, Any]]:
    """One path for each colour, for failures and for what was cancelled; marks that touch are joined."""
    tries = facts.tries
    scale = WIDTH / seconds
    of_ends = {FAILED: MOST_COLOURS + 1, STOPPED: MOST_COLOURS + 2}
    reach: dict[tuple[int, int], list[int]] = {}
    drawn: dict[int, list[str]] = {}
    for place in sorted(range(len(tries.row)), key=tries.start.__getitem__):
        lane = places.get(tries.worker[place])
        if lane is None:
            continue
        colour = of_ends.get(tries.ends[place])
        colour = colours[facts.path_of(tries.row[place])] if colour is None else colour
        left = int(max(0.0, tries.start[place] - facts.begin) * scale)
        right = max(left + 1, round((tries.start[place] - facts.begin + tries.seconds[place]) * scale))
        open_ = reach.get((colour, lane))
        if open_ is not None and left <= open_[1]:
            open_[1] = max(open_[1], right)
            continue
        if open_ is not None:
            drawn.setdefault(colour, []).append(_box(lane, *open_))
        reach[colour, lane] = [left, right]
    for (colour, lane), open_ in reach.items():
        drawn.setdefault(colour, []).append(_box(lane, *open_))
    return [
        {
            "colour": colour,
            "failed": colour == of_ends[FAILED],
            "cancelled": colour == of_ends[STOPPED],
            "path": "".join(boxes),
        }
        for colour, boxes in sorted(drawn.items())
    ]


def _box(lane: int, left: int, right: int) -> str:
    width = right - left
    return f"M{left} {lane * LANE + 3}h{width}v{LANE - 6}h-{width}z"


def _concurrency(facts: Facts, seconds: float) -> tuple[str, int]:
    """The curve of how many attempts ran at once, as an area, and the most at any moment."""
    tries = facts.tries
    sums = array("d", [0.0]) * (BINS + 1)
    step = seconds / BINS
    for start, took_ in zip(tries.start, tries.seconds, strict=True):
        _spread(sums, (start - facts.begin) / step, (start - facts.begin + took_) / step)
    peak = _peak(facts)
    points = [
        (round(place * WIDTH / BINS, 1), round(HEIGHT - HEIGHT * min(busy, peak) / max(peak, 1), 1))
        for place, busy in enumerate(sums[:BINS])
    ]
    path = f"M0 {HEIGHT}"
    height = float(HEIGHT)
    for x, y in points:
        if y != height:
            path += f"H{x:g}V{y:g}"
            height = y
    return f"{path}H{WIDTH}V{HEIGHT}z", peak


def _spread(sums: array[float], begin: float, end: float) -> None:
    """Add to each bin how much of it lies between."""
    begin, end = max(0.0, min(begin, BINS)), max(0.0, min(end, BINS))
    first, last = int(begin), int(end)
    if first == last:
        sums[first] += end - begin
        return
    sums[first] += first + 1 - begin
    for place in range(first + 1, last):
        sums[place] += 1.0
    sums[last] += end - last


def _peak(facts: Facts) -> int:
    tries = facts.tries
    starts = sorted(tries.start)
    ends = sorted(map(sum, zip(tries.start, tries.seconds, strict=True)))
    most = ended = 0
    for begun, start in enumerate(starts, 1):
        while ended < len(ends) and ends[ended] <= start:
            ended += 1
        most = max(most, begun - ended)
    return most


def _ticks(seconds: float) -> list[dict[str, Any]]:
    """Round times, at most seven, each with its place in percent."""
    step = next(step for step in _steps() if seconds / step <= 6)
    return [
        {"at": round(100 * number * step / seconds, 3), "text": _mark(number * step)}
        for number in range(int(seconds / step) + 1)
    ]


def _mark(seconds: float) -> str:
    if not seconds:
        return "0"
    if seconds < 1:
        return f"{seconds * 1000:g}ms"
    if seconds < 60:
        return f"{seconds:g}s"
    return took(seconds).replace(" 00s", "").replace(" 00m", "")


def _steps() -> Iterator[float]:
    for power in range(-6, 1):
        for digit in (1, 2, 5):
            yield round(digit * 10.0**power, 9)
    yield from (10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14400, 21600, 43200)
    days = 86400.0
    while True:
        yield days
        days *= 2
