"""Performing in the calling thread: for debugging, and for the smallest run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from runner.engine.flights import UNSTOPPABLE, Done, Ended, Flight, is_call, look_here, performed
from runner.hints import TYPE_CHECKING
from runner.plan.sizing import LONG
from runner.records import Notice, Outcome, Submission
from runner.work.halt import Broken, Halt

if TYPE_CHECKING:
    from runner.callables.inspection import ArgumentFault
    from runner.callables.looking import Missing, Wanted


class Inline:
    """One submission at a time, which has ended when `submit` returns."""

    workers = 1
    slice_seconds = LONG
    here = True
    kills = False
    tells = False
    afar = False
    lost = ""

    def __init__(self) -> None:
        self._current: Flight | None = None
        self.notices: list[Notice] = []

    def look(self, wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
        """Import it here."""
        return look_here(wanted)

    def submit(self, submission: Submission, done: Done, seconds: float | None = None) -> None:
        """Perform the submission before returning."""
        flight = self._current = Flight(submission, done)
        if is_call(submission):
            flight.halt.seconds = submission.shared.task.timeout
        flight.began, flight.thread = time.monotonic(), threading.get_ident()
        with _halted_after(seconds, flight.halt):
            outcomes = performed(flight)
        self._current = None
        if seconds is not None and time.monotonic() - flight.began >= seconds:
            outcomes = _late(submission, outcomes)
        if flight.halt.stopping:
            outcomes = _forgive_interrupts(outcomes)
        done(submission.number, outcomes)

    def ask(self, number: int) -> bool:
        """Nothing is ever under way while the engine asks."""
        return False

    def take_back(self, number: int) -> int:
        """Nobody could begin with them sooner."""
        return 0

    def halt_of(self, number: int) -> Halt | None:
        """Nothing is ever under way while the engine asks."""
        return None

    def end(self, number: int, at_once: bool = False) -> Ended:
        """Only a signal handler or another thread finds anything to end here.

        A callable or an expression is interrupted where it stands, by the former.
        """
        current = self._current
        if current is not None:
            halt = current.halt
            halt.end(at_once)
            if halt.doing and current.thread == threading.get_ident():
                doing, halt.doing = halt.doing, ""
                raise KeyboardInterrupt if doing == "calling" else Broken
        return "killed"

    @property
    def stuck(self) -> bool:
        """Whether code of the user's may be under way."""
        current = self._current
        return current is not None and is_call(current.submission)

    def began(self, number: int) -> float | None:
        """Nothing is ever under way while the engine asks."""
        return None

    def powerless(self, number: int) -> str:
        """Nothing is ever given up."""
        return UNSTOPPABLE

    def rest(self) -> None:
        """There is nothing."""

    def close(self) -> bool:
        """Nothing is left running."""
        return True


def _stop_for_good(halt: Halt) -> None:
    halt.stop("stopped")
    halt.give_up()


@contextmanager
def _halted_after(seconds: float | None, halt: Halt) -> Iterator[None]:
    """Halt what is done inside if it takes longer."""
    if seconds is None:
        yield
        return
    timer = threading.Timer(max(0.0, seconds), _stop_for_good, [halt])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _late(
    submission: Submission, outcomes: Sequence[Outcome] | BaseException
) -> Sequence[Outcome] | BaseException:
    """What a callable gives after its time is thrown away: it was the last one that began."""
    if is_call(submission) and not isinstance(outcomes, BaseException) and outcomes:
        outcomes[-1].failure, outcomes[-1].cancelled = None, True
    return outcomes


def _forgive_interrupts(outcomes: Sequence[Outcome] | BaseException) -> Sequence[Outcome] | BaseException:
    """What was interrupted by the program itself was cancelled, and has not failed."""
    if isinstance(outcomes, BaseException):
        return [] if isinstance(outcomes, KeyboardInterrupt) else outcomes
    for outcome in outcomes:
        if outcome.failure is not None and "KeyboardInterrupt" in outcome.failure.exception:
            outcome.failure, outcome.cancelled = None, True
    return outcomes
