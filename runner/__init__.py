"""runner: a declarative workflow runner. The command line is in `runner.cli`, Python's own way in is here.

    from runner import load, resume, run

Nothing is imported before it is asked for: `runner --version` needs none of it.
"""

TYPE_CHECKING = False  # so that `typing` need not be imported; type checkers know the name
if TYPE_CHECKING:
    from runner.api.events import (
        AttemptFailed,
        Event,
        ItemsCounted,
        ItemSettled,
        ItemStarted,
        Notice,
        RunFinished,
        RunStarted,
        TaskSettled,
    )
    from runner.api.loading import Workflow, load
    from runner.api.naming import UnknownAddress
    from runner.api.result import Failed, Result, RunFailed
    from runner.api.resuming import resume
    from runner.api.run import Run
    from runner.api.running import run
    from runner.api.tasks import TaskResult
    from runner.problem import Problem, UserError, WorkflowError
    from runner.records import Counts, Failure, FailureKind, Mark, Status
    from runner.workflow import Param

__version__ = "0.1.0"

__all__ = [
    "AttemptFailed",
    "Counts",
    "Event",
    "Failed",
    "Failure",
    "FailureKind",
    "ItemSettled",
    "ItemStarted",
    "ItemsCounted",
    "Mark",
    "Notice",
    "Param",
    "Problem",
    "Result",
    "Run",
    "RunFailed",
    "RunFinished",
    "RunStarted",
    "Status",
    "TaskResult",
    "TaskSettled",
    "UnknownAddress",
    "UserError",
    "Workflow",
    "WorkflowError",
    "load",
    "resume",
    "run",
]

_places = {
    "runner.api.events": (
        "AttemptFailed",
        "Event",
        "ItemSettled",
        "ItemStarted",
        "ItemsCounted",
        "Notice",
        "RunFinished",
        "RunStarted",
        "TaskSettled",
    ),
    "runner.api.loading": ("Workflow", "load"),
    "runner.api.result": ("Failed", "Result", "RunFailed"),
    "runner.api.run": ("Run",),
    "runner.api.resuming": ("resume",),
    "runner.api.running": ("run",),
    "runner.api.naming": ("UnknownAddress",),
    "runner.api.tasks": ("TaskResult",),
    "runner.problem": ("Problem", "UserError", "WorkflowError"),
    "runner.records": ("Counts", "Failure", "FailureKind", "Mark", "Status"),
    "runner.workflow": ("Param",),
}

if not TYPE_CHECKING:  # type checkers are to see which names there are, and no others

    def __getattr__(name: str) -> object:
        """What the package names, imported when it is asked for."""
        for place, names in _places.items():
            if name in names:
                from importlib import import_module

                found = globals()[name] = getattr(import_module(place), name)
                return found
        raise AttributeError(f"module 'runner' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
