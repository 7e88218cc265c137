"""The processes that executors of others start: what they begin with, and their end.

Nobody tells which they are. They begin while an executor is made or is given something to do.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module

from runner import processes
from runner.work.answering import MARK

_trackers = (
    ("loky.backend.resource_tracker", "_resource_tracker", "_pid"),
    ("multiprocessing.forkserver", "_forkserver", "_forkserver_pid"),
    ("multiprocessing.resource_tracker", "_resource_tracker", "_pid"),
)
"""What process pools start for themselves, and its process: as private as it is needed."""

_marking = threading.Lock()
_marked: list[str | None] = []
"""For each who marks at this time, the mark before."""


@contextmanager
def recruited(run_id: str | None) -> Iterator[None]:
    """Processes that begin here bear the mark of a run, if one is given, by which `resume` finds them.

    They do not hear of the terminal's Ctrl-C before they have left it: it is for the run to end them.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _bearing(run_id):
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _bearing(run_id: str | None) -> Iterator[None]:
    if run_id is None:
        yield
        return
    with _marking:
        _marked.append(os.environ.get(MARK))
        os.environ[MARK] = run_id
    try:
        yield
    finally:
        with _marking:
            before = _marked.pop()
            if before is None:
                os.environ.pop(MARK, None)
            else:
                os.environ[MARK] = before


def start_tracker() -> None:
    """Have what all process pools of Python's share: where it starts with the first of them, SIGINT is let
    through to that pool's workers."""
    with suppress(Exception):
        import_module("multiprocessing.resource_tracker").ensure_running()


def kill_recruits() -> None:
    """Kill what this process has started and does not wait for: all has been done that is waited for.

    What a tracker has started is killed, too, but no tracker.
    """
    trackers = {_process_of(*tracker) for tracker in _trackers}
    for process in processes.descendants():
        if process.parent in (os.getpid(), *trackers) and process.pid not in trackers:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL)


def _process_of(name: str, keeper: str, number: str) -> int | None:
    found: int | None = getattr(getattr(sys.modules.get(name), keeper, None), number, None)
    return found


def end_trackers() -> None:
    """They end with the executors, and are told of by none."""
    for name, keeper, _ in _trackers:
        with suppress(Exception):
            getattr(sys.modules[name], keeper)._stop()


def aside(end: Callable[[], object]) -> threading.Thread:
    """Do what may take long, or fail, in a thread that holds nothing up."""

    def ends() -> None:
        with suppress(Exception):
            end()

    thread = threading.Thread(target=ends, daemon=True)
    thread.start()
    return thread
