"""Calls made in a worker of an executor that is not ours: it gets bytes and gives bytes.

What it has done so far stands in an area, too, if it sees that: who waits knows it even if it dies.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from functools import cache

from runner.callables.looking import Wanted, look
from runner.records import Outcome
from runner.struct import struct
from runner.work import clock
from runner.work.area import Area
from runner.work.calls import Calls, attempt
from runner.work.capture import ensure_routing, route_logging
from runner.work.grounds import Place, area_at, machine
from runner.work.halt import Halt
from runner.work.pickles import Unpicklable, know, pickled, unpickled
from runner.work.returning import wrapped

READ, UNREAD = b"r", b"u"
"""What an answer begins with: that the question was read, or that it could not be."""

MARK = "RUNNER_EXECUTOR_OF"
"""The variable by which `resume` finds workers that the executor of a run has started."""


@struct
class Home:
    """The program that asks: its process, the machine, its clock, and the callables of the run."""

    process: int
    machine: str
    offset: float
    callables: tuple[tuple[str, str], ...]


def home(callables: tuple[tuple[str, str], ...]) -> Home:
    """This process."""
    return Home(os.getpid(), machine(), clock.offset(), callables)


def answer(question: bytes, home: Home, place: Place) -> bytes:
    """Make the calls, or look at the callable, that is asked for."""
    _settle_in(home, os.getpid())
    ensure_routing()
    area = area_at(place)
    if area is not None:
        area.sign()
    try:
        asked = unpickled(question)
    except Unpicklable as error:
        return UNREAD + str(error).encode("utf-8", "backslashreplace")
    if isinstance(asked, Wanted):
        route_logging()
        return READ + pickled((area is not None, look(asked)))
    assert isinstance(asked, Calls)
    return READ + _Slice(asked, area).made()


@cache
def _settle_in(home: Home, process: int) -> None:
    """Once in each process."""
    know(home.callables)
    if home.machine != machine():
        return
    clock.go_by(home.offset)
    if home.process != process:
        os.environ.pop(MARK, None)  # callables see the environment as it was
        if sys.platform == "linux":
            _leave_the_terminal(home)


def _leave_the_terminal(home: Home) -> None:
    """Its Ctrl-C is for the program, and neither for its workers nor for what these start."""
    with suppress(OSError):
        if os.getpgid(home.process) == os.getpgrp():
            os.setsid()
        # It was blocked until now; what came meanwhile was not for this process.
        while signal.sigtimedwait({signal.SIGINT}, 0):
            pass
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class _Slice:
    """Calls under way."""

    def __init__(self, calls: Calls, area: Area | None) -> None:
        self._calls = calls
        self._area = area
        self._halt = Halt()
        self._outcomes: list[bytes] = []

    def made(self) -> bytes:
        """The outcomes of those that began: none, if they were taken back too late to stay away."""
        if self._area is not None:
            self._halt.stopping = self._area.stopped
            self._halt.is_asked_elsewhere = lambda: self._area is not None and self._area.stopped
        attempt(self._calls, self._halt, self._begin, self._keep)
        return b"".join(self._outcomes)

    def _begin(self, number: int, started: float) -> None:
        if self._area is not None:
            self._area.begin(number, started)

    def _keep(self, outcome: Outcome) -> None:
        data = wrapped(outcome)
        self._outcomes.append(data)
        if self._area is not None and (not self._area.keep(data) or self._area.stopped):
            self._halt.stopping = True  # where there is no room, the rest is left to another slice
