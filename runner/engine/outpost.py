"""The process beside a worker of a cluster that does what this worker is asked for, in its place.

    the cluster's worker > two who watch > this process > commands, and who starts workers for calls

It outlives no worker: when nobody holds the other end of its line any more, all that it has started is
killed. If it is killed itself, those who watch do the same. It knows nothing of clusters.
"""

from __future__ import annotations

import os
import pickle
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from shutil import rmtree
from traceback import format_exception
from typing import Any, TypeVar

from runner.callables.looking import Missing, Wanted
from runner.callables.tracebacks import message_of
from runner.engine.process_pool import Processes
from runner.problem import UserError
from runner.processes import grace
from runner.records import Failure, FailureKind, Outcome
from runner.refusals import advised, refusal
from runner.struct import field, replace
from runner.struct import struct as record
from runner.supervisor import farewell, supervise
from runner.work import clock
from runner.work.attempting import slice_seconds
from runner.work.binding import Bound
from runner.work.calls import Calls
from runner.work.capture import ensure_routing
from runner.work.commands import Commands, attempt
from runner.work.frames import ASK, BEGUN, DONE, END, LEAVE, SETUP, framed, receive
from runner.work.grounds import machine
from runner.work.halt import Halt
from runner.work.left_behind import Left, end_left_behind, left_untold, look_only_below
from runner.work.modules import Modules, unpacked
from runner.work.pickles import Unpicklable, pickled, unpickled
from runner.work.returning import wrapped

Told = TypeVar("Told", Missing, Failure)

number_of = struct.Struct("<q")
count_of = struct.Struct("<q")

SHORTLY = 1.0
"""Seconds that what is killed may take to be gone."""

LARGEST = 4 << 20
"""So many bytes of a log come back with what was done; the rest is fetched."""


@record
class Setup:
    """What is known of a run wherever its work is done; `modules` are those of its files' folders."""

    run_id: str
    start_folder: str
    callables: tuple[tuple[str, str], ...]
    modules: tuple[Modules, ...]
    offset: float
    machine: str


@record
class Answer:
    """What came of a question: outcomes, and what they have logged; `sizes` of logs that are longer.

    Or why there are none: the question could not be read (`unread`), the system or something of the user's
    is in the way (`why`), or it is a `bug` of ours, in a line and as a traceback.
    """

    outcomes: bytes = b""
    found: Any = None
    logs: Mapping[str, bytes] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    folder: str = ""
    unread: str = ""
    why: str = ""
    bug: tuple[str, str] | None = None


class OutpostFailed(Exception):
    """A bug of ours beside a worker, with where it was there."""

    def __init__(self, message: str, traceback: str) -> None:
        super().__init__(message)
        self.add_note(traceback)


def answer_in(data: bytes) -> Answer:
    """As it was sent. Raises `OutpostFailed`."""
    answer: Answer = unpickled(data)
    if answer.bug is not None:
        raise OutpostFailed(*answer.bug)
    return answer


def serve(descriptor: int, folder: str) -> None:
    """Do what is asked through a socket, to its end; a folder is there for it as long."""
    supervise()
    line = socket.socket(fileno=descriptor)
    asked = receive(line)
    if asked is not None and asked[0] == SETUP:
        try:
            _Outpost(line, pickle.loads(asked[1]), folder).serve()
        finally:
            rmtree(folder, ignore_errors=True)  # as who made it does, if that is still there
    farewell.say()
    os._exit(0)


