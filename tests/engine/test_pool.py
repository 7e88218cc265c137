"""The pool has a thread for each submission, whatever the threads come to at the moment."""

from __future__ import annotations

import threading
from queue import SimpleQueue

from watching import PATIENCE

from runner.engine.flights import Flight
from runner.engine.pool import Threads
from runner.position import Position
from runner.records import Item, RunContext, Shared, Submission
from runner.workflow import Task, Value

HERE = Position("flow.yml", 1, 1)


def submission(number: int) -> Submission:
    task = Task("task", HERE, Value())
    context = RunContext("run", "/", "/nowhere/logs", {})
    return Submission(number, Shared(number, "task", task, {}, {}, None, context), (Item(0, None, None),))


class Slow(SimpleQueue["Flight | None"]):
    """Who takes the first submission is held up by the system just then."""

    def __init__(self) -> None:
        super().__init__()
        self.taken, self.goes_on = threading.Event(), threading.Event()

    def get(self, block: bool = True, timeout: float | None = None) -> Flight | None:
        flight = super().get(block, timeout)
        if flight is not None and flight.submission.number == 1:
            self.taken.set()
            self.goes_on.wait(PATIENCE)
        return flight


def test_a_submission_does_not_wait_for_a_thread_that_has_just_taken_another_one() -> None:
    pool, queue = Threads(2), Slow()
    pool._queue = queue
    ended = {number: threading.Event() for number in (1, 2)}
    pool.submit(submission(1), lambda number, _: ended[number].set())
    assert queue.taken.wait(PATIENCE)
    pool.submit(submission(2), lambda number, _: ended[number].set())
    assert ended[2].wait(PATIENCE)
    queue.goes_on.set()
    assert ended[1].wait(PATIENCE)
    assert pool.close()
