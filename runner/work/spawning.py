"""Starting a program as a child, leader of a session of its own.

`subprocess` does the same, by the same function of Python's, but takes three milliseconds to import: it does
so where that function is not known. It knows neither why a program is started nor how it is to end.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Mapping, Sequence

from runner.hints import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    fork_exec: Any
else:
    try:
        from _posixsubprocess import fork_exec
    except ImportError:
        fork_exec = None

_by_vfork = (True,) if sys.version_info < (3, 14) else ()


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
    program: str | None,
    streams: tuple[int, int, int],
    cwd: str,
    env: Mapping[str, str],
) -> Child:
    """Start a program, with descriptors for its three streams and no others; without one, that of `argv`.

    Raises `OSError`, or `ValueError` if its words cannot be handed to any program.
    """
    if fork_exec is not None and sys.version_info < (3, 15):
        return _Spawned(argv, program, streams, cwd, env)
    from subprocess import Popen

    stdin, stdout, stderr = streams
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


class _Spawned:
    """Started by the function itself."""

    def __init__(
        self,
        argv: Sequence[str],
        program: str | None,
        streams: tuple[int, int, int],
        cwd: str,
        env: Mapping[str, str],
    ) -> None:
        self.returncode: int | None = None
        stdin, stdout, stderr = streams
        sys.audit("subprocess.Popen", program or argv[0], argv, cwd, env)
        variables = [_variable(name, value) for name, value in env.items()]
        places = _candidates(os.fsencode(program or argv[0]), env)
        heard, told = _pipe()
        try:
            try:
                self.pid: int = fork_exec(
                    list(argv), places, True, (told,), cwd, variables, stdin, -1, -1, stdout, -1, stderr,
                    heard, told, True, True, -1, None, None, None, -1, None, *_by_vfork,
                )  # fmt: skip
            finally:
                os.close(told)
            refused = _read(heard)
        finally:
            os.close(heard)
        if refused:  # by the child, which has ended
            self.wait()
            _, number, _ = refused.split(b":", 2)
            raise OSError(int(number, 16), os.strerror(int(number, 16)), program or argv[0])

    def poll(self) -> int | None:
        """Its `returncode`, if it has ended."""
        return self._note(os.WNOHANG) if self.returncode is None else self.returncode

    def wait(self) -> int:
        """Its `returncode`, -n after signal n."""
        while self.returncode is None:
            self._note(0)
        return self.returncode

    def _note(self, options: int) -> int | None:
        try:
            process, status = os.waitpid(self.pid, options)
        except ChildProcessError:  # somebody else has waited for it
            process, status = self.pid, 0
        if process == self.pid:
            self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def _pipe() -> tuple[int, int]:
    """The upper end is none of the three that the child gives up."""
    heard, told = os.pipe()
    if told > 2:
        return heard, told
    try:
        return heard, fcntl.fcntl(told, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(told)


def _read(descriptor: int) -> bytes:
    """All that is written there."""
    found = b""
    while part := os.read(descriptor, 1 << 16):
        found += part
    return found


def _variable(name: str, value: str) -> bytes:
    if "=" in name:
        raise ValueError(f"illegal environment variable name: {name}")
    return os.fsencode(name) + b"=" + os.fsencode(value)


def _candidates(program: bytes, env: Mapping[str, str]) -> tuple[bytes, ...]:
    """Where a program may lie."""
    if b"/" in program:
        return (program,)
    return tuple(os.path.join(os.fsencode(folder), program) for folder in os.get_exec_path(env))
