"""The program's own streams: what is printed for people and for pipes, whoever else writes there.

stdout carries only results. It does not know what they are.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import os
import sys
import threading

from runner.hints import Any, NoReturn, TextIO
from runner.hosts import here

GRACE = 5.0
"""Seconds that the exit functions of the user's code may take."""

CHILDRENS_GRACE = 0.5
"""Seconds from TERM to KILL for processes that callables have left."""


class OutputFailed(Exception):
    """Standard output took no more, and not because its reader had enough."""


_closed: set[int] = set()
"""The program's own descriptors that its caller had closed."""


def refuse_closed(descriptor: int) -> None:
    """Raises `OutputFailed` if the caller closed it: what was asked for there is lost."""
    if descriptor in _closed:
        raise OutputFailed(
            f"cannot write to standard {'error' if descriptor == 2 else 'output'}: it is closed"
        )


def cannot_write(error: OSError) -> OutputFailed:
    """What the system gave as its reason, in our words."""
    return OutputFailed(f"cannot write to standard output: {os.strerror(error.errno or errno.EIO)}")


def open_closed_streams() -> None:
    """Give descriptors 0, 1 and 2 something harmless where the caller closed them.

    Otherwise the next file to be opened, a database perhaps, becomes "standard output".
    """
    for descriptor, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        # Python 3.14 keeps the script that it runs open, maybe as one of these.
        if getattr(sys, name) is None or not _is_open(descriptor):
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != descriptor:
                os.dup2(opened, descriptor)
                os.close(opened)
            setattr(sys, name, os.fdopen(descriptor, mode, closefd=False))
            _closed.add(descriptor)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def empty_stdin() -> None:
    """From now on whoever reads standard input is at its end; nobody waits for the terminal."""
    descriptor = os.open(os.devnull, os.O_RDONLY)
    os.dup2(descriptor, 0)
    os.close(descriptor)


class Stdout:
    """Standard output. A reader that closes early (`| head`) has had enough: the rest is dropped."""

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor
        self._closed = False
        self._inert = here().stdout(descriptor)

    def write(self, text: str) -> None:
        """Write all of `text`, or raise `OutputFailed`."""
        self.write_bytes(text.encode("utf-8", "backslashreplace"))

    def write_bytes(self, data: bytes) -> None:
        """Write all of `data`, or raise `OutputFailed`."""
        self._write(self._inert(data) if self._inert else data)

    def write_commands(self, text: str) -> None:
        """Write what the service at which the program runs is to act on."""
        self._write(text.encode("utf-8", "backslashreplace"))

    def _write(self, data: bytes) -> None:
        refuse_closed(self._descriptor)
        waiting = memoryview(data)
        while waiting and not self._closed:
            try:
                waiting = waiting[os.write(self._descriptor, waiting) :]
            except BrokenPipeError:
                self._closed = True
            except BlockingIOError:
                os.set_blocking(self._descriptor, True)
            except OSError as error:
                self._closed = True
                raise cannot_write(error) from error

    def isatty(self) -> bool:
        """Whether a person is likely to read it as it is written."""
        return os.isatty(self._descriptor)


def say(text: str, stream: TextIO | None = None) -> None:
    """Tell the person at the terminal something, on stderr; nobody there is no reason to fail."""
    told = stream or sys.stderr or sys.__stderr__
    with contextlib.suppress(OSError, ValueError, AttributeError):
        print(text, file=told, flush=True)


def flush(*streams: Any) -> None:
    """Write what waits; what has no reader any more is dropped in silence.

    Code of the user's may have put anything in the place of `sys.stdout`, or nothing.
    """
    for stream in streams:
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError, ValueError):
                descriptor = os.open(os.devnull, os.O_WRONLY)
                os.dup2(descriptor, stream.fileno())
                os.close(descriptor)
        except Exception:
            continue


def run_exit_functions() -> None:
    """Run what is registered for the end of the program, as long as that takes no longer than `GRACE`."""
    flush(sys.stdout, sys.stderr)
    if not atexit._ncallbacks():
        return
    with contextlib.suppress(KeyboardInterrupt, RuntimeError):
        ending = threading.Thread(target=atexit._run_exitfuncs, daemon=True)
        ending.start()
        ending.join(GRACE)
    flush(sys.stdout, sys.stderr)


def leave(code: int) -> NoReturn:
    """End the program, whatever threads and exit functions of the user's code would go on for."""
    run_exit_functions()
    if "runner.processes" in sys.modules:
        with contextlib.suppress(OSError):
            from runner.processes import end_descendants

            end_descendants(CHILDRENS_GRACE)
    if "runner.supervisor" in sys.modules:
        from runner.supervisor import farewell

        farewell.say()
    os._exit(code)
