"""A workflow → a run: the plan, the pool and the loop between them."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from runner.engine.loop import Loop
from runner.engine.pool import Executor, Inline, Threads
from runner.engine.ports import make_plan
from runner.engine.settings import Settings
from runner.masks import mask_of
from runner.plan import Recorded
from runner.problem import Problem, UserError, WorkflowError
from runner.records import Event
from runner.struct import replace
from runner.work.clock import now
from runner.workflow import Body, Call, Group, Sub, Task, Workflow, workers_of

__all__ = ["Settings", "problem_of_executor", "run"]

executors = ("thread", "process", "inline")
_executors_in_words = "it has thread, process and inline"


def run(workflow: Workflow, settings: Settings, recorded: Recorded) -> Generator[list[Event]]:
    """Run `workflow`. Every list of events is to be recorded before the next is asked for.

    Raises `UserError` before the first event if a callable cannot be imported, if `env` cannot
    be evaluated or if there is no such executor.
    """
    executor = open_executor(workflow, settings)
    mask = mask_of(settings.secrets)
    try:
        if calls := [task for task in tasks_within(workflow.body) if isinstance(task.action, Call)]:
            from runner.engine.callables import import_callables

            import_callables(calls, mask, executor.look)
        if settings.orders is not None:  # who asked for the run may never let it begin
            executor.rest()
        started = now()
        plan = make_plan(workflow, settings, recorded, executor.workers, started)
    except BaseException:
        executor.close()
        raise
    events = Loop(workflow, settings, plan, executor).events(started)
    if not mask:
        return events
    from runner.engine.masking import masked

    return masked(events, mask)


def open_executor(workflow: Workflow, settings: Settings) -> Executor:
    """The pool that the command line or the file asks for; raises `UserError` if there is none such."""
    if settings.executor is None and (problem := problem_of_executor(workflow)):
        raise WorkflowError([problem])
    workers = settings.workers or workers_of(workflow)
    match settings.executor or workflow.executor:
        case "thread":
            return Threads(workers)
        case "process":
            from runner.engine.process_pool import Processes

            return Processes(workers, settings.run_id, list(callables_within(workflow.body)))
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


def callables_within(body: Body) -> Iterator[tuple[str, str]]:
    """The reference of each callable, with the folder of the file that names it."""
    for task in tasks_within(body):
        if isinstance(task.action, Call):
            yield task.action.reference, task.action.folder


def tasks_within(body: Body) -> Iterator[Task]:
    """All tasks of a body, those of its groups and sub-workflows included."""
    for task in body.tasks.values():
        yield task
        if isinstance(task.action, Group):
            yield from tasks_within(task.action.body)
        elif isinstance(task.action, Sub):
            yield from tasks_within(task.action.workflow.body)
