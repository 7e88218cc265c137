"""The loop between the plan and the pool.

Four moves: take from the plan, let the listeners record, submit, wait and settle. It is a
generator of events, so a slow listener slows submission. It does not know who listens, nor how
a submission is performed.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any

from runner.addresses import address_of
from runner.engine.pool import Executor, Inline
from runner.engine.settings import Settings
from runner.engine.signals import Signals
from runner.expression import EvaluationError
from runner.plan import Cancel, Plan, Start
from runner.processes import grace
from runner.records import (
    Event,
    Failure,
    FailureKind,
    Notice,
    Outcome,
    RunFinished,
    RunStarted,
    Status,
    Submission,
)
from runner.supervisor import break_off, say_that_the_end_is_near
from runner.wording import duration
from runner.work.clock import now
from runner.work.halt import Halt
from runner.work.left_behind import (
    Left,
    anything_left,
    end_left_behind,
    end_left_beside,
    left_beside,
    left_untold,
)
from runner.workflow import Call, Workflow

PATIENCE = 10.0
"""Seconds to wait for a worker whose command has been killed."""


LAST_PATIENCE = 2.0
"""Seconds that the run has to end after a third signal: a key that is held down sends many."""

BRIEFLY = 0.3
"""Seconds more than commands have, for a callable that does not heed the first signal."""

BRISK = 0.0001
"""Seconds after which a callable lets another thread go on, once the run is to end."""


class Loop:
    """One run of the loop."""

    def __init__(self, workflow: Workflow, settings: Settings, plan: Plan, executor: Executor) -> None:
        self.workflow = workflow
        self.settings = settings
        self.plan = plan
        self.executor = executor
        self.inbox: SimpleQueue[tuple[int, Sequence[Outcome] | BaseException]] = SimpleQueue()
        self.flights: dict[int, Submission] = {}
        self.timed: dict[int, float] = {}
        """Timeouts in seconds of the callables under way; commands end themselves."""
        self.notices: list[Event] = []
        self.signals = Signals(self.struck, self.knock)
        self.heeded = 0
        self.leaving = Halt()
        """How a second signal hurries the end of what commands left in the background."""
        self.sweep = threading.Thread(
            target=end_left_beside, args=(settings.run_id, self.leaving), daemon=True
        )
        """Who ends, once the run is told to end, what commands have left in the background until then."""
        self.all_gone = False
        """Whether it was seen that no command has left anything in the background."""
        self.last_call: threading.Timer | None = None
        """What ends the program some time after a third signal."""

    def events(self, started: float) -> Generator[list[Event]]:
        """The loop of a run that has `started`, in seconds since the epoch."""
        with self.signals:
            try:
                yield from self.turns(started)
            finally:
                self.break_off()
                self.executor.close()
                if self.sweep.ident is not None:
                    self.sweep.join()
                if not self.all_gone:
                    end_left_behind(self.settings.run_id, self.leaving)
                if self.last_call is not None:
                    self.last_call.cancel()
        say_that_the_end_is_near()
        yield [self.last_event(started)]

    def turns(self, started: float) -> Iterator[list[Event]]:
        """Until everything has settled."""
        self.plan.begin(started)
        yield [self.first_event(started), *self.plan.drain()]
        while not self.plan.finished:
            moves = self.plan.take(now())
            events = self.notices + self.plan.drain()
            self.notices = []
            if events:
                yield events
            for move in moves:
                self.cancel(move.number) if isinstance(move, Cancel) else self.start(move)
            if not self.plan.finished:
                self.settle(self.wait())
        if last := [*self.notices, *self.plan.drain(), *self.told_last()]:
            yield last

    def break_off(self) -> None:
        """End what is still under way, because a listener failed or nobody asks for more events."""
        killed = {number for number in self.flights if self.executor.end(number, at_once=True) == "killed"}
        with suppress(Empty):
            while killed:
                killed.discard(self.inbox.get(timeout=PATIENCE)[0])

    # The moves ---------------------------------------------------------------------------------

    def start(self, move: Start) -> None:
        """Give a submission to the pool."""
        submission = move.submission
        task = submission.shared.task
        self.flights[submission.number] = submission
        if task.timeout is not None and isinstance(task.action, Call) and not submission.binds:
            self.timed[submission.number] = task.timeout
        deadline = self.plan.deadline_of(submission.number)
        self.executor.submit(submission, self.done, None if deadline is None else deadline - now())

    def done(self, number: int, outcomes: Sequence[Outcome] | BaseException) -> None:
        """Called on a worker: here, and only here, threads meet."""
        self.inbox.put((number, outcomes))

    def wait(self) -> list[tuple[int, Sequence[Outcome] | BaseException]]:
        """What has come back; waits for something, but no longer than until something is due."""
        arrived = []
        try:
            arrived.append(self.inbox.get(timeout=self.patience()))
            while True:
                arrived.append(self.inbox.get_nowait())
        except Empty:
            return arrived

    def patience(self) -> float | None:
        """How many seconds the loop may sleep."""
        dues = [self.plan.next_due()]
        dues += [self.deadline(number) for number in self.timed]
        known = [due for due in dues if due is not None]
        return max(0.0, min(known) - now()) if known else None

    def settle(self, arrived: list[tuple[int, Sequence[Outcome] | BaseException]]) -> None:
        """Tell the plan how submissions went, and of signals and timeouts."""
        if isinstance(self.executor, Inline):  # what a signal or a deadline has ended is cancelled by it
            self.heed_signals()
            self.plan.strike(now())
        for number, outcomes in arrived:
            submission = self.flights.pop(number, None)
            if submission is None:  # a signal's knock, or the late result of an abandoned callable
                continue
            self.timed.pop(number, None)
            if isinstance(outcomes, BaseException):
                raise outcomes
            self.note_what_is_left(submission, outcomes)
            self.plan.settle(number, _in_time(submission, outcomes), now())
        for number in [n for n in self.timed if (self.deadline(n) or 0) <= now()]:
            self.time_out(number)
        self.heed_signals()

    def cancel(self, number: int) -> None:
        """End a submission. What was abandoned is settled at once; what was killed, when it ends."""
        submission = self.flights.get(number)
        if submission is None:
            return
        began = self.executor.began(number)
        if self.executor.end(number, at_once=len(self.signals.numbers) > 1) == "abandoned":
            self.give_up(submission, began, None)

    def give_up(self, submission: Submission, began: float | None, failure: Failure | None) -> None:
        """Settle a submission whose callable goes on in a thread that nobody waits for."""
        moment = now()
        seconds = 0.0 if began is None else time.monotonic() - began
        self.timed.pop(submission.number, None)
        outcomes = [
            Outcome(
                item.index,
                item.attempt,
                moment - seconds,
                seconds,
                failure=failure,
                cancelled=failure is None,
            )
            for item in submission.items
        ]
        del self.flights[submission.number]
        self.notices.append(
            Notice(
                f"{_address(submission)} was still running when it was given up: "
                "Python cannot stop a thread. Its late result is thrown away.",
                submission.shared.fan,
            )
        )
        self.plan.settle(submission.number, outcomes, moment)

    # Timeouts of callables ---------------------------------------------------------------------

    def deadline(self, number: int) -> float | None:
        """When a callable's time is over; it counts from its start, which may be yet to come."""
        began = self.executor.began(number)
        if began is None:
            return now() + self.timed[number]
        return now() + began + self.timed[number] - time.monotonic()

    def time_out(self, number: int) -> None:
        """A callable has taken too long."""
        submission, seconds = self.flights[number], self.timed[number]
        began = self.executor.began(number)
        if self.executor.end(number) == "abandoned":
            self.give_up(submission, began, _timeout(seconds))

    # Signals -----------------------------------------------------------------------------------

    def struck(self, numbers: list[int]) -> None:
        """A signal, where it struck: a second one hurries, and inline there is no loop to act on it.

        A third one may find a program that does not end: it is left as it stands, if it takes too long.
        """
        # Callables that never rest would make the way to the end some seconds long.
        sys.setswitchinterval(BRISK)
        if len(numbers) == 3:
            self.call_last(LAST_PATIENCE, self.break_off_at_once)
        if len(numbers) > 1:
            self.leaving.kill()
        if isinstance(self.executor, Inline):
            self.executor.end(0, at_once=len(numbers) > 1)

    def knock(self) -> None:
        """Let the loop look at the signals; inline, something may keep it from that."""
        self.inbox.put((0, ()))
        if isinstance(self.executor, Inline) and self.executor.stuck and self.last_call is None:
            self.call_last(grace + BRIEFLY, self.break_off_if_stuck)

    def call_last(self, seconds: float, end: Callable[[], None]) -> None:
        """Have the program end as it stands, if it has not by then."""
        if self.last_call is not None:
            self.last_call.cancel()
        self.last_call = threading.Timer(seconds, end)
        self.last_call.daemon = True
        with suppress(RuntimeError):  # no other thread may start
            self.last_call.start()

    def break_off_if_stuck(self) -> None:
        """The callable that was interrupted goes on, in the thread that would have the run end."""
        if isinstance(self.executor, Inline) and self.executor.stuck:
            self.break_off_at_once()

    def break_off_at_once(self) -> None:
        """Nobody waits any longer."""
        break_off(128 + self.signals.first)

    def heed_signals(self) -> None:
        """The first signal ends the run in order, the second at once."""
        numbers = self.signals.numbers
        if self.heeded == len(numbers):
            return
        if not self.heeded:
            name = signal.Signals(numbers[0]).name
            self.plan.stop(f"stopped by {name}", now())
            self.end_what_is_left()
        if len(numbers) > 1:
            say_that_the_end_is_near()
            for number in list(self.flights):
                self.cancel(number)
        self.heeded = len(numbers)

    def end_what_is_left(self) -> None:
        """What is in the background has its time to end while commands have theirs."""
        left = left_beside(self.settings.run_id)
        self.notices += [Notice(_left(each), each.fan) for each in left]
        with suppress(RuntimeError):  # no other thread may start: it has its time later
            self.sweep.start()

    # The first and the last event --------------------------------------------------------------

    def note_what_is_left(self, submission: Submission, outcomes: Sequence[Outcome]) -> None:
        """Name what a command left running in the background."""
        for outcome in outcomes:
            for command in outcome.left_behind:
                text = f"{_address(submission)} left a command running in the background: {command}"
                self.notices.append(Notice(text, submission.shared.fan))

    def told_last(self) -> list[Event]:
        """Name what is left in the background that no command's end has told of."""
        run_id = self.settings.run_id
        left = left_untold(run_id)
        self.all_gone = not anything_left(run_id)
        return [Notice(_left(each), each.fan) for each in left]

    def first_event(self, started: float) -> RunStarted:
        """What is known before anything runs."""
        workflow, settings = self.workflow, self.settings
        return RunStarted(
            settings.run_id,
            workflow.name,
            workflow.file,
            started,
            settings.params,
            self.executor.workers,
            tuple(workflow.body.tasks),
        )

    def last_event(self, started: float) -> RunFinished:
        """The verdict, with the outputs, each evaluated alone."""
        outputs, problems = self.outputs()
        status = self.plan.status()
        if self.plan.root.timed_out:
            problems.insert(0, Failure(FailureKind.TIMEOUT, self.plan.root.stopped or ""))
        if status is Status.SUCCEEDED and problems:
            status = Status.FAILED
        moment = now()
        signals = self.signals.numbers
        code = 128 + signals[0] if signals else int(status is not Status.SUCCEEDED)
        return RunFinished(status, code, moment, moment - started, outputs, tuple(problems))

    def outputs(self) -> tuple[dict[str, Any], list[Failure]]:
        """The values of the file's outputs, and what went wrong with them."""
        values: dict[str, Any] = {}
        problems = []
        for name, template in self.workflow.outputs.items():
            try:
                values[name] = self.plan.output(template)
            except EvaluationError as error:
                values[name] = None
                place = self.workflow.outputs_positions.get(name, self.workflow.position)
                told = f"outputs.{name}: {error}"
                problems.append(Failure(FailureKind.EXPRESSION, told, position=str(place)))
        return values, problems


def _address(submission: Submission) -> str:
    """Of what was submitted: that of the item, where it is but one."""
    shared, items = submission.shared, submission.items
    if len(items) > 1:
        return shared.address
    return address_of(shared.address, shared.task.map is not None, items[0].key, items[0].index)


def _left(left: Left) -> str:
    if not left.address:
        return f"a process was left running in the background, it is not known by which task: {left.process}"
    address = address_of(left.address, bool(left.key), left.key, 0)
    return f"{address} left a command running in the background: {left.process}"


def _timeout(seconds: float) -> Failure:
    return Failure(FailureKind.TIMEOUT, f"took longer than its timeout of {duration(seconds)}")


def _in_time(submission: Submission, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """A callable that came back after its timeout has failed all the same."""
    task = submission.shared.task
    if task.timeout is not None and isinstance(task.action, Call):
        for outcome in outcomes:
            if outcome.seconds > task.timeout and not outcome.cancelled:
                outcome.failure = _timeout(task.timeout)
    return outcomes
