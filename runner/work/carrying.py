"""One thread that moves what is written to private files into the logs, while it is being written.

It knows neither secrets nor tasks. It lives as long as there is something to look after.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from functools import cache

from runner.hints import Protocol

LOOK_EVERY = 0.1
"""Seconds between two looks."""

_KEEP_SIZE_AND_PUNCH_A_HOLE = 0x01 | 0x02


class Growing(Protocol):
    """Something that others write to."""

    def move(self) -> bool:
        """Move a part of what has come; whether there may be more of it already."""
        ...


_growing: set[Growing] = set()
_lock = threading.Lock()
_none_left = threading.Event()
_thread: threading.Thread | None = None


def carry(growing: Growing) -> None:
    """Look after it from now on."""
    global _thread
    with _lock:
        _growing.add(growing)
        _none_left.clear()
        if _thread is None:
            _thread = threading.Thread(target=_carry, name="runner-logs", daemon=True)
            _thread.start()


def carry_no_more(growing: Growing) -> None:
    """Let it go; it may be moved once more."""
    with _lock:
        _growing.discard(growing)
        if not _growing:
            _none_left.set()


def _carry() -> None:
    while current := _what_there_is():
        moved = [growing.move() for growing in current]
        if not any(moved):
            _none_left.wait(LOOK_EVERY)


def _what_there_is() -> tuple[Growing, ...]:
    """What is to be looked after; where there is nothing, the thread is over."""
    global _thread
    with _lock:
        if not _growing:
            _thread = None
        return tuple(_growing)


# Room on the disk -------------------------------------------------------------------------------


def give_back(file: int, start: int, end: int) -> None:
    """Let the disk have the room of a part of a file, which keeps its size; where it can be done."""
    if start < end and (punch := _punch()) is not None:
        punch(file, _KEEP_SIZE_AND_PUNCH_A_HOLE, start, end - start)


@cache
def _punch() -> Callable[[int, int, int, int], int] | None:
    import ctypes

    if sys.platform != "linux":
        return None
    punch = getattr(ctypes.CDLL(None), "fallocate64", None)
    if punch is not None:
        punch.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64)
    return punch
