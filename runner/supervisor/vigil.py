"""Whether a run that was told to end can do so: while nothing holds up its process, that shows signs of life.

Code that never gives back Python's lock holds it up, and lets it hear no signal. It is looked at so many
times, not for so many seconds: who was stopped for a while, or the whole machine, is not held up.
"""

from __future__ import annotations

import contextlib

from runner.hints import Literal
from runner.processes import grace
from runner.supervisor import readiness

LOOK_EVERY = 0.2

DEAF = 2
"""Looks without a first sign, after which it cannot have told its commands to end."""

HELD_UP = 26
"""Looks without a sign, together the time that commands have from TERM to KILL, and a little more."""

HURRIED = 3
"""So many where it was told twice, since what it waits for has no time left either."""

AT_ITS_REPORTS = 40
"""So many more, as long as it writes its reports: some of what Python does without a break takes long."""


LAST_MOMENT = 0.2
"""Seconds that commands have in any case: it may have been held up before it had told all of them."""


class Vigil:
    """Kept from the first signal on, by who watches over `runner`."""

    def __init__(self, runner: int, now: float) -> None:
        self._runner = runner
        self._last = readiness.signs()
        self._in_vain = 0
        self._patience = HELD_UP
        self._told: float | None = None
        """When its commands had been told to end, by it or by who watches over it."""
        self.due = now + LOOK_EVERY
        """When to look next."""

    def hurry(self) -> None:
        """It was told once more."""
        self._patience = HURRIED

    def look(self, now: float) -> Literal["deaf", "held up"] | None:
        """What is the matter with it, if it is time to look; `deaf` is said once."""
        if now < self.due:
            return None
        self.due = now + LOOK_EVERY
        signs = readiness.signs()
        ends = readiness.heeds() or readiness.is_at_its_reports()
        if signs != self._last or (ends and not signs) or _is_stopped(self._runner):
            self._last, self._in_vain = signs, 0
            self._told = self._told or (now if signs else None)
            return None
        self._in_vain += 1
        if self._in_vain >= self._patience + (AT_ITS_REPORTS if ends else 0):
            return "held up"
        if self._in_vain >= DEAF and self._told is None:
            self._told = now
            return "deaf"
        return None

    def grace(self, now: float) -> float:
        """How many seconds its commands have left."""
        return grace if self._told is None else max(LAST_MOMENT, self._told + grace - now)


def _is_stopped(process: int) -> bool:
    """By a signal, or by who looks into it."""
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat", "rb") as file:
        return file.read().rpartition(b") ")[2][:1] in (b"T", b"t")
    return False
