"""Where the work of a run is done: by its name, from the command line or the file, or why it is not.

A name with a colon is a callable that makes a `concurrent.futures.Executor`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from runner.engine.flights import Executor
from runner.engine.inline import Inline
from runner.engine.pool import Threads
from runner.engine.settings import Settings
from runner.executor_names import OWN, address_of_scheduler, wrong_name
from runner.hints import TYPE_CHECKING
from runner.problem import Problem, UserError, WorkflowError
from runner.struct import replace
from runner.workflow import Body, Call, Group, Sub, Task, Workflow, workers_of

if TYPE_CHECKING:
    from runner.callables.finding import CallableFault

_interpreters = "concurrent.futures:InterpreterPoolExecutor"


def open_executor(workflow: Workflow, settings: Settings) -> Executor:
    """The pool that the command line or the file asks for; raises `UserError` if there is none such."""
    if settings.executor is None and (problem := problem_of_executor(workflow)):
        raise WorkflowError([problem])
    workers = settings.workers or workers_of(workflow)
    name = settings.executor or workflow.executor
    match name:
        case "thread":
            return Threads(workers)
        case "process":
            from runner.engine.process_pool import Processes

            return Processes(workers, settings.run_id, list(callables_within(workflow.body)))
        case "inline":
            return Inline()
    if fault := _fault_of(name, workflow.folder):
        raise UserError(fault.message, fault.hint)
    if address_of_scheduler(name) is not None:
        return _cluster(workflow, settings, address_of_scheduler(name) or "")
    from runner.engine.factories import maker
    from runner.engine.foreign import Foreign  # it may take a while to import

    make = maker(_interpreters if name == "interpreter" else name, workflow.folder, workers)
    callables = list(callables_within(workflow.body))
    alone = settings.orders is None
    return Foreign(name, workers, make, callables, settings.run_id, alone, settings.say)


def _cluster(workflow: Workflow, settings: Settings, address: str) -> Executor:
    from runner.engine.cluster import Cluster, setup_of

    callables = list(callables_within(workflow.body))
    setup = setup_of(settings.run_id, settings.start_folder, callables, workflow.folder)
    return Cluster(address, settings.workers or workflow.max_workers, workers_of(workflow), setup)


def problem_of_executor(workflow: Workflow) -> Problem | None:
    """What is wrong with the executor that the file asks for, as far as reading files shows it."""
    if workflow.executor in OWN or workflow.executor_position is None:
        return None
    fault = _fault_of(workflow.executor, workflow.folder)
    if fault is None:
        return None
    problem = Problem.at(workflow.executor_position, fault.code, fault.message, fault.hint)
    return replace(problem, length=min(len(workflow.executor), problem.length))


def _fault_of(name: str, folder: str) -> CallableFault | None:
    from runner.callables.finding import CallableFault

    if address_of_scheduler(name) is not None:
        from importlib.util import find_spec

        if find_spec("distributed") is not None:
            return None
        hint = "`pip install 'runwright[dask]'` brings it"
        return CallableFault(
            "no-such-executor", f"the executor '{name}' needs Dask, which is not installed", hint
        )
    if name == "interpreter":
        if sys.version_info >= (3, 14):
            return None
        this = f"{sys.version_info.major}.{sys.version_info.minor}"
        hint = "`process` is the nearest to it that every Python has"
        return CallableFault(
            "no-such-executor", f"the executor '{name}' needs Python 3.14, and this is {this}", hint
        )
    if wrong := wrong_name(name):
        return CallableFault("no-such-executor", *wrong)
    from runner.callables.inspection import inspect_callable

    found = inspect_callable(name, folder)
    return found if isinstance(found, CallableFault) else None


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