class _Outpost:
    def __init__(self, line: socket.socket, setup: Setup, folder: str) -> None:
        self._line = line
        self._setup = setup
        self._folder = folder
        self._saying = threading.Lock()
        self._halts: dict[int, Halt] = {}
        self._answering: dict[int, threading.Thread] = {}
        self._is_near = setup.machine == machine() != ""
        if self._is_near:
            clock.go_by(setup.offset)
        self._places = {it.folder: unpacked(it, folder) for it in setup.modules}
        self._logs = os.path.join(folder, "logs")
        os.mkdir(self._logs)
        os.chdir(folder)
        ensure_routing()
        look_only_below()
        self._processes = Processes(1, setup.run_id, [self._placed(*known) for known in setup.callables])
        self._is_in_place = False
        self._going = threading.Lock()
        self._nowhere()

    def serve(self) -> None:
        while (told := receive(self._line)) is not None:
            kind, body = told
            (number,) = number_of.unpack_from(body)
            rest = body[number_of.size :]
            if kind == ASK:
                halt = self._halts[number] = Halt()
                answers = threading.Thread(target=self._answer, args=(number, rest, halt), daemon=True)
                self._answering[number] = answers
                answers.start()
            elif kind == END and (halted := self._halts.get(number)) is not None:
                halted.kill() if rest else halted.stop()
            elif kind == LEAVE:
                self._say(DONE, number, pickled(self._leave()))
                return
        at_once = Halt()
        at_once.kill()
        for halt in list(self._halts.values()):
            halt.kill()
        for answers in list(self._answering.values()):  # else they would write where all is being removed
            answers.join(SHORTLY)
        end_left_behind(self._setup.run_id, at_once)

    def _leave(self) -> Sequence[Left]:
        self._processes.close()
        left = left_untold(self._setup.run_id)
        end_left_behind(self._setup.run_id, Halt())
        return left

    def _answer(self, number: int, question: bytes, halt: Halt) -> None:
        """Whatever comes of it is an answer: who asks waits for one, and so does the cluster's worker."""
        try:
            answer = self._answered(number, unpickled(question), halt)
        except Unpicklable as error:
            answer = Answer(unread=str(error))
        except BaseException as error:
            answer = _unanswered(error)
        self._halts.pop(number, None)
        self._answering.pop(number, None)
        self._say(DONE, number, pickled(answer))

    def _answered(self, number: int, asked: Wanted | Calls | Commands, halt: Halt) -> Answer:
        if isinstance(asked, Wanted):
            reference, place = self._placed(asked.reference, asked.folder)
            found = self._processes.look(replace(asked, reference=reference, folder=place))
            if isinstance(found, Missing):
                found = self._as_sent(found)
            return Answer(found=found)
        folder = os.path.join(self._logs, str(number))
        os.mkdir(folder)
        asked = replace(asked, log_folder=folder)
        outcomes: list[Outcome] = []
        begun = (
            partial(self._processes.begun, number) if isinstance(asked, Calls) else lambda: len(outcomes) + 1
        )
        with self._telling(number, len(asked.items), begun):
            if isinstance(asked, Commands):
                attempt(replace(asked, bound=[_told_apart(it) for it in asked.bound]), halt, outcomes.append)
            elif why := self._nowhere():
                failure = Failure(FailureKind.START, why)
                outcomes = [Outcome(*it, clock.now(), 0.0, failure=failure) for it in asked.items]
            else:
                reference, place = self._placed(asked.reference, asked.folder)
                asked = replace(asked, reference=reference, folder=place)
                outcomes = self._processes.call(number, asked, halt)
            for number, outcome in enumerate(outcomes):
                if outcome.failure is not None:
                    bound = asked.bound[number] if isinstance(asked, Commands) else None
                    outcome.failure = self._as_sent(self._with_place(outcome.failure, bound))
        return self._with_logs(outcomes, folder)

    @contextmanager
    def _telling(self, number: int, items: int, begun: Callable[[], int]) -> Iterator[None]:
        """Tell that a question was taken up, and of how many items: of those that last nobody else will."""
        self._say(BEGUN, number, count_of.pack(1))
        over = threading.Event()
        if items > 1:
            threading.Thread(target=self._tell, args=(number, begun, over), daemon=True).start()
        try:
            yield
        finally:
            over.set()

    def _tell(self, number: int, begun: Callable[[], int], over: threading.Event) -> None:
        told, pause = 1, 2 * slice_seconds
        while not over.wait(pause):
            if (count := begun()) > told:
                self._say(BEGUN, number, count_of.pack(count))
            told, pause = max(told, count), 2 * pause

    def _nowhere(self) -> str:
        """Be in the folder where the run was started, or say why nothing can be called here."""
        folder = self._setup.start_folder
        with self._going:
            if not self._is_in_place:
                try:
                    os.chdir(folder)
                except OSError:
                    what = "no way into the folder" if os.path.isdir(folder) else "no such folder"
                    return f"{what} for cwd: '{folder}' on {socket.gethostname()}: {_needed}"
                self._processes.rest()  # they are where they were begun
                self._is_in_place = True
        return ""

    def _with_place(self, failure: Failure, bound: Bound | Failure | None) -> Failure:
        """Where the folder of a command is not: that of another machine may be meant."""
        if failure.kind is not FailureKind.START or not isinstance(bound, Bound):
            return failure
        cwd = bound.command.cwd
        if os.path.isdir(cwd):
            return failure
        needed = f": {_needed}" if cwd == self._setup.start_folder else ""
        return replace(failure, message=f"{failure.message} on {socket.gethostname()}{needed}")

    def _with_logs(self, outcomes: Sequence[Outcome], folder: str) -> Answer:
        logs: dict[str, bytes] = {}
        sizes: dict[str, int] = {}
        for name in (name for outcome in outcomes for name in outcome.log):
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                logs[name] = file.read(LARGEST)
            size = os.stat(path).st_size
            if size > len(logs[name]):
                sizes[name] = size
            else:
                os.unlink(path)
        if not sizes:
            with suppress(OSError):
                os.rmdir(folder)
        return Answer(b"".join(map(wrapped, outcomes)), None, logs, sizes, folder)

    def _placed(self, reference: str, folder: str) -> tuple[str, str]:
        """A callable as it is found here."""
        for known, place in self._places.items():
            if reference.startswith(f"{known}/"):
                reference = place + reference.removeprefix(known)
                break
        return reference, self._places.get(folder, folder)

    def _as_sent(self, told: Told) -> Told:
        """The same with the paths that files have where the run is."""
        message, traceback = told.message, told.traceback or ""
        for folder, place in self._places.items():
            if place != folder:
                message, traceback = message.replace(place, folder), traceback.replace(place, folder)
        return replace(told, message=message, traceback=traceback or None)

    def _say(self, kind: bytes, number: int, body: bytes = b"") -> None:
        with self._saying, suppress(OSError):
            self._line.sendall(framed(kind, number_of.pack(number) + body))


def _unanswered(error: BaseException) -> Answer:
    """Why a question has no answer."""
    if isinstance(error, UserError):
        return Answer(why=str(error))
    if isinstance(error, OSError):
        return Answer(why=advised(error))
    if (refused := refusal(error)) is not None:
        return Answer(why=refused[0])
    return Answer(bug=(message_of(error), "".join(format_exception(error))))


def _told_apart(bound: Bound | Failure) -> Bound | Failure:
    """With a mark that is that of no other attempt: the same command may run again on another worker."""
    if isinstance(bound, Failure):
        return bound
    env = {**bound.command.env}
    if mark := env.get("RUNNER_COMMAND"):
        env["RUNNER_COMMAND"] = f"{mark}-{os.getpid()}-{machine()}"
    return replace(bound, command=replace(bound.command, env=env))


_needed = (
    "the folder where `runner` was started must be on all workers, under the same path, empty as it may be"
)

PATIENCE = 2 * grace
"""Seconds that an outpost may take to end."""
