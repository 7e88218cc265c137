"""A workflow → a run: the plan, the pool and the loop between them."""

from __future__ import annotations

from collections.abc import Generator

from runner.engine.evaluations import Evaluations
from runner.engine.executors import open_executor, problem_of_executor, tasks_within
from runner.engine.loop import Loop
from runner.engine.ports import make_plan
from runner.engine.settings import Settings
from runner.masks import mask_of
from runner.plan import Recorded
from runner.records import Event
from runner.work.clock import now
from runner.workflow import Call, Workflow

__all__ = ["Settings", "problem_of_executor", "run"]


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

            import_callables(calls, mask, executor.look, str if executor.tells else settings.say)
        if settings.orders is not None:  # who asked for the run may never let it begin
            executor.rest()
        started = now()
        evaluations = Evaluations()
        plan = make_plan(
            workflow, settings, recorded, executor.workers, started, executor.slice_seconds, evaluations
        )
    except BaseException:
        executor.close()
        raise
    events = Loop(workflow, settings, plan, executor, evaluations).events(started)
    if not mask:
        return events
    from runner.engine.masking import masked

    return masked(events, mask)
