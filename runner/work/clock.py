"""The one clock of a run, for workers and for who gives them work. It knows of no time zone."""

from __future__ import annotations

import time

_offset = time.time() - time.monotonic()


def now() -> float:
    """Seconds since the epoch that never step: the system's clock is looked at once, when all begins."""
    return time.monotonic() + _offset


def offset() -> float:
    """What another process goes by that is to have the same clock."""
    return _offset


def go_by(offset: float) -> None:
    """Have the clock of another process."""
    global _offset
    _offset = offset
