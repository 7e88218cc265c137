"""Streams of events as a run makes them, for tests of those who listen to them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from runner.position import Position
from runner.records import (
    AttemptFailed,
    Counts,
    Declared,
    Event,
    Failure,
    FailureKind,
    Item,
    ItemsCounted,
    ItemSettled,
    ItemsSettled,
    Mark,
    Notice,
    Outcome,
    RunFinished,
    RunStarted,
    SliceStarted,
    Status,
    TaskOpened,
    TaskSettled,
)

BEGIN = 1763820000.0
"""2025-11-22T14:00:00+00:00"""


def exit_failure(code: int = 1, output: str | None = None, command: str = "false") -> Failure:
    """A command that exited with `code`."""
    return Failure(FailureKind.EXIT, f"exited with {code}", exit_code=code, command=command, output=output)


def outcome(
    item: Item, *, result: Any = None, failure: Failure | None = None, seconds: float = 1.0, **more: Any
) -> Outcome:
    """How an attempt at `item` went that began with the run."""
    try:
        encoded = json.dumps(result)
    except TypeError:
        encoded = None
    return Outcome(
        **{
            "index": item.index,
            "attempt": item.attempt,
            "started": BEGIN,
            "seconds": seconds,
            "worker": "worker-1",
            "result": result,
            "encoded": encoded,
            "failure": failure,
            "exit_code": failure.exit_code if failure else None,
            **more,
        }
    )


def each_alone(events: Iterable[Event]) -> Iterator[Event]:
    """The events, each item that has settled with one of its own."""
    for event in events:
        if isinstance(event, ItemsSettled):
            yield from event.each()
        else:
            yield event


class Stream:
    """A run told event by event to listeners, in lists of one event."""

    def __init__(self, *listeners: Callable[[Sequence[Event]], None]) -> None:
        self._listeners = listeners
        self._fans = 0
        self._submissions = 0
        self._opened: dict[int, TaskOpened] = {}
        self._counts: dict[int, Counter[Status]] = {}

    def tell(self, *events: Event) -> None:
        """Give one list of events to all who listen."""
        for listener in self._listeners:
            listener(list(events))

    def begin(
        self,
        *tasks: str,
        params: Mapping[str, Any] | None = None,
        run_id: str = "r1",
        declared: Iterable[Declared] = (),
    ) -> None:
        """The run starts."""
        told = (run_id, "thumbnails", "/home/me/flow.yml", BEGIN, params or {}, 4, tasks, tuple(declared))
        self.tell(RunStarted(*told))

    def open(
        self,
        name: str,
        *,
        kind: str = "run",
        mapped: bool = False,
        total: int | None = None,
        line: int = 1,
        within: tuple[int, int, str] | None = None,
    ) -> int:
        """A task is reached; `within` is the parent's fan, the index and the address of its item."""
        self._fans += 1
        parent, index, prefix = within or (None, None, "")
        address = f"{prefix}.{name}" if prefix else name
        opened = TaskOpened(
            self._fans, address, name, kind, mapped, Position("flow.yml", line, 3), parent, index
        )
        self._opened[self._fans] = opened
        self._counts[self._fans] = Counter()
        self.tell(opened)
        if total is not None:
            self.tell(ItemsCounted(self._fans, total))
        return self._fans

    def start(self, fan: int, *items: Item, at: float = BEGIN) -> None:
        """Items are given to a worker."""
        self._submissions += 1
        self.tell(SliceStarted(fan, self._submissions, items, at))

    def settled(self, fan: int, item: Item, status: Status = Status.SUCCEEDED, **more: Any) -> ItemSettled:
        """The event that an item has settled, not told yet."""
        self._counts[fan][status] += 1
        result = more.pop("result", None)
        failure = more.pop("failure", None)
        details = more.pop("details", {})
        made = None
        if status in (Status.SUCCEEDED, Status.FAILED):
            made = outcome(item, result=result, failure=failure, **details)
        ran = made is not None
        return ItemSettled(
            fan,
            item,
            status,
            **{
                "attempts": item.attempt if ran else 0,
                "outcome": made,
                "failure": failure,
                "started": BEGIN if ran else None,
                "seconds": 1.0 if ran else None,
                **more,
            },
        )

    def settle(self, fan: int, item: Item, status: Status = Status.SUCCEEDED, **more: Any) -> None:
        """An item has its final status."""
        self.tell(self.settled(fan, item, status, **more))

    def together(self, fan: int, items: Sequence[Item], results: Sequence[Any], **details: Any) -> None:
        """Items succeed one after the other, as a slice of a map does."""
        self._counts[fan][Status.SUCCEEDED] += len(items)
        pairs = zip(items, results, strict=True)
        outcomes = [outcome(item, result=result, made=1, **details) for item, result in pairs]
        self.tell(ItemsSettled(fan, tuple(items), outcomes, 1))

    def retry(
        self, fan: int, item: Item, failure: Failure | None, *, attempts: int = 3, **details: Any
    ) -> None:
        """An attempt failed and another will follow."""
        made = outcome(item, failure=failure, again=failure is None, **details)
        self.tell(AttemptFailed(fan, item, made, attempts, 1.0))

    def end(
        self,
        fan: int,
        status: Status = Status.SUCCEEDED,
        *,
        failure: Failure | None = None,
        reason: str | None = None,
        marks: Iterable[Mark] = (),
        seconds: float | None = 1.0,
    ) -> None:
        """A task has its final status."""
        counts = Counts(**{status.value: count for status, count in self._counts[fan].items()})
        ran = counts.succeeded + counts.failed > 0
        self.tell(
            TaskSettled(
                fan,
                status,
                counts,
                reason,
                failure,
                tuple(marks),
                BEGIN if ran else None,
                seconds if ran else None,
            )
        )

    def plain(self, name: str, status: Status = Status.SUCCEEDED, *, line: int = 1, **more: Any) -> int:
        """A plain task from its opening to its end."""
        within = more.pop("within", None)
        kind = more.pop("kind", "run")
        marks = more.get("marks", ())
        fan = self.open(name, line=line, within=within, kind=kind)
        item = Item(0, None, None)
        if status in (Status.SUCCEEDED, Status.FAILED):
            self.start(fan, item)
        self.settle(fan, item, status, **more)
        self.end(fan, status, failure=more.get("failure"), reason=more.get("reason"), marks=marks)
        return fan

    def map(
        self,
        name: str,
        settled: Iterable[tuple[str, Any, Status, Mapping[str, Any]]],
        status: Status = Status.SUCCEEDED,
        *,
        line: int = 1,
        kind: str = "call",
        **end: Any,
    ) -> int:
        """A map from its opening to its end; each item is its key, value, status, and what else is known."""
        items = list(settled)
        fan = self.open(name, mapped=True, total=len(items), line=line, kind=kind)
        for index, (key, value, its_status, more) in enumerate(items):
            item = Item(index, key, value)
            if its_status in (Status.SUCCEEDED, Status.FAILED):
                self.start(fan, item)
            self.settle(fan, item, its_status, **more)
        self.end(fan, status, **end)
        return fan

    def notice(self, text: str, fan: int | None = None) -> None:
        """Something worth saying."""
        self.tell(Notice(text, fan))

    def finish(
        self,
        status: Status = Status.SUCCEEDED,
        *,
        exit_code: int | None = None,
        outputs: Mapping[str, Any] | None = None,
        problems: Iterable[Failure] = (),
        seconds: float = 3.25,
    ) -> None:
        """The run ends."""
        code = {Status.SUCCEEDED: 0, Status.FAILED: 1}.get(status, 130) if exit_code is None else exit_code
        self.tell(RunFinished(status, code, BEGIN + seconds, seconds, outputs or {}, tuple(problems)))
