"""What Python code prints and logs goes to the log of the attempt that made it.

`sys.stdout`, `sys.stderr` and unconfigured `logging` are routed by a context variable, so that any
number of threads print at once; `logging` only where there is Python code to run. Knows neither tasks
nor runs.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator

from runner.hints import TYPE_CHECKING, Any, TextIO, cast
from runner.in_c import ContextVar
from runner.masks import Mask
from runner.struct import struct
from runner.work.logs import Channel, Log, no_mask

if TYPE_CHECKING:
    import re

_stdout, _stderr = 1, 2

current: ContextVar[Log | None] = ContextVar("current", default=None)
"""Where what this thread or coroutine prints belongs."""


_not_text = "[\ud800-\udc7f\udd00-\udfff]"


def _spelled(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


class _Bytes(io.RawIOBase):
    """The `buffer` of a routed stream."""

    def __init__(self, stream: _Routed) -> None:
        self._stream = stream

    def close(self) -> None:
        """As of the stream itself."""

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        content = bytes(data)
        self._stream.route(content)
        return len(content)

    def fileno(self) -> int:
        return self._stream.fileno()


class _Routed(io.TextIOBase):
    """Stands in for `sys.stdout` or `sys.stderr`. What belongs to no attempt goes to `rest`."""

    encoding = "utf-8"
    errors = "surrogateescape"

    def __init__(self, suffix: str, rest: Channel | TextIO | None) -> None:
        self._suffix = suffix
        self._rest = rest
        self.name = f"<std{suffix}>"
        self.buffer = _Bytes(self)

    def route(self, data: bytes) -> None:
        log = current.get()
        if log is not None and log.write(self._suffix, data):
            return
        if isinstance(self._rest, Channel):
            self._rest.write(data)
        elif self._rest is not None:
            self._rest.write(data.decode("utf-8", "replace"))

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        try:
            data = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            import re

            data = re.sub(_not_text, _spelled, text).encode("utf-8", "surrogateescape")
        self.route(data)
        return len(text)

    def flush(self) -> None:
        if current.get() is None and self._rest is not None and not isinstance(self._rest, Channel):
            self._rest.flush()

    def close(self) -> None:
        """It is not for one task to close what all print to."""

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        log = current.get()
        if log is not None and not log.closed:
            return log.channel(self._suffix).lend()
        if self._rest is None:
            raise io.UnsupportedOperation("fileno")
        return self._rest.fileno()

    def reconfigure(self, **_options: Any) -> None:
        """Its encoding and buffering are fixed."""


@struct
class Terminal:
    """The program's own stdout and stderr, which nothing else writes to."""

    stdout: TextIO
    stderr: TextIO


_routes = 0
_routed_stderr: TextIO | None = None


def ensure_routing() -> None:
    """Routes what this process prints from now on, unless it already does; the rest stays as it is."""
    global _routes
    if not _routes:
        _routes = 1
        _route(sys.stdout, sys.stderr)


@contextlib.contextmanager
def routing(path: str, mask: Mask = no_mask) -> Iterator[Terminal]:
    """While it lasts, whatever is printed outside of any attempt goes to the log at `path`.

    That includes what is written to the descriptors 1 and 2 directly, by C code or a callable's
    subprocess.
    """
    global _routes, _routed_stderr
    _occupy_standard_descriptors()
    run_log = Channel(path, mask)
    before = sys.stdout, sys.stderr, _routed_stderr
    with contextlib.ExitStack() as undo:
        undo.callback(run_log.close)
        terminal = Terminal(
            _moved(sys.stdout, _stdout, run_log, undo), _moved(sys.stderr, _stderr, run_log, undo)
        )
        _routes += 1
        _route(run_log, run_log)
        try:
            yield terminal
        finally:
            _routes -= 1
            sys.stdout, sys.stderr, _routed_stderr = before
            _leave_logging()


def _route(out: Channel | TextIO | None, err: Channel | TextIO | None) -> None:
    global _routed_stderr
    sys.stdout = cast(TextIO, _Routed("out", out))
    sys.stderr = _routed_stderr = cast(TextIO, _Routed("err", err))


def owns_streams() -> bool:
    """Whether nobody else in this process looks after `sys.stdout` and `sys.stderr`."""
    return _led is None


def route_logging() -> None:
    """From now on what is logged goes where `sys.stderr` does; to be said before a user's code is run."""
    from runner.work import logged

    if _led is None:
        logged.route(_routed_stderr or sys.stderr)
    else:
        logged.route(_led, beside=is_of_a_task)


# In a program that is not ours --------------------------------------------------------------------


_led: TextIO | None = None
"""Where in such a program goes what tasks log."""


def is_of_a_task() -> bool:
    """Whether what this thread or coroutine prints is a task's."""
    return current.get() is not None


def routed(suffix: str, rest: TextIO | None) -> TextIO:
    """A stream that leads to the log of the attempt that writes to it; late output goes to `rest`."""
    return cast(TextIO, _Routed(suffix, rest))


def lead_logging(stream: TextIO) -> None:
    """From now on what tasks log goes there, and what the program logs where it went.

    Streams are looked after by who says so: this module does not route any more by itself.
    """
    global _routes, _led
    _routes, _led = _routes or 1, stream


def lead_logging_no_more() -> None:
    """Leave `logging` as it was found."""
    global _led
    _led = None
    _leave_logging()
    if _routed_stderr is not None:
        route_logging()


def _leave_logging() -> None:
    if logged := sys.modules.get("runner.work.logged"):
        logged.route_no_more()


def _occupy_standard_descriptors() -> None:
    """A program started with one of them closed would give its number to the next file it opens."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= _stderr:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def _moved(stream: TextIO | None, descriptor: int, log: Channel, undo: contextlib.ExitStack) -> TextIO:
    """The stream on a private descriptor; its own one leads to the log until it is undone."""
    if stream is not None:
        stream.flush()
    private = os.dup(descriptor)
    os.dup2(log.fileno(), descriptor)
    if stream is None or not _is_on(stream, descriptor):
        undo.callback(_put_back, private, descriptor)
        return cast(TextIO, io.StringIO()) if stream is None else stream
    binary = io.BufferedWriter(io.FileIO(private, "w", closefd=False))
    moved = io.TextIOWrapper(binary, encoding=stream.encoding, errors=stream.errors, line_buffering=True)
    undo.callback(moved.close)
    undo.callback(_put_back, private, descriptor)
    undo.callback(moved.flush)
    # Code of the user's may have kept it, and its buffer would come out when the descriptor is back.
    undo.callback(stream.flush)
    return moved


def _put_back(private: int, descriptor: int) -> None:
    os.dup2(private, descriptor)
    os.close(private)


def _is_on(stream: TextIO, descriptor: int) -> bool:
    try:
        return stream.fileno() == descriptor
    except (OSError, ValueError, AttributeError):
        return False
