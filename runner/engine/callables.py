"""The callables of a workflow, imported before anything starts: what is missing is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from runner.callables.loading import ImportFailure, load
from runner.callables.sources import source_digest
from runner.masks import Mask
from runner.problem import Problem, WorkflowError
from runner.struct import replace
from runner.work.capture import route_logging
from runner.workflow import Call, Task


def import_callables(tasks: Iterable[Task], mask: Mask) -> None:
    """Import the callables of tasks; raises `WorkflowError` for all that fail."""
    route_logging()
    problems: list[Problem] = []
    failed: set[str] = set()
    for task in tasks:
        if isinstance(task.action, Call):
            try:
                function = load(task.action.reference, task.action.folder)
                if not task.action.checked:
                    problems += _misfits(task, task.action, function)
                if task.cache is not None:  # as it is imported: it may change while the run goes on
                    with suppress(OSError):
                        source_digest(task.action.reference, task.action.folder)
            except ImportFailure as failure:
                if task.action.reference not in failed:
                    problems.append(_not_imported(task, task.action, failure, mask))
                failed.add(task.action.reference)
    if problems:
        raise WorkflowError(problems)


def _misfits(task: Task, action: Call, function: Callable[..., Any]) -> Iterator[Problem]:
    """Which arguments do not fit what has been imported, since its source does not show what it takes."""
    from runner.callables.fitting import misfits

    for fault in misfits(action.reference, function, list(action.arguments.value)):
        yield _at(task, action, fault.code, fault.message, fault.hint)


def _not_imported(task: Task, action: Call, failure: ImportFailure, mask: Mask) -> Problem:
    # Masked before it is indented, which would part the lines of a secret that has several.
    message, *further = mask.text(failure.message).split("\n")
    traceback = mask.text(failure.traceback or "").rstrip()
    notes = [*further, failure.hint, "" if message.endswith(traceback) else traceback]
    return _at(task, action, "not-imported", message, "\n".join(filter(None, notes)))


def _at(task: Task, action: Call, code: str, message: str, hint: str) -> Problem:
    problem = Problem.at(action.position or task.position, code, message, hint)
    return replace(problem, length=min(problem.length, len(action.name)))
