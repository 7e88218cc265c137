"""What runs in a worker of a Dask cluster: it hands on what it is asked for to an outpost of its own.

A run is known here by the plugin that it registers, which new workers get, too. If the program that asked
is gone, the scheduler takes its tasks back, and what they do is ended. A task that the program wants as long
as it is there tells the workers so when they have nothing else of it.
"""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from queue import Empty, SimpleQueue
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from runner import __version__
from runner.engine.fork_server import python
from runner.engine.outpost import LARGEST, PATIENCE, Setup, count_of, number_of
from runner.engine.unclaimed import Unclaimed
from runner.refusals import advised
from runner.work.frames import ASK, BEGUN, DONE, END, LEAVE, SETUP, framed, receive

_distributed: Any = import_module("distributed")
"""It has no types that could be relied on."""

_outposts: dict[str, Outpost] = {}

LOOK_EVERY = 5.0
"""Seconds after which a worker looks whether the program that asks is still there."""

LEAVING = -1
"""The number of the question that is the last one: no submission has it, nor has what is asked before any."""

LOST = b"lost"
NOT_BEGUN = b""


class Plugin(_distributed.WorkerPlugin):  # type: ignore[misc]  # as above
    """A run, as its workers know it."""

    def __init__(self, setup: Setup) -> None:
        self.name = plugin_name(setup.run_id)
        self.setup_of_run = setup

    def setup(self, worker: Any) -> None:
        """A worker joins."""
        _outposts.setdefault(self.setup_of_run.run_id, Outpost(self.setup_of_run, worker))

    def teardown(self, worker: Any) -> None:
        """It leaves, or the run does."""
        if (outpost := _outposts.pop(self.setup_of_run.run_id, None)) is not None:
            outpost.abandon()

    def transition(self, key: Any, start: str, finish: str, **_more: Any) -> None:
        """A task of anybody's goes on."""
        if start != "executing" or finish not in ("cancelled", "released"):
            return
        if number := number_in(key, self.setup_of_run.run_id):
            _outposts[self.setup_of_run.run_id].end(number, at_once=False)


def plugin_name(run_id: str) -> str:
    """Of the plugin of a run."""
    return f"runner-{run_id}"


def key_of(run_id: str, number: int, part: int) -> str:
    """Of the task that performs a submission, or a part of it."""
    return f"runner-{run_id}-{number}-{part}"


def presence_of(run_id: str) -> str:
    """The key of the task that is wanted as long as the program is there."""
    return f"runner-{run_id}-0-0"


def number_in(key: Any, run_id: str) -> int:
    """The submission that a task of the run performs; 0 for any other."""
    prefix = f"runner-{run_id}-"
    return int(str(key).removeprefix(prefix).partition("-")[0]) if str(key).startswith(prefix) else 0


# Called on workers -----------------------------------------------------------------------------------


def version() -> str:
    """Of the program there."""
    return __version__


def ask(run_id: str, number: int, question: bytes) -> tuple[bytes, bytes]:
    """A task: what came of a question, in its words, or how it was lost; and what nobody has claimed yet."""
    outpost = _outposts.get(run_id)
    if outpost is None:
        return LOST + b"its worker knows nothing of this run", b""
    told = outpost.ask(number, question)
    if outpost.abandoned:
        raise _distributed.Reschedule  # the worker leaves the cluster: another one does it
    return told, outpost.unclaimed()


def end(run_id: str, number: int, at_once: bool) -> bool:
    """End what is under way, or let it not begin; whether it was."""
    outpost = _outposts.get(run_id)
    return outpost is not None and outpost.end(number, at_once)


def leave(run_id: str) -> bytes:
    """Nothing more will be asked for; what is still left there."""
    outpost = _outposts.get(run_id)
    return outpost.leave() if outpost is not None else b""


def unclaimed(run_id: str) -> bytes:
    """A part of what was written there that belongs to no task, until all of it was asked for."""
    outpost = _outposts.get(run_id)
    return outpost.unclaimed() if outpost is not None else b""


def part_of(path: str, start: int, length: int) -> bytes:
    """Of a file that lies there."""
    with open(path, "rb") as file:
        file.seek(start)
        return file.read(length)


