"""How long a body may stay open, where the file says so, and what is said of one that takes longer."""

from __future__ import annotations

from runner.position import Position
from runner.struct import struct
from runner.wording import duration
from runner.workflow import Sub, Task, Workflow


@struct
class Timeout:
    """Some seconds, and the place of the key that gives them."""

    seconds: float
    position: Position


def timeout_of(declared: Task | Workflow) -> Timeout | None:
    """How long what is declared may take."""
    if declared.timeout is None:
        return None
    return Timeout(declared.timeout, declared.timeout_position or declared.position)


def timeout_of_pass(task: Task) -> Timeout | None:
    """How long one pass may take, by what the task says and by what the file says that it runs."""
    given = [timeout_of(task)]
    if isinstance(task.action, Sub):
        given.append(timeout_of(task.action.workflow))
    return min((it for it in given if it is not None), key=lambda it: it.seconds, default=None)


def overrun(what: str, timeout: Timeout) -> str:
    """What is said of a body that took too long, and of all that is cancelled for it."""
    length, position = duration(timeout.seconds), timeout.position
    return f"{what} took longer than its timeout of {length} at {position.file}:{position.line}"
