"""How events come from the thread that performs a run to the one that asks for them.

The former waits where the latter is slow. It does not know what events are.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 64
"""So much waits to be taken before more is asked for."""

LOOK_EVERY = 0.5
"""Seconds after which who waits wakes up: Python does not see a signal that came just before a wait."""


class Handover(Generic[T]):
    """What is given on one thread is taken on another, in order, as long as anybody wants it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[T] = deque()
        self._wanted = True
        self._over = False

    def give(self, one: T) -> None:
        """Waits until there is room, or until nobody wants it any more."""
        with self._changed:
            while self._wanted and len(self._waiting) >= MOST:
                self._changed.wait()
            if self._wanted:
                self._waiting.append(one)
                self._changed.notify_all()

    def end(self) -> None:
        """Nothing more will be given."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def take(self) -> T | None:
        """The next; waits for it. None at the end."""
        with self._changed:
            while not self._waiting and not self._over:
                self._changed.wait(LOOK_EVERY)
            if not self._waiting:
                return None
            self._changed.notify_all()
            return self._waiting.popleft()

    def want_no_more(self) -> None:
        """What was not taken, and all that follows, is dropped."""
        with self._changed:
            self._wanted = False
            self._waiting.clear()
            self._changed.notify_all()
