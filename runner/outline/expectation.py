"""How long a workflow would take, by how long its tasks took when they last ran.

What waits for each other takes its time one after the other, what takes a limit as long as the limit
makes it, and the workers share all the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from runner.outline import Entry, Expected
from runner.records import Pace
from runner.workflow import Limit, Value


def expectation(
    entries: Sequence[Entry], paces: Mapping[str, Pace], workers: int, limits: Mapping[str, Limit]
) -> Expected | None:
    """What is to be expected; None if nothing has ever run. Entries are in an order of going."""
    timed = [entry for entry in entries if not isinstance(entry.task.action, Value)]
    known = [paces[entry.address] for entry in timed if entry.address in paces]
    if not known:
        return None
    usual = median(pace.seconds for pace in known)
    ends: dict[str, float] = {}
    work = 0.0
    for entry in entries:
        seconds, items = _item(entry, paces, usual)
        most = entry.task.map.max_parallel if entry.task.map else None
        work += seconds * items
        length = seconds * max(1.0, items / min(workers, most or workers)) if items else 0.0
        length = max(length, _limited([(entry, seconds, items)], limits))
        begins = max((ends.get(edge.address, 0.0) for edge in entry.needs), default=0.0)
        ends[entry.address] = begins + length
    limited = _limited(_everything(entries, paces, usual), limits)
    return Expected(max(*ends.values(), work / workers, limited), len(known), len(timed))


def _limited(timed: Iterable[tuple[Entry, float, int]], limits: Mapping[str, Limit]) -> float:
    """How long the slowest of the limits takes with these, each with its seconds for one of its items."""
    held: dict[str, float] = defaultdict(float)
    starts: dict[str, int] = defaultdict(int)
    for entry, seconds, items in timed:
        for name, units in entry.task.limits.items():
            held[name] += seconds * items * units
            starts[name] += items
    return max((limits[name].least(held[name], starts[name]) for name in held), default=0.0)


def _everything(
    entries: Sequence[Entry], paces: Mapping[str, Pace], usual: float
) -> Iterator[tuple[Entry, float, int]]:
    """All tasks, those in groups with as many items as all passes had."""
    for entry in entries:
        yield entry, *_item(entry, paces, usual)
        yield from _inside(entry, paces)


def _inside(entry: Entry, paces: Mapping[str, Pace]) -> Iterator[tuple[Entry, float, int]]:
    for inner in entry.inside:
        if pace := paces.get(inner.address):
            yield inner, pace.seconds, pace.items
        yield from _inside(inner, paces)


def _item(entry: Entry, paces: Mapping[str, Pace], usual: float) -> tuple[float, int]:
    """Seconds for one item, and how many there will be."""
    if isinstance(entry.task.action, Value):
        return 0.0, 1
    pace = paces.get(entry.address)
    if entry.task.map is None:
        return (pace.seconds if pace else usual), 1
    total = entry.items.total
    if total is None:
        total = pace.items if pace else 1
    return (pace.seconds if pace else usual), total
