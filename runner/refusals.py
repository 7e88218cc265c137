"""What the system refuses, in words, and what can be done about it. It knows not what was being done."""

from __future__ import annotations

import errno
import os

NO_THREADS = ("no other thread can be started", "`-j` takes fewer workers; `ulimit -u` says how many")

NO_MORE_FILES = "`ulimit -Hn` says how many there may be at most; `-j` takes fewer workers"

_known = {
    errno.ENFILE: ("the system has too many open files", ""),
    errno.ENOSPC: ("the disk is full", ""),
    errno.EDQUOT: ("the disk quota is used up", ""),
    errno.ENOMEM: ("there is no memory left", ""),
    errno.EAGAIN: (
        "the system lets no other process or thread start",
        "`ulimit -u` says how many there may be, those of all programs of this user included",
    ),
    errno.EROFS: ("the file system is read-only", ""),
    errno.EACCES: ("permission denied", ""),
    errno.EPERM: ("operation not permitted", ""),
    errno.EIO: ("input/output error", ""),
}


def _known_of(number: int | None) -> tuple[str, str] | None:
    """What the system did not give, and a hint."""
    if number == errno.EMFILE:
        return "too many open files", _more_files()
    return _known.get(number or 0)


def _more_files() -> str:
    """How the program could have more files open than now."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit
    except (ImportError, OSError):  # not even this one opens
        return NO_MORE_FILES
    now, most = getrlimit(RLIMIT_NOFILE)
    more = max(1024, 4 * now) if most == RLIM_INFINITY else min(max(1024, 4 * now), most)
    return f"`ulimit -n {more}` lets the program open more" if more > now else NO_MORE_FILES


def refusal(error: BaseException) -> tuple[str, str] | None:
    """What the system did not give, and a hint, if the error is of that kind."""
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return NO_THREADS
    if isinstance(error, MemoryError):
        return _known[errno.ENOMEM]
    if isinstance(error, ImportError):  # of a library whose file does not open
        numbers = (number for number in (errno.EMFILE, *_known) if os.strerror(number) in str(error))
        return _known_of(next(numbers, None))
    if isinstance(error, OSError) and (known := _known_of(error.errno)):
        what, hint = known
        return (f"{error.filename}: {what}" if error.filename else what), hint
    return None


def reason(error: OSError) -> str:
    """Why, in a few words; what it is about is told by who asks."""
    return (error.strerror or str(error)).lower()


def advice(error: OSError) -> str:
    """What can be done about it, if anything is known."""
    known = _known_of(error.errno)
    return known[1] if known else ""


def advised(error: OSError) -> str:
    """The reason, and in brackets what can be done about it."""
    hint = advice(error)
    return f"{error.strerror or error} ({hint})" if hint else error.strerror or str(error)
