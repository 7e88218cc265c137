"""How the program ends, as it stands, where the way to its end in order is barred."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from runner.engine.signals import Signals
from runner.processes import grace
from runner.supervisor import break_off

LAST_PATIENCE = 2.0
"""Seconds that the run has to end after a third signal: a key that is held down sends many."""

BRIEFLY = 0.3
"""Seconds more than commands have, for a callable that does not heed the first signal."""


class LastCall:
    """What ends the program some time after a signal, unless it is called off."""

    def __init__(self, signals: Signals) -> None:
        self._signals = signals
        self._timer: threading.Timer | None = None

    def after_the_third(self) -> None:
        """Nobody waits any longer than a little."""
        self._set(LAST_PATIENCE, self._break_off)

    def if_stuck(self, stuck: Callable[[], bool]) -> None:
        """A callable may go on, though it was interrupted, in the thread that would have the run end."""
        if self._timer is None:
            self._set(grace + BRIEFLY, lambda: self._break_off() if stuck() else None)

    def off(self) -> None:
        """The run has come to its end."""
        if self._timer is not None:
            self._timer.cancel()

    def _set(self, seconds: float, end: Callable[[], None]) -> None:
        self.off()
        self._timer = threading.Timer(seconds, end)
        self._timer.daemon = True
        with suppress(RuntimeError):  # no other thread may start
            self._timer.start()

    def _break_off(self) -> None:
        break_off(128 + self._signals.first)
