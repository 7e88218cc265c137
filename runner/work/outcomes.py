"""From what an action gave to the outcome that others see: `until`, `result`, JSON, failures masked.

Knows neither how the action was performed nor what the plan makes of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from runner.exact import normalise
from runner.expression import EvaluationError, Template
from runner.hints import Any
from runner.in_c import name_of_signal
from runner.masks import mask_of
from runner.records import Failure, FailureKind, Outcome, Shared
from runner.struct import replace
from runner.work.binding import Names, named
from runner.work.tails import tail


def expression_failure(key: str, error: EvaluationError) -> Failure:
    """An expression of a key of the file that has no value."""
    return Failure(FailureKind.EXPRESSION, str(named(key, error)))


def exit_message(code: int) -> str:
    """What an exit code means, in words."""
    if code == 127:
        return "exit code 127 (a program was not found)"
    if code == 126:
        return "exit code 126 (a program could not be executed)"
    if code > 128:
        try:
            return f"exit code {code} ({name_of_signal(code - 128)})"
        except ValueError:
            pass
    return f"exit code {code}"


def finish(shared: Shared, each: Sequence[Names], outcomes: Sequence[Outcome]) -> None:
    """Makes outcomes complete, those of one slice, with the names that their items see."""
    task = shared.task
    if task.retry.until is not None:
        _poll(shared, task.retry.until, each, outcomes)
    if task.result is not None:
        _shape(shared, task.result, each, outcomes)
    for outcome in outcomes:
        if outcome.failure is not None:
            outcome.failure = told(outcome.failure, outcome.log, shared)
        if outcome.failure is not None or outcome.cancelled or outcome.again:
            outcome.result, outcome.encoded, outcome.truncated = None, "null", False


def cancel(outcomes: Sequence[Outcome]) -> None:
    """What succeeded has no result that others could see, as making it was broken off."""
    for outcome in filter(_succeeded, outcomes):
        outcome.cancelled = True
        outcome.result, outcome.encoded, outcome.truncated = None, "null", False


def told(failure: Failure, logs: Sequence[str], shared: Shared) -> Failure:
    """The failure with the end of its output, without secrets: other tasks may send it anywhere."""
    output = failure.output or tail(os.path.join(shared.context.log_folder, name) for name in logs)
    mask = mask_of(shared.context.secrets)
    whole = replace(failure, output=output) if output else failure
    return mask.failure(whole) if mask else whole


# `until` and `result` -----------------------------------------------------------------------------


def _poll(shared: Shared, until: Template, each: Sequence[Names], outcomes: Sequence[Outcome]) -> None:
    """Asks `until` of what succeeded, and of any exit code if it names that."""

    def asked(outcome: Outcome) -> bool:
        return _succeeded(outcome) or (judges_exits and _exited(outcome))

    judges_exits = "exit_code" in until.names
    for outcome, answer in _evaluated(shared, until, each, outcomes, asked, "until"):
        outcome.again = not answer
        outcome.failure = None if answer else _not_yet(outcome)


def _not_yet(outcome: Outcome) -> Failure:
    command = outcome.failure.command if outcome.failure else None
    return Failure(FailureKind.UNTIL, "`until` is not true yet", outcome.exit_code, command=command)


def _shape(shared: Shared, result: Template, each: Sequence[Names], outcomes: Sequence[Outcome]) -> None:
    """Replaces what the action gave by what others are to see."""
    for outcome, value in _evaluated(shared, result, each, outcomes, _succeeded, "result"):
        outcome.result, outcome.encoded = normalise(value)
        outcome.truncated = False


def _evaluated(
    shared: Shared,
    template: Template,
    each: Sequence[Names],
    outcomes: Sequence[Outcome],
    asked: Callable[[Outcome], bool],
    key: str,
) -> list[tuple[Outcome, Any]]:
    """The values of a template that may name `result`; an outcome that it has none for fails."""
    chosen = [(outcome, names) for outcome, names in zip(outcomes, each, strict=True) if asked(outcome)]
    if "result" in template.names:
        for outcome, _ in chosen:
            if outcome.truncated:
                outcome.failure = _too_large(outcome, shared)
        chosen = [pair for pair in chosen if not pair[0].truncated]
    known = [{**names, "result": outcome.result, "exit_code": outcome.exit_code} for outcome, names in chosen]
    answers = []
    for (outcome, _), value in zip(chosen, template.evaluate_each(shared.values, known), strict=True):
        if isinstance(value, EvaluationError):
            outcome.failure = expression_failure(key, value)
        else:
            answers.append((outcome, value))
    return answers


def _succeeded(outcome: Outcome) -> bool:
    return outcome.failure is None and not outcome.cancelled and not outcome.again


def _exited(outcome: Outcome) -> bool:
    return outcome.failure is not None and outcome.failure.kind is FailureKind.EXIT


def _too_large(outcome: Outcome, shared: Shared) -> Failure:
    log = os.path.join(shared.context.log_folder, outcome.log[0])
    message = f"its result is over 1 MiB and was not kept: its whole output is in {log}"
    return Failure(FailureKind.OUTPUT, message, outcome.exit_code)
