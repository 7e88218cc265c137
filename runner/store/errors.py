"""What goes wrong with a file of ours, in words: what the system refuses, and what is damaged."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from runner.problem import UserError
from runner.refusals import advice, reason
from runner.store.beside import opened_beside
from runner.store.sqlite import sqlite3

SIGNS_OF_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)

# The words of an error of SQLite may quote what is damaged, and be no text.
FAULTS = (sqlite3.Error, OSError, UnicodeDecodeError)

AT_ONCE = 1 << 16
"""More bytes than SQLite adds to a file in one go."""

_words = {
    "SQLITE_FULL": "cannot write {path}: the disk is full",
    "SQLITE_READONLY": "cannot write {path}: it is read-only",
    "SQLITE_CANTOPEN": "cannot open {path}",
    "SQLITE_PERM": "cannot open {path}: permission denied",
    "SQLITE_AUTH": "cannot open {path}: permission denied",
    "SQLITE_BUSY": "{path} is locked by another program",
    "SQLITE_LOCKED": "{path} is locked by another program",
    "SQLITE_IOERR": "cannot read or write {path}: input/output error",
}

waited_for_in_vain: set[str] = set()
"""Files that somebody else has locked for long: nobody waits for them once more."""


class StoreError(UserError):
    """What was to be recorded or read back cannot be, for a reason outside of the program."""


class DamagedError(StoreError):
    """The file is not what we wrote."""


def damaged_record(error: BaseException) -> DamagedError:
    """What was read makes no sense."""
    return DamagedError(f"what was recorded is damaged ({error})")


@contextlib.contextmanager
def in_words(path: str) -> Iterator[None]:
    """Turn errors of SQLite or of the system about `path` into a `StoreError`."""
    try:
        yield
    except FAULTS as error:
        raise told(path, error) from error


def told(path: str, error: BaseException) -> StoreError:
    """One of `FAULTS` about `path`, in words."""
    if isinstance(error, sqlite3.Error):
        return worded(path, error)
    if isinstance(error, OSError):
        return refused(f"cannot open {path}", error)
    return DamagedError(f"{path} is damaged: what stands for a text is none")


def worded(path: str, error: sqlite3.Error) -> StoreError:
    """An error of SQLite about `path`, in words."""
    name: str = getattr(error, "sqlite_errorname", "")
    primary = "_".join(name.split("_")[:2])
    if primary in ("SQLITE_BUSY", "SQLITE_LOCKED"):
        waited_for_in_vain.add(path)
    if primary in _words:
        if primary == "SQLITE_IOERR" and (cause := _no_room(path)):
            return cause
        what = _words[primary].format(path=path)
        why = _why_closed(path) if primary == "SQLITE_CANTOPEN" else None
        return refused(what, why) if why else StoreError(what)
    if primary == "SQLITE_NOTADB":
        return DamagedError(f"{path} is not a file of runner")
    return DamagedError(f"{path} is damaged ({error})")


def _no_room(path: str) -> StoreError | None:
    """That a file cannot grow any more, which SQLite does not always tell from other troubles."""
    with contextlib.suppress(OSError):
        disk = os.statvfs(os.path.dirname(path))
        if disk.f_bavail * disk.f_frsize < AT_ONCE:
            return StoreError(_words["SQLITE_FULL"].format(path=path))
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if most != resource.RLIM_INFINITY and _largest_of(path) + AT_ONCE > most:
        return StoreError(
            f"cannot write {path}: no file may be larger than {most // 1024} KiB",
            hint="`ulimit -f unlimited` lifts that limit, if it may be lifted",
        )
    return None


def _largest_of(path: str) -> int:
    sizes = [0]
    for name in (path, f"{path}-wal", f"{path}-journal"):
        with contextlib.suppress(OSError):
            sizes.append(os.stat(name).st_size)
    return max(sizes)


def refused(what: str, error: OSError) -> StoreError:
    """What cannot be done with a file since the system refuses something, and what can be done about it."""
    return StoreError(f"{what}: {reason(error)}", hint=advice(error))


def _why_closed(path: str) -> OSError | None:
    """What SQLite does not tell: it opens the file, its folder and what it writes beside it at one time."""
    with contextlib.ExitStack() as undo:
        try:
            for name, flags in _opened_together(path):
                undo.enter_context(opened_beside(name, flags))
        except OSError as error:
            return error
    return None


def _opened_together(path: str) -> Iterator[tuple[str, int]]:
    yield path, os.O_RDWR
    for beside in ("-journal", "-wal"):
        name = f"{path}{beside}"
        yield (name, os.O_RDWR) if os.path.exists(name) else (os.devnull, os.O_RDONLY)
    yield os.devnull, os.O_RDONLY  # not `-shm`: SQLite locks it, and would lose its locks
    yield os.path.dirname(path), os.O_RDONLY
