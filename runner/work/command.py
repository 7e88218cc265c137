"""One command: started in a session of its own, waited for, ended with all that it started.

Output goes straight to files, so that nobody who keeps it open is waited for. Knows neither
tasks nor templates nor what the output means.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Literal

from runner import processes
from runner.processes import Process
from runner.struct import struct
from runner.work.launch import Command, start

linger = 0.1
"""Seconds that what is still running may take to end by itself, once the command has ended."""


class _Bell:
    """A descriptor that is readable once it has been rung."""

    def __init__(self) -> None:
        self._read = self._write = -1
        if sys.platform == "linux":
            self._read = self._write = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        else:
            self._read, self._write = os.pipe()
            os.set_blocking(self._write, False)

    def fileno(self) -> int:
        return self._read

    def ring(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._write, (1).to_bytes(8, sys.byteorder))

    def __del__(self) -> None:
        for descriptor in {self._read, self._write} - {-1}:
            os.close(descriptor)


_hanging = threading.Lock()
"""Who hangs a bell: a second one would take the place of one that somebody listens to."""


class Halt:
    """How another thread, or a signal handler, asks what is being performed to end.

    First `stop`: commands get TERM and some time. Then, or at once, `kill`: no time. Both can be
    waited for as descriptors, which are made only when somebody does.
    """

    __slots__ = ("_kill_bell", "_stop_bell", "killing", "reason", "stopping")

    def __init__(self) -> None:
        self.stopping = False
        self.killing = False
        self.reason = ""
        self._stop_bell: _Bell | None = None
        self._kill_bell: _Bell | None = None

    @property
    def state(self) -> Literal["", "stopping", "killing"]:
        """Empty as long as nobody has asked."""
        return "killing" if self.killing else "stopping" if self.stopping else ""

    def stop(self, reason: str = "") -> None:
        """Asks it to end in order; the first reason counts."""
        self.reason = self.reason or reason
        self.stopping = True
        if self._stop_bell is not None:
            self._stop_bell.ring()

    def kill(self, reason: str = "") -> None:
        """Asks it to end at once."""
        self.killing = True
        self.stop(reason)
        if self._kill_bell is not None:
            self._kill_bell.ring()

    def fileno(self) -> int:
        """Readable from the first `stop` or `kill` on."""
        with _hanging:
            self._stop_bell = self._stop_bell or _Bell()
        # Looked at after the bell hangs: whoever asked before did not ring it.
        if self.stopping:
            self._stop_bell.ring()
        return self._stop_bell.fileno()

    def kill_fileno(self) -> int:
        """Readable from the first `kill` on."""
        with _hanging:
            self._kill_bell = self._kill_bell or _Bell()
        if self.killing:
            self._kill_bell.ring()
        return self._kill_bell.fileno()


@struct
class Ended:
    """How a command ended. `exit_code` is 128+n after signal n.

    `cause` is why it was ended from outside, if it was; `left_behind` is what it started and
    did not wait for.
    """

    exit_code: int
    cause: Literal["", "timeout", "halt"] = ""
    left_behind: tuple[Process, ...] = ()


def run(command: Command, stdout: int, stderr: int, halt: Halt, timeout: float | None = None) -> Ended:
    """Runs a command to its end. Raises `StartFailure`."""
    process = start(command, stdout, stderr)
    try:
        return _wait(process, command.env, halt, timeout)
    except BaseException:
        if process.returncode is None:
            _end_plainly(process, 0)
        raise


def _wait(
    process: subprocess.Popen[bytes], env: Mapping[str, str], halt: Halt, timeout: float | None
) -> Ended:
    deadline = None if timeout is None else time.monotonic() + timeout
    with _exit_of(process) as pidfd:
        cause = _first_of(process, pidfd, halt, deadline)
        if cause:
            _end(process, pidfd, _marks(env), halt)
    code = process.wait()
    exit_code = code if code >= 0 else 128 - code
    return Ended(exit_code, cause) if cause else Ended(exit_code, left_behind=_left_behind(process.pid, env))


@contextlib.contextmanager
def _exit_of(process: subprocess.Popen[bytes]) -> Iterator[int | None]:
    """A descriptor that is readable once the process has ended, where the system has such."""
    try:
        pidfd = os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        yield None
        return
    try:
        yield pidfd
    finally:
        os.close(pidfd)


def _first_of(
    process: subprocess.Popen[bytes], pidfd: int | None, halt: Halt, deadline: float | None
) -> Literal["", "timeout", "halt"]:
    """Waits for the end of the process, a halt or the deadline; the end counts first."""
    stop = halt.fileno()
    poll = select.poll()
    poll.register(stop, select.POLLIN)
    if pidfd is not None:
        poll.register(pidfd, select.POLLIN)
    while True:
        left = None if deadline is None else max(deadline - time.monotonic(), 0)
        if pidfd is None:
            left = _blink if left is None else min(left, _blink)
        ready = {descriptor for descriptor, _ in poll.poll(None if left is None else left * 1000)}
        if pidfd in ready or (pidfd is None and process.poll() is not None):
            return ""
        if stop in ready:
            return "halt"
        if deadline is not None and time.monotonic() >= deadline:
            return "timeout"


# Ending -----------------------------------------------------------------------------------------

_blink = 0.02
_left: dict[str, list[Process]] = {}
_left_lock = threading.Lock()


def _end(process: subprocess.Popen[bytes], pidfd: int | None, marks: list[bytes], halt: Halt) -> None:
    patience = 0 if halt.killing else processes.grace
    if pidfd is None:
        _end_plainly(process, patience)
    else:
        find = partial(processes.family, process.pid, marks)
        processes.end(find, process.pid, halt.kill_fileno(), patience)


def _end_plainly(process: subprocess.Popen[bytes], patience: float) -> None:
    """Ends the process group, which is all that some systems let us know of."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if patience:
            os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(patience)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _left_behind(group: int, env: Mapping[str, str]) -> tuple[Process, ...]:
    """What lives on in the group of a command that has ended, remembered for the end of the run."""
    if not _group_lives(group):
        return ()
    marks = _marks(env)
    processes.wait_until_gone(processes.family(group, marks), linger)
    left = tuple(processes.family(group, marks))
    if left:
        with _left_lock:
            _left.setdefault(env.get("RUNNER_RUN_ID", ""), []).extend(left)
    return left


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end_left_behind(run_id: str, halt: Halt) -> tuple[str, ...]:
    """Ends what the commands of a run have left behind, however it hides; says what that was."""
    with _left_lock:
        known = _left.pop(run_id, [])
    marks = [_mark("RUNNER_RUN_ID", run_id)]
    find = partial(processes.survivors, known, marks)
    patience = 0 if halt.killing else processes.grace
    return tuple(map(str, processes.end(find, None, halt.kill_fileno(), patience)))


def _mark(name: str, value: str) -> bytes:
    return os.fsencode(f"{name}={value}")


def _marks(env: Mapping[str, str]) -> list[bytes]:
    """The entries of the environment that tell a command from all others of all runs, if it has them."""
    own = [_mark(name, env[name]) for name in ("RUNNER_RUN_ID", "RUNNER_COMMAND") if name in env]
    return own if len(own) == 2 else []
