"""Callables on any `concurrent.futures.Executor` that a function of the user's makes; all else in threads.

A thread that has calls to make gives them to the executor and waits. Nobody can end a call there: one that
takes too long is given up, and a new executor takes the place of the one that it keeps busy. One that has
lost a worker is left for a new one as well. What was begun, and what of it is done, stands in an area that
workers on this machine find by themselves.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, wait
from functools import partial
from threading import Timer, current_thread
from typing import TypeVar

from runner.callables.inspection import ArgumentFault
from runner.callables.looking import Missing, Wanted
from runner.callables.tracebacks import message_of
from runner.engine.asked import Asked, Unheard
from runner.engine.factories import Make
from runner.engine.flights import Ended, Flight, is_call, performed
from runner.engine.pool import Threads
from runner.engine.recruits import aside, end_trackers, kill_recruits, recruited, start_tracker
from runner.problem import UserError
from runner.processes import grace
from runner.records import Failure, FailureKind, Item, Notice, Outcome
from runner.struct import replace
from runner.work import clock
from runner.work.answering import READ, answer, home
from runner.work.calls import Calls, packed, packed_one_by_one
from runner.work.commands import Commands
from runner.work.grounds import Ground
from runner.work.halt import Halt
from runner.work.logs import Log
from runner.work.pickles import know, pickled, unpickled
from runner.work.returning import unwrapped

TRIES = 3
"""Executors that may fail before any call has begun, one after the other."""

MOMENT = 0.1
"""Seconds for an executor that is being made to be there, once the run is over."""

SOON = 5
"""Seconds after which it is told that an executor is waited for."""

STOP = 0.2
"""Seconds in which the run hears of what may have ended a worker, too, as Ctrl-C at a terminal does: what
ends after that is cancelled."""

T = TypeVar("T")


class Foreign(Threads):
    """Threads, each of which waits for what the executor makes of its calls."""

    tells = True

    def __init__(
        self,
        name: str,
        workers: int,
        make: Make,
        callables: Sequence[tuple[str, str]],
        run_id: str,
        alone: bool,
        say: Callable[[str], object],
    ) -> None:
        super().__init__(workers)
        self._waited_for = f"the executor '{name}' has not answered for {SOON} s: it is waited for"
        know(callables)
        self._home = home(tuple(callables))
        self._make = make
        self._alone = alone
        self._say = say
        self._told_of_waiting = False
        self._looking = False
        """Whether nobody has answered yet what was asked before the run."""
        self._mark = run_id if alone else None
        """What new workers bear; None where these are no processes, or others may begin beside them."""
        self._executor: Executor | None = None
        self._leaving: list[threading.Thread] = []
        """Who shuts down executors that have been left."""
        self._making = threading.Lock()
        self._near = False
        """Whether workers see what is on this machine."""
        self._barren = 0
        """Executors that have failed since the last call that began."""
        self._stopping = threading.Event()
        """The run is to end."""
        self._asked: dict[int, Asked] = {}
        """By the number of the submission."""
        self._given_up: list[Asked] = []

    def look(self, wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
        """Import it where it will be called; meanwhile a signal finds the main thread waiting."""
        self._looking = True
        looked: Future[Missing | Sequence[ArgumentFault]] = Future()
        aside(partial(_answers, looked, partial(self._look, wanted)))
        if not wait([looked], SOON).done and not self._told_of_waiting:
            self._told_of_waiting = True
            self._say(f"note: {self._waited_for}")
        found = looked.result()
        self._looking = False
        return found

    def _look(self, wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
        why = ""
        try:
            asked = Asked()
            self._give(asked, pickled(wanted), Halt())
            answered = asked.answer()
            if answered[:1] == READ:
                self._near, found = unpickled(answered[1:])
                if asked.ground.area.writer == os.getpid():
                    self._mark = None
                known: Missing | Sequence[ArgumentFault] = found
                return known
            why = answered[1:].decode()
        except UserError:
            raise
        except CancelledError:
            raise Unheard("it has cancelled it") from None
        except Exception as error:
            why = message_of(error)
        raise UserError(f"the executor cannot import '{wanted.reference}': {why}")

    def ask(self, number: int) -> bool:
        """Let no further call begin."""
        asked = self._asked.get(number)
        self._stopping.set()
        if asked is None:
            super().ask(number)  # its turn may come as soon as another one is given up
            return False
        asked.ground.area.stop()
        return asked.future is not None

    def take_back(self, number: int) -> int:
        """Those that had not begun when nothing more was to begin."""
        flight, asked = self._flights.get(number), self._asked.get(number)
        if flight is None or asked is None or not self._near or not asked.ground.area.stopped:
            return super().take_back(number)
        items = flight.submission.items
        flight.submission = replace(flight.submission, items=items[: asked.ground.area.begun])
        return len(items) - len(flight.submission.items)

    def end(self, number: int, at_once: bool = False) -> Ended:
        """What waits in the executor is taken back; what runs there is abandoned, and so is the executor."""
        flight, asked = self._flights.get(number), self._asked.get(number)
        if flight is not None:
            flight.halt.stop("stopped")
        if asked is not None:
            area = asked.ground.area
            area.stop()
            if asked.future is not None and asked.take_back() and not area.begun:
                self._given_up.append(asked)  # some take back what runs, and let it run
                return "killed"
        ended = super().end(number, at_once)
        if ended == "abandoned" and asked is not None:
            if flight is not None and asked.future is None and self._has_not_begun(asked):
                flight.done(number, [])
                return "killed"
            self._given_up.append(asked)
            self._leave(asked.executor)
        return ended

    def _has_not_begun(self, asked: Asked) -> bool:
        """Whether the executor is still waited for, and whatever it may come to later stays away."""
        return asked.executor is None or (self._near and not asked.ground.area.begun)

    def began(self, number: int) -> float | None:
        """When the first call of a submission began, as far as that is seen."""
        flight, asked = self._flights.get(number), self._asked.get(number)
        if flight is None or not is_call(flight.submission):
            return super().began(number)
        if not self._near:
            return asked.given if asked is not None else None
        area = asked.ground.area if asked is not None else None
        if area is None or not area.begun:
            return None
        done = area.holds_any and len(flight.submission.items) == 1  # its answer may be long on its way
        return None if done else area.started - clock.offset()

    def powerless(self, number: int) -> str:
        """Not even a coroutine, which is performed elsewhere."""
        return "the executor cannot end a call"

    def close(self) -> bool:
        """Shut the executors down; workers of this machine whose calls were given up are killed."""
        super().close()
        given_up, self._given_up = self._given_up, []
        ended = sum(not asked.kill() for asked in given_up) == 0 and not self._looking
        shutting = self._shut(wait=ended)
        for thread in shutting:
            thread.join(grace if ended else 0.0)
        if (given_up or self._looking) and self._alone:
            kill_recruits()
        if shutting and self._alone:
            aside(end_trackers).join(grace if ended else 0.0)
        return ended and not any(thread.is_alive() for thread in shutting)

    def _shut(self, wait: bool) -> list[threading.Thread]:
        """Who shuts down what there is of executors."""
        if not self._making.acquire(timeout=MOMENT):  # one is being made, by a factory that takes long
            return self._leaving
        try:
            executor, self._executor = self._executor, None
            leaving, self._leaving = self._leaving, []
        finally:
            self._making.release()
        return [*leaving, *([aside(partial(executor.shutdown, wait=wait))] if executor else [])]

    def rest(self) -> None:
        """Shut the executor down; another one is made when it is wanted."""
        self.close()

    def _performed(self, flight: Flight) -> Sequence[Outcome] | BaseException:
        return performed(flight, partial(self.call, flight.submission.number))

    def call(self, number: int, calls: Calls | Commands, halt: Halt) -> list[Outcome]:
        """The outcomes of what began; what did not is left to another slice."""
        assert isinstance(calls, Calls)
        question = packed(calls)
        while not halt.stopping:
            asked = self._asked[number] = Asked()
            try:
                self._give(asked, question, halt)
                answered = asked.answer()
            except UserError as error:
                return _none_begun(calls, FailureKind.START, str(error))
            except BaseException as error:  # whatever an executor makes of a worker that dies
                if isinstance(error, CancelledError) and (halt.stopping or self._is_taken_back(asked)):
                    return self._cut_off(asked, calls) if asked.taken_back else []
                return self._lost(asked, calls, error)
            finally:
                del self._asked[number]
            self._barren = 0
            if answered[:1] == READ:
                return list(unwrapped(answered[1:], iter(calls.items), current_thread().name))
            if question == (apart := packed_one_by_one(calls)):
                return _none_begun(calls, FailureKind.OUTPUT, answered[1:].decode())
            question = apart
        return []

    def _is_taken_back(self, asked: Asked) -> bool:
        """Whether it was cancelled by us, or by an executor that we have left."""
        return asked.taken_back or asked.executor is not self._executor

    def _cut_off(self, asked: Asked, calls: Calls) -> list[Outcome]:
        """What has begun of calls that the executor has ended as they were taken back."""
        told = self._told(asked, calls)
        rest = calls.items[len(told) : asked.ground.area.begun if self._near else 0]
        return told + [_cancelled(calls, place, asked.ground.area.started) for place in rest]

    def _told(self, asked: Asked, calls: Calls) -> list[Outcome]:
        return list(unwrapped(asked.ground.area.untold(0), iter(calls.items), current_thread().name))

    def _lost(self, asked: Asked, calls: Calls, error: BaseException) -> list[Outcome]:
        """What is left of calls whose worker has died, or whose executor has with another's."""
        if isinstance(error, BrokenExecutor):
            self._leave(asked.executor)
        area = asked.ground.area
        told = self._told(asked, calls)
        begun = area.begun if self._near else len(calls.items)
        rest = calls.items[len(told) : begun]
        started = area.started if self._near else clock.now()
        self._stopping.wait(STOP)
        self._barren = 0 if begun else self._barren + 1
        why = f"its worker was lost: {message_of(error)}"
        if isinstance(error, CancelledError):
            why = "the executor has cancelled it"
        if self._barren >= TRIES * self.workers:
            return _none_begun(calls, FailureKind.START, why)
        lost = Failure(FailureKind.LOST, why)
        return told + [_failed(calls, place, lost, started) for place in rest]

    # Executors ----------------------------------------------------------------------------------------

    def _give(self, asked: Asked, question: bytes, halt: Halt) -> None:
        """Give something to the executor. Raises `UserError` if there is none that takes it."""
        why: BaseException | None = None
        for _ in range(TRIES):
            executor = self._current()
            asked.executor, asked.given = executor, time.monotonic()
            if halt.stopping:  # who stops it does so before looking whether there is an executor
                raise CancelledError
            try:
                with recruited(self._mark):
                    asked.future = executor.submit(answer, question, self._home, asked.ground.place)
                return
            except Exception as error:
                why = error
                self._leave(executor)
            asked.ground, asked.executor, asked.given = Ground(), None, None
        assert why is not None
        raise UserError(f"the executor takes no calls: {message_of(why)}")

    def _current(self) -> Executor:
        with self._making:
            if self._executor is None:
                with recruited(self._mark):
                    start_tracker()
                with recruited(self._mark):  # again, as it lets all signals through
                    self._executor = self._made()
            return self._executor

    def _made(self) -> Executor:
        """A new one. If it takes long, that is told, by who looks at callables or else by the run."""
        if self._looking:
            return self._make()
        timer = Timer(SOON, self._tell_of_waiting)
        timer.daemon = True
        timer.start()
        try:
            return self._make()
        finally:
            timer.cancel()

    def _tell_of_waiting(self) -> None:
        self.notices.append(Notice(self._waited_for))
        for flight in list(self._flights.values())[:1]:
            flight.done(0, ())  # whoever waits for what is done looks at what there is to tell

    def _leave(self, executor: Executor | None) -> None:
        """Let it end when it likes: the next call has another one made."""
        if executor is None or self._executor is not executor:  # perhaps one is being made, by who takes long
            return
        with self._making:
            if self._executor is executor:
                self._executor = None
                self._leaving.append(aside(partial(executor.shutdown, wait=False)))


def _answers(future: Future[T], ask: Callable[[], T]) -> None:
    try:
        future.set_result(ask())
    except BaseException as error:
        future.set_exception(error)


def _none_begun(calls: Calls, kind: FailureKind, why: str) -> list[Outcome]:
    return [_failed(calls, place, Failure(kind, why), clock.now()) for place in calls.items]


def _failed(calls: Calls, place: tuple[int, int], failure: Failure, started: float) -> Outcome:
    outcome = _cancelled(calls, place, started)
    outcome.cancelled, outcome.failure = False, failure
    return outcome


def _cancelled(calls: Calls, place: tuple[int, int], started: float) -> Outcome:
    index, attempt = place
    log = Log(calls.logs, Item(index, None, None, attempt)).left()
    seconds = max(0.0, clock.now() - started)
    return Outcome(index, attempt, started, seconds, current_thread().name, cancelled=True, log=log)
