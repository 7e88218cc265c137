"""Ctrl-C while the main thread waits for a run: the run ends, and the program's own ways with it come back.

Only what nobody else has a way for is caught, and only as long as somebody waits.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from runner.catching import Action, catch, give_back
from runner.engine.orders import Orders

_usual = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}

ENOUGH = 2
"""So many signals have the run end at once; what comes then is the program's own again."""


class Attention:
    """Passes signals on to one run. `deadly` is one by which the program ends, once the run has ended."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._before: dict[int, Action] = {}
        self.deadly = 0

    @contextmanager
    def paid(self) -> Iterator[None]:
        """While this thread waits, signals are the run's, if they would come to this thread."""
        if threading.current_thread() is threading.main_thread() and len(self._orders.numbers) < ENOUGH:
            for number, usual in _usual.items():
                if signal.getsignal(number) == usual:
                    self._before[number] = catch(number, self._caught)
        try:
            yield
        finally:
            self._restore()

    def end(self) -> None:
        """The run has ended: a signal that nobody has a way for ends the program now."""
        if self.deadly:
            signal.raise_signal(self.deadly)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT:
            self.deadly = self.deadly or number
        self._orders.tell(number)
        if len(self._orders.numbers) >= ENOUGH:
            self._restore()

    def _restore(self) -> None:
        while self._before:
            give_back(*self._before.popitem())
