"""Who starts workers: one process without threads, that has imported all they need but nothing of the user's.

It tells of each how it has ended, and ends those that are left if nobody listens any more.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from typing import NoReturn

from runner.processes import end_descendants, grace
from runner.struct import struct as record
from runner.work import clock
from runner.work.area import Area
from runner.work.frames import FORK, SETUP, framed, receive
from runner.work.pickles import know
from runner.work.serving import work

number_of = struct.Struct("<q")

MARK = "RUNNER_RUN_ID"
"""The variable by which processes of a run are found; callables see the environment as it was."""

_files = 3
"""Those of a worker: its line, where it is told how it ended, and its area."""


@record
class Setup:
    """What all workers begin with."""

    mark_before: str | None
    offset: float
    argv: list[str]
    callables: tuple[tuple[str, str], ...]


def serve(descriptor: int) -> NoReturn:
    """Start workers as long as the other end of a socket asks for them."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    line = socket.socket(fileno=descriptor)
    line.set_inheritable(False)
    _set_up(line)
    gc.collect()
    gc.freeze()
    _Server(line).serve()


def _set_up(line: socket.socket) -> None:
    asked = receive(line)
    if asked is None or asked[0] != SETUP:
        os._exit(0)
    setup: Setup = pickle.loads(asked[1])
    os.environ.pop(MARK, None)
    if setup.mark_before is not None:
        os.environ[MARK] = setup.mark_before
    clock.go_by(setup.offset)
    sys.argv = setup.argv
    know(setup.callables)


class _Server:
    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._statuses: dict[int, int] = {}
        """By the number of a worker, where it is told how it ended."""
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    def serve(self) -> NoReturn:
        poll = select.poll()
        poll.register(self._line, select.POLLIN)
        poll.register(self._woken, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if self._woken in ready:
                with suppress(BlockingIOError):
                    os.read(self._woken, 512)
                self._reap()
            if self._line.fileno() in ready and not self._answer():
                end_descendants(grace)
                os._exit(0)

    def _answer(self) -> bool:
        """Start a worker; False if nobody asks any more."""
        try:
            asked, given, _, _ = socket.recv_fds(self._line, 1, _files)
        except OSError:
            return False
        if not asked:
            return False
        try:
            self._line.sendall(framed(FORK, number_of.pack(self._fork(*given))))
        except OSError:
            return False
        return True

    def _fork(self, line: int, status: int, area: int) -> int:
        """The number of a new process, or why there is none, as a negative one."""
        try:
            child = os.fork()
        except OSError as error:
            os.close(status)
            child = -(error.errno or 1)
        if not child:
            self._begin(line, status, area)
        os.close(line)
        os.close(area)
        if child > 0:
            self._statuses[child] = status
        return child

    def _begin(self, line: int, status: int, area: int) -> NoReturn:
        """In the child: nothing is left of the server."""
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._line.close()
            for descriptor in (self._woken, self._wake, status, *self._statuses.values()):
                os.close(descriptor)
            memory = Area(area)
            os.close(area)
            work(socket.socket(fileno=line), memory)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(1)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while True:
                child, status = os.waitpid(-1, os.WNOHANG)
                if not child:
                    return
                told = self._statuses.pop(child, None)
                if told is not None:
                    with suppress(OSError):  # nobody is interested
                        os.write(told, number_of.pack(os.waitstatus_to_exitcode(status)))
                    os.close(told)