class Outpost:
    """The outpost of a run, from the side of the worker; begun when the first thing is asked for."""

    def __init__(self, setup: Setup, worker: Any) -> None:
        self._setup = setup
        self._worker = worker
        self._line: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._unclaimed: Unclaimed | None = None
        self._answers: dict[int, SimpleQueue[bytes]] = {}
        self._ended: set[int] = set()
        self._over = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self._look, daemon=True).start()

    @property
    def abandoned(self) -> bool:
        """Nothing is done here any more."""
        return self._over.is_set()

    def ask(self, number: int, question: bytes) -> bytes:
        """Wait for the answer to a question."""
        answer: SimpleQueue[bytes] = SimpleQueue()
        with self._lock:
            if number in self._ended:
                return NOT_BEGUN
            try:
                line = self._open()
            except (OSError, RuntimeError) as error:
                why = advised(error) if isinstance(error, OSError) else str(error)
                return LOST + f"no process could be started beside its worker: {why}".encode()
            self._answers[number] = answer
            _say(line, ASK, number, question)
        return answer.get()

    def end(self, number: int, at_once: bool) -> bool:
        """End it, or let it not begin."""
        with self._lock:
            self._ended.add(number)
            if number not in self._answers or self._line is None:
                return False
            _say(self._line, END, number, b"!" if at_once else b"")
            return True

    def leave(self) -> bytes:
        """Let it end in order; what it tells."""
        with self._lock:
            line, process, self._line = self._line, self._process, None
            if line is None or process is None:
                return b""
            answer = self._answers[LEAVING] = SimpleQueue()
            _say(line, LEAVE, LEAVING, b"")
        try:
            told = answer.get(timeout=PATIENCE)
        except Empty:
            process.kill()
            return b""
        return b"" if told.startswith(LOST) else told

    def unclaimed(self) -> bytes:
        """What was written to the descriptors of its processes."""
        return self._unclaimed.take(LARGEST) if self._unclaimed is not None else b""

    def abandon(self) -> None:
        """Let it end at once, with all that it has started."""
        with self._lock:
            line, self._line = self._line, None
        self._over.set()
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _look(self) -> None:
        """Let all workers forget the run, if it has left without a word."""
        missed = 0  # what the program wants may reach the scheduler after its plugin
        while not self._over.wait(LOOK_EVERY):
            missed = 0 if self._is_wanted() else missed + 1
            if missed == 2:
                self._ask_scheduler("unregister_worker_plugin", name=plugin_name(self._setup.run_id))

    def _is_wanted(self) -> bool:
        key = presence_of(self._setup.run_id)
        states = self._ask_scheduler("get_task_status", keys=[key])
        return states is None or states[key] is not None

    def _ask_scheduler(self, what: str, **with_what: Any) -> Any:
        with suppress(Exception):  # a worker that loses its scheduler ends by itself
            return _distributed.utils.sync(
                self._worker.loop, getattr(self._worker.scheduler, what), **with_what
            )

    def _open(self) -> socket.socket:
        if self._line is None:
            place = self._worker.local_directory
            self._unclaimed = self._unclaimed or Unclaimed(place)
            folder = mkdtemp(prefix="runner-", dir=place)
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(
                    python(f"from runner.engine.outpost import serve; serve({theirs.fileno()}, {folder!r})"),
                    stdin=subprocess.DEVNULL,
                    stdout=self._unclaimed.fileno(),
                    stderr=self._unclaimed.fileno(),
                    env={**os.environ, "RUNNER_RUN_ID": self._setup.run_id},
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            ours.sendall(framed(SETUP, pickle.dumps(self._setup)))
            listens = threading.Thread(target=self._listen, args=(ours, self._process, folder), daemon=True)
            listens.start()
            self._line = ours
        return self._line

    def _listen(self, line: socket.socket, process: subprocess.Popen[bytes], folder: str) -> None:
        try:
            with suppress(OSError):
                self._hear(line)
        finally:
            self._bury(line, process, folder)

    def _hear(self, line: socket.socket) -> None:
        while (told := receive(line)) is not None:
            kind, body = told
            (number,) = number_of.unpack_from(body)
            rest = body[number_of.size :]
            if kind == BEGUN:
                event = (number, *count_of.unpack(rest))
                self._tell(self._worker.log_event, plugin_name(self._setup.run_id), event)
            elif kind == DONE and (answer := self._answers.pop(number, None)) is not None:
                answer.put(rest)

    def _bury(self, line: socket.socket, process: subprocess.Popen[bytes], folder: str) -> None:
        """It says no more: whoever waits for it hears so once it has ended, and all that it had started."""
        with self._lock:
            if self._line is line:
                self._line = None
            waiting, self._answers = self._answers, {}
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        rmtree(folder, ignore_errors=True)  # it could not, if it was killed
        for answer in waiting.values():
            answer.put(LOST + b"the process beside its worker was ended")

    def _tell(self, tell: Callable[..., None], *what: Any) -> None:
        with suppress(Exception):  # the worker is about to end
            self._worker.loop.add_callback(tell, *what)


def _say(line: socket.socket, kind: bytes, number: int, body: bytes) -> None:
    with suppress(OSError):  # who listens hears of its end
        line.sendall(framed(kind, number_of.pack(number) + body))
