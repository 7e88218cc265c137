"""How items have ended: their tally, what others may know of one, and when it is tried again."""

from __future__ import annotations

from typing import Any

from runner.records import Counts, Failure, Item, Status
from runner.struct import struct
from runner.workflow import Retry


class Tally:
    """How many items have settled, and how."""

    __slots__ = ("cancelled", "failed", "skipped", "succeeded")

    def __init__(self) -> None:
        self.succeeded = self.failed = self.skipped = self.cancelled = 0

    def add(self, status: Status) -> None:
        """Count one item."""
        if status is Status.SUCCEEDED:  # by far the most
            self.succeeded += 1
        else:
            setattr(self, status.value, getattr(self, status.value) + 1)

    @property
    def settled(self) -> int:
        """All items counted."""
        return self.succeeded + self.failed + self.skipped + self.cancelled

    def counts(self) -> Counts:
        """The figures as a record."""
        return Counts(self.succeeded, self.failed, self.skipped, self.cancelled)


@struct(frozen=False)
class Settled:
    """What others may know of the one item of a plain task, or of an unmapped group."""

    result: Any = None
    error: Failure | None = None
    exit_code: int | None = None
    attempts: int = 0
    seconds: float | None = None
    log: tuple[str, ...] = ()


@struct
class Followed:
    """One settled item of the map that an item-wise map follows; `made` as in `Outcome`."""

    item: Item
    status: Status
    made: int = 0


def retry_wait(retry: Retry, attempt: int, chance: float) -> float:
    """Seconds to wait after `attempt` (from 1); `chance` in [0, 1) spreads them if `jitter`."""
    wait = retry.delay * retry.backoff ** min(attempt - 1, 100)
    if retry.max_delay is not None:
        wait = min(wait, retry.max_delay)
    return wait * (0.5 + chance / 2) if retry.jitter else wait
