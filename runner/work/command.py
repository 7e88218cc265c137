"""One command: started in a session of its own, waited for, ended with all that it started.

Output goes straight to files, so that nobody who keeps it open is waited for. Knows neither
tasks nor templates nor what the output means.
"""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections.abc import Callable, Mapping
from functools import partial

from runner import processes
from runner.hints import Literal
from runner.in_c import signal
from runner.processes import Process
from runner.struct import struct
from runner.work.halt import Halt
from runner.work.launch import Command, start
from runner.work.left_behind import left_in_group, marks_of, no_longer_under_way
from runner.work.quick import close
from runner.work.spawning import Child


@struct
class Ended:
    """How a command ended. `exit_code` is 128+n after signal n.

    `cause` is why it was ended from outside, if it was; `left_behind` is what it started and
    did not wait for.
    """

    exit_code: int
    cause: Literal["", "timeout", "halt"] = ""
    left_behind: tuple[Process, ...] = ()


def run(
    command: Command,
    stdout: int,
    stderr: int,
    halt: Halt,
    timeout: float | None = None,
    started: Callable[[], object] = bool,
) -> Ended:
    """Runs a command to its end; `started` is told that it has its streams. Raises `StartFailure`."""
    halt.fileno()  # what cannot be had is better missed before anything has begun
    process = start(command, stdout, stderr)
    try:
        started()
        return _wait(process, command.env, halt, timeout)
    except BaseException:
        if process.returncode is None:
            _end_plainly(process, 0)
        raise
    finally:
        no_longer_under_way(process.pid)


def _wait(process: Child, env: Mapping[str, str], halt: Halt, timeout: float | None) -> Ended:
    deadline = None if timeout is None else time.monotonic() + timeout
    pidfd = _exit_of(process)
    try:
        cause = _first_of(process, pidfd, halt, deadline)
        if cause:
            _end(process, pidfd, marks_of(env), halt)
    finally:
        if pidfd is not None:
            close(pidfd)
    code = process.wait()
    exit_code = code if code >= 0 else 128 - code
    return Ended(exit_code, cause) if cause else Ended(exit_code, left_behind=_left(process.pid, env))


def _left(group: int, env: Mapping[str, str]) -> tuple[Process, ...]:
    """What the command has left in its group; where we may not look, the end of the run finds it."""
    with contextlib.suppress(OSError):
        return left_in_group(group, env)
    return ()


def _exit_of(process: Child) -> int | None:
    """A descriptor that is readable once the process has ended, where the system has such."""
    try:
        return os.pidfd_open(process.pid)
    except (AttributeError, OSError):
        return None


def _first_of(
    process: Child, pidfd: int | None, halt: Halt, deadline: float | None
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
        ready = {descriptor for descriptor, _ in poll.poll(None if left is None else min(left, _day) * 1000)}
        if pidfd in ready or (pidfd is None and process.poll() is not None):
            return ""
        if stop in ready:
            return "halt"
        if deadline is not None and time.monotonic() >= deadline:
            return "timeout"


# Ending -----------------------------------------------------------------------------------------

_blink = 0.02
_day = 86400.0  # longer waits do not fit into what the system is given


def _end(process: Child, pidfd: int | None, marks: list[bytes], halt: Halt) -> None:
    patience = 0 if halt.killing else processes.grace
    if pidfd is not None:
        find = partial(processes.family, process.pid, marks)
        with contextlib.suppress(OSError):  # no more files may be opened
            processes.end(find, process.pid, halt.kill_fileno(), patience)
            return
    _end_plainly(process, patience)


def _end_plainly(process: Child, patience: float) -> None:
    """Ends the process group, which is all that some systems let us know of."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if patience:
            os.killpg(process.pid, signal.SIGTERM)
            _wait_within(process, patience)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait_within(process: Child, seconds: float) -> None:
    """Wait for the end of the process, but no longer than that."""
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        time.sleep(_blink)
