"""The loop between the plan and the pool.

Four moves: take from the plan, let the listeners record, submit, wait and settle. It is a
generator of events, so a slow listener slows submission. It does not know who listens, nor how
a submission is performed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress

from runner.engine.background import Background, address
from runner.engine.deadlines import Deadlines
from runner.engine.declared import first_event
from runner.engine.evaluations import Evaluations
from runner.engine.flights import Executor, is_call
from runner.engine.last_call import LastCall
from runner.engine.moments import forgive, given_up, in_time
from runner.engine.outputs import A_WHILE, Outputs, last_events, outputs_of
from runner.engine.settings import Settings
from runner.engine.sharing import Sharing
from runner.engine.signals import Signals, called
from runner.hints import TYPE_CHECKING
from runner.in_c import Empty, SimpleQueue
from runner.plan import Cancel, Plan, Start
from runner.processes import grace
from runner.records import Event, Notice, Outcome, Stopping, Submission
from runner.struct import replace
from runner.supervisor import say_that_it_heeds, say_that_only_reports_are_left
from runner.work import spares
from runner.work.clock import now
from runner.work.folders import was_removed
from runner.workflow import Workflow

if TYPE_CHECKING:
    from runner.engine.orders import Orders

PATIENCE = 10.0
"""Seconds to wait for a worker whose command has been killed."""

LOST_LOGS = "the logs of this run were removed while it went on: what had been printed until then is gone"

MOMENT = 0.1
"""Seconds that calls under way have to return, once the run is to end: what they have done is recorded."""

BRISK = 0.0001
"""Seconds after which a callable lets another thread go on, once the run is to end."""


class Loop:
    """One run of the loop."""

    def __init__(
        self,
        workflow: Workflow,
        settings: Settings,
        plan: Plan,
        executor: Executor,
        evaluations: Evaluations,
    ) -> None:
        self.workflow = workflow
        self.settings = settings
        self.plan = plan
        self.executor = executor
        self.evaluations = evaluations
        self.inbox: SimpleQueue[tuple[int, Sequence[Outcome] | BaseException]] = SimpleQueue()
        self.flights: dict[int, Submission] = {}
        self.deadlines = Deadlines(executor)
        self.sharing = Sharing(executor, evaluations)
        self.notices: list[Event] = []
        self.broken: BaseException | None = None
        """Why a worker could not perform its submission at all: the run cannot go on."""
        self.signals: Signals | Orders
        if settings.orders is None:
            self.signals = Signals(self.struck, self.knock)
            self.last_call = LastCall(self.signals)
        else:
            self.signals = settings.orders.to(self.ordered, self.look)
        self.told_to_end: float | None = None
        """When, if it was told."""
        self.stopped = False
        self.outputs = Outputs()
        self.heeded = 0
        self.heeded_loss = False
        here = "" if executor.afar else settings.run_id
        self.background = Background(here, alone=self.is_own_program)

    @property
    def is_own_program(self) -> bool:
        """Whether this process is there for the run alone: its signals, children and end are the run's."""
        return self.settings.orders is None

    def events(self, started: float) -> Generator[list[Event]]:
        """The loop of a run that has `started`, in seconds since the epoch."""
        with self.signals:
            try:
                spares.begin(self.settings.log_folder)
                yield from self.turns(started)
            finally:
                self.break_off()
                self.executor.close()
                spares.end(self.settings.log_folder)
                self.background.end()
                self.evaluations.end()
                if self.is_own_program:
                    self.last_call.off()
        if self.is_own_program:
            say_that_only_reports_are_left()
        yield last_events(self.outputs, self.plan, self.signals.numbers, self.executor.lost, started)

    def turns(self, started: float) -> Iterator[list[Event]]:
        """Until everything has settled."""
        self.evaluations.begin()
        self.plan.begin(started)
        first = first_event(self.workflow, self.settings, self.executor.workers, started)
        yield [first, *self.plan.drain()]
        while not self.plan.finished:
            self.evaluations.keep_to_time(self.plan.root, started)
            self.tell_beginnings()
            self.look_at_slices()
            moves = self.plan.take(now())
            if news := self.news():
                yield news
            if self.broken is not None:
                raise self.broken
            starts: list[Submission] = []
            for move in moves:
                if isinstance(move, Cancel):
                    self.cancel(move.number)
                else:
                    starts.append(self.note(move))
            patience = self.patience()
            # The last thing before the loop sleeps: until then a worker that wakes has to wait for it.
            for submission in starts:
                self.submit(submission)
            if not self.plan.finished:
                self.settle(self.wait(patience))
        if news := self.news():  # outputs see what is recorded
            yield news
        self.evaluate_outputs()
        self.executor.close()  # what its workers leave behind is seen then
        if last := [*self.news(), *self.background.untold(), *self.lost_logs()]:
            yield last

    def evaluate_outputs(self) -> None:
        """The last expressions of the run, which are broken off by what ends it as all others are."""
        if self.stopped or self.plan.root.timed_out:
            why = self.plan.root.stopped or ""
            self.evaluations.go_on_for(A_WHILE, why)
            if self.heeded < len(self.signals.numbers):
                self.evaluations.stop(why)
        self.outputs = outputs_of(self.workflow, self.plan)
        if self.evaluations.is_overdue and not (self.stopped or self.plan.root.timed_out):
            self.plan.run_out(now())
        self.heed_signals()
        self.notices += self.outputs.notices

    def news(self) -> list[Event]:
        """What there is to tell since the last time."""
        told, self.notices = self.notices, []
        while self.executor.notices:
            told.append(self.executor.notices.pop(0))
        return told + self.plan.drain()

    def lost_logs(self) -> list[Event]:
        """What is to be said of the logs, if somebody has removed them."""
        return [Notice(LOST_LOGS)] if was_removed(self.settings.log_folder) else []

    def break_off(self) -> None:
        """End what is still under way, because a listener failed or nobody asks for more events."""
        killed = {number for number in self.flights if self.executor.end(number, at_once=True) == "killed"}
        killed -= {number for number in killed if self.executor.began(number) is None}
        with suppress(Empty):
            while killed:
                killed.discard(self.inbox.get(timeout=PATIENCE)[0])

    # The moves ---------------------------------------------------------------------------------

    def note(self, move: Start) -> Submission:
        """Note that a submission is under way, which the pool is given in a moment."""
        submission = move.submission
        self.flights[submission.number] = submission
        self.deadlines.note(submission)
        return submission

    def submit(self, submission: Submission) -> None:
        """Give a submission to the pool, unless a signal has come since the plan gave it."""
        if self.signals.numbers and not self.stopped:
            self.done(submission.number, [])
            return
        deadline = self.plan.deadline_of(submission.number)
        self.executor.submit(submission, self.done, None if deadline is None else deadline - now())

    def tell_beginnings(self) -> None:
        """Tell the plan when workers began with what its rates count."""
        for number in self.plan.unsure:
            if (began := self.executor.began(number)) is not None:
                self.plan.began(number, now() + began - time.monotonic())

    def done(self, number: int, outcomes: Sequence[Outcome] | BaseException) -> None:
        """Called on a worker: here, and only here, threads meet."""
        self.inbox.put((number, outcomes))

    def look_at_slices(self) -> None:
        """Take what has ended before an item that takes long; idle workers may have what waits behind it."""
        for number in self.sharing.held_up(self.flights):
            self.take_first(number)
            if len(self.flights) < self.executor.workers:
                self.take_back(number)

    def take_first(self, number: int) -> None:
        """Tell the plan what has ended of a submission that goes on."""
        submission = self.flights[number]
        if outcomes := self.sharing.ended(submission):
            self.flights[number] = replace(submission, items=submission.items[len(outcomes) :])
            self.heed_outcomes(submission, outcomes)
            self.plan.settle_first(number, in_time(submission, outcomes), now())

    def take_back(self, number: int) -> None:
        """Take from a submission what of it has not begun."""
        if count := self.executor.take_back(number):
            submission = self.flights[number]
            self.flights[number] = replace(submission, items=submission.items[:-count])
            self.plan.take_back(number, count, now())

    def wait(self, patience: float | None) -> list[tuple[int, Sequence[Outcome] | BaseException]]:
        """What has come back; waits for something, but no longer than that."""
        arrived = []
        with suppress(Empty):
            arrived.append(self.inbox.get(timeout=patience))
        while not self.inbox.empty():
            arrived.append(self.inbox.get_nowait())
        return arrived

    def patience(self) -> float | None:
        """How many seconds the loop may sleep."""
        dues = [self.plan.next_due(), self.sharing.next_look(self.flights), *self.deadlines.dues()]
        known = [due for due in dues if due is not None]
        return max(0.0, min(known) - now()) if known else None

    def settle(self, arrived: list[tuple[int, Sequence[Outcome] | BaseException]]) -> None:
        """Tell the plan how submissions went, and of signals and timeouts."""
        if self.executor.here:  # what a signal or a deadline has ended is cancelled by it
            self.heed_signals()
            self.plan.strike(now())
        if self.executor.lost and not self.heeded_loss:
            self.heeded_loss = True
            self.plan.stop(self.executor.lost, now())
        for number, outcomes in arrived:
            self.take_in(number, outcomes)
        for number in self.deadlines.passed():
            self.time_out(number)
        self.heed_signals()
        if self.evaluations.is_overdue and not self.plan.root.timed_out:
            self.plan.run_out(now())
        if self.broken is not None:
            self.let_return()

    def take_in(self, number: int, outcomes: Sequence[Outcome] | BaseException) -> None:
        """Tell the plan how a submission went."""
        submission = self.flights.pop(number, None)
        if submission is None:  # a signal's knock, or the late result of an abandoned callable
            return
        self.deadlines.forget(number)
        if isinstance(outcomes, BaseException):
            self.broken = self.broken or outcomes
            return
        outcomes = self.sharing.others(number, outcomes)
        self.sharing.forget(number)
        self.heed_outcomes(submission, outcomes)
        self.plan.settle(number, in_time(submission, outcomes), now())

    def heed_outcomes(self, submission: Submission, outcomes: Sequence[Outcome]) -> None:
        """See what they tell besides how items went."""
        self.notices += self.background.notices(submission, outcomes)
        if self.told_to_end is not None and any(it.failure is not None for it in outcomes):
            if is_call(submission):
                forgive(outcomes, self.told_to_end)
            self.stop()  # nothing is tried again

    def cancel(self, number: int) -> None:
        """End a submission. What was abandoned is settled at once; what was killed, when it ends."""
        if number not in self.flights:
            return
        self.take_first(number)
        began, why = self.sharing.began(number), self.executor.powerless(number)
        self.take_back(number)
        if self.executor.end(number, at_once=len(self.signals.numbers) > 1) == "abandoned":
            self.give_up(self.flights[number], began, why)

    def give_up(self, submission: Submission, began: float | None, why: str, late: bool = False) -> None:
        """Settle a submission whose callable goes on in a thread that nobody waits for."""
        moment = now()
        seconds = 0.0 if began is None else time.monotonic() - began
        self.deadlines.forget(submission.number)
        self.sharing.forget(submission.number)
        outcomes = given_up(submission, moment - seconds, seconds, late)
        del self.flights[submission.number]
        if submission.items:  # its worker is not about to return
            told = f"{address(submission)} was still running when it was given up: {why}. "
            self.notices.append(Notice(f"{told}Its late result is thrown away.", submission.shared.fan))
        self.plan.settle(submission.number, outcomes, moment)

    def time_out(self, number: int) -> None:
        """A callable has taken too long."""
        submission = self.flights[number]
        began, why = self.executor.began(number), self.executor.powerless(number)
        if self.executor.end(number) == "abandoned":
            self.give_up(submission, began, why, late=True)

    # Signals -----------------------------------------------------------------------------------

    def struck(self, numbers: list[int]) -> None:
        """A signal, where it struck: a second one hurries, and inline there is no loop to act on it.

        A third one may find a program that does not end: it is left as it stands, if it takes too long.
        """
        # Callables that never rest would make the way to the end some seconds long.
        sys.setswitchinterval(BRISK)
        if len(numbers) == 3:
            self.last_call.after_the_third()
        self.ordered(numbers)

    def ordered(self, numbers: list[int]) -> None:
        """The run is told to end. It is the last thing in it that an evaluation is broken off, by raising."""
        self.hurry(numbers)
        self.evaluations.stop(f"stopped by {called(numbers[0])}")

    def hurry(self, numbers: list[int]) -> None:
        """What does not wait until the loop looks."""
        self.told_to_end = self.told_to_end or now()
        if len(numbers) > 1:
            self.background.hurry()
        if self.executor.here or len(numbers) > 1:
            self.executor.end(0, at_once=len(numbers) > 1)

    def look(self) -> None:
        """Let the loop look at what it was told."""
        self.inbox.put((0, ()))

    def knock(self) -> None:
        """The same; inline, something may keep it from that."""
        self.look()
        if self.executor.stuck:
            self.last_call.if_stuck(lambda: self.executor.stuck)

    def heed_signals(self) -> None:
        """The first signal ends the run in order, the second at once."""
        numbers = self.signals.numbers
        if self.heeded == len(numbers):
            return
        if not self.heeded:
            self.notices.append(Stopping(called(numbers[0]), grace))
            self.let_return()
            self.stop()
            self.notices += self.background.begin_to_end()
        if len(numbers) > 1:
            if self.heeded < 2:
                self.notices.append(Stopping(called(numbers[1]), None))
            if self.is_own_program:
                say_that_it_heeds()
            for number in list(self.flights):
                self.cancel(number)
        self.heeded = len(numbers)

    def stop(self) -> None:
        """Nothing new starts."""
        if not self.stopped:
            self.stopped = True
            self.plan.stop(f"stopped by {called(self.signals.numbers[0])}", now())

    def let_return(self) -> None:
        """Give the calls that are about to return a moment: what they have done is done."""
        asked = {number for number in self.flights if self.executor.ask(number)}
        end = time.monotonic() + MOMENT
        while asked & self.flights.keys() and len(self.signals.numbers) < 2:
            with suppress(Empty):
                self.take_in(*self.inbox.get(timeout=max(0.0, end - time.monotonic())))
                continue
            return
