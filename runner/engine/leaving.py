"""Coroutines that were given up: they are cancelled, and have a while to end what they have begun.

Knows neither pools nor runs.
"""

from __future__ import annotations

import time

from runner.processes import grace
from runner.work.halt import Halt

MOMENT = 0.1
"""Seconds for a coroutine to hear that it is cancelled: it may never await anything."""

BRIEFLY = 0.005


class Leaving:
    """Those that nobody waits for but the end of the run."""

    def __init__(self) -> None:
        self._halts: list[tuple[Halt, float]] = []

    def give_up(self, halt: Halt) -> None:
        """Cancel what is performed under `halt`, if it is a coroutine."""
        self._halts.append((halt, time.monotonic()))
        halt.give_up()

    def hurry(self) -> None:
        """Wait for none of them; may be called by a signal."""
        for halt, _ in self._halts:
            halt.killing = True

    def wait(self) -> None:
        """Wait until they have ended, each as long as a command may take to end."""
        for halt, since in self._halts:
            while _leaves(halt, time.monotonic() - since):
                time.sleep(BRIEFLY)


def _leaves(halt: Halt, waited: float) -> bool:
    awaited = halt.awaited
    if awaited is None or halt.killing:
        return False
    return waited < (grace if awaited.cancelled else MOMENT)
