"""When the time of callables is over that nobody but the loop gives up. It decides nothing else."""

from __future__ import annotations

import time

from runner.engine.flights import Executor
from runner.records import Submission
from runner.work.clock import now
from runner.workflow import Call


class Deadlines:
    """The timeouts of what is under way, each from its start on, which may be yet to come."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._timeouts: dict[int, float] = {}
        """In seconds, by submission."""

    def note(self, submission: Submission) -> None:
        """It is under way."""
        task = submission.shared.task
        if task.timeout is None or self._executor.kills:
            return
        if isinstance(task.action, Call) and not submission.binds:
            self._timeouts[submission.number] = task.timeout

    def forget(self, number: int) -> None:
        """It has come back, or was given up."""
        self._timeouts.pop(number, None)

    def dues(self) -> list[float]:
        """When they are over, in seconds since the epoch."""
        return list(map(self._due, self._timeouts))

    def passed(self) -> list[int]:
        """The submissions whose time is over."""
        return [number for number in self._timeouts if self._due(number) <= now()]

    def _due(self, number: int) -> float:
        began = self._executor.began(number)
        passed = 0.0 if began is None else time.monotonic() - began
        return now() + self._timeouts[number] - passed
