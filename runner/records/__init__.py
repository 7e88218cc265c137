"""The traffic between plan, engine, work and the listeners: what may cross a thread or a process.

Everything here pickles. Nothing here knows how it is made, moved, stored or shown.
"""

from __future__ import annotations

from runner.records.events import (
    AttemptFailed,
    Event,
    ItemsCounted,
    ItemSettled,
    ItemsSettled,
    Notice,
    Reconsidered,
    RunFinished,
    RunStarted,
    SliceStarted,
    TaskOpened,
    TaskSettled,
)
from runner.records.traffic import (
    UNDER_WAY,
    Counts,
    Done,
    Ended,
    Failure,
    FailureKind,
    Item,
    Kept,
    Mark,
    MaskedItem,
    Outcome,
    Pace,
    RunContext,
    Shared,
    Status,
    Submission,
    Trace,
    Usual,
)

__all__ = [
    "UNDER_WAY",
    "AttemptFailed",
    "Counts",
    "Done",
    "Ended",
    "Event",
    "Failure",
    "FailureKind",
    "Item",
    "ItemSettled",
    "ItemsCounted",
    "ItemsSettled",
    "Kept",
    "Mark",
    "MaskedItem",
    "Notice",
    "Outcome",
    "Pace",
    "Reconsidered",
    "RunContext",
    "RunFinished",
    "RunStarted",
    "Shared",
    "SliceStarted",
    "Status",
    "Submission",
    "TaskOpened",
    "TaskSettled",
    "Trace",
    "Usual",
]
