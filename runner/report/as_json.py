"""The JSON report, piece by piece: a run of a million items is never in memory.

What was recorded as JSON text is passed on as it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from json.encoder import encode_basestring_ascii
from typing import Any

from runner.report.values import (
    counted_values,
    duration,
    error_values,
    item_marks,
    item_reason,
    moment,
    notices_values,
    problems_values,
    run_values,
    task_failure,
    task_marks,
    task_reason,
    workflow_values,
)
from runner.store.entries import ItemRecord, TaskRecord
from runner.store.recorded import Recorded
from runner.store.stored_run import StoredRun
from runner.store.tables import item_id

AT_ONCE = 500
"""Items that are written together."""


def json_report(stored: StoredRun) -> Iterator[str]:
    """The text of the report, in pieces."""
    with stored.snapshot():
        run = stored.run()
        yield "{\n"
        yield f'  "run": {_text(run_values(run))},\n'
        yield f'  "workflow": {_text(workflow_values(run))},\n'
        yield f'  "params": {_text(run.params)},\n'
        yield f'  "outputs": {_text(run.outputs)},\n'
        yield f'  "problems": {_text(problems_values(run))},\n'
        yield f'  "notices": {_text(notices_values(stored.read, run))},\n'
        yield '  "tasks": {'
        yield from _tasks(stored.read, stored.read.root_tasks(run), "    ")
        yield "}\n}\n"


def _tasks(
    read: Recorded, tasks: Iterable[TaskRecord], indent: str, around: str | None = None
) -> Iterator[str]:
    """The tasks of a body; `around`: why their failures do not count, if something around it says so."""
    before = "\n"
    for task in tasks:
        yield f"{before}{indent}{_text(task.name)}: "
        yield from _task(read, task, indent, around)
        before = ",\n"
    if before != "\n":
        yield f"\n{indent[2:]}"


def _task(read: Recorded, task: TaskRecord, indent: str, around: str | None) -> Iterator[str]:
    item = task.item
    yield f'{{"status": {_text(task.status.value)}, "reason": {_text(task_reason(task, around))}'
    if task.mapped:
        assert task.fan is not None
        yield ', "results": ['
        yield from _lines(_results(read, task.fan), indent)
        yield '], "items": ['
        yield from _lines(_items(read, task, indent + "  ", around), indent)
        yield f"], {_text(counted_values(task))[1:-1]}"
        attempts = read.all_attempts(task.fan)
    else:
        yield f', "result": {(item and item.result_text) or "null"}'
        attempts = item.attempts if item else 0
        if item and item.withheld:
            yield f', "withheld": "{item.withheld}"'
    yield f', "error": {_text(error_values(task_failure(task), task.position))}'
    yield f', "attempts": {attempts}, "started": {_text(moment(task.started))}'
    yield f', "seconds": {_text(duration(task.seconds))}, "marks": {_text(task_marks(task, around))}'
    if task.is_group and not task.mapped:
        body = [] if task.fan is None else read.body(item_id(task.fan, 0))
        yield ', "tasks": {'
        yield from _tasks(read, body, indent + "  ", task.tolerates(around))
        yield "}"
    yield "}"


def _results(read: Recorded, fan: int) -> Iterator[str]:
    return (text or "null" for text in read.result_texts(fan))


def _items(read: Recorded, task: TaskRecord, indent: str, around: str | None) -> Iterator[str]:
    if not task.is_group:
        assert task.fan is not None
        return (_item(item, task, around) + "}" for item in read.items(task.fan))
    inside = task.tolerates(around)
    return (
        "".join([_item(item, task, around), ', "tasks": {', *_tasks(read, body, indent + "  ", inside), "}}"])
        for item, body in read.items_with_bodies(task)
    )


def _item(item: ItemRecord, task: TaskRecord, around: str | None) -> str:
    """One item, without the brace that ends it."""
    error, marks, reason = "null", "[]", "null"
    if item.failure_text is not None:
        error = _text(error_values(item.failure, task.position))
    if item.marks_text or item.status == "failed":
        marks = _text(item_marks(item, task, around))
    if item.reason is not None or item.status == "failed":
        reason = _text(item_reason(item, task, around))
    key = "null" if item.key is None else encode_basestring_ascii(item.key)
    return (
        f'{{"index": {item.index}, "key": {key}, "item": {item.value_text or "null"}, '
        f'"status": "{item.status}", "reason": {reason}, "result": {item.result_text or "null"}, '
        f'"error": {error}, "attempts": {item.attempts}, "seconds": {_text(duration(item.seconds))}, '
        f'"marks": {marks}' + (f', "withheld": "{item.withheld}"' if item.withheld else "")
    )


def _lines(elements: Iterator[str], indent: str) -> Iterator[str]:
    """The elements of a list, each on its own line."""
    between = f",\n{indent}  "
    start = f"\n{indent}  "
    while block := list(islice(elements, AT_ONCE)):
        yield start + between.join(block)
        start = between
    if start == between:
        yield f"\n{indent}"


_text: Callable[[Any], str] = json.JSONEncoder(allow_nan=False).encode
