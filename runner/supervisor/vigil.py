"""Whether a run that was told to end can do so: while nothing holds up its process, that shows signs of life.

Code that never gives back Python's lock holds it up, and lets it hear no signal. It is looked at so many
times, not for so many seconds: who was stopped for a while, or the whole machine, is not held up.
"""

from __future__ import annotations

import contextlib

from runner.supervisor import readiness

LOOK_EVERY = 0.25

HELD_UP = 21
"""Looks without a sign, together the time that commands have from TERM to KILL, and a little more."""

HURRIED = 3
"""So many where it was told twice, since what it waits for has no time left either."""

AT_ITS_REPORTS = 40
"""So many more, as long as it writes its reports: some of what Python does without a break takes long."""


class Vigil:
    """Kept from the first signal on, by who watches over `runner`."""

    def __init__(self, runner: int, now: float) -> None:
        self._runner = runner
        self._last = readiness.signs()
        self._in_vain = 0
        self._patience = HELD_UP
        self.due = now + LOOK_EVERY
        """When to look next."""

    def hurry(self) -> None:
        """It was told once more."""
        self._patience = HURRIED

    def finds_it_held_up(self, now: float) -> bool:
        """Look, if it is time to."""
        if now < self.due:
            return False
        self.due = now + LOOK_EVERY
        signs = readiness.signs()
        if signs != self._last or (readiness.heeds() and not signs) or _is_stopped(self._runner):
            self._last, self._in_vain = signs, 0
        else:
            self._in_vain += 1
        return self._in_vain >= self._patience + (AT_ITS_REPORTS if readiness.heeds() else 0)


def _is_stopped(process: int) -> bool:
    """By a signal, or by who looks into it."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat", "rb") as file:
        return file.read().rpartition(b") ")[2][:1] in (b"T", b"t")
    return False
