"""The thread pool, and performing in the calling thread: two fillings of the engine's port.

A port has two verbs. `submit` starts a submission; `end` ends one and says honestly whether it
was killed (its outcomes follow) or abandoned (it may still be running; its outcomes will be
thrown away). A pool does not know what a plan is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from runner.engine.leaving import Leaving
from runner.hints import TYPE_CHECKING, Literal, Protocol
from runner.in_c import SimpleQueue
from runner.plan.sizing import LONG
from runner.records import Notice, Outcome, Submission
from runner.work import Elsewhere, perform
from runner.work.halt import Broken, Halt
from runner.workflow import Call

if TYPE_CHECKING:
    from runner.callables.inspection import ArgumentFault
    from runner.callables.looking import Missing, Wanted

Ended = Literal["killed", "abandoned"]
Done = Callable[[int, "Sequence[Outcome] | BaseException"], None]

UNSTOPPABLE = "Python cannot stop a thread"
CANCELLED = "as a coroutine it is cancelled where it awaits something"


class Executor(Protocol):
    """What the engine needs of a pool. `done(number, outcomes)` may be called on any thread."""

    workers: int
    slice_seconds: float
    """So long are brief items to take that are given out together."""
    here: bool
    """It performs a submission in the calling thread, which does nothing else meanwhile."""
    kills: bool
    """It can end a callable, and does so when its time is over: nothing is ever abandoned."""
    tells: bool
    """It tells by itself what is waited for while it looks at a callable."""
    afar: bool
    """Commands are not started by this process."""
    lost: str
    """Why nothing more can be done there at all, once that is so."""
    notices: list[Notice]
    """What is to be told; whoever tells it takes it."""

    @property
    def stuck(self) -> bool:
        """Whether code of the user's may keep the calling thread, as another one sees it."""
        ...

    def look(self, wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
        """Import a callable where it will be called, and tell what is wrong."""
        ...

    def submit(self, submission: Submission, done: Done, seconds: float | None = None) -> None:
        """Start a submission; never fails. Who does not return before it is over ends it after `seconds`."""
        ...

    def ask(self, number: int) -> bool:
        """Let a submission begin nothing more that nobody can end; whether it is under way."""
        ...

    def take_back(self, number: int) -> int:
        """Let nothing more of a submission begin; how many of its items, from the end, will not."""
        ...

    def end(self, number: int, at_once: bool = False) -> Ended:
        """End a submission, by KILL if `at_once`."""
        ...

    def began(self, number: int) -> float | None:
        """When a worker took the submission up (`time.monotonic`), if one has."""
        ...

    def powerless(self, number: int) -> str:
        """Why a callable that is under way goes on when it is given up."""
        ...

    def rest(self) -> None:
        """Hold nothing but memory until something is submitted: perhaps nothing ever is."""
        ...

    def close(self) -> bool:
        """Take leave; False if something is still running that cannot be stopped."""
        ...


class Flight:
    """A submission on its way through a pool."""

    __slots__ = ("began", "done", "halt", "submission", "thread")

    def __init__(self, submission: Submission, done: Done) -> None:
        self.submission = submission
        self.done = done
        self.halt = Halt()
        self.began: float | None = None
        self.thread = 0
        """Which performs it, where that is the one that waits for it."""


class Threads:
    """Daemon threads that take submissions from one queue.

    Made here, not by `concurrent.futures`, since a thread that never returns must neither hold
    a worker's place nor keep the program from ending.
    """

    slice_seconds = LONG
    here = False
    kills = False
    tells = False
    afar = False
    stuck = False

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._most = workers
        """So many threads there are."""
        self.lost = ""
        self.notices: list[Notice] = []
        self._flights: dict[int, Flight] = {}
        self._queue: SimpleQueue[Flight | None] = SimpleQueue()
        self._load = 0
        """Submissions that have a thread or wait for one, but for those that were abandoned."""
        self._names = iter(range(1, 1 << 62))
        self._threads: list[threading.Thread] = []
        self._abandoned = 0
        self._coroutines = Leaving()
        self._lock = threading.Lock()

    def look(self, wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
        """Import it here."""
        return _look_here(wanted)

    def submit(self, submission: Submission, done: Done, seconds: float | None = None) -> None:
        """Queue a submission; there is a thread for each, as long as they are fewer than workers."""
        flight = Flight(submission, done)
        self._flights[submission.number] = flight
        with self._lock:
            self._load += 1
        self._add_thread_if_wanted()
        self._queue.put(flight)

    def ask(self, number: int) -> bool:
        """Let no further item of a callable begin."""
        flight = self._flights.get(number)
        if flight is None or not is_call(flight.submission):
            return False
        flight.halt.stop("stopped")
        return flight.began is not None

    def take_back(self, number: int) -> int:
        """Those that no thread has begun with."""
        flight = self._flights.get(number)
        return 0 if flight is None else flight.halt.take_back()

    def end(self, number: int, at_once: bool = False) -> Ended:
        """Commands are killed. The thread of a callable, or of an expression, is abandoned for a new one.

        A coroutine on it is cancelled.
        """
        flight = self._flights.get(number)
        if at_once:
            self._coroutines.hurry()
        if flight is None:
            return "killed"
        if at_once:
            flight.halt.kill()
        else:
            flight.halt.stop("stopped")
        if is_call(flight.submission) or flight.halt.evaluating:
            return self._abandon(flight)
        return "killed"

    def _abandon(self, flight: Flight) -> Ended:
        """Let a thread go on that cannot be ended; who has no thread yet never gets one."""
        if flight.began is None or self._flights.pop(flight.submission.number, None) is None:
            return "killed"
        with self._lock:
            self._abandoned += 1
            self._load -= 1
            self._threads.pop()
        self._add_thread_if_wanted()
        self._coroutines.give_up(flight.halt)
        return "abandoned"

    def began(self, number: int) -> float | None:
        """When a thread took the submission up."""
        flight = self._flights.get(number)
        return flight.began if flight else None

    def powerless(self, number: int) -> str:
        """A coroutine heeds what it hears where it awaits something."""
        flight = self._flights.get(number)
        return CANCELLED if flight and flight.halt.cancels is not None else UNSTOPPABLE

    def rest(self) -> None:
        """There are no threads yet."""

    def close(self) -> bool:
        """Let the idle threads go, and coroutines that were cancelled come to their end."""
        self._coroutines.wait()
        for _ in self._threads:
            self._queue.put(None)
        return not self._abandoned

    def _add_thread_if_wanted(self) -> None:
        # Who waits for a thread may be what the others wait for, so it is counted, not looked who is idle.
        with self._lock:
            wanted = len(self._threads) < min(self._most, self._load)
        if not wanted:
            return
        name = f"worker-{next(self._names)}"
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while True:
            flight = self._queue.get()
            if flight is None or self._carry_out(flight):
                return

    def _carry_out(self, flight: Flight) -> bool:
        """Perform one submission; True if this thread was replaced meanwhile."""
        flight.began = time.monotonic()
        outcomes = self._performed(flight)
        if self._flights.pop(flight.submission.number, None) is None:
            with self._lock:
                self._abandoned -= 1
            return True
        with self._lock:
            self._load -= 1
        flight.done(flight.submission.number, outcomes)
        return False

    def _performed(self, flight: Flight) -> Sequence[Outcome] | BaseException:
        return performed(flight)


class Inline:
    """One submission at a time, in the calling thread: for debugging, and for the smallest run."""

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
        return _look_here(wanted)

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

    def end(self, number: int, at_once: bool = False) -> Ended:
        """Only a signal handler or another thread finds anything to end here.

        A callable or an expression is interrupted where it stands, by the former.
        """
        current = self._current
        if current is not None:
            if at_once:
                current.halt.kill()
            else:
                current.halt.stop("stopped")
            halt, here = current.halt, current.thread == threading.get_ident()
            if here and halt.calling:
                halt.calling = False
                raise KeyboardInterrupt
            if here and halt.evaluating:
                halt.evaluating = False
                raise Broken
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


def is_call(submission: Submission) -> bool:
    """Whether it runs code of the user's, which nobody can end: commands, and all of ours, heed a halt."""
    return isinstance(submission.shared.task.action, Call) and not submission.binds


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


def performed(
    flight: Flight, elsewhere: Elsewhere | None = None, commands: bool = False
) -> Sequence[Outcome] | BaseException:
    """The outcomes of a flight, or the bug that there are none."""
    try:
        return perform(flight.submission, flight.halt, elsewhere, commands)
    except BaseException as bug:  # the engine raises it in the main thread
        return bug


def _look_here(wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
    from runner.callables.looking import look

    return look(wanted)
