"""The trace: events in the format of Chrome's tracing, which Perfetto opens. See the reference.

A lane for each worker with the attempts, one for each task of the file, arrows from what was needed, and
how many workers were busy. Times are eighths of a microsecond: those are whole nanoseconds for readers that
round and for readers that cut, which throw away what lies over another by a single one.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from typing import Any

from runner.display import visible
from runner.records import Status
from runner.regex import regex
from runner.report.attempts import Attempt, Attempts
from runner.report.values import moment
from runner.store.entries import RunRecord
from runner.store.stored_run import StoredRun

WORKERS, TASKS = 1, 2
"""The two groups of lanes: processes, in the words of the format."""

STEPS = 1000
"""So often at most is told how many workers are busy."""

MOST_LANES = 8
"""So many lanes a worker has at most, if what is recorded of it lies over each other."""

_digits = regex(r"\d+")
_jitter = 8 * 5000
"""Eighths by which an attempt may seem to begin before the one before it on the same worker ended."""

Event = dict[str, Any]


def trace_report(stored: StoredRun) -> Iterator[str]:
    """The text of the report, in pieces."""
    with stored.snapshot():
        run = stored.run()
        yield f'{{"displayTimeUnit": "ms", "otherData": {_text(_about(run))}, "traceEvents": ['
        before = "\n"
        for event in _events(stored, run):
            yield f"{before}{event if isinstance(event, str) else _text(event)}"
            before = ",\n"
        yield "\n]}\n"


def _about(run: RunRecord) -> dict[str, Any]:
    return {
        "run": run.id,
        "workflow": visible(run.workflow),
        "file": visible(run.file),
        "status": run.status,
        "started": moment(run.started),
    }


def _events(stored: StoredRun, run: RunRecord) -> Iterator[Event | str]:
    begin = stored.whole.started(run)
    yield from _lane_name("process_name", WORKERS, 0, "workers")
    yield from _lane_name("process_name", TASKS, 0, f"tasks of {visible(run.workflow)}")
    yield from _tasks(stored, run, begin)
    with Attempts(stored, run) as attempts:
        lanes = _Lanes(attempts.workers())
        for attempt in attempts.in_time():
            yield from lanes.place(attempt, begin)
        yield from _busy(attempts, begin)


def _tasks(stored: StoredRun, run: RunRecord, begin: float) -> Iterator[Event | str]:
    """The tasks of the file, a lane each."""
    for lane, task in enumerate(stored.read.root_tasks(run), 1):
        yield from _lane_name("thread_name", TASKS, lane, task.name)
        if task.started is None or task.seconds is None:
            continue
        start, end = _eighths(max(task.started, begin) - begin), _eighths(task.started + task.seconds - begin)
        if end < 0:  # it was done before the run was continued
            continue
        told: dict[str, Any] = {"status": task.status.value, "place": str(task.position)}
        if task.mapped:
            counts = {status: getattr(task.counts, status.value) for status in Status if status in _settled}
            told |= {status.value: count for status, count in counts.items() if count}
        yield _complete(TASKS, lane, task.name, task.kind, start, end, _text(told))


_settled = (Status.SUCCEEDED, Status.FAILED, Status.SKIPPED, Status.CANCELLED)


class _Lanes:
    """Which lane an attempt is drawn on: none lies over another."""

    def __init__(self, workers: list[str]) -> None:
        self._lanes: dict[str, list[int]] = {}
        self._free = [0.0]
        self._workers = sorted(workers, key=_natural)

    def place(self, attempt: Attempt, begin: float) -> Iterator[Event | str]:
        """The events of an attempt, the first time after those that name its lane."""
        while self._workers:
            yield from self._open(self._workers.pop(0))
        start, end = _eighths(attempt.start - begin), _eighths(attempt.start - begin + attempt.seconds)
        lanes = self._lanes[attempt.worker]
        if len(lanes) < MOST_LANES and all(self._free[lane] > start + _jitter for lane in lanes):
            yield from self._open(attempt.worker)
        lane = next((it for it in lanes if self._free[it] <= start + _jitter), None)
        if lane is None:
            lane = min(lanes, key=self._free.__getitem__)
        start = int(max(start, self._free[lane]))
        self._free[lane] = end = max(start, end)
        yield _complete(WORKERS, lane, attempt.name, attempt.kind, start, end, attempt.told)
        for number in attempt.ending:
            yield _flow("f", lane, number, start)
        for number in attempt.beginning:
            yield _flow("s", lane, number, max(start, end - 8))

    def _open(self, worker: str) -> Iterator[Event]:
        lane = len(self._free)
        self._free.append(float("-inf"))
        lanes = self._lanes.setdefault(worker, [])
        lanes.append(lane)
        name = worker or "main"
        yield from _lane_name("thread_name", WORKERS, lane, f"{name} ({len(lanes)})" if lanes[1:] else name)


def _busy(attempts: Attempts, begin: float) -> Iterator[Event]:
    """How many workers were busy, on average of each of `STEPS`."""
    first, last = attempts.span()
    step = (last - first) / STEPS
    if step <= 0:
        return
    sums = array("d", [0.0]) * (STEPS + 2)
    for start, seconds in attempts.times():
        _spread(sums, (start - first) / step, (start + seconds - first) / step)
    before = -1.0
    for place in range(STEPS + 1):
        busy = round(sums[place], 2) if place < STEPS else 0.0
        if busy != before:
            at = _eighths(first - begin + place * step) / 8
            yield {
                "ph": "C",
                "pid": WORKERS,
                "tid": 0,
                "ts": at,
                "name": "busy workers",
                "args": {"busy": busy},
            }
        before = busy


def _spread(sums: array[float], begin: float, end: float) -> None:
    """Add to each step how much of it lies between."""
    first, last = int(begin), int(end)
    if first == last:
        sums[first] += end - begin
        return
    sums[first] += first + 1 - begin
    for place in range(first + 1, last):
        sums[place] += 1.0
    sums[last] += end - last


def _complete(group: int, lane: int, name: str, kind: str, start: int, end: int, told: str) -> str:
    return (
        f'{{"ph": "X", "pid": {group}, "tid": {lane}, "ts": {start / 8}, "dur": {(end - start) / 8}, '
        f'"name": {_text(name)}, "cat": "{kind}", "args": {told}}}'
    )


def _flow(end: str, lane: int, number: int, at: int) -> Event:
    binding = {"bp": "e"} if end == "f" else {}
    place = {"pid": WORKERS, "tid": lane, "ts": at / 8}
    return {"ph": end, **place, "id": number, "name": "needs", "cat": "needs", **binding}


def _lane_name(what: str, group: int, lane: int, name: str) -> Iterator[Event]:
    place = {"ph": "M", "pid": group, "tid": lane, "ts": 0}
    yield {**place, "name": what, "args": {"name": name}}
    if what == "thread_name":
        yield {**place, "name": "thread_sort_index", "args": {"sort_index": lane}}


def _eighths(seconds: float) -> int:
    return round(seconds * 8e6)


def _natural(name: str) -> tuple[int, str]:
    number = _digits.search(name)
    return int(number[0]) if number else -1, name


_text = json.JSONEncoder(allow_nan=False).encode
