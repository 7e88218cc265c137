"""The program as it is, but it kills itself the n-th time that it comes to a named point.

    python tests/resume/dying.py POINT N run workflow.yml …

Nothing in the program knows of this: what it calls anyway is wrapped before it begins, and the wrapper
sends KILL to the process that came there. Only the one that performs the run comes to any of these points.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

from runner.__main__ import main
from runner.engine.loop import Loop
from runner.records import Event, Outcome, SliceStarted
from runner.store import Store, beside
from runner.store.sqlite import sqlite3

POINTS = ("intent", "act", "before-commit", "after-commit")


class Countdown:
    """Dies when it is told for the n-th time, by whichever thread."""

    def __init__(self, times: int) -> None:
        self._left = times
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)


def after_the_intent(come: Countdown) -> None:
    """What is about to start is committed, and nothing of it has been given to a worker."""
    record = Store.__call__

    def wrapped(store: Store, events: Sequence[Event]) -> None:
        record(store, events)
        if any(isinstance(event, SliceStarted) for event in events):
            come()

    Store.__call__ = wrapped  # type: ignore[method-assign]


def after_the_act(come: Countdown) -> None:
    """The action has come to its end on a worker, which tells nobody any more."""
    done = Loop.done

    def wrapped(loop: Loop, number: int, outcomes: Sequence[Outcome] | BaseException) -> None:
        come()
        done(loop, number, outcomes)

    Loop.done = wrapped  # type: ignore[method-assign]


def around_the_commit(before: Callable[[], None], after: Callable[[], None]) -> None:
    """SQLite is about to commit, or has just done it: the tables, the record of the run, the index."""

    class Connection(beside.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if sql == "COMMIT" and self.in_transaction:
                return self._commit(sql)
            return super().execute(sql, *values)

        def executescript(self, sql: str) -> sqlite3.Cursor:
            script, _, commit = sql.rpartition("COMMIT")
            super().executescript(script)
            return self._commit(f"COMMIT{commit}")

        def _commit(self, sql: str) -> sqlite3.Cursor:
            before()
            cursor = super().execute(sql)
            after()
            return cursor

    beside.Connection = Connection  # type: ignore[misc]


def arm(point: str, times: int) -> None:
    """From now on the process dies there."""
    come = Countdown(times)
    match point:
        case "intent":
            after_the_intent(come)
        case "act":
            after_the_act(come)
        case "before-commit":
            around_the_commit(come, lambda: None)
        case "after-commit":
            around_the_commit(lambda: None, come)
        case _:
            raise SystemExit(f"no such point: {point}; there are {', '.join(POINTS)}")


if __name__ == "__main__":
    _, where, nth, *words = sys.argv
    arm(where, int(nth))
    sys.argv = ["runner", *words]
    main()
