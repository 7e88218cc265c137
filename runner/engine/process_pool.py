"""Callables in processes of their own, which can be ended; all else is done as by `Threads`.

A thread that has calls to make takes a worker that is idle, or a new one, and waits for it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from threading import current_thread

from runner.callables.inspection import ArgumentFault
from runner.callables.looking import Missing, Wanted
from runner.engine.flights import Ended, Flight, is_call, performed
from runner.engine.fork_server import ForkServer, Refused
from runner.engine.pool import Threads
from runner.engine.worker import End, Worker
from runner.problem import UserError
from runner.processes import grace
from runner.records import Failure, FailureKind, Item, Outcome
from runner.work import clock
from runner.work.attempting import timed_out
from runner.work.calls import Calls, packed, packed_one_by_one
from runner.work.commands import Commands
from runner.work.folders import note_made_again
from runner.work.frames import BEGUN, MADE_AGAIN
from runner.work.halt import Halt
from runner.work.logs import Log
from runner.work.pickles import know, pickled, unpickled
from runner.work.returning import unwrapped
from runner.work.serving import time_of

TRIES = 3
"""Workers that may end before they have begun with anything, one after the other."""


class Processes(Threads):
    """Threads, each with a worker process as long as it makes calls."""

    kills = True

    def __init__(self, workers: int, run_id: str, callables: Sequence[tuple[str, str]]) -> None:
        super().__init__(workers)
        know(callables)
        self._server = ForkServer(run_id, callables)
        self._idle: list[Worker] = []
        self._at_work: dict[int, Worker] = {}
        """By the number of the submission."""

    def look(self, wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
        """Import it where it will be called."""
        try:
            worker = self._worker()
        except Refused as refused:
            raise UserError(str(refused)) from None
        end, answer = worker.ask(pickled(wanted), lambda kind, body: None, Halt())
        if end == "done":
            self._idle.append(worker)
            found: Missing | Sequence[ArgumentFault] = unpickled(answer)
            return found
        target = wanted.reference.rpartition(":")[0]
        return Missing(f"'{target}' cannot be imported: the process that did so {worker.how_it_ended}")

    def ask(self, number: int) -> bool:
        """Let no further call begin."""
        worker = self._at_work.get(number)
        if worker is None:
            return False
        worker.area.stop()
        return True

    def end(self, number: int, at_once: bool = False) -> Ended:
        """All is killed, and the thread of an expression abandoned."""
        flight = self._flights.get(number)
        if flight is None:
            return "killed"
        flight.halt.end(at_once)
        return self._abandon(flight) if flight.halt.doing == "evaluating" else "killed"

    def began(self, number: int) -> float | None:
        """When a call began; before that its worker may have had much to import."""
        flight = self._flights.get(number)
        if flight is None or not is_call(flight.submission):
            return super().began(number)
        worker = self._at_work.get(number)
        return worker.area.started - clock.offset() if worker is not None and worker.area.begun else None

    def begun(self, number: int) -> int:
        """How many calls of those under way have begun."""
        worker = self._at_work.get(number)
        return worker.area.begun if worker is not None else 0

    def close(self) -> bool:
        """Let the idle threads go, and their workers; what is registered for their end is done before."""
        super().close()
        self.rest()
        self._server.close()
        return True

    def rest(self) -> None:
        """Let the idle workers go, and who starts them."""
        idle, self._idle = self._idle, []
        for worker in idle:
            worker.leave()
        end = time.monotonic() + grace
        for worker in idle:
            if not worker.wait(max(0.0, end - time.monotonic())):
                halt = Halt()
                halt.kill()
                worker.end(halt, lambda kind, body: None)
        self._server.rest()

    def _performed(self, flight: Flight) -> Sequence[Outcome] | BaseException:
        return performed(flight, partial(self.call, flight.submission.number))

    def _worker(self) -> Worker:
        """One that is idle and lives, as does who started it, if there is one. Raises `Refused`."""
        with suppress(IndexError):
            while True:
                worker = self._idle.pop()
                if not worker.wait(0):
                    return worker
                worker.leave()
        return self._server.worker()

    def call(self, number: int, calls: Calls | Commands, halt: Halt) -> list[Outcome]:
        """The outcomes of what began."""
        assert isinstance(calls, Calls)
        question = packed(calls)
        why = ""
        for _ in range(TRIES):
            if halt.stopping:
                return []
            try:
                worker = self._worker()
            except Refused as refused:
                why = str(refused)
                continue
            attempt = _Attempt(worker, calls)
            self._at_work[number] = worker
            try:
                attempt.make(question, halt)
            finally:
                del self._at_work[number]
            if attempt.end == "done":
                self._idle.append(worker)
            elif attempt.end == "unreadable":
                self._idle.append(worker)
                why, question = attempt.answer, packed_one_by_one(calls)
                continue
            elif attempt.end == "died" and not attempt.begun:
                why = f"no worker process came to call it: the last one {worker.how_it_ended}"
                continue
            return attempt.outcomes()
        failure = Failure(FailureKind.START, why)
        return [_outcome(calls, place, clock.now(), 0.0, failure) for place in calls.items]


class _Attempt:
    """Calls that one worker makes, and what is made of its end."""

    def __init__(self, worker: Worker, calls: Calls) -> None:
        worker.area.clear()
        self._worker = worker
        self._calls = calls
        self._items = iter(calls.items)
        self._told: list[Outcome] = []
        self._ended = 0.0
        self.answer = ""
        self.end: End = "done"

    def make(self, question: bytes, halt: Halt) -> None:
        """Have the calls made; a worker that is not to go on is ended."""
        worker = self._worker
        self.end, answer = worker.ask(question, self._hear, halt)
        self.answer = answer.decode()
        self._ended = clock.now()
        if answer == MADE_AGAIN:
            note_made_again(self._calls.log_folder)
        if self.end in ("halt", "timeout") or (self.end == "died" and worker.code is None):
            worker.end(halt, self._hear)

    @property
    def begun(self) -> int:
        """How many items have begun."""
        return self._worker.area.begun

    def outcomes(self) -> list[Outcome]:
        """Those of all items that have begun."""
        area, items = self._worker.area, self._calls.items
        self._take_in(area.untold(len(self._told)))
        if self.end == "done":
            return self._told
        if self.end == "halt":
            self._forgive_the_last()
        seconds = max(0.0, clock.now() - area.started)
        how = self._failure()
        for place in items[len(self._told) : area.begun]:
            self._told.append(_outcome(self._calls, place, area.started, seconds, how))
        return self._told

    def _forgive_the_last(self) -> None:
        """What fails after it was told to end is cancelled."""
        for outcome in self._told[-1:]:
            if outcome.failure is not None and outcome.started + outcome.seconds > self._ended:
                outcome.failure, outcome.cancelled = None, True

    def _failure(self) -> Failure | None:
        """What becomes of an item that its worker did not come to the end of; None: it is cancelled."""
        if self.end == "halt":
            return None
        if self.end == "timeout":
            assert self._calls.timeout is not None
            return timed_out(self._calls.timeout)
        return Failure(FailureKind.LOST, f"its worker process {self._worker.how_it_ended}")

    def _hear(self, kind: bytes, body: bytes) -> float | None:
        if kind == BEGUN and self._calls.timeout is not None:
            started: float = time_of.unpack(body)[0]
            return started - clock.offset() + self._calls.timeout
        if kind != BEGUN:
            self._take_in(body)
        return None

    def _take_in(self, data: bytes) -> None:
        self._told += unwrapped(data, self._items, current_thread().name)


def _outcome(
    calls: Calls, place: tuple[int, int], started: float, seconds: float, failure: Failure | None
) -> Outcome:
    index, attempt = place
    log = Log(calls.logs, Item(index, None, None, attempt)).left()
    worker = current_thread().name
    return Outcome(
        index, attempt, started, seconds, worker, failure=failure, cancelled=failure is None, log=log
    )
