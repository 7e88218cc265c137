"""How those who watch say that they adopt orphans: before, nothing may start that could become one.

A page that they share with the runner.
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


def share() -> None:
    """Make the page that processes forked from now on share."""
    global _page
    _page = mmap(-1, 2)


def say(watcher: int) -> None:
    """One of the two adopts orphans from now on."""
    if _page is not None:
        _page[watcher] = 1


def wait_for(watcher: int) -> None:
    """Wait until both do, or until the process `watcher`, the nearer one, is gone."""
    end = time.monotonic() + PATIENCE
    while _page is not None and _page[:] != b"\1\1" and os.getppid() == watcher and time.monotonic() < end:
        time.sleep(_STEP)
