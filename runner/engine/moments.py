"""What outcomes of callables are by when they came: too late, or after the run was told to end."""

from __future__ import annotations

from collections.abc import Sequence

from runner.records import FailureKind, Item, Outcome, Submission
from runner.work.attempting import timed_out
from runner.work.logs import Log, Logs
from runner.work.outcomes import told
from runner.workflow import Call

JUST_BEFORE = 0.2
"""Seconds before the run hears of its end in which what fails may have failed of the same."""


def fail_late(submission: Submission, outcome: Outcome) -> None:
    """An attempt that has taken too long fails, with the end of what it has printed, whatever it gives."""
    shared = submission.shared
    assert shared.task.timeout is not None
    if not outcome.log:
        item = Item(outcome.index, None, None, outcome.attempt)
        outcome.log = Log(Logs(shared.context.log_folder, shared.fan), item).so_far()
    outcome.failure = told(timed_out(shared.task.timeout), outcome.log, shared)
    outcome.result, outcome.encoded, outcome.truncated = None, "null", False


def in_time(submission: Submission, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
    """A callable that came back after its timeout has failed all the same."""
    task = submission.shared.task
    if task.timeout is not None and isinstance(task.action, Call):
        for outcome in outcomes:
            known = outcome.failure is not None and outcome.failure.kind is FailureKind.TIMEOUT
            if outcome.seconds > task.timeout and not outcome.cancelled and not known:
                fail_late(submission, outcome)
    return outcomes


def given_up(submission: Submission, started: float, seconds: float, late: bool) -> list[Outcome]:
    """What becomes of items that go on though nobody waits for them: they are cancelled, or fail as late."""
    outcomes = [Outcome(it.index, it.attempt, started, seconds, cancelled=True) for it in submission.items]
    for outcome in outcomes if late else ():
        outcome.cancelled = False
        fail_late(submission, outcome)
    return outcomes


def forgive(outcomes: Sequence[Outcome], told: float) -> None:
    """What fails after the run was told to end, or a moment before, is cancelled, since it may be of that.

    So fails what has started a program that is in the terminal's reach, or is ended with all that is left.
    The terminal tells all at once, and such a program may end before we have heard of it.
    """
    for outcome in outcomes:
        if outcome.failure is not None and outcome.started + outcome.seconds >= told - JUST_BEFORE:
            outcome.failure, outcome.cancelled = None, True
