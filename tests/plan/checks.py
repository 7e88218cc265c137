"""What must hold in every run, whatever the order: seen from the events alone, and from the spelling."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from foretold import links
from foretold.allowed import over_budget
from foretold.meaning import value_of
from seen import Paths
from writing import Document

from runner.records import (
    AttemptFailed,
    Event,
    ItemsCounted,
    ItemSettled,
    SliceStarted,
    Status,
    TaskOpened,
    TaskSettled,
)

Limits = Mapping[str, Mapping[str, Any]]


def limits_of(
    files: Mapping[str, Mapping[str, Any]], name: str = "workflow.yml"
) -> dict[str, Mapping[str, Any]]:
    """The limits of a file and of those inside it; of one name, the outermost counts, then the first."""
    found: dict[str, Mapping[str, Any]] = {}
    level = [name]
    while level:
        for one in level:
            found = dict(files[one].get("limits", {})) | found
        level = [inner for one in level for inner in _files_in(files[one]["tasks"])]
    return found


def _files_in(tasks: links.Tasks) -> Iterable[str]:
    for entry in tasks.values():
        if "workflow" in entry:
            yield entry["workflow"]
        yield from _files_in(entry.get("tasks", {}))


class Follow:
    """Goes through the events of a run, and complains of the first that should not be."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.paths = Paths()
        self.limits = limits_of(document.files)
        self.entries: dict[int, links.Entry] = {}
        self.parents: dict[int, int | None] = {}
        self.units: Counter[str] = Counter()
        self.rates: defaultdict[str, list[float]] = defaultdict(list)
        self.settled: dict[str, str] = {}
        self.succeeded: set[tuple[str, int]] = set()
        self.under_way: defaultdict[int, set[int]] = defaultdict(set)
        self.active: defaultdict[int, set[int]] = defaultdict(set)
        self.last: defaultdict[int, int] = defaultdict(lambda: -1)
        self.tally: defaultdict[int, Counter[str]] = defaultdict(Counter)
        self.totals: dict[int, int] = {}
        self.struck = False

    def hear(self, events: Iterable[Event]) -> None:
        """Check the next events."""
        for event in events:
            self.paths.hear(event)
            match event:
                case TaskOpened():
                    self.entries[event.fan] = links.entry_at(self.document.files, self.paths.of[event.fan])
                    self.parents[event.fan] = event.parent
                case SliceStarted():
                    self.started(event)
                case AttemptFailed():
                    self.came_back(event.fan, event.item.index)
                case ItemSettled():
                    self.item_settled(event)
                case ItemsCounted():
                    self.totals[event.fan] = event.total
                case TaskSettled():
                    self.task_settled(event)

    # Starts ------------------------------------------------------------------------------------

    def started(self, event: SliceStarted) -> None:
        """Items start: all they need has settled, and there is room."""
        fan, path = event.fan, self.paths.of[event.fan]
        entry, indices = self.entries[fan], [item.index for item in event.items]
        assert path not in self.settled, f"{path} starts after its end"
        assert not self.decided(fan), f"{path} starts something after it was decided"
        assert not self.struck or self.cleans_up(path) or self.tidies(fan), (
            f"{path} starts after --fail-fast struck"
        )
        self.check_needs(path)
        self.check_order(fan, path, entry, indices)
        self.under_way[fan].update(indices)
        self.active[fan].update(indices)
        most = entry.get("map", {}).get("max_parallel")
        assert most is None or len(self.active[fan]) <= most, f"{path} has more than {most} under way"
        if not links.opens(entry):
            self.take(path, entry, event.at)

    def cleans_up(self, path: str) -> bool:
        """Whether the root task on a path starts even after `--fail-fast` struck."""
        return links.cleans_up(self.document.files["workflow.yml"]["tasks"][links.parts_of(path)[0]])

    def check_needs(self, path: str) -> None:
        """All that the task waits for has settled."""
        bodies = links.bodies_to(self.document.files, path)
        at, name = split(path)
        needed = links.needed(name, bodies[-1])
        if links.waits_for_the_rest(name, bodies[-1]):
            needed = links.the_rest(bodies[-1])
        for other in needed:
            up = next(up for up, body in enumerate(reversed(bodies)) if other in body)
            assert outward(at, up) + other in self.settled, f"{path} starts before {other} has settled"

    def check_order(self, fan: int, path: str, entry: links.Entry, indices: Sequence[int]) -> None:
        """Items start in the order of the input; those of an item-wise map after those of the other."""
        at, _ = split(path)
        source = links.followed(entry, links.bodies_to(self.document.files, path)[-1])
        if source is not None:
            early = [index for index in indices if (at + source, index) not in self.succeeded]
            assert not early, f"{path} starts {early} before those of {source} have succeeded"
            return
        fresh = [index for index in indices if index > self.last[fan]]
        expected = [*range(self.last[fan] + 1, self.last[fan] + 1 + len(fresh))]
        in_order = sorted(fresh) if "when" in entry or "cache" in entry else expected
        assert fresh == in_order, f"{path} starts {fresh} out of order"
        self.last[fan] = max([self.last[fan], *fresh])

    def take(self, path: str, entry: links.Entry, at: float) -> None:
        """The units of an attempt are free."""
        for name, units in units_of(entry).items():
            limit = self.limits[name]
            self.units[name] += units
            most = limit.get("concurrency")
            assert most is None or self.units[name] <= most, f"{path} takes more of {name} than there is"
            if "rate" in limit:
                starts, _, period = limit["rate"].removesuffix("ms").partition("/")
                self.rates[name].append(at)
                before = [one for one in self.rates[name] if one > at - int(period) / 1000]
                assert len(before) <= int(starts), f"{path}: {len(before)} starts of {name} in {period} ms"

    # Ends --------------------------------------------------------------------------------------

    def came_back(self, fan: int, index: int) -> None:
        """An attempt is over."""
        if index in self.under_way[fan]:
            self.under_way[fan].discard(index)
            for name, units in units_of(self.entries[fan]).items():
                self.units[name] -= units

    def item_settled(self, event: ItemSettled) -> None:
        """An item has its end."""
        self.came_back(event.fan, event.item.index)
        self.active[event.fan].discard(event.item.index)
        self.tally[event.fan][event.status.value] += 1
        if event.status is Status.SUCCEEDED:
            self.succeeded.add((self.paths.of[event.fan], event.item.index))

    def task_settled(self, event: TaskSettled) -> None:
        """A task has its end: its items all have theirs, and the figures add up."""
        fan, path = event.fan, self.paths.of[event.fan]
        counted = {
            name: getattr(event.counts, name) for name in ("succeeded", "failed", "skipped", "cancelled")
        }
        assert counted == {name: self.tally[fan][name] for name in counted}, f"{path} counts {counted}"
        assert not self.under_way[fan], f"{path} ends while items are under way"
        broken = event.failure is not None and event.failure.kind.value == "items"
        if self.paths.mapped[fan] and fan in self.totals and not broken:
            assert event.counts.total == self.totals[fan], f"{path} has no end for every item"
        self.settled[path] = event.status.value
        entry = self.entries[fan]
        if self.document.fail_fast and event.status is Status.FAILED and "~" not in path:
            self.struck = self.struck or not entry.get("allow_failure")

    def tidies(self, fan: int) -> bool:
        """Whether it cleans up after a pass in which something has failed, or belongs to what does."""
        parent, at = self.parents[fan], split(self.paths.of[fan])[0]
        if parent is None:
            return False
        inside = (one for one, path in self.paths.of.items() if path.startswith(at))
        failed = any(self.tally[one]["failed"] or self.failed(one) for one in inside)
        return (failed and links.cleans_up(self.entries[fan])) or self.tidies(parent)

    def failed(self, fan: int) -> bool:
        """Whether it ended as failed."""
        return self.settled.get(self.paths.of[fan]) == "failed"

    def decided(self, fan: int | None) -> bool:
        """Whether its quorum is reached, or it fails fast, for sure; or that of a map around it."""
        if fan is None or (self.decided(self.parents[fan]) and not self.tidies(fan)):
            return fan is not None
        spelled = self.entries[fan].get("map", {})
        succeeded, failed = self.tally[fan]["succeeded"], self.tally[fan]["failed"]
        if "quorum" in spelled:
            return bool(succeeded >= spelled["quorum"])
        if not spelled.get("fail_fast") or isinstance(spelled.get("max_failures"), str):
            return False
        return over_budget(spelled, failed, 0)

    def finish(self) -> None:
        """The run is over: everything has its end, and all units are back."""
        open_yet = [path for path in self.paths.of.values() if path not in self.settled]
        assert not open_yet, f"{open_yet} never ended"
        assert not +self.units, f"{self.units} were not given back"


def units_of(entry: links.Entry) -> dict[str, int]:
    """The units of each limit that an attempt takes."""
    limit = value_of(entry.get("limit", {}), {})
    if isinstance(limit, dict):
        return limit
    return dict.fromkeys([limit] if isinstance(limit, str) else limit, 1)


def split(path: str) -> tuple[str, str]:
    """The path of the body that a task stands in, and its name."""
    name = links.parts_of(path)[-1]
    return path.removesuffix(name), name


def outward(at: str, up: int) -> str:
    """The path of the body that stands `up` levels around the one at a path."""
    parts = at.split(".")[:-1]
    return "".join(f"{part}." for part in parts[: len(parts) - up])
