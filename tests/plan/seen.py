"""How everything ended, by path, from the events of a run.

A path tells passes apart, too: `g[k]~2.t[x]` is the item `x` of `t` in the second pass of `g[k]`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from foretold import End, ItemEnd, Seen, item_path

from runner.records import Event, ItemSettled, Mark, SliceStarted, Status, TaskOpened, TaskSettled


class Paths:
    """The paths of fans, as they become known."""

    def __init__(self) -> None:
        self.of: dict[int, str] = {}
        self.mapped: dict[int, bool] = {}
        self._keys: dict[tuple[int, int], str | None] = {}
        self._passes: Counter[tuple[int | None, int | None, str]] = Counter()

    def hear(self, event: Event) -> None:
        """Learn from an event."""
        if isinstance(event, SliceStarted):
            self._keys |= {(event.fan, item.index): item.key for item in event.items}
        elif isinstance(event, TaskOpened):
            place = (event.parent, event.parent_index, event.name)
            self._passes[place] += 1
            self.mapped[event.fan] = event.mapped
            before = ""
            if event.parent is not None and event.parent_index is not None:
                item = item_path(self.of[event.parent], self._keys[event.parent, event.parent_index])
                before = f"{item}~{self._passes[place]}."
            self.of[event.fan] = before + event.name

    def item(self, event: ItemSettled) -> str:
        """The path of an item."""
        return item_path(self.of[event.fan], event.item.key)


def seen_in(events: Iterable[Event]) -> Seen:
    """How everything ended."""
    paths, seen = Paths(), Seen()
    items: dict[str, list[ItemEnd]] = {}
    for event in events:
        paths.hear(event)
        if isinstance(event, ItemSettled):
            path = paths.item(event)
            assert path not in seen.items, f"{path} settled twice"
            seen.items[path] = _item(event)
            items.setdefault(paths.of[event.fan], []).append(seen.items[path])
        elif isinstance(event, TaskSettled):
            path = paths.of[event.fan]
            mine = sorted(items.get(path, []), key=lambda item: item.index)
            kind = event.failure.kind.value if event.failure else None
            end = End(paths.mapped[event.fan], event.status.value, kind, mine, why=_why(event.reason))
            end.tolerated = Mark.TOLERATED in event.marks
            seen.tasks[path] = end
    return seen


def _item(event: ItemSettled) -> ItemEnd:
    outcome = event.outcome
    result = outcome.result if outcome is not None and event.status is Status.SUCCEEDED else None
    kind = event.failure.kind.value if event.failure else None
    item = event.item
    end = ItemEnd(item.index, item.key, item.value, event.status.value, kind, result, event.attempts)
    end.marks = tuple(mark.value for mark in event.marks)
    return end


def _why(reason: str | None) -> set[str]:
    """The reason of what was skipped, without its words."""
    text = reason or ""
    if need := re.match(r"needs (\w+), which", text):
        return {need[1]}
    known = {"when: ": "when", "not selected": "not selected", "its map has no items": "empty"}
    return {short for start, short in known.items() if text.startswith(start)}
