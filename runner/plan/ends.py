"""How items have ended: their tally, what others may know of one, and when it is tried again."""

from __future__ import annotations

from runner.hints import Any
from runner.records import Counts, Failure, FailureKind, Item, Mark, Outcome, Status
from runner.struct import replace, struct
from runner.workflow import Retry, Task


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
    reason: str | None = None


_of_timeouts = {kind.__name__ for kind in TimeoutError.__mro__ if kind is not object}


def retry_wait(retry: Retry, attempt: int, chance: float) -> float:
    """Seconds to wait after `attempt` (from 1); `chance` in [0, 1) spreads them if `jitter`."""
    wait = retry.delay * retry.backoff ** min(attempt - 1, 100)
    if retry.max_delay is not None:
        wait = min(wait, retry.max_delay)
    return wait * (0.5 + chance / 2) if retry.jitter else wait


def may_retry(
    exit_codes: tuple[int, ...] | None, exceptions: tuple[str, ...] | None, failure: Failure
) -> bool:
    """Whether `retry.on` lets this failure be tried again; a wrong expression stays wrong."""
    if failure.kind in (FailureKind.EXPRESSION, FailureKind.ITEMS):
        return False
    if exit_codes is None and exceptions is None:
        return True
    if failure.kind is FailureKind.EXIT:
        return failure.exit_code in (exit_codes or ())
    names = {name for dotted in failure.exception for name in (dotted, dotted.rpartition(".")[2])}
    if failure.kind is FailureKind.TIMEOUT:
        names |= _of_timeouts
    return not names.isdisjoint(exceptions or ())


def item_marks(task: Task, item: Item, status: Status, outcome: Outcome | None) -> tuple[Mark, ...]:
    """What is worth knowing of an item that ends with `status`."""
    flaky = status is Status.SUCCEEDED and item.attempt > 1 and task.retry.until is None
    truncated = outcome is not None and outcome.truncated
    if not flaky and not truncated:
        return ()
    return (Mark.FLAKY,) * flaky + (Mark.TRUNCATED,) * truncated


def polled_in_vain(item: Item, last: Failure | None) -> Failure:
    """The failure of an item whose `until` never came true; `last` is that of its last attempt."""
    tries = "1 attempt" if item.attempt == 1 else f"{item.attempt} attempts"
    words = f"`until` was not true after {tries}"
    return replace(last, message=words) if last else Failure(FailureKind.UNTIL, words)
