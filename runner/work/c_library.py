"""Functions of the C library, called without the Python part of `ctypes`, which takes long to import.

Importing it raises `ImportError` or `OSError` where there is none that can be called so.
"""

from __future__ import annotations

from _ctypes import Array, CFuncPtr, _SimpleCData, dlopen, dlsym

from runner.hints import Any

_KEEPS_THE_LOCK, _C, _ERRNO = 0x04, 0x01, 0x08


class Int(_SimpleCData):  # type: ignore[type-arg]  # not at run time
    """A number as most functions take and give it."""

    _type_ = "i"


class Long(_SimpleCData):  # type: ignore[type-arg]  # not at run time
    """A number as large as a place in a file."""

    _type_ = "l"


class Text(_SimpleCData):  # type: ignore[type-arg]  # not at run time
    """Bytes with an end that C knows."""

    _type_ = "z"


class Room(Array):  # type: ignore[type-arg]  # not at run time
    """Where the library keeps what is larger than a number; twice of what it needs."""

    _type_ = Int
    _length_ = 256


class Slow(CFuncPtr):
    """A function that other threads need not wait for."""

    _flags_ = _C
    _restype_ = Int


class Quick(CFuncPtr):
    """A function that is over before another thread could have begun."""

    _flags_ = _C | _KEEPS_THE_LOCK
    _restype_ = Int


class QuickCall(CFuncPtr):
    """The same for one that tells by `errno` what was wrong."""

    _flags_ = _C | _KEEPS_THE_LOCK | _ERRNO
    _restype_ = Int


class QuickPlace(CFuncPtr):
    """The same for one that gives a place in a file."""

    _flags_ = _C | _KEEPS_THE_LOCK | _ERRNO
    _restype_ = Long


_library = dlopen(None, 0)  # type: ignore[arg-type]  # the program itself


def function(kind: type[CFuncPtr], name: str) -> Any:
    """Raises `OSError` if the library does not have it."""
    return kind(dlsym(_library, name))
