"""A lock that dies with its holder: who performs a run. It knows nothing of what is in the run.

It is the run's folder that is locked, which cannot be taken away without the run, and besides the file
`lock` in it, which says who the holder is: some file systems lock no folders. Both stay; it is the
system that lets go of them when the last process that holds them ends. Where it locks nothing at all, who
is named there holds it as long as that very process lives.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time

from runner.problem import UserError
from runner.processes import holders, look_up
from runner.refusals import advice, reason

TRIES = 20
NAME = "lock"


class Lock:
    """The lock of the run in `folder`, held by this process."""

    def __init__(self, folder: str) -> None:
        """Take the lock; raises `UserError` with its holder's name when another process has it."""
        self._held: list[int] = []
        try:
            for path, flags in ((folder, os.O_RDONLY), (_file(folder), os.O_RDWR | os.O_CREAT)):
                self._held.append(_open(path, flags))
                taken = _take_patiently(self._held[-1])
                if taken is False:
                    raise UserError(going_on(folder))
            if taken is None and _lives(folder):
                raise UserError(going_on(folder))
        except BaseException:
            self.close()
            raise
        os.ftruncate(self._held[-1], 0)
        own = look_up(os.getpid())
        started = f"\nstarted {own.started}" if own else ""
        os.pwrite(self._held[-1], f"process {os.getpid()}{started}".encode(), 0)

    def close(self) -> None:
        """Let go."""
        for descriptor in self._held:
            os.close(descriptor)


def _file(folder: str) -> str:
    return os.path.join(folder, NAME)


def _noted(folder: str) -> str:
    with open(_file(folder), encoding="utf-8", errors="replace") as file:
        return file.read()


def _open(path: str, flags: int) -> int:
    try:
        return os.open(path, flags, 0o600)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UserError(f"cannot open {path}: {reason(error)}", hint=advice(error)) from error


def going_on(folder: str) -> str:
    """A sentence on a run whose lock somebody holds, that names who."""
    holder = _holder(folder) or "another process"
    return f"run {os.path.basename(folder)} is still going on: {holder} performs it"


def _holder(folder: str) -> str:
    with contextlib.suppress(OSError):
        if noted := _noted(folder).strip():
            return noted.partition("\n")[0]
    takers = sorted(set(takers_of(folder).values()))
    return f"process {takers[0]}" if takers else ""


def takers_of(folder: str) -> dict[int, int]:
    """The processes that hold the lock of a run, and who took it: the same one, or it was inherited."""
    return holders([folder, _file(folder)])


def held(folder: str) -> bool:
    """Whether some process holds the lock of the run in `folder`."""
    free = _is_free(folder), _is_free(_file(folder))
    return False in free or (free[1] is None and _lives(folder))


def _is_free(path: str) -> bool | None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return True
    try:
        return _take(descriptor, shared=True)
    finally:
        os.close(descriptor)


def _lives(folder: str) -> bool:
    """Whether the process that is named as the holder has not ended."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        process, started = _noted(folder).splitlines()
        named = look_up(int(process.split()[1]))
        return named is not None and named.started == int(started.split()[1])
    return False


def _take_patiently(descriptor: int) -> bool | None:
    """Somebody who only looks whether it is held has it for a moment."""
    for _ in range(TRIES):
        if (taken := _take(descriptor)) is not False:
            return taken
        time.sleep(0.005)
    return False


def _take(descriptor: int, *, shared: bool = False) -> bool | None:
    """Whether it is taken; None on a file system without locks, or without those of folders."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
