"""Signals that the program catches for itself: a child that is forked has its own ways with them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from types import FrameType

from runner.hints import Any
from runner.in_c import signal

Action = Callable[[int, FrameType | None], Any] | int | None

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_caught: list[tuple[int, Action]] = []
_forking = threading.local()


def catch(number: int, action: Action) -> Action:
    """What was done at this signal before, for `give_back`."""
    before = signal.signal(number, action)
    _caught.append((number, action))
    return before


def give_back(number: int, action: Action) -> None:
    """Have done again what was done before."""
    mine = signal.signal(number, action)
    if (number, mine) in _caught:
        _caught.remove((number, mine))


def _before_fork() -> None:
    # What comes before the child has its own ways again must wait, or it would be lost.
    _forking.mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING if _caught else ())


def _after_in_parent() -> None:
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


def _after_in_child() -> None:
    if _caught:
        signal.set_wakeup_fd(-1)
    for number, action in _caught:
        if signal.getsignal(number) == action:
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, usual)
    _caught.clear()
    signal.pthread_sigmask(signal.SIG_SETMASK, _forking.mask)


os.register_at_fork(before=_before_fork, after_in_parent=_after_in_parent, after_in_child=_after_in_child)
