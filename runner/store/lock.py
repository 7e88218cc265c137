"""A lock that dies with its holder: who performs a run. It knows nothing of what is in the run.

The file stays; it is the system that lets go of the lock when the last process that holds it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

from runner.problem import UserError

TRIES = 20


class Lock:
    """The lock that `path` stands for, held by this process."""

    def __init__(self, path: Path) -> None:
        """Take the lock; raises `UserError` with its holder's name when another process has it."""
        self._file = _open(path)
        if not _take_patiently(self._file):
            os.close(self._file)
            raise UserError(going_on(path))
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"process {os.getpid()}".encode(), 0)

    def close(self) -> None:
        """Let go."""
        os.close(self._file)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UserError(f"cannot open {path}: {(error.strerror or str(error)).lower()}") from error


def going_on(path: Path) -> str:
    """A sentence on a run whose lock somebody holds, that names who."""
    try:
        holder = path.read_text(errors="replace").strip()
    except OSError:
        holder = ""
    return f"run {path.parent.name} is still going on: {holder or 'another process'} performs it"


def held(path: Path) -> bool:
    """Whether some process holds the lock that `path` stands for."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    with contextlib.closing(os.fdopen(file, "rb")):
        return not _take(file, shared=True)


def _take_patiently(file: int) -> bool:
    """Somebody who only looks whether it is held has it for a moment."""
    for _ in range(TRIES):
        if _take(file):
            return True
        time.sleep(0.005)
    return False


def _take(file: int, *, shared: bool = False) -> bool:
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
