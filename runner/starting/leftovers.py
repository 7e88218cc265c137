"""What a run has left running whose processes were all killed at once: `resume` ends it first.

What is left of a command, or of an executor of others, bears the id of the run in its environment; what a
callable has forked holds the lock of the run. Nothing is known of those who have left both.
"""

from __future__ import annotations

import os
from functools import partial

from runner.processes import Process, end, grace, left_of
from runner.store.lock import Lock, held, takers_of

_marks = ("RUNNER_RUN_ID", "RUNNER_EXECUTOR_OF")
"""The variables that hold it."""


def is_performed(folder: str) -> bool:
    """Whether the process that took the lock of a run is still there, not only those that inherited it."""
    if not held(folder):
        return False
    found = takers_of(folder)
    return not found or any(holder == taker for holder, taker in found.items())


def end_leftovers(folder: str) -> str:
    """End what is left of a run that nobody performs any more; a sentence on what that was, or nothing.

    A signal meanwhile has it killed. Raises `UserError` if somebody begins to perform it meanwhile, whose
    commands these may be.
    """
    try:
        ended = _end(folder, grace)
    except KeyboardInterrupt:
        _end(folder, 0)
        raise
    run = os.path.basename(folder)
    return f"ended what run {run} had left running: {', '.join(map(str, ended))}" if ended else ""


def _end(folder: str, patience: float) -> list[Process]:
    run = os.path.basename(folder)
    ended = end(partial(left_of, [], _heirs(folder)), None, None, patience)
    lock = Lock(folder)
    try:
        for mark in _marks:
            ended += end(partial(left_of, [os.fsencode(f"{mark}={run}")], ()), None, None, patience)
    finally:
        lock.close()
    return ended


def _heirs(folder: str) -> list[int]:
    found = takers_of(folder) if held(folder) else {}
    return [holder for holder, taker in found.items() if holder != taker]
