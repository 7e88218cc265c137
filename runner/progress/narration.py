"""Events → the lines that tell of a run as it goes. It prints nothing and knows no terminal.

Of a map, or of tasks inside one, the first items get a line each, the first failures, and the first tries
that are followed by others; after that a line every few seconds counts the items, so that a million of them
are no million lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

from runner.display import item_in_a_line, items_in_words, one_line, took, visible
from runner.progress.last_words import LastWords, stopping
from runner.progress.line import Line, failed_try
from runner.progress.standing import Fan, Series, Standing
from runner.records import (
    AttemptFailed,
    Event,
    Failure,
    Item,
    ItemsCounted,
    ItemSettled,
    ItemsSettled,
    Mark,
    Notice,
    Reconsidered,
    RunFinished,
    RunStarted,
    SliceStarted,
    Status,
    Stopping,
    TaskOpened,
    TaskSettled,
)
from runner.store.entries import group_kinds
from runner.store.totals import leaders

FIRST_ITEMS = 10
FIRST_FAILURES = 20
FIRST_TRIES = 10
FATES = frozenset(("reused", "rerun", "left"))
"""What `--explain` asks for: what becomes of what was done before."""


class Narrator:
    """What is to be told, event by event."""

    def __init__(
        self,
        standing: Standing,
        last_words: LastWords,
        clock: Callable[[], float],
        *,
        verbose: bool = False,
        explain: bool = False,
    ) -> None:
        self._standing = standing
        self._last_words = last_words
        self._clock = clock
        self._verbose = verbose
        self._explain = explain
        self._fans: dict[int, Fan] = {}

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
                    self._run_started(event)
                case Stopping():
                    lines.append(stopping(event, self._standing, self._clock()))
                case RunFinished():
                    self._standing.running.clear()
                    lines += self._last_words.lines(event)
        return lines

    def address(self, fan: int, item: Item) -> str:
        """The address of an item."""
        return self._fans[fan].address(item)

    def _run_started(self, event: RunStarted) -> None:
        standing = self._standing
        standing.workflow, standing.run_id = one_line(event.workflow), event.run_id
        standing.tasks, standing.workers = len(event.tasks), event.workers
        standing.declared = frozenset(task.path for task in event.declared)
        standing.leaders = leaders(event.declared)
        standing.begun = self._clock()

    def _opened(self, event: TaskOpened) -> None:
        parent = self._fans.get(event.parent) if event.parent is not None else None
        path = f"{parent.series.path}.{event.name}" if parent else event.name
        within_many = parent is not None and parent.series.many
        now = self._clock()
        series = self._standing.series.get(path) if within_many else None
        series = series or Series(path, event.mapped or within_many, event.mapped, now, last_count=now)
        self._standing.series[path] = series
        self._fans[event.fan] = Fan(event, series, within_many)

    def _counted(self, event: ItemsCounted) -> None:
        fan = self._fans[event.fan]
        fan.total = event.total
        fan.series.counted += event.total
        fan.series.maps += 1
        if not fan.within_many:
            fan.series.total = event.total

    def _started(self, event: SliceStarted) -> list[Line]:
        fan = self._fans[event.fan]
        if event.fan not in self._standing.running:
            if fan.series.begun is None:
                fan.series.begun = self._clock()
            self._standing.running[event.fan] = fan
        if fan.opened.kind in _taking_a_worker:
            self._standing.give(event.fan, fan, event.items, self._clock())
        elif fan.opened.mapped and fan.opened.kind in group_kinds:
            fan.inside.update((item.index, item) for item in event.items)
        if not self._verbose:
            return []
        return [Line("started", self.address(event.fan, item)) for item in event.items]

    def _item_settled(self, event: ItemSettled) -> list[Line]:
        series = self._fans[event.fan].series
        self._standing.come_back(event.fan, event.item.index)
        self._fans[event.fan].inside.pop(event.item.index, None)
        word = event.status.value
        series.settled[word] = series.settled.get(word, 0) + 1
        series.reused += Mark.REUSED in event.marks
        if not self._is_told(series, event) or (self._explain and Mark.REUSED in event.marks):
            return []
        failure = event.failure or (event.outcome.failure if event.outcome else None)
        why = _why(failure) if failure else event.reason or ""
        notes = [one_line(why)] if why else []
        notes += self._which(event.fan, event.item, failure)
        notes += [mark.value for mark in event.marks]
        if event.attempts > 1 and event.status is not Status.CANCELLED:
            notes.append(f"{event.attempts} attempts")
        name = self.address(event.fan, event.item)
        line = Line(word, name, event.seconds, "; ".join(notes), event.outcome, failure)
        if event.status is Status.FAILED and Mark.TOLERATED not in event.marks and not _is_inner(failure):
            self._last_words.remember(line, series.path)
        return [line]

    def _items_settled(self, event: ItemsSettled) -> list[Line]:
        series = self._fans[event.fan].series
        self._standing.come_back(event.fan, event.items[0].index)
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
        self._standing.forget(event.fan)
        name = visible(fan.opened.address)
        tolerated = Mark.TOLERATED in event.marks
        if fan.opened.parent is None:
            self._standing.task_settled(fan.opened.name, event.status, tolerated)
        harmless = event.status is Status.SUCCEEDED or tolerated
        if harmless and (event.counts.failed or fan.opened.kind in group_kinds):
            self._last_words.forget(name)
        if self._is_told_of_its_items(fan, event):
            return []
        line = Line(event.status.value, name, event.seconds, self._verdict(fan, event))
        if event.status is Status.FAILED and not tolerated and not _is_inner(event.failure):
            self._last_words.remember(line, fan.series.path)
        return [line]

    def _is_told_of_its_items(self, fan: Fan, event: TaskSettled) -> bool:
        """Whether what was told of what is in it says all."""
        is_group = fan.opened.kind in group_kinds
        if not fan.opened.mapped and not is_group and event.counts.total:
            return True
        if fan.series.many and not fan.opened.mapped:
            return True
        return fan.opened.parent is not None and fan.series.told_items > FIRST_ITEMS

    def _verdict(self, fan: Fan, event: TaskSettled) -> str:
        notes = [items_in_words(event.counts, fan.total)] if fan.opened.mapped and event.counts.total else []
        if event.reason:
            notes.append(one_line(event.reason))
        elif event.failure and (event.failure.address or not (fan.opened.mapped and event.counts.failed)):
            notes.append(one_line(_why(event.failure)))
        if Mark.TOLERATED in event.marks and not (event.reason or "").startswith(Mark.TOLERATED.value):
            notes.append(Mark.TOLERATED.value)
        return "; ".join(notes)

    def _attempt_failed(self, event: AttemptFailed) -> list[Line]:
        failure = event.outcome.failure
        series = self._fans[event.fan].series
        self._standing.come_back(event.fan, event.item.index)
        if failure is None or event.outcome.again:
            return []
        series.told_tries += series.many
        if series.told_tries > FIRST_TRIES and not self._verbose:
            return []
        again = f"tries again{f' in {took(event.wait)}' if event.wait else ''}"
        text = "; ".join([one_line(_why(failure)), *self._which(event.fan, event.item, failure), again])
        name = self.address(event.fan, event.item)
        word = failed_try(event.outcome.attempt)
        return [Line(word, name, event.outcome.seconds, text, event.outcome, failure)]

    def _which(self, fan: int, item: Item, failure: Failure | None) -> list[str]:
        """Which item failed, and in which of groups around it, where their keys do not say it."""
        if failure is None:
            return []
        own = self._fans[fan]
        notes = [self._shown("item", item, failure)] if own.opened.mapped else []
        while failure.address is None and own.opened.parent is not None:
            place, own = own.opened.parent_index, self._fans[own.opened.parent]
            around = own.inside.get(place) if place is not None else None
            if around is not None:
                notes.append(self._shown(own.address(around), around, failure))
        return [note for note in notes if note]

    def _shown(self, name: str, item: Item, failure: Failure) -> str:
        shown = item_in_a_line(item.key or str(item.index), item.value, failure.message, most=100)
        return f"{name} {shown}" if shown else ""


def _why(failure: Failure) -> str:
    """A failure in a line; that of a group is told where it happened."""
    if failure.address is not None:
        return f"{failure.address} failed"
    return f"{failure.message} [{failure.kind.value}]"


def _is_inner(failure: Failure | None) -> bool:
    """Whether it is told of what failed inside."""
    return failure is not None and failure.address is not None


_taking_a_worker = frozenset(("run", "call"))
