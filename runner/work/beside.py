"""In a program that is not ours, what tasks print goes to their logs, and all else where it always went.

No descriptor is moved, and once the last run is over the program has its own streams back.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator
from typing import Any, Literal, TextIO, cast

from runner.work.capture import is_of_a_task, lead_logging, lead_logging_no_more, routed

_lock = threading.Lock()
_runs = 0


class _Beside:
    """Stands in for `sys.stdout` or `sys.stderr`: to tasks their logs, to all else the stream itself."""

    def __init__(self, suffix: str, own: TextIO | None) -> None:
        self.__dict__.update(_own=own, _tasks=routed(suffix, own), _runs=0)

    def _stream(self) -> TextIO:
        own: TextIO | None = self.__dict__["_own"]
        tasks: TextIO = self.__dict__["_tasks"]
        return tasks if own is None or is_of_a_task() else own

    def write(self, text: str, /) -> int:
        return self._stream().write(text)

    def flush(self) -> None:
        self._stream().flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._stream(), name, value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._stream())


Name = Literal["stdout", "stderr"]


@contextlib.contextmanager
def beside() -> Iterator[None]:
    """While it lasts, what tasks print in any thread goes to their logs; any number may last at once."""
    global _runs
    with _lock:
        stdout, stderr = _join("stdout"), _join("stderr")
        _runs += 1
        lead_logging(cast(TextIO, stderr))
    try:
        yield
    finally:
        with _lock:
            _runs -= 1
            _leave("stdout", stdout)
            _leave("stderr", stderr)
            if not _runs:
                lead_logging_no_more()


def _join(name: Name) -> _Beside:
    found = getattr(sys, name)
    if not isinstance(found, _Beside):
        found = _Beside("out" if name == "stdout" else "err", found)
        setattr(sys, name, found)
    found.__dict__["_runs"] += 1
    return found


def _leave(name: Name, stream: _Beside) -> None:
    """Put the program's own stream back, unless the program has put another in the place of ours."""
    stream.__dict__["_runs"] -= 1
    if not stream.__dict__["_runs"] and getattr(sys, name) is stream:
        setattr(sys, name, stream.__dict__["_own"])
