"""Records from several places as one stream in input order, and tasks as the bodies that they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.hints import TypeVar
from runner.records import Status
from runner.store.entries import ItemRecord, TaskRecord

Part = TypeVar("Part")


def interleaved(
    alone: Iterator[tuple[int, Part]], batches: Iterator[tuple[int, Iterable[Part]]]
) -> Iterator[Part]:
    """What was recorded alone, and in batches, in input order; each with its number, or that of its first."""
    upcoming = next(alone, None)
    for first, batch in batches:
        while upcoming is not None and upcoming[0] < first:
            yield upcoming[1]
            upcoming = next(alone, None)
        yield from batch
    if upcoming is not None:
        yield upcoming[1]
    for _, part in alone:
        yield part


def latest_passes(tasks: Iterator[TaskRecord]) -> Iterator[tuple[int, list[TaskRecord]]]:
    """The tasks of each body, in the order of the file, without those of passes that were given up."""
    body: list[TaskRecord] = []
    for task in tasks:
        if body and task.within != body[0].within:
            yield _pass(body)
            body = []
        body.append(task)
    if body:
        yield _pass(body)


def _pass(tasks: list[TaskRecord]) -> tuple[int, list[TaskRecord]]:
    latest = max(task.attempt for task in tasks)
    within = tasks[0].within
    assert within is not None
    return within, sorted((task for task in tasks if task.attempt == latest), key=place_of)


def place_of(task: TaskRecord) -> tuple[int, int, int]:
    """By which tasks of a body stand in the order of the file."""
    assert task.position is not None and task.fan is not None
    return task.position.line, task.position.column, task.fan


def open_item(group: TaskRecord, number: int, body: list[TaskRecord]) -> ItemRecord:
    """An item of a group of which nothing is recorded yet but its body; its address is in there."""
    inner = body[0]
    key = inner.address.removeprefix(f"{group.address}[").removesuffix(f"].{inner.name}")
    return ItemRecord(number, key, None, Status.RUNNING.value, inner.attempt)


def merged(settled: Iterator[ItemRecord], under_way: list[ItemRecord]) -> Iterator[ItemRecord]:
    """The items of a fan in input order."""
    waiting = iter(under_way)
    upcoming = next(waiting, None)
    for item in settled:
        while upcoming is not None and upcoming.id < item.id:
            yield upcoming
            upcoming = next(waiting, None)
        yield item
    if upcoming is not None:
        yield upcoming
    yield from waiting
