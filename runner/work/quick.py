"""System calls that are over before another thread could have begun, and let none begin.

Those of `os` give the interpreter away each time, and have it back when another thread gives it away: of
many short commands, each of which takes a dozen, that is most of what they cost. All raise `OSError`.
"""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import suppress

from runner.hints import Any, NoReturn
from runner.in_c import signal

_access: Any = None
_control: Any = None
_open: Any = None
_close: Any = None
_rename: Any = None
_unlink: Any = None
_seek: Any = None
_wait: Any = None
if sys.platform == "linux":
    with suppress(ImportError, OSError):  # another C library, or a Python without `ctypes`
        from _ctypes import byref, get_errno

        from runner.work.c_library import Int, QuickCall, QuickPlace, function

        _access, _control = function(QuickCall, "access"), function(QuickCall, "fcntl")
        _open, _close = function(QuickCall, "open64"), function(QuickCall, "close")
        _rename = function(QuickCall, "rename")
        _unlink, _wait = function(QuickCall, "unlink"), function(QuickCall, "waitpid")
        _seek = function(QuickPlace, "lseek64")


def may_execute(path: str) -> bool:
    """Whether this process may."""
    if _access is None:
        return os.access(path, os.X_OK)
    return bool(_access(_encoded(path), os.X_OK) == 0)


def open_file(path: str, flags: int, mode: int) -> int:
    """A descriptor of a file, which no program inherits."""
    if _open is None:
        return os.open(path, flags, mode)
    descriptor: int = _open(_encoded(path), flags | os.O_CLOEXEC, mode)
    return descriptor if descriptor >= 0 else _fail(path)


def close(descriptor: int) -> None:
    """As that of `os`."""
    if _close is None:
        os.close(descriptor)
    elif _close(descriptor) < 0:
        _fail()


def unlink(path: str) -> None:
    """As that of `os`."""
    if _unlink is None:
        os.unlink(path)
    elif _unlink(_encoded(path)) < 0:
        _fail(path)


def rename(path: str, other: str) -> None:
    """As that of `os`."""
    if _rename is None:
        os.rename(path, other)
    elif _rename(_encoded(path), _encoded(other)) < 0:
        _fail(path)


def size_of(file: int) -> int:
    """How many bytes are in an open file. Where it goes on may be at their end then."""
    if _seek is None:
        return os.fstat(file).st_size
    size: int = _seek(file, 0, os.SEEK_END)
    return size if size >= 0 else _fail()


def is_alone_with(file: int) -> bool:
    """Whether this process has a file open that nobody else has; where that cannot be told it has not."""
    if _control is None:
        return False
    # Such a lease is given to who is alone. Who opens the file meanwhile waits for its end, of which the
    # holder is told: by a signal that does nothing, as the usual one would be the end of the program.
    lease = fcntl.F_SETLEASE
    asked = (fcntl.F_SETSIG, signal.SIGURG), (lease, fcntl.F_WRLCK), (lease, fcntl.F_UNLCK)
    return all(_control(file, what, how) == 0 for what, how in asked)


def status_of(pid: int) -> int | None:
    """That of a child, as `os.waitpid` has it; None if it has not ended."""
    if _wait is None:
        ended, status = os.waitpid(pid, os.WNOHANG)
        return status if ended else None
    found = Int()
    ended = _wait(pid, byref(found), os.WNOHANG)
    if ended < 0:
        _fail()
    return int(found.value) if ended else None


def _encoded(path: str) -> bytes:
    name = os.fsencode(path)
    if b"\0" in name:
        raise ValueError("embedded null byte")
    return name


def _fail(path: str | None = None) -> NoReturn:
    number = get_errno()
    raise OSError(number, os.strerror(number), path)
