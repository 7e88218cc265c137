"""A worker process: it calls what it is asked to call, until nobody asks any more.

It knows nothing of the run but the calls, and of other processes but the one that asks.
"""

from __future__ import annotations

import atexit
import faulthandler
import os
import struct
import sys
from contextlib import suppress
from socket import socket
from typing import NoReturn

from runner.callables.looking import Wanted, look
from runner.records import Outcome
from runner.work.area import Area
from runner.work.calls import Calls, attempt
from runner.work.capture import ensure_routing, route_logging
from runner.work.folders import is_made_again
from runner.work.frames import BEGUN, DONE, MADE_AGAIN, PART, UNREADABLE, framed, receive
from runner.work.halt import Halt
from runner.work.pickles import Unpicklable, pickled, unpickled
from runner.work.returning import wrapped

time_of = struct.Struct("<d")


def work(line: socket, area: Area) -> NoReturn:
    """Answer what comes through the line, to its end."""
    for stream in (sys.stdout, sys.stderr):  # what is written last is not to be lost with the process
        with suppress(AttributeError):
            stream.reconfigure(write_through=True)  # type: ignore[union-attr]  # it may be something else
    ensure_routing()
    with suppress(OSError, ValueError, AttributeError):
        faulthandler.enable(2)  # where it crashed stands in the log of the run
    with suppress(OSError, KeyboardInterrupt):  # who asked has gone, or somebody has closed the line
        while (asked := receive(line)) is not None:
            _answer(asked[1], line, area)
        with suppress(BaseException):
            atexit._run_exitfuncs()
        os._exit(0)
    os._exit(1)


def _answer(question: bytes, line: socket, area: Area) -> None:
    try:
        asked = unpickled(question)
    except Unpicklable as error:
        line.sendall(framed(UNREADABLE, str(error).encode("utf-8", "backslashreplace")))
        return
    answer = b""
    if isinstance(asked, Calls):
        _Slice(asked, line, area).attempt()
        answer = MADE_AGAIN if is_made_again(asked.log_folder) else b""
    elif isinstance(asked, Wanted):
        route_logging()
        answer = pickled(look(asked))
    line.sendall(framed(DONE, answer))


class _Slice:
    """Calls under way, of which who waits can see what has become so far."""

    def __init__(self, calls: Calls, line: socket, area: Area) -> None:
        self._calls = calls
        self._line = line
        self._area = area
        self._halt = Halt()
        self._done = 0

    def attempt(self) -> None:
        """Make the calls."""
        attempt(self._calls, self._halt, self._begin, self._keep)

    def _begin(self, number: int, started: float) -> None:
        self._area.begin(number, started)
        if self._calls.timeout is not None:
            self._line.sendall(framed(BEGUN, time_of.pack(started)))

    def _keep(self, outcome: Outcome) -> None:
        data = wrapped(outcome)
        self._done += 1
        if not self._area.keep(data):
            self._line.sendall(framed(PART, self._area.kept() + data))
            self._area.told(self._done)
        if self._area.stopped:
            self._halt.stopping = True
