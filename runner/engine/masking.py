"""The events of a run → the same without secrets: what all who listen to it hear.

It knows neither who they are nor how events come about. What a secret is passed on in within the run
stays whole beside what is shown of it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from typing import Any

from runner.exact import normalise
from runner.masks import Mask
from runner.records import (
    AttemptFailed,
    Event,
    Failure,
    Item,
    ItemSettled,
    ItemsSettled,
    MaskedItem,
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
from runner.struct import replace


def masked(events: Generator[list[Event]], mask: Mask) -> Generator[list[Event]]:
    """The events with their secrets masked."""
    masking = _Masking(mask)
    with closing(events):
        for some in events:
            yield [masking.event(event) for event in some]


class _Masking:
    """Masks event after event, and each item once: it is told of when it starts and when it settles."""

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._started: dict[tuple[int, int], tuple[Item, Item]] = {}
        self._ways: Mapping[type, Callable[[Any], Event]] = {
            RunStarted: self._run_started,
            TaskOpened: lambda event: replace(event, address=mask.text(event.address)),
            SliceStarted: self._slice_started,
            Reconsidered: lambda event: replace(event, item=self._item(event.item), why=mask.text(event.why)),
            ItemSettled: self._item_settled,
            ItemsSettled: self._items_settled,
            AttemptFailed: self._attempt_failed,
            TaskSettled: self._task_settled,
            Notice: lambda event: replace(event, text=mask.text(event.text)),
            RunFinished: self._run_finished,
        }

    def event(self, event: Event) -> Event:
        """The event without secrets."""
        way = self._ways.get(type(event))
        return way(event) if way else event

    def _run_started(self, event: RunStarted) -> Event:
        return replace(event, params=self._values(event.params))

    def _slice_started(self, event: SliceStarted) -> Event:
        items = tuple(map(self._item, event.items))
        for whole, item in zip(event.items, items, strict=True):
            self._started[event.fan, whole.index] = whole, item
        return replace(event, items=items)

    def _item_settled(self, event: ItemSettled) -> ItemSettled:
        known, item = self._started.pop((event.fan, event.item.index), (None, None))
        return replace(
            event,
            item=item if item is not None and known is event.item else self._item(event.item),
            outcome=event.outcome and self._outcome(event.outcome, event.status is Status.SUCCEEDED),
            failure=self._failure(event.failure),
            reason=event.reason and self._mask.text(event.reason),
        )

    def _items_settled(self, event: ItemsSettled) -> Event:
        settled = [self._item_settled(each) for each in event.each()]
        items, outcomes = [each.item for each in settled], [each.outcome for each in settled if each.outcome]
        return replace(event, items=tuple(items), outcomes=outcomes)

    def _attempt_failed(self, event: AttemptFailed) -> Event:
        return replace(event, item=self._item(event.item), outcome=self._outcome(event.outcome, False))

    def _task_settled(self, event: TaskSettled) -> Event:
        reason = event.reason and self._mask.text(event.reason)
        return replace(event, failure=self._failure(event.failure), reason=reason)

    def _run_finished(self, event: RunFinished) -> Event:
        problems = tuple(map(self._mask.failure, event.problems))
        return replace(event, outputs=self._values(event.outputs), problems=problems)

    # The parts of events ------------------------------------------------------------------------

    def _values(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {name: self._mask.value(value)[0] for name, value in values.items()}

    def _item(self, item: Item) -> Item:
        key = item.key and self._mask.text(item.key)
        value, found = self._mask.value(item.value)
        if not found and key == item.key:
            return item
        return MaskedItem(item.index, key, value, item.attempt, item.by_place, whole=item)

    def _outcome(self, outcome: Outcome, succeeded: bool) -> Outcome:
        failure = self._failure(outcome.failure)
        value, found = None, False
        if succeeded and outcome.encoded is not None:
            value, found = self._mask.value(outcome.result)
        if found:
            return replace(outcome, encoded=normalise(value)[1], secret=True, failure=failure)
        return outcome if failure == outcome.failure else replace(outcome, failure=failure)

    def _failure(self, failure: Failure | None) -> Failure | None:
        return failure and self._mask.failure(failure)
