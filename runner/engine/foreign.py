"""Callables on any `concurrent.futures.Executor` that a function of the user's makes; all else in threads.

A thread that has calls to make gives them to the executor and waits. Nobody can end a call there: one that
takes too long is given up, and a new executor takes the place of the one that it keeps busy. One that has
lost a worker is left for a new one as well. What was begun, and what of it is done, stands in an area that
workers on this machine find by themselves.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from threading import current_thread

from runner import processes
from runner.callables.inspection import ArgumentFault
from runner.callables.loading import ImportFailure, load
from runner.callables.looking import Missing, Wanted
from runner.callables.tracebacks import message_of, place_of
from runner.engine.pool import Ended, Flight, Threads, is_call, performed
from runner.problem import UserError
from runner.processes import grace
from runner.records import Failure, FailureKind, Item, Outcome
from runner.work import clock
from runner.work.answering import READ, answer
from runner.work.calls import Calls, packed, packed_one_by_one
from runner.work.commands import Commands
from runner.work.grounds import Ground
from runner.work.halt import Halt
from runner.work.logs import Log
from runner.work.pickles import know, pickled, unpickled
from runner.work.returning import unwrapped

TRIES = 3
"""Executors that may fail before any call has begun, one after the other."""

Make = Callable[[], Executor]


def maker(reference: str, folder: str, workers: int) -> Make:
    """Makes executors by a factory, which is imported now. What comes of it raises `UserError`."""
    try:
        factory = load(reference, folder)
    except ImportFailure as failure:
        notes = "\n".join(filter(None, [failure.hint, (failure.traceback or "").rstrip()]))
        raise UserError(failure.message, notes) from None
    return partial(_made, reference, factory, workers)


def _made(reference: str, factory: Callable[..., object], workers: int) -> Executor:
    try:
        executor = factory(workers)
    except BaseException as error:
        raise UserError(
            f"the executor '{reference}' cannot be made: {message_of(error)}", place_of(error)
        ) from None
    if not isinstance(executor, Executor):
        given = type(executor).__qualname__
        hint = "it is called with the number of workers, and gives a `concurrent.futures.Executor`"
        raise UserError(f"'{reference}' gives no executor: it gave one of type {given}", hint)
    return executor


class Foreign(Threads):
    """Threads, each of which waits for what the executor makes of its calls."""

    powerless = "the executor cannot end a call"

    def __init__(self, workers: int, make: Make, callables: Sequence[tuple[str, str]], alone: bool) -> None:
        super().__init__(workers)
        know(callables)
        self._callables = tuple(callables)
        self._make = make
        self._alone = alone
        self._executor: Executor | None = None
        self._left: list[Executor] = []
        self._making = threading.Lock()
        self._near = False
        """Whether workers see what is on this machine."""
        self._barren = 0
        """Executors that have failed since the last call that began."""
        self._asked: dict[int, _Asked] = {}
        """By the number of the submission."""
        self._given_up: list[_Asked] = []

    def look(self, wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
        """Import it where it will be called."""
        try:
            asked = self._ask(pickled(wanted))
            self._near, found = unpickled(asked.answer()[1:])
        except UserError:
            raise
        except Exception as error:
            raise UserError(f"the executor cannot import '{wanted.reference}': {message_of(error)}") from None
        known: Missing | Sequence[ArgumentFault] = found
        return known

    def ask(self, number: int) -> bool:
        """Let no further call begin."""
        asked = self._asked.get(number)
        if asked is not None:
            asked.ground.area.stop()
        return asked is not None

    def end(self, number: int, at_once: bool = False) -> Ended:
        """What waits in the executor is taken back; what runs there is abandoned, and so is the executor."""
        asked = self._asked.get(number)
        if asked is not None:
            area = asked.ground.area
            area.stop()
            if asked.future.cancel() and not area.begun:  # some take back what runs, and let it run
                return "killed"
        ended = super().end(number, at_once)
        if ended == "abandoned" and asked is not None:
            self._given_up.append(asked)
            self._leave(asked.executor)
        return ended

    def began(self, number: int) -> float | None:
        """When the first call of a submission began, as far as that is seen."""
        flight, asked = self._flights.get(number), self._asked.get(number)
        if flight is None or not is_call(flight.submission) or not self._near:
            return super().began(number)
        area = asked.ground.area if asked is not None else None
        if area is None or not area.begun:
            return None
        done = area.holds_any and len(flight.submission.items) == 1  # its answer may be long on its way
        return None if done else area.started - clock.offset()

    def close(self) -> bool:
        """Shut the executors down; workers of this machine whose calls were given up are killed."""
        super().close()
        with self._making:
            executors = [*self._left, *([self._executor] if self._executor else [])]
            self._left, self._executor = [], None
        ended = sum(not asked.kill() for asked in self._given_up) == 0
        if self._given_up and self._alone:
            _kill_workers()
        self._given_up = []
        shut = [_aside(partial(executor.shutdown, wait=ended)) for executor in executors]
        for thread in shut:
            thread.join(grace if ended else 0.0)
        if executors and self._alone:
            _aside(_end_trackers).join(grace if ended else 0.0)
        return ended and not any(thread.is_alive() for thread in shut)

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
            try:
                asked = self._ask(question)
            except UserError as error:
                return [_failed(calls, place, FailureKind.START, str(error)) for place in calls.items]
            self._asked[number] = asked
            try:
                answered = asked.answer()
            except CancelledError:
                return []
            except BaseException as error:  # whatever an executor makes of a worker that dies
                return self._lost(asked, calls, error)
            finally:
                del self._asked[number]
            self._barren = 0
            if answered[:1] == READ:
                return list(unwrapped(answered[1:], iter(calls.items), current_thread().name))
            if question == (apart := packed_one_by_one(calls)):
                why = answered[1:].decode()
                return [_failed(calls, place, FailureKind.OUTPUT, why) for place in calls.items]
            question = apart
        return []

    def _lost(self, asked: _Asked, calls: Calls, error: BaseException) -> list[Outcome]:
        """What is left of calls whose worker has died, or whose executor has with another's."""
        if isinstance(error, BrokenExecutor):
            self._leave(asked.executor)
        area = asked.ground.area
        told = list(unwrapped(area.untold(0), iter(calls.items), current_thread().name))
        begun = area.begun if self._near else len(calls.items)
        self._barren = 0 if begun else self._barren + 1
        why = f"its worker was lost: {message_of(error)}"
        if self._barren >= TRIES * self.workers:
            return [_failed(calls, place, FailureKind.START, why) for place in calls.items]
        started = area.started if self._near else clock.now()
        for place in calls.items[len(told) : begun]:
            told.append(_failed(calls, place, FailureKind.LOST, why, started))
        return told

    # Executors ----------------------------------------------------------------------------------------

    def _ask(self, question: bytes) -> _Asked:
        """Give something to the executor. Raises `UserError` if there is none that takes it."""
        why: BaseException | None = None
        for _ in range(TRIES):
            ground = Ground()
            with _undisturbed():
                executor = self._current()
                try:
                    future = executor.submit(answer, question, self._callables, clock.offset(), ground.place)
                except Exception as error:
                    why = error
                    self._leave(executor)
                    continue
            return _Asked(executor, future, ground)
        assert why is not None
        raise UserError(f"the executor takes no calls: {message_of(why)}")

    def _current(self) -> Executor:
        with self._making:
            if self._executor is None:
                self._executor = self._make()
            return self._executor

    def _leave(self, executor: Executor) -> None:
        """Let it end when it likes: the next call has another one made."""
        with self._making:
            if self._executor is not executor:
                return
            self._executor = None
            self._left.append(executor)
        _aside(partial(executor.shutdown, wait=False))


