"""Whether a cluster still has workers, while something waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

MISSED = 10
"""Seconds that a cluster may be without any worker: one that died may be started again."""

MISSED_HERE = 30
"""The same for one that we have started: its workers come again, if the machine is busy after a while."""


class Attendance:
    """Looks each second, and says so if nobody came for too long. Other looks that fail count for nothing."""

    def __init__(
        self, client: Any, missed: int, waits: Callable[[], bool], nobody: Callable[[], None]
    ) -> None:
        self._client = client
        self._missed = missed
        self._waits = waits
        self._nobody = nobody
        self._over = threading.Event()
        threading.Thread(target=self._look, name="runner-attendance", daemon=True).start()

    def close(self) -> None:
        """Nobody is interested any more."""
        self._over.set()

    def _look(self) -> None:
        missing = 0  # looks, not seconds of a clock: the program may have been stopped meanwhile
        while not self._over.wait(1.0):
            missing = missing + 1 if self._waits() and self._nobody_there() else 0
            if missing == self._missed:
                self._nobody()
                return

    def _nobody_there(self) -> bool:
        try:
            return not self._client.nthreads()
        except Exception:  # the scheduler is lost, which is seen elsewhere
            return False
