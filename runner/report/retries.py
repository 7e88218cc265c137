"""What was tried more than once, and what its attempts said."""

from __future__ import annotations

from typing import Any

from runner.display import one_line
from runner.report.facts import address_of_item
from runner.report.values import duration
from runner.store.entries import AttemptRecord, ItemRecord, RunRecord
from runner.store.stored_run import StoredRun

MOST = 100
MOST_ATTEMPTS = 20


def retried(stored: StoredRun, run: RunRecord) -> dict[str, Any]:
    """How many items were tried more than once, and of at most so many of them each attempt."""
    total, flaky = stored.whole.count_again(run)
    items = stored.whole.again(run, MOST)
    return {
        "total": total,
        "succeeded": flaky,
        "items": [_item(stored, item) for item in items],
        "more": total - len(items),
    }


def _item(stored: StoredRun, item: ItemRecord) -> dict[str, Any]:
    attempts = stored.read.attempts(item)
    return {
        "address": address_of_item(stored, item),
        "status": item.status,
        "marks": [mark.value for mark in item.marks],
        "attempts": item.attempts,
        "seconds": duration(item.seconds),
        "tries": [_attempt(it) for it in attempts[-MOST_ATTEMPTS:]],
    }


def _attempt(attempt: AttemptRecord) -> dict[str, Any]:
    failure = attempt.failure
    return {
        "number": attempt.number,
        "seconds": duration(attempt.seconds),
        "wait": duration(attempt.wait),
        "kind": failure.kind.value if failure else None,
        "message": one_line(failure.message) if failure else None,
    }