class _Asked:
    """A question under way. Its executor is kept, which would end with the last who knows it."""

    def __init__(self, executor: Executor, future: Future[bytes], ground: Ground) -> None:
        self.executor = executor
        self.future = future
        self.ground = ground

    def answer(self) -> bytes:
        """Wait for it."""
        return self.future.result()

    def kill(self) -> bool:
        """End the process that has not answered, if it is known and not this one; whether it has ended."""
        if self.future.done() and not self.future.cancelled():
            return True
        if self.ground.area.writer in (0, os.getpid()):
            return False
        with suppress(ProcessLookupError, PermissionError):
            os.kill(self.ground.area.writer, signal.SIGKILL)
        return True


def _failed(
    calls: Calls, place: tuple[int, int], kind: FailureKind, why: str, started: float | None = None
) -> Outcome:
    index, attempt = place
    log = Log(calls.logs, Item(index, None, None, attempt)).left()
    began = clock.now() if started is None else started
    seconds = max(0.0, clock.now() - began)
    worker = current_thread().name
    return Outcome(index, attempt, began, seconds, worker, failure=Failure(kind, why), log=log)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Processes that begin here do not hear of the terminal's Ctrl-C: it is for the run to end them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _aside(end: Callable[[], object]) -> threading.Thread:
    """Do what may take long, or fail, in a thread that holds nothing up."""

    def ends() -> None:
        with suppress(Exception):
            end()

    thread = threading.Thread(target=ends, daemon=True)
    thread.start()
    return thread


_trackers = (
    ("loky.backend.resource_tracker", "_resource_tracker"),
    ("multiprocessing.forkserver", "_forkserver"),
    ("multiprocessing.resource_tracker", "_resource_tracker"),
)
"""What process pools start for themselves: as private as it is needed."""


def _kill_workers() -> None:
    """Kill what this process has started and does not wait for: all has been done that is waited for."""
    known = {getattr(getattr(sys.modules.get(name), keeper, None), "_pid", 0) for name, keeper in _trackers}
    for process in processes.descendants():
        if process.parent == os.getpid() and process.pid not in known:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(process.pid, signal.SIGKILL)


def _end_trackers() -> None:
    """They end with the executors, and are told of by none."""
    for name, keeper in _trackers:
        with suppress(Exception):
            getattr(sys.modules[name], keeper)._stop()
