"""What a report's template may name: the JSON report, and what makes a report for people easy.

Items are read when the template goes over them, not before. Only what JSON holds is in here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runner.display import took
from runner.report.analysis import Analysis
from runner.report.as_text import summary
from runner.report.failing import Shown, shown
from runner.report.insides import Insides
from runner.report.lazy import Lazy
from runner.report.notes import note
from runner.report.rerun import Rerun
from runner.report.suites import suites
from runner.report.values import (
    counted_values,
    duration,
    error_values,
    item_values,
    moment,
    notices_values,
    problems_values,
    run_values,
    task_failure,
    task_marks,
    task_reason,
    withheld_values,
    workflow_values,
)
from runner.report.which import which_items
from runner.store.entries import RunRecord, TaskRecord
from runner.store.recorded import Recorded
from runner.store.stored_run import StoredRun
from runner.store.tables import item_id
from runner.store.texts import decode


def report_context(stored: StoredRun) -> dict[str, Any]:
    """All names that a template may use."""
    run = stored.run()
    tasks = list(stored.read.root_tasks(run))
    rerun = Rerun(stored, run)
    insides = Insides(stored, run)
    return {
        "run": run_values(run),
        "workflow": workflow_values(run),
        "params": run.params,
        "outputs": run.outputs,
        "tasks": _tasks(stored.read, run, insides, tasks),
        "failures": [_failure(stored.read, each, rerun) for each in shown(stored.read, run)],
        "problems": problems_values(run),
        "notices": notices_values(stored.read, run),
        "summary": summary(run, tasks),
        "analysis": Analysis(stored, run, insides),
        "suites": suites(stored.read, run, tasks),
    }


def _tasks(
    read: Recorded,
    run: RunRecord,
    insides: Insides,
    tasks: Iterable[TaskRecord],
    around: str | None = None,
) -> dict[str, Any]:
    """The tasks of a body; `around`: why their failures do not count, if something around it says so."""
    return {task.name: _task(read, run, insides, task, around) for task in tasks}


def _task(
    read: Recorded, run: RunRecord, insides: Insides, task: TaskRecord, around: str | None
) -> dict[str, Any]:
    item = task.item
    values: dict[str, Any] = {
        "status": task.status.value,
        "reason": task_reason(task, around),
        "error": error_values(task_failure(task), task.position),
        "attempts": item.attempts if item else 0,
        "started": moment(task.started),
        "seconds": duration(task.seconds),
        "marks": task_marks(task, around),
        "address": task.address,
        "position": str(task.position) if task.position else None,
        "note": note(read, run, task, around),
    }
    if task.mapped:
        return values | _map(read, run, insides, task, around)
    # Templates go over the items of all tasks; without the key it would be a method of the mapping.
    values |= {"result": item.result if item else None, "items": []} | withheld_values(item)
    if task.is_group:
        values["tasks"] = _tasks(read, run, insides, _body(read, task), task.tolerates(around))
    return values


def _body(read: Recorded, group: TaskRecord) -> list[TaskRecord]:
    return [] if group.fan is None else read.body(item_id(group.fan, 0))


def _map(
    read: Recorded, run: RunRecord, insides: Insides, task: TaskRecord, around: str | None
) -> dict[str, Any]:
    fan, counts = task.fan, task.counts
    assert fan is not None
    length = counts.total + task.under_way
    values: dict[str, Any] = {
        "attempts": read.all_attempts(fan),
        "counts": {
            "succeeded": counts.succeeded,
            "failed": counts.failed,
            "skipped": counts.skipped,
            "cancelled": counts.cancelled,
        },
        **counted_values(task),
        "results": Lazy(lambda: map(decode, read.result_texts(fan)), counts.succeeded),
    }
    if task.is_group:
        values["inside"] = _inside(insides, task)
        records = _group_items(read, run, insides, task, length, around)
    else:
        records = Lazy(lambda: (item_values(item, task, around) for item in read.items(fan)), length)
    return values | {"items": records}


def _inside(insides: Insides, group: TaskRecord) -> list[dict[str, Any]]:
    """The tasks inside a mapped group that did not simply succeed in every pass, and those around them."""
    return [
        {"name": task.name, "depth": task.depth, "status": task.status.value, "note": task.note}
        for task in insides.remarkable(group)
    ]


def _group_items(
    read: Recorded, run: RunRecord, insides: Insides, task: TaskRecord, length: int, around: str | None
) -> Lazy:
    inside = task.tolerates(around)
    return Lazy(
        lambda: (
            item_values(item, task, around) | {"tasks": _tasks(read, run, insides, body, inside)}
            for item, body in read.items_with_bodies(task)
        ),
        length,
    )


def _failure(read: Recorded, shown: Shown, rerun: Rerun) -> dict[str, Any]:
    found, item = shown.found, shown.found.item
    return {
        "address": found.address,
        "which": which_items(read, found.task, item, found.failure),
        "task": found.task.address,
        "tolerated": found.tolerated,
        "tolerance": found.tolerance,
        "attempts": item.attempts if item else 0,
        "took": took(item.seconds) if item else "",
        "error": error_values(found.failure, found.task.position),
        "reason": item.reason if item else None,
        "rerun": rerun.only(found.address),
        "rerun_hint": rerun.hint(found.address),
        "brief": shown.brief,
        "more": shown.more,
    }
