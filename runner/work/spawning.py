"""Starting a program as a child, leader of a session of its own.

It knows neither why a program is started nor how it is to end.
"""

from __future__ import annotations

import fcntl
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache

from runner.hints import Protocol
from runner.in_c import signal
from runner.work.quick import status_of

Streams = tuple[int, int, int]

_short, _few = 1024, 512
"""Variables that are shorter are encoded once, as long as they are no more."""

posix_spawn: Callable[[bytes, Sequence[bytes], Sequence[bytes], Streams, bytes], int] | None = None
if sys.platform == "linux":
    with suppress(ImportError, OSError):  # another C library, or a Python without `ctypes`
        from runner.work.posix_spawn import posix_spawn


class Child(Protocol):
    """A process; its `returncode` is None before it was waited for, and -n after signal n."""

    pid: int
    returncode: int | None

    def poll(self) -> int | None:
        """Its `returncode`, without waiting."""

    def wait(self) -> int:
        """Its `returncode`."""


def spawn(
    argv: Sequence[str],
    program: str,
    streams: Streams,
    cwd: str,
    env: Mapping[str, str],
) -> Child:
    """Start a program, with descriptors for its three streams and no others.

    Raises `OSError`, or `ValueError` if its words cannot be handed to any program.
    """
    if posix_spawn is None:
        return _spawn_by_subprocess(argv, program, streams, cwd, env)
    sys.audit("subprocess.Popen", program, argv, cwd, env)
    words = [os.fsencode(word) for word in argv]
    variables = [
        _variable(name, value) if len(value) < _short else _encoded(name, value)
        for name, value in env.items()
    ]
    moved = streams if min(streams) > 2 else _moved(streams)
    try:
        return _Spawned(posix_spawn(os.fsencode(program), words, variables, moved, os.fsencode(cwd)))
    finally:
        if moved is not streams:
            _close(moved)


class _Spawned:
    """A child of this process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its `returncode`, if it has ended."""
        if self.returncode is None:
            try:
                status = status_of(self.pid)
            except ChildProcessError:  # somebody else has waited for it
                status = 0
            if status is not None:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self) -> int:
        """Its `returncode`, -n after signal n."""
        while self.poll() is None:
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        assert self.returncode is not None
        return self.returncode


@lru_cache(maxsize=_few)
def _variable(name: str, value: str) -> bytes:
    """Most variables are those of all the commands of a run."""
    return _encoded(name, value)


def _encoded(name: str, value: str) -> bytes:
    if "=" in name:
        raise ValueError(f"illegal environment variable name: {name}")
    return os.fsencode(name) + b"=" + os.fsencode(value)


def _moved(streams: Streams) -> Streams:
    """Three others, none of which is one whose place another one takes in the child."""
    stdin, stdout, stderr = (fcntl.fcntl(stream, fcntl.F_DUPFD_CLOEXEC, 3) for stream in streams)
    return stdin, stdout, stderr


def _close(streams: Streams) -> None:
    for stream in streams:
        os.close(stream)


# Elsewhere ----------------------------------------------------------------------------------------

_starting = threading.Lock()
# A child that a callable forks meanwhile would hold open the pipe whose end says that a command runs.
os.register_at_fork(
    before=_starting.acquire, after_in_parent=_starting.release, after_in_child=_starting.release
)


def _spawn_by_subprocess(
    argv: Sequence[str],
    program: str,
    streams: Streams,
    cwd: str,
    env: Mapping[str, str],
) -> Child:
    from subprocess import Popen

    stdin, stdout, stderr = streams
    with _starting, _no_signals_blocked():
        return Popen(
            argv,
            executable=program,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            env=env,
            start_new_session=True,
        )


@contextmanager
def _no_signals_blocked() -> Iterator[None]:
    """A command inherits the signals that this thread blocks, and could not be ended by them."""
    blocked = signal.pthread_sigmask(signal.SIG_SETMASK, ())
    try:
        yield
    finally:
        if blocked:
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
