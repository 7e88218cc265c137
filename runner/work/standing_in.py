"""What a call leaves in the place of `sys.stdout` or `sys.stderr` is taken away: all threads have the same.

Two calls side by side that put something there for a while, as `redirect_stdout` does, may end in such an
order that what one of them had put there stays: all that is printed later would be lost in it.
"""

from __future__ import annotations

import sys
from threading import Lock
from typing import Any

_calling: set[int] = set()
"""Threads in which a call is under way."""

_kept: tuple[Any, Any] | None = None
_found: tuple[Any, Any] = None, None
_suspected: set[int] = set()
"""Threads whose call may have put there what was found, and may yet take it away."""

_taken: list[tuple[tuple[Any, Any], set[int]]] = []
"""What was taken away, and the threads whose `print` may be at work in it: it does not keep it itself."""

_mending = Lock()


def keep() -> None:
    """From now on what is there now is put back: what a module leaves there by its import is to stay."""
    global _kept
    if not _calling:
        _kept = _streams()


begins = _calling.add
"""A call begins in a thread."""


def has_ended(thread: int) -> None:
    """The call of a thread has ended."""
    _calling.discard(thread)
    if _taken:
        with _mending:
            _forget(thread)
    _mend(thread)


def give_up(thread: int) -> None:
    """The call in a thread goes on, but is given up: what it has put there is taken away."""
    _calling.discard(thread)
    _mend(thread)


def _mend(thread: int) -> None:
    kept = _kept
    if kept is None:
        return
    try:
        if sys.stdout is kept[0] and sys.stderr is kept[1]:
            return
    except AttributeError:  # somebody has deleted one
        pass
    with _mending:
        _put_back(kept, thread)


def _put_back(kept: tuple[Any, Any], thread: int) -> None:
    global _found, _suspected
    found = _streams()
    if found[0] is not _found[0] or found[1] is not _found[1]:
        _found, _suspected = found, _calling.copy()
    _suspected.discard(thread)
    if not _suspected:
        sys.stdout, sys.stderr = kept
        _taken.append((found, _calling | {thread}))
        _found = None, None


def _forget(thread: int) -> None:
    for _, threads in _taken:
        threads.discard(thread)
    _taken[:] = [it for it in _taken if it[1]]


def _streams() -> tuple[Any, Any]:
    return getattr(sys, "stdout", None), getattr(sys, "stderr", None)
