"""The callables of a workflow, imported before anything starts: what is missing is told at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from runner.callables.looking import Missing, Wanted
from runner.callables.sources import source_digest
from runner.masks import Mask
from runner.problem import Problem, WorkflowError
from runner.struct import replace
from runner.work.capture import route_logging
from runner.workflow import Call, Task

if TYPE_CHECKING:
    from runner.callables.inspection import ArgumentFault

SOON = 5
"""Seconds after which it is told what is imported."""


def import_callables(
    tasks: Iterable[Task],
    mask: Mask,
    look: Callable[[Wanted], Missing | Sequence[ArgumentFault]],
    say: Callable[[str], object],
) -> None:
    """Import the callables of tasks where `look` does; raises `WorkflowError` for all that fail.

    `say` tells which one is waited for, if it takes long.
    """
    route_logging()
    problems: list[Problem] = []
    failed: set[str] = set()
    seen: dict[tuple[str, str, tuple[str, ...] | None], Missing | Sequence[ArgumentFault]] = {}
    for task in tasks:
        if not isinstance(task.action, Call):
            continue
        action = task.action
        doubted = None if action.checked else tuple(action.arguments.value)
        wanted = action.reference, action.folder, doubted
        found = seen.get(wanted)
        if found is None:
            with _patience(action.name.rpartition(":")[0], say):
                found = seen[wanted] = look(Wanted(*wanted))
        if not isinstance(found, Missing):
            problems += [_at(task, action, fault.code, fault.message, fault.hint) for fault in found]
            if task.cache is not None:  # as it is imported: it may change while the run goes on
                with suppress(OSError):
                    source_digest(action.reference, action.folder)
        elif action.reference not in failed:
            problems.append(_not_imported(task, action, found, mask))
            failed.add(action.reference)
    if problems:
        raise WorkflowError(problems)


@contextmanager
def _patience(module: str, say: Callable[[str], object]) -> Iterator[None]:
    """Tell of a module whose import takes long."""
    told = f"note: importing '{module}' takes longer than {SOON} s: it is waited for"
    timer = threading.Timer(SOON, say, [told])
    timer.daemon = True
    with suppress(RuntimeError):  # no other thread may start
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _not_imported(task: Task, action: Call, failure: Missing, mask: Mask) -> Problem:
    # Masked before it is indented, which would part the lines of a secret that has several.
    message, *further = mask.text(failure.message).split("\n")
    traceback = mask.text(failure.traceback or "").rstrip()
    notes = [*further, failure.hint, "" if message.endswith(traceback) else traceback]
    problem = _at(task, action, "not-imported", message, "\n".join(filter(None, notes)))
    return _marking(problem, action, *failure.missing) if failure.missing else problem


def _marking(problem: Problem, action: Call, offset: int, length: int) -> Problem:
    """The same of a part of the function's name, which the reference ends with."""
    if action.position is None:
        return problem
    column = problem.position.column + action.name.rindex(":") + 1 + offset
    return replace(problem, position=replace(problem.position, column=column), length=length)


def _at(task: Task, action: Call, code: str, message: str, hint: str) -> Problem:
    problem = Problem.at(action.position or task.position, code, message, hint)
    return replace(problem, length=min(problem.length, len(action.name)))
