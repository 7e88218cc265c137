"""Attempts at the items of a slice, one after the other, each with a log of its own.

Knows neither what is done with an item nor in which process that is.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from runner.records import Failure, FailureKind, Item, Outcome
from runner.refusals import advised
from runner.wording import duration
from runner.work.capture import current
from runner.work.clock import now
from runner.work.halt import Halt
from runner.work.logs import Log, Logs

slice_seconds = 0.05
"""A slice returns after so long with what it has done."""

Act = Callable[[int, Outcome, Log], None]
"""Acts on the item of a number; what came of it is written into its outcome."""


def attempt_each(
    items: Sequence[Item],
    logs: Logs,
    act: Act,
    halt: Halt,
    keep: Callable[[Outcome], object],
    line: Callable[[int], str | None],
    shared: bool = False,
) -> None:
    """Attempts the items in their order, and keeps the outcomes; those not begun in time have none.

    `line` is the command of an item as a line for people. `shared`: what has not begun may be taken back.
    """
    untouched = deque(range(len(items)))
    if shared:
        halt.untouched = untouched
    worker = threading.current_thread().name
    before = current.set(None)
    try:
        began = start = now()
        while untouched and not halt.stopping:
            try:
                number = untouched.popleft()
            except IndexError:  # it was taken back just now
                break
            item = items[number]
            outcome = Outcome(item.index, item.attempt, start, 0.0, worker)
            log = Log(logs, item)
            current.set(log)
            try:
                act(number, outcome, log)
                outcome.log = log.close()
            except OSError as error:
                outcome.failure = Failure(FailureKind.START, _refused(error), command=line(number))
                with suppress(OSError):
                    log.close()
            end = now()
            outcome.seconds = outcome.seconds or end - start
            keep(outcome)
            if end - began > slice_seconds:
                break
            start = end
    finally:
        current.reset(before)  # what this thread prints then belongs where it did


def timed_out(seconds: float) -> Failure:
    """The failure of what has taken longer."""
    return Failure(FailureKind.TIMEOUT, f"took longer than its timeout of {duration(seconds)}")


def _refused(error: OSError) -> str:
    if error.filename:
        return f"its log cannot be written: {error.filename}: {advised(error)}"
    return f"it cannot be performed: {advised(error)}"
