"""One worker process, as who waits for it sees it: asked, listened to, ended with all that it has started."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import cached_property
from typing import Literal

from runner import processes
from runner.processes import Process
from runner.work.area import Area
from runner.work.forking import number_of
from runner.work.frames import ASK, DONE, UNREADABLE, Inbox, framed
from runner.work.halt import Halt

End = Literal["done", "unreadable", "died", "halt", "timeout"]
"""What ends a question: an answer, the end of the worker, or that nobody waits any longer."""

Hears = Callable[[bytes, bytes], float | None]
"""Told of what the worker says before it is done; says until when it is waited for now, if not for ever."""

_block = 1 << 18
_day = 86400.0
SHORTLY = 1.0
"""Seconds that who starts workers may take to tell how one has ended."""


class Worker:
    """One process, which does one thing at a time."""

    def __init__(self, pid: int, line: socket.socket, status: int, area: Area) -> None:
        self.pid = pid
        self.area = area
        self._line = line
        self._status = status
        self._inbox = Inbox()
        self._over = False
        line.setblocking(False)

    def __del__(self) -> None:
        self._line.close()
        os.close(self._status)

    def ask(self, question: bytes, hears: Hears, halt: Halt) -> tuple[End, bytes]:
        """What comes of a question, and the answer if there is one; the worker is not ended by it."""
        asked = memoryview(framed(ASK, question))
        deadline: float | None = None
        poll = select.poll()
        poll.register(self._line, select.POLLIN | select.POLLOUT)
        poll.register(self._status, select.POLLIN)
        poll.register(halt.fileno(), select.POLLIN)
        while True:
            ready = dict(poll.poll(_milliseconds(deadline)))
            if ready.get(self._line.fileno(), 0) & ~select.POLLOUT:
                for kind, body in self._heard():
                    if kind in _ends:
                        return _ends[kind], body
                    deadline = hears(kind, body)
                if self._over:
                    poll.unregister(self._line)
                    asked = asked[len(asked) :]
                    continue
            if asked and ready.get(self._line.fileno(), 0) & select.POLLOUT:
                asked = self._say(asked)
                if not asked:
                    poll.modify(self._line, select.POLLIN)
            if self._status in ready:
                return self._last_words(hears)
            if halt.fileno() in ready:
                return "halt", b""
            if deadline is not None and time.monotonic() >= deadline:
                return "timeout", b""

    def end(self, halt: Halt, hears: Hears) -> None:
        """End it and all that it has started: TERM, and KILL when its time is over, which may be at once."""
        self.area.stop()
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)
        patience = 0.0 if halt.killing else processes.grace
        with contextlib.suppress(OSError):  # no more files may be opened
            if sys.platform == "linux":
                processes.end(_family(self.pid), None, halt.kill_fileno(), patience)
        if not self.wait(SHORTLY):
            self._end_plainly(patience, halt)
        self._last_words(hears)

    def leave(self) -> None:
        """Let it end by itself."""
        self._line.close()

    def wait(self, seconds: float) -> bool:
        """Whether it has ended by now, or does in so many seconds."""
        poll = select.poll()
        poll.register(self._status, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    @cached_property
    def code(self) -> int | None:
        """Its exit code, or the signal that ended it as a negative number; to be asked once it has ended.

        None if nobody knows, not even whether it has.
        """
        told = os.read(self._status, number_of.size)
        return number_of.unpack(told)[0] if told else None

    @property
    def how_it_ended(self) -> str:
        """That in words."""
        if self.code is None:
            return "was given up: who had started it was ended"
        if self.code >= 0:
            return f"ended with exit code {self.code}, as by `os._exit`"
        perhaps = ": perhaps the system had no memory left" if -self.code == signal.SIGKILL else ""
        return f"was ended by {_name(-self.code)}{perhaps}"

    def _say(self, text: memoryview) -> memoryview:
        try:
            return text[self._line.send(text) :]
        except BlockingIOError:
            return text
        except OSError:  # it has gone, which is told elsewhere
            return text[len(text) :]

    def _heard(self) -> list[tuple[bytes, bytes]]:
        try:
            data = self._line.recv(_block)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        self._over = self._over or not data
        return list(self._inbox.take(data))

    def _last_words(self, hears: Hears) -> tuple[End, bytes]:
        """What it has said before its end; it may have been done."""
        with contextlib.suppress(BlockingIOError, OSError):
            while not self._over:
                data = self._line.recv(_block)
                self._over = not data
                for kind, body in self._inbox.take(data):
                    if kind in _ends:
                        return _ends[kind], body
                    hears(kind, body)
        return "died", b""

    def _end_plainly(self, patience: float, halt: Halt) -> None:
        """Its process group, which is all that some systems let us know of."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if patience:
                os.killpg(self.pid, signal.SIGTERM)
                poll = select.poll()
                poll.register(self._status, select.POLLIN)
                poll.register(halt.kill_fileno(), select.POLLIN)
                poll.poll(patience * 1000)
            os.killpg(self.pid, signal.SIGKILL)


_ends: dict[bytes, End] = {DONE: "done", UNREADABLE: "unreadable"}


def _milliseconds(deadline: float | None) -> float | None:
    return None if deadline is None else min(max(deadline - time.monotonic(), 0.0), _day) * 1000


def _family(leader: int) -> Callable[[], list[Process]]:
    """Finds what belongs to a worker, also what has outlived it and is of no session of its own."""
    known: dict[int, Process] = {}

    def find() -> list[Process]:
        found = [*processes.survivors(known.values(), ()), *processes.family(leader, ())]
        known.clear()
        known.update((process.pid, process) for process in found)
        return list(known.values())

    return find


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
