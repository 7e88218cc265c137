"""What is evaluated in the thread of the loop: how long it takes, and how it is broken off where it stands.

An evaluation has no effects, so that nothing is lost with one that is broken off. It knows neither what is
evaluated, nor signals.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

from runner.hints import TypeVar
from runner.plan import BrokenOff, read
from runner.plan.fan import Scope
from runner.plan.timeouts import overrun
from runner.records import Item
from runner.work.clock import now

Value = TypeVar("Value")

ARRIVAL = 10.0
"""Seconds after which what was raised in another thread has been lost there, as in a finalizer."""

MARGIN = 0.05
"""Seconds that the loop has to see by itself that the time of the run is over."""


class _Break(BaseException):
    """Raised where an evaluation stands, which may hold any exception of Python's back."""


class Evaluations:
    """The evaluations of one run, one after the other, in the thread that `begin` is called in.

    `seconds` is how long all of them have taken; `is_overdue`: one has not ended in time (`stop_in`).
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.is_overdue = False
        self._why: str | None = None
        """Why nothing is evaluated any more."""
        self._right: list[None] = []
        """The right to break off what is under way: it is there once, and who takes it does so."""
        self._comes = False
        """Another thread has taken it, or is about to."""
        self._thread = 0
        self._due = 0.0
        """When the time of the run is over, if it has one."""
        self._ended = threading.Event()
        self._is_over = False

    def begin(self) -> None:
        """The run begins, in this thread."""
        self._thread = threading.get_ident()

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is evaluated any more."""
        return self._why is not None and not self._is_over

    def evaluate(self, function: Callable[..., Value], *arguments: object) -> Value:
        """What a function gives that evaluates something. Raises `BrokenOff`, too."""
        if self.is_stopped:
            raise BrokenOff(self._why)
        return self._breakable(function, *arguments)

    def read(self, source: Iterator[Item | None], most: int, items: list[Item]) -> bool:
        """Add the next items of a source; whether it goes on, though it gave nothing more for now.

        Raises `BrokenOff`, too.
        """
        return self._breakable(read, source, most, items)

    def read_to_the_end(self, source: Iterator[Item | None], most: int, items: list[Item]) -> bool:
        """The same, but not to be broken off: how the items stand that it gives is told in any case."""
        began = time.perf_counter()
        try:
            return read(source, most, items)
        finally:
            self.seconds += time.perf_counter() - began

    def stop(self, why: str) -> None:
        """Evaluate nothing more, and break off what is under way. On any thread."""
        self._why = self._why or why
        if threading.get_ident() == self._thread:
            if self._is_taken():
                raise _Break
        elif self._right:
            self._break_from_afar()

    def keep_to_time(self, scope: Scope, started: float) -> None:
        """Let none outlast the time of a body, the run's, which may count from its first start only."""
        timeout = scope.timeout
        if timeout is None or scope.timed_out:
            return
        due = scope.deadline or started + timeout.seconds
        if due != self._due:
            self._due = due
            self.stop_in(due - now(), overrun("the run", timeout))

    def stop_in(self, seconds: float, why: str) -> None:
        """Stop what goes on in so many seconds, whenever it has begun; what was said before does not hold."""
        self._ended.set()
        self._ended = threading.Event()
        arguments = (self._ended, seconds, why)
        threading.Thread(target=self._stop_in, args=arguments, name="runner-time", daemon=True).start()

    def go_on_for(self, seconds: float, why: str) -> None:
        """Evaluate again, though all was stopped, but only for so many seconds."""
        self._why = None
        self.stop_in(seconds, why)

    def _stop_in(self, ended: threading.Event, seconds: float, why: str) -> None:
        while not ended.wait(max(0.0, seconds) + MARGIN):
            if self._right:
                self.is_overdue = True
                self.stop(why)
                return
            seconds = 0.0

    def end(self) -> None:
        """The run has ended: what is evaluated from now on is not broken off, not by who is late either."""
        self._is_over = True
        self._ended.set()

    def _breakable(self, function: Callable[..., Value], *arguments: object) -> Value:
        if self._is_over:
            return function(*arguments)
        began = time.perf_counter()
        try:
            try:
                self._right.append(None)
                value = function(*arguments)
            except _Break:
                raise
            except BaseException:
                self._close()
                raise
            self._close()
            return value
        except _Break:
            raise BrokenOff(self._why or "") from None
        finally:
            self.seconds += time.perf_counter() - began

    def _close(self) -> None:
        """Nobody can break off any more what has ended; what another thread has raised is waited for."""
        end = time.monotonic() + ARRIVAL
        if not self._is_taken():
            while self._comes and time.monotonic() < end:
                time.sleep(0.001)

    def _is_taken(self) -> bool:
        try:
            self._right.pop()
        except IndexError:
            return False
        return True

    def _break_from_afar(self) -> None:
        try:
            from ctypes import c_ulong, py_object, pythonapi
        except ImportError:  # it comes to its end by itself
            return
        self._comes = True
        if self._is_taken():
            pythonapi.PyThreadState_SetAsyncExc(c_ulong(self._thread), py_object(_Break))
