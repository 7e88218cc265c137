"""What processes beside a worker write to their descriptors 1 and 2, kept until it is brought to the run.

Knows neither who writes nor how it travels.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress
from tempfile import TemporaryFile

from runner.work.carrying import give_back


class Unclaimed:
    """A file without a name that only grows. It outlives who writes to it."""

    def __init__(self, folder: str) -> None:
        with TemporaryFile(dir=folder) as file:
            self._file = os.dup(file.fileno())
        fcntl.fcntl(self._file, fcntl.F_SETFL, os.O_APPEND)
        self._taken = 0
        self._lock = threading.Lock()

    def __del__(self) -> None:
        with suppress(AttributeError):
            os.close(self._file)

    def fileno(self) -> int:
        """A descriptor to write to."""
        return self._file

    def take(self, most: int) -> bytes:
        """What has come since, but no more than so many bytes, and whole lines where it is more."""
        with self._lock:
            size = os.fstat(self._file).st_size
            self._taken = min(self._taken, size)  # who opens it by its number may make it short
            part = os.pread(self._file, most, self._taken)
            if self._taken + len(part) < size and b"\n" in part:
                part = part[: part.rindex(b"\n") + 1]
            give_back(self._file, self._taken, self._taken + len(part))
            self._taken += len(part)
            return part


_one_at_a_time = threading.Lock()


def claim(part: bytes) -> None:
    """Say it again here, where what belongs to no task goes to the log of the run."""
    with _one_at_a_time, suppress(OSError):
        while part:
            part = part[os.write(2, part) :]
