"""What the runner and those who watch over it tell one another, on a page that they share.

Those who watch say that they adopt orphans: before, nothing may start that could become one. The runner
says which process it is, that there is something recorded to go on with, once it was told to end that nothing
holds it up and that it heeds a second signal, and when nothing is left to do but its reports.
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

_WATCHERS, _RUNNER = slice(0, 2), slice(2, 10)
_HEEDS, _BEGUN, _SIGNS, _REPORTS, _LENGTH = 10, 11, 12, 13, 14


def share() -> None:
    """Make the page that processes forked from now on share."""
    global _page
    _page = mmap(-1, _LENGTH)


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
    """The runner was told to end at once, and needs no more than some time for its reports."""
    _note(_HEEDS)


def heeds() -> bool:
    """Whether it has said so."""
    return _is_noted(_HEEDS)


def say_reports() -> None:
    """The run is over: nothing is left to do but its reports."""
    _note(_REPORTS)


def is_at_its_reports() -> bool:
    """Whether it has said so."""
    return _is_noted(_REPORTS)


def say_begun() -> None:
    """There is something recorded that can be gone on with."""
    _note(_BEGUN)


def has_begun() -> bool:
    """Whether it has said so."""
    return _is_noted(_BEGUN)


def give_sign() -> bool:
    """The runner was told to end, and nothing holds it up; whether anybody can see that."""
    if _page is not None:
        _page[_SIGNS] = _page[_SIGNS] % 255 + 1
    return _page is not None


def signs() -> int:
    """Another number after each sign; 0 before the first."""
    return _page[_SIGNS] if _page is not None else 0


def _note(what: int) -> None:
    if _page is not None:
        _page[what] = 1


def _is_noted(what: int) -> bool:
    return _page is not None and _page[what] == 1


def wait_for(watcher: int) -> None:
    """Wait until both do, or until the process `watcher`, the nearer one, is gone."""
    end = time.monotonic() + PATIENCE
    while _page is not None and _page[_WATCHERS] != b"\1\1" and os.getppid() == watcher:
        if time.monotonic() > end:
            return
        time.sleep(_STEP)
