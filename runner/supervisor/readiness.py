"""What the runner and those who watch over it tell one another, on a page that they share.

Those who watch say that they adopt orphans: before, nothing may start that could become one. The runner
says which process it is, and when it heeds that it was told twice to end.
"""

from __future__ import annotations

import os
import time
from mmap import mmap

_page: mmap | None = None

OUTER, INNER = 0, 1

PATIENCE = 2.0
"""Seconds after which the run goes on all the same: one that does not say it by then has died."""

_STEP = 0.0005

_WATCHERS, _RUNNER, _HEEDS = slice(0, 2), slice(2, 10), slice(10, 11)


def share() -> None:
    """Make the page that processes forked from now on share."""
    global _page
    _page = mmap(-1, _HEEDS.stop)


def say(watcher: int) -> None:
    """One of the two adopts orphans from now on."""
    if _page is not None:
        _page[watcher] = 1


def say_runner() -> None:
    """This process is the runner."""
    if _page is not None:
        _page[_RUNNER] = os.getpid().to_bytes(8, "little")


def runner() -> int:
    """The process of the runner; 0 before it has said so."""
    return int.from_bytes(_page[_RUNNER], "little") if _page is not None else 0


def say_heeds() -> None:
    """The runner ends, if in order: it needs no more than some time for its reports."""
    if _page is not None:
        _page[_HEEDS] = b"\1"


def heeds() -> bool:
    """Whether it has said so."""
    return _page is not None and _page[_HEEDS] == b"\1"


def wait_for(watcher: int) -> None:
    """Wait until both do, or until the process `watcher`, the nearer one, is gone."""
    end = time.monotonic() + PATIENCE
    while _page is not None and _page[_WATCHERS] != b"\1\1" and os.getppid() == watcher:
        if time.monotonic() > end:
            return
        time.sleep(_STEP)
