"""The thread pool."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from runner.engine.flights import CANCELLED, UNSTOPPABLE, Done, Ended, Flight, is_call, look_here, performed
from runner.engine.leaving import Leaving
from runner.hints import TYPE_CHECKING
from runner.in_c import SimpleQueue
from runner.plan.sizing import LONG
from runner.records import Notice, Outcome, Submission
from runner.work.halt import Halt

if TYPE_CHECKING:
    from runner.callables.inspection import ArgumentFault
    from runner.callables.looking import Missing, Wanted


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
        return look_here(wanted)

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

    def halt_of(self, number: int) -> Halt | None:
        """That of one that a thread has taken up."""
        flight = self._flights.get(number)
        return None if flight is None or flight.began is None else flight.halt

    def end(self, number: int, at_once: bool = False) -> Ended:
        """Commands are killed. The thread of a callable, or of an expression, is abandoned for a new one.

        A coroutine on it is cancelled.
        """
        flight = self._flights.get(number)
        if at_once:
            self._coroutines.hurry()
        if flight is None:
            return "killed"
        flight.halt.end(at_once)
        if is_call(flight.submission) or flight.halt.doing == "evaluating":
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
        if is_call(flight.submission):
            from runner.work.standing_in import give_up

            give_up(flight.worker)
        return "abandoned"

    def began(self, number: int) -> float | None:
        """When a thread took the submission up."""
        flight = self._flights.get(number)
        return flight.began if flight else None

    def powerless(self, number: int) -> str:
        """A coroutine heeds what it hears where it awaits something."""
        flight = self._flights.get(number)
        return CANCELLED if flight and flight.halt.awaited is not None else UNSTOPPABLE

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
        flight.worker = threading.get_ident()
        if not flight.halt.stopping:  # what waited behind one that is given up never begins
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
