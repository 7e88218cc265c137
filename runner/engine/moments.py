"""What outcomes of callables are by when they came: too late, or after the run was told to end."""

from __future__ import annotations

from collections.abc import Sequence

from runner.records import Failure, FailureKind, Outcome, Submission
from runner.wording import duration
from runner.workflow import Call

JUST_BEFORE = 0.2
"""Seconds before the run hears of its end in which what fails may have failed of the same."""


def timed_out(seconds: float) -> Failure:
    """The failure of what has taken longer."""
    return Failure(FailureKind.TIMEOUT, f"took longer than its timeout of {duration(seconds)}")


def in_time(submission: Submission, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """A callable that came back after its timeout has failed all the same."""
    task = submission.shared.task
    if task.timeout is not None and isinstance(task.action, Call):
        for outcome in outcomes:
            told = outcome.failure is not None and outcome.failure.kind is FailureKind.TIMEOUT
            if outcome.seconds > task.timeout and not outcome.cancelled and not told:
                outcome.failure = timed_out(task.timeout)
    return outcomes


def given_up(
    submission: Submission, started: float, seconds: float, failure: Failure | None
) -> list[Outcome]:
    """What becomes of items that go on though nobody waits for them: they failed, or are cancelled."""
    return [
        Outcome(item.index, item.attempt, started, seconds, failure=failure, cancelled=failure is None)
        for item in submission.items
    ]


def forgive(outcomes: Sequence[Outcome], told: float) -> None:
    """What fails after the run was told to end, or a moment before, is cancelled, since it may be of that.

    So fails what has started a program that is in the terminal's reach, or is ended with all that is left.
    The terminal tells all at once, and such a program may end before we have heard of it.
    """
    for outcome in outcomes:
        if outcome.failure is not None and outcome.started + outcome.seconds >= told - JUST_BEFORE:
            outcome.failure, outcome.cancelled = None, True
