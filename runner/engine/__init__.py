"""A workflow → a run: the plan, the pool and the loop between them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from textwrap import indent
from typing import Any

from runner.callables.loading import ImportFailure, load
from runner.callables.sources import source_digest
from runner.engine.loop import Loop
from runner.engine.masking import masked
from runner.engine.pool import Executor, Inline, Threads
from runner.engine.ports import make_plan
from runner.engine.settings import Settings
from runner.masks import Mask, mask_of
from runner.plan import Recorded
from runner.problem import Problem, UserError, WorkflowError, with_hint
from runner.records import Event
from runner.struct import replace
from runner.work.clock import now
from runner.workflow import Body, Call, Group, Sub, Task, Workflow, workers_of

__all__ = ["Settings", "problem_of_executor", "run"]

executors = ("thread", "inline")
_executors_in_words = "it has thread and inline: `--executor thread`"


def run(workflow: Workflow, settings: Settings, recorded: Recorded) -> Generator[list[Event]]:
    """Run `workflow`. Every list of events is to be recorded before the next is asked for.

    Raises `UserError` before the first event if a callable cannot be imported, if `env` cannot
    be evaluated or if there is no such executor.
    """
    executor = open_executor(workflow, settings)
    mask = mask_of(settings.secrets)
    import_callables(workflow.body, mask)
    started = now()
    plan = make_plan(workflow, settings, recorded, executor.workers, started)
    events = Loop(workflow, settings, plan, executor).events(started)
    return masked(events, mask) if mask else events


def open_executor(workflow: Workflow, settings: Settings) -> Executor:
    """The pool that the command line or the file asks for; raises `UserError` if there is none such."""
    if settings.executor is None and (problem := problem_of_executor(workflow)):
        raise WorkflowError([problem])
    workers = settings.workers or workers_of(workflow)
    match settings.executor or workflow.executor:
        case "thread":
            return Threads(workers)
        case "inline":
            return Inline()
    raise UserError(f"this version has no executor '{settings.executor}'", _executors_in_words)


def problem_of_executor(workflow: Workflow) -> Problem | None:
    """What is wrong with the executor that the file asks for, if this version has it not."""
    if workflow.executor in executors or workflow.executor_position is None:
        return None
    message = f"this version has no executor '{workflow.executor}'"
    problem = Problem.at(workflow.executor_position, "no-such-executor", message, _executors_in_words)
    return replace(problem, length=min(len(workflow.executor), problem.length))


def import_callables(body: Body, mask: Mask) -> None:
    """Import every callable of the file and of those it runs; raises `UserError` for all that fail."""
    faults: dict[str, str] = {}
    for task in tasks_within(body):
        if isinstance(task.action, Call):
            try:
                function = load(task.action.reference, task.action.folder)
                if not task.action.checked:
                    for number, fault in enumerate(_misfits(task.action, function)):
                        faults[f"{task.position} {number}"] = f"{task.position}: {fault}"
                if task.cache is not None:  # as it is imported: it may change while the run goes on
                    with suppress(OSError):
                        source_digest(task.action.reference, task.action.folder)
            except ImportFailure as failure:
                faults.setdefault(task.action.reference, f"{task.position}: {_told(failure, mask)}")
    if faults:
        raise UserError("\nerror: ".join(faults.values()), "nothing ran")


def _misfits(action: Call, function: Callable[..., Any]) -> Iterator[str]:
    """Which arguments do not fit what has been imported, since its source does not show what it takes."""
    from runner.callables.fitting import misfits

    return misfits(action.reference, function, list(action.arguments.value))


def _told(failure: ImportFailure, mask: Mask) -> str:
    told = with_hint(failure.message, failure.hint)
    if failure.traceback:
        # Masked before it is indented, which would part the lines of a secret that has several.
        told = f"{told}\n{indent(mask.text(failure.traceback).rstrip(), '    ')}"
    return mask.text(told)


def tasks_within(body: Body) -> Iterator[Task]:
    """All tasks of a body, those of its groups and sub-workflows included."""
    for task in body.tasks.values():
        yield task
        if isinstance(task.action, Group):
            yield from tasks_within(task.action.body)
        elif isinstance(task.action, Sub):
            yield from tasks_within(task.action.workflow.body)
