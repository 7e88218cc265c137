"""Events → the lines that tell of a run as it goes. It prints nothing and knows no terminal.

Of a map, or of tasks inside one, the first items get a line each and failures a few more; after
that a line every few seconds counts them, so that a million items are no million lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from runner.addresses import address_of
from runner.display import items_in_words, one_line, took, visible
from runner.records import (
    AttemptFailed,
    Counts,
    Event,
    Failure,
    Item,
    ItemsCounted,
    ItemSettled,
    ItemsSettled,
    Mark,
    Notice,
    Outcome,
    Reconsidered,
    RunFinished,
    RunStarted,
    SliceStarted,
    Status,
    TaskOpened,
    TaskSettled,
)
from runner.store.entries import group_kinds
from runner.struct import field, struct

FIRST_ITEMS = 10
FIRST_FAILURES = 20
FATES = frozenset(("reused", "rerun", "left"))
"""What `--explain` asks for: what becomes of what was done before."""

EVERY = 5.0
"""Seconds between two lines that count the items of a map."""


@struct
class Line:
    """One thing to tell: a status word, a name and what there is to say about it.

    `outcome` and `failure` are those of an attempt that has just ended, for who shows its output.
    """

    word: str
    name: str = ""
    seconds: float | None = None
    text: str = ""
    outcome: Outcome | None = None
    failure: Failure | None = None

    def __str__(self) -> str:
        said = f": {self.text}" if self.name and self.text else self.text
        time = f"[{took(self.seconds):>7}]" if self.seconds is not None else " " * 9
        return f"{self.word:>12} {time} {self.name}{said}"


@struct(frozen=False)
class Series:
    """The items of a map, or of a task inside of maps, wherever they stand."""

    path: str
    many: bool
    opened: float
    total: int | None = None
    """How many there are, where the map is not inside of another and that is known."""
    begun: float | None = None
    settled: dict[str, int] = field(default_factory=dict)
    told_items: int = 0
    told_failures: int = 0
    last_count: float = 0.0

    def counts(self) -> Counts:
        """How many have settled, and how."""
        return Counts(**self.settled)


@struct(frozen=False)
class _Fan:
    opened: TaskOpened
    series: Series
    total: int | None = None


@struct(frozen=False)
class Standing:
    """How far the run is, for who shows it all the time."""

    workflow: str = ""
    tasks: int = 0
    settled: int = 0
    workers: int = 0
    series: dict[str, Series] = field(default_factory=dict)
    """By the addresses of tasks without keys: what was reached."""
    running: dict[int, tuple[str, Series, int | None]] = field(default_factory=dict)
    """Tasks under way: address, items, and how many there are where that is known."""


class Narrator:
    """What is to be told, event by event."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        verbose: bool = False,
        explain: bool = False,
        quiet: bool = False,
    ) -> None:
        self.standing = Standing()
        self._clock = clock
        self._verbose = verbose
        self._explain = explain
        self._quiet = quiet
        self._fans: dict[int, _Fan] = {}
        self._series = self.standing.series
        self._next_count = 0.0

    def tell(self, events: Iterable[Event]) -> list[Line]:
        """The lines for some events, in their order."""
        lines: list[Line] = []
        for event in events:
            match event:
                case ItemSettled():
                    lines += self._item_settled(event)
                case ItemsSettled():
                    lines += self._items_settled(event)
                case SliceStarted():
                    lines += self._started(event)
                case TaskOpened():
                    self._opened(event)
                case ItemsCounted():
                    self._counted(event)
                case TaskSettled():
                    lines += self._task_settled(event)
                case AttemptFailed():
                    lines += self._attempt_failed(event)
                case Reconsidered() if self._explain:
                    lines.append(
                        Line(event.fate, self.address(event.fan, event.item), text=one_line(event.why))
                    )
                case Notice():
                    lines.append(Line("note", text=one_line(event.text)))
                case RunStarted():
                    self.standing.workflow = one_line(event.workflow)
                    self.standing.tasks = len(event.tasks)
                    self.standing.workers = event.workers
                case RunFinished():
                    self.standing.running.clear()
        return [line for line in lines if line.word in FATES] if self._quiet else lines + self._counts()

    def address(self, fan: int, item: Item) -> str:
        """The address of an item."""
        opened = self._fans[fan].opened
        return visible(address_of(opened.address, opened.mapped, item.key, item.index))

    def _opened(self, event: TaskOpened) -> None:
        parent = self._fans.get(event.parent) if event.parent is not None else None
        path = f"{parent.series.path}.{event.name}" if parent else event.name
        many = event.mapped or (parent is not None and parent.series.many)
        now = self._clock()
        series = self._series.get(path) or Series(path, many, now, last_count=now)
        self._series[path] = series
        self._fans[event.fan] = _Fan(event, series)

    def _counted(self, event: ItemsCounted) -> None:
        fan = self._fans[event.fan]
        fan.total = event.total
        if fan.opened.parent is None:
            fan.series.total = event.total

    def _started(self, event: SliceStarted) -> list[Line]:
        if event.fan not in self.standing.running:
            fan = self._fans[event.fan]
            if fan.series.begun is None:
                fan.series.begun = self._clock()
            self.standing.running[event.fan] = (visible(fan.opened.address), fan.series, fan.total)
        if not self._verbose:
            return []
        return [Line("started", self.address(event.fan, item)) for item in event.items]

    def _item_settled(self, event: ItemSettled) -> list[Line]:
        series = self._fans[event.fan].series
        word = event.status.value
        series.settled[word] = series.settled.get(word, 0) + 1
        if not self._is_told(series, event) or (self._explain and Mark.REUSED in event.marks):
            return []
        failure = event.failure or (event.outcome.failure if event.outcome else None)
        why = _why(failure) if failure else event.reason or ""
        notes = [one_line(why)] if why else []
        notes += [mark.value for mark in event.marks]
        if event.attempts > 1 and event.status is not Status.CANCELLED:
            notes.append(f"{event.attempts} attempts")
        name = self.address(event.fan, event.item)
        return [Line(word, name, event.seconds, "; ".join(notes), event.outcome, failure)]

    def _items_settled(self, event: ItemsSettled) -> list[Line]:
        series = self._fans[event.fan].series
        told = [
            line
            for each in islice(event.each(), self._most_told(series))
            for line in self._item_settled(each)
        ]
        untold = len(event.items) - len(told)
        word = Status.SUCCEEDED.value
        series.settled[word] = series.settled.get(word, 0) + untold
        series.told_items += untold
        return told

    def _most_told(self, series: Series) -> int | None:
        """How many items more get a line each."""
        return None if self._verbose else max(0, FIRST_ITEMS - series.told_items)

    def _is_told(self, series: Series, event: ItemSettled) -> bool:
        opened = self._fans[event.fan].opened
        if opened.kind in group_kinds and not opened.mapped:
            return False
        if not series.many or self._verbose:
            return True
        if event.status is Status.FAILED:
            series.told_failures += 1
            return series.told_failures <= FIRST_FAILURES
        series.told_items += 1
        return series.told_items <= FIRST_ITEMS

    def _task_settled(self, event: TaskSettled) -> list[Line]:
        fan = self._fans.pop(event.fan)
        self.standing.running.pop(event.fan, None)
        self.standing.settled += fan.opened.parent is None
        is_group = fan.opened.kind in group_kinds
        if not fan.opened.mapped and not is_group and event.counts.total:
            return []
        if fan.series.many and not fan.opened.mapped:
            return []
        if fan.opened.parent is not None and fan.series.told_items > FIRST_ITEMS:
            return []
        name = visible(fan.opened.address)
        return [Line(event.status.value, name, event.seconds, self._verdict(fan, event))]

    def _verdict(self, fan: _Fan, event: TaskSettled) -> str:
        notes = [items_in_words(event.counts, fan.total)] if fan.opened.mapped and event.counts.total else []
        if event.reason:
            notes.append(one_line(event.reason))
        elif event.failure and (event.failure.address or not (fan.opened.mapped and event.counts.failed)):
            notes.append(one_line(_why(event.failure)))
        if Mark.TOLERATED in event.marks:
            notes.append(Mark.TOLERATED.value)
        return "; ".join(notes)

    def _attempt_failed(self, event: AttemptFailed) -> list[Line]:
        failure = event.outcome.failure
        series = self._fans[event.fan].series
        if failure is None or event.outcome.again:
            return []
        series.told_failures += series.many
        if series.told_failures > FIRST_FAILURES and not self._verbose:
            return []
        text = f"{one_line(_why(failure))}; tries again in {took(event.wait)}"
        name = self.address(event.fan, event.item)
        word = f"attempt {event.outcome.attempt}"
        return [Line(word, name, event.outcome.seconds, text, event.outcome, failure)]

    def _counts(self) -> list[Line]:
        """A line for each map that has gone on for some time since it was last told of."""
        now = self._clock()
        if now < self._next_count:
            return []
        self._next_count = now + EVERY / 5
        lines = []
        for _, series, total in list(self.standing.running.values()):
            silent = max(0, series.told_items - FIRST_ITEMS) + max(0, series.told_failures - FIRST_FAILURES)
            if series.many and silent and now - series.last_count >= EVERY:
                series.last_count = now
                counts = series.counts()
                text = f"{counts.total}{f' of {total}' if total else ''} items"
                text += f", {counts.failed} failed" if counts.failed else ""
                lines.append(Line("running", visible(series.path), now - series.opened, text))
        return lines


def _why(failure: Failure) -> str:
    """A failure in a line; that of a group is told where it happened."""
    if failure.address is not None:
        return f"{failure.address} failed"
    return f"{failure.message} [{failure.kind.value}]"
