"""A signal that comes twice though it was sent once: to a process, and then to its group.

So does `timeout`, and whoever passes on the Ctrl-C that the terminal has sent to all.
"""

from __future__ import annotations

import time

SAME = 0.05
"""Seconds in which a signal that comes again is the same."""


class Echoes:
    """Remembers when signals came that count."""

    def __init__(self) -> None:
        self._came: dict[int, float] = {}

    def has(self, number: int) -> bool:
        """Whether a signal that comes now is one that has come already."""
        now = time.monotonic()
        if now < self._came.get(number, -SAME) + SAME:
            return True
        self._came[number] = now
        return False
