"""What the system refuses, in words, and what can be done about it. It knows not what was being done."""

from __future__ import annotations

import errno
import os

NO_THREADS = ("no other thread can be started", "`-j` takes fewer workers; `ulimit -u` says how many")

_known = {
    errno.EMFILE: (
        "too many open files",
        "`ulimit -n` allows more, up to what `ulimit -Hn` says; `-j` takes fewer workers",
    ),
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


def refusal(error: BaseException) -> tuple[str, str] | None:
    """What the system did not give, and a hint, if the error is of that kind."""
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return NO_THREADS
    if isinstance(error, MemoryError):
        return _known[errno.ENOMEM]
    if isinstance(error, ImportError):  # of a library whose file does not open
        told = (known for number, known in _known.items() if os.strerror(number) in str(error))
        return next(told, None)
    if isinstance(error, OSError) and error.errno in _known:
        what, hint = _known[error.errno]
        return (f"{error.filename}: {what}" if error.filename else what), hint
    return None


def reason(error: OSError) -> str:
    """Why, in a few words; what it is about is told by who asks."""
    return (error.strerror or str(error)).lower()


def advice(error: OSError) -> str:
    """What can be done about it, if anything is known."""
    return _known[error.errno][1] if error.errno in _known else ""


def advised(error: OSError) -> str:
    """The reason, and in brackets what can be done about it."""
    hint = advice(error)
    return f"{error.strerror or error} ({hint})" if hint else error.strerror or str(error)
