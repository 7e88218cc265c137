"""The process that starts workers, as who asks for them sees it: begun when the first is wanted."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence

from runner.engine.worker import Worker
from runner.processes import grace
from runner.refusals import advised
from runner.work import clock
from runner.work.area import Area, make_room
from runner.work.forking import MARK, Setup, number_of
from runner.work.frames import FORK, SETUP, framed, receive
from runner.work.left_behind import no_longer_under_way, now_under_way
from runner.work.logs import private_file


class Refused(Exception):
    """No worker could be started; its text says why."""


class ForkServer:
    """Starts workers for one run. `callables` are all that it may call, each with its folder."""

    def __init__(self, run_id: str, callables: Sequence[tuple[str, str]]) -> None:
        self._run_id = run_id
        self._callables = tuple(callables)
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._closed = False
        self._one_at_a_time = threading.Lock()

    def worker(self) -> Worker:
        """A new worker. Raises `Refused`."""
        with self._one_at_a_time:
            try:
                if self._closed:
                    raise Refused("the run is over")
                if self._process is not None and self._process.poll() is not None:
                    self._stop()
                if self._line is None:
                    self._start()
                return self._worker()
            except Refused:
                raise
            except OSError as error:
                raise Refused(f"no worker process could be started: {advised(error)}") from None

    def rest(self) -> None:
        """Let it go; whichever of its workers is left ends with it."""
        with self._one_at_a_time:
            self._stop()

    def close(self) -> None:
        """The same, and for good."""
        with self._one_at_a_time:
            self._closed = True
            self._stop()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(
                    python(f"from runner.work.forking import serve; serve({theirs.fileno()})"),
                    stdin=subprocess.DEVNULL,
                    env={**os.environ, MARK: self._run_id},
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            now_under_way(self._process.pid, {})
            setup = Setup(os.environ.get(MARK), clock.offset(), sys.argv, self._callables)
            with contextlib.suppress(BrokenPipeError):  # it has ended: that is seen where it is to answer
                ours.sendall(framed(SETUP, pickle.dumps(setup)))
        except BaseException:
            ours.close()
            raise
        self._line = ours

    def _worker(self) -> Worker:
        assert self._line is not None
        ours, theirs = socket.socketpair()
        ended, end = os.pipe()
        area = private_file()
        try:
            make_room(area)
            memory = Area(area)
            with contextlib.suppress(BrokenPipeError):
                socket.send_fds(self._line, [FORK], [theirs.fileno(), end, area])
            answer = self._answer()
            if answer < 0:
                raise OSError(-answer, os.strerror(-answer))
        except BaseException:
            ours.close()
            os.close(ended)
            raise
        finally:
            theirs.close()
            os.close(end)
            os.close(area)
        return Worker(answer, ours, ended, memory)

    def _answer(self) -> int:
        """The number of the process that it has started."""
        assert self._line is not None and self._process is not None
        with contextlib.suppress(ConnectionError):
            if (answer := receive(self._line)) is not None:
                number: int = number_of.unpack(answer[1])[0]
                return number
        process = self._process
        self._stop()
        how = (
            f"exit code {process.returncode}" if process.returncode >= 0 else f"signal {-process.returncode}"
        )
        raise Refused(f"no worker process could be started: who starts them ended with {how}")

    def _stop(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            try:
                self._process.wait(2 * grace)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            no_longer_under_way(self._process.pid)
            self._process = None


def python(code: str) -> list[str]:
    """A program that sees the same modules as this one."""
    path = ascii([entry for entry in sys.path if isinstance(entry, str)])
    flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # as multiprocessing does
    return [sys.executable, *flags, "-c", f"import sys; sys.path[:] = {path}; {code}"]
