"""Callables and commands on the workers of a Dask cluster; what they are given is bound here, in threads.

A thread that has something to be done there submits it as one task, and waits. Logs come back with what was
done. A worker that dies has its tasks run again on another, by Dask itself. What a scheduler that is lost
knew is cancelled, as is what waits for workers of which none is left, and `lost` says so.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib import import_module
from itertools import count
from threading import current_thread
from typing import Any

from runner.addresses import address_of
from runner.callables.inspection import ArgumentFault
from runner.callables.looking import Missing, Wanted
from runner.engine import station
from runner.engine.attendance import MISSED, MISSED_HERE, Attendance
from runner.engine.background import address
from runner.engine.brought import write_logs
from runner.engine.flights import Done, Ended, Flight, performed
from runner.engine.joining import ANSWER, NoAnswer, Question, connected, look_at_workers, within
from runner.engine.local_cluster import LocalCluster
from runner.engine.outpost import LARGEST, PATIENCE, Answer, Setup, answer_in
from runner.engine.pool import Threads
from runner.engine.unclaimed import claim
from runner.problem import UserError
from runner.records import Failure, FailureKind, Notice, Outcome, Submission
from runner.refusals import advised
from runner.struct import replace
from runner.work import clock
from runner.work.calls import Calls, packed, packed_one_by_one
from runner.work.commands import Commands
from runner.work.grounds import machine
from runner.work.halt import Halt
from runner.work.left_behind import Left
from runner.work.modules import modules_of
from runner.work.pickles import Unpicklable, know, pickled, unpickled
from runner.work.returning import unwrapped

_distributed: Any = import_module("distributed")

HURRY = 1.0
"""Seconds that workers may take to hear that all is to be killed."""


class Cluster(Threads):
    """Threads, each of which waits for one task of the cluster."""

    slice_seconds = 0.05  # a task of the cluster's takes some milliseconds
    kills = True
    afar = True

    def __init__(self, address: str, workers: int | None, most: int, setup: Setup) -> None:
        self._named = address
        self._setup = setup
        self._run_id = setup.run_id
        self._client: Any = None  # it has no types
        self._local: LocalCluster | None = None
        self._attendance: Attendance | None = None
        self._patience: float = PATIENCE
        """Seconds that workers may take to end something."""
        self._presence: Any = None
        """What is wanted as long as this is there: the workers look for it."""
        self._tasks: dict[int, tuple[Any, Question]] = {}
        """Futures, and what is waited for of them, by the number of the submission."""
        self.address = address
        self._open(workers or most)
        super().__init__(workers or (self._count() if address else most))
        self._most = 2 * self.workers  # those that wait for a worker wait there
        self._parts = count(1)
        self._began: dict[int, float] = {}
        self._given_up: set[int] = set()
        self._begun: dict[int, int] = {}
        """How many items of a submission have begun, as far as was heard."""
        know(setup.callables)

    def look(self, wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
        """Import it on one of the workers."""
        try:
            answer = self._asked(0, pickled(wanted))
        except _Lost as lost:
            raise UserError(f"'{wanted.reference}' cannot be imported on {self.address}: {lost}") from None
        except _distributed.CancelledError:
            self._lose()
            raise UserError(f"'{wanted.reference}' cannot be imported: {self.lost}") from None
        if why := answer.unread or answer.why:
            raise UserError(why, f"on a worker of {self.address}")
        found: Missing | Sequence[ArgumentFault] = answer.found
        if isinstance(found, Missing):
            not_sent = [it.why_not_sent for it in self._setup.modules]
            hints = [found.hint, f"on a worker of {self.address}", *not_sent]
            return replace(found, hint="\n".join(filter(None, hints)))
        return found

    def submit(self, submission: Submission, done: Done, seconds: float | None = None) -> None:
        """Queue a submission."""
        try:
            self._open(self.workers)
        except UserError as gone:
            self.lost = self.lost or str(gone)
        super().submit(submission, done, seconds)

    def ask(self, number: int) -> bool:
        """What is under way may be ended."""
        return False

    def end(self, number: int, at_once: bool = False) -> Ended:
        """All is killed, and what has not begun does not; the thread of an expression is abandoned."""
        flight = self._flights.get(number)
        if at_once:
            self._patience = HURRY
        if flight is not None:
            flight.halt.end(at_once)
            if flight.halt.doing == "evaluating":
                return self._abandon(flight)
            threading.Thread(target=self._end, args=(flight, at_once), daemon=True).start()
        return "killed"

    def began(self, number: int) -> float | None:
        """When it was told that a worker took the submission up."""
        return self._began.get(number)

    def close(self) -> bool:
        """Let the workers end what the run has there; what they tell of is told."""
        super().close()
        self.rest()
        return True

    def rest(self) -> None:
        """Leave the cluster; it is joined again when something is submitted."""
        if self._client is not None and self._client.status == "running":
            with suppress(Exception):
                left = self._all_do(2 * self._patience, station.leave, self._run_id)
                self.notices += [_notice(it) for told in left.values() if told for it in unpickled(told)]
                self._claim_the_rest()
            with suppress(Exception):
                name = station.plugin_name(self._run_id)
                within(self._patience, partial(self._client.unregister_worker_plugin, name))
        self._part()

    # Connecting ---------------------------------------------------------------------------------------

    def _open(self, workers: int) -> None:
        """Be connected. Raises `UserError`."""
        if self._client is not None:
            return
        try:
            if not self._named:
                self._local = LocalCluster(workers)
                self.address = self._local.address
            self._client = connected(self.address)
            self._join()
        except BaseException:
            self._part()
            raise

    def _count(self) -> int:
        """How much may go side by side there."""
        return sum(self._client.nthreads().values())

    def _join(self) -> None:
        """Make the run known to all workers, now and to come."""
        client = self._client
        look_at_workers(client, self.address)
        self._presence = client.submit(str, key=station.presence_of(self._run_id), pure=False)
        try:
            within(ANSWER, partial(client.register_plugin, station.Plugin(self._setup)))
        except NoAnswer:
            raise UserError(f"a worker of {self.address} does not answer") from None
        client.subscribe_topic(station.plugin_name(self._run_id), self._hear)
        self._missed = MISSED if self._named else MISSED_HERE
        self._attendance = Attendance(client, self._missed, lambda: bool(self._tasks), self._lose_workers)

    def _part(self) -> None:
        client, self._client, self._presence = self._client, None, None
        local, self._local = self._local, None
        attendance, self._attendance = self._attendance, None
        if attendance is not None:
            attendance.close()
        if client is not None:
            with suppress(Exception):
                client.close(timeout=2)
        if local is not None:
            local.close()

    def _hear(self, event: tuple[float, tuple[int, int]]) -> None:
        """A worker has begun with a submission; it is a little later by now, which no rate minds."""
        number, count = event[1]
        self._begun[number] = count
        if count == 1:
            self._began[number] = time.monotonic()

    # Tasks --------------------------------------------------------------------------------------------

    def _performed(self, flight: Flight) -> Sequence[Outcome] | BaseException:
        number = flight.submission.number
        try:
            return performed(flight, partial(self._act, number), commands=True)
        finally:
            self._began.pop(number, None)
            self._begun.pop(number, None)

    def _act(self, number: int, asked: Calls | Commands, halt: Halt) -> list[Outcome]:
        """The outcomes of what began there."""
        try:
            question = packed(asked) if isinstance(asked, Calls) else pickled(asked)
            while not halt.stopping and not self.lost:
                answer = self._asked(number, question)
                if answer.why:
                    return _all(asked, FailureKind.START, answer.why)
                if not answer.unread:
                    return self._brought(asked, answer)
                if isinstance(asked, Commands) or question == (apart := packed_one_by_one(asked)):
                    return _all(asked, FailureKind.START, answer.unread)
                question = apart
        except (_Lost, Unpicklable) as lost:
            return _all(asked, FailureKind.LOST, str(lost))
        except _distributed.CancelledError:
            if not halt.stopping:
                self._lose()
            return self._cut_off(number, asked)
        return []

    def _cut_off(self, number: int, asked: Calls | Commands) -> list[Outcome]:
        """What has begun, and comes to no end that anybody hears of."""
        seconds = time.monotonic() - self._began.get(number, 0.0)
        places = asked.items[: self._begun.get(number, 0)]
        return [_outcome(place, clock.now() - seconds, seconds, None) for place in places]

    def _asked(self, number: int, asked: bytes) -> Answer:
        """What a worker makes of a question. Raises `_Lost`, or `CancelledError` if nobody will answer."""
        key = station.key_of(self._run_id, number, next(self._parts))
        self._begun.pop(number, None)
        try:
            task = self._client.submit(
                station.ask, self._run_id, number, asked, key=key, pure=False, retries=0
            )
        except Exception as error:
            raise _distributed.CancelledError(key) from error
        question = Question(task.result)
        self._tasks[number] = task, question
        try:
            told, unclaimed = question.answer()
        except _distributed.KilledWorker as killed:
            raise _Lost(
                f"each worker that it was given to died, the last of them {killed.last_worker.address}"
            ) from None
        except (NoAnswer, OSError) as error:  # nobody waits, or is connected, any more
            raise _distributed.CancelledError(key) from error
        finally:
            self._tasks.pop(number, None)
        claim(unclaimed)
        if told == station.NOT_BEGUN:
            raise _distributed.CancelledError(key)
        if told.startswith(station.LOST):
            raise _Lost(told.removeprefix(station.LOST).decode())
        return answer_in(told)

    def _end(self, flight: Flight, at_once: bool) -> None:
        number, patience = flight.submission.number, self._patience
        with suppress(Exception):
            under_way: Mapping[str, bool] | None = None
            try:
                under_way = self._all_do(patience, station.end, self._run_id, number, at_once)
            except NoAnswer:  # who is silent now will not answer a second question
                self._patience = HURRY
            if any((under_way or {}).values()) or (known := self._tasks.get(number)) is None:
                return
            task, question = known
            if number in self._begun:
                if under_way is None:
                    self._give_up(flight.submission)
                elif question.is_answered_within(patience):  # it had ended: what came of it was on its way
                    return
            # A task that has ended is not cancelled by that, and may lie where nobody answers.
            task.cancel()
            question.give_up()

    def _give_up(self, submission: Submission) -> None:
        told = (
            f"{address(submission)} was still running when it was given up: its worker did not answer. "
            "It ends there as soon as it does."
        )
        if submission.number not in self._given_up:  # its end may have been asked for twice
            self._given_up.add(submission.number)
            self.notices.append(Notice(told, submission.shared.fan))

    def _all_do(self, seconds: float, what: Callable[..., Any], *given: Any) -> Mapping[str, Any]:
        """What each worker answers. Raises `NoAnswer` if one of them does not in time."""
        asked = partial(self._client.run, what, *given, on_error="ignore")
        answers: Mapping[str, Any] = within(seconds, asked)
        return answers

    def _lose(self) -> None:
        self.lost = self.lost or f"the Dask scheduler {self.address} was lost"

    def _lose_workers(self) -> None:
        self.lost = self.lost or f"the Dask cluster {self.address} had no workers for {self._missed} s"
        with suppress(Exception):
            self._client.cancel([task for task, _ in self._tasks.values()])

    def _brought(self, asked: Calls | Commands, answer: Answer) -> list[Outcome]:
        try:
            write_logs(asked.log_folder, answer, self._part_of)
        except OSError as error:
            return _all(asked, FailureKind.START, f"its log cannot be written: {advised(error)}")
        return list(unwrapped(answer.outcomes, iter(asked.items), current_thread().name))

    def _claim_the_rest(self) -> None:
        while any(parts := self._all_do(2 * self._patience, station.unclaimed, self._run_id).values()):
            for part in parts:
                claim(part)

    def _part_of(self, path: str, start: int) -> bytes:
        """Of a log, from the worker that has it; nothing if nobody has."""
        with suppress(NoAnswer, OSError):
            parts = self._all_do(ANSWER, station.part_of, path, start, LARGEST)
            return next((part for part in parts.values() if part), b"")
        return b""


class _Lost(Exception):
    """What was asked for was lost with its worker; its text says how."""


def setup_of(run_id: str, start_folder: str, callables: Sequence[tuple[str, str]], also: str) -> Setup:
    """What workers are to know of a run; `also` is a folder with modules that they may need."""
    folders = dict.fromkeys([*(folder for _, folder in callables), also] if callables else [])
    modules = tuple(map(modules_of, folders))
    return Setup(run_id, start_folder, tuple(callables), modules, clock.offset(), machine())


def _all(asked: Calls | Commands, kind: FailureKind, why: str) -> list[Outcome]:
    """None of them has been done."""
    return [_outcome(place, clock.now(), 0.0, Failure(kind, why)) for place in asked.items]


def _outcome(place: tuple[int, int], started: float, seconds: float, failure: Failure | None) -> Outcome:
    """Of an item that came to no end of its own; without a failure it was cancelled."""
    worker = current_thread().name
    return Outcome(*place, started, seconds, worker, failure=failure, cancelled=failure is None)


def _notice(left: Left) -> Notice:
    by = address_of(left.address, bool(left.key), left.key, 0) if left.address else "a task"
    return Notice(f"{by} left a command running in the background: {left.process}", left.fan)
