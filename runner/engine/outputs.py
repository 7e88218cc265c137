"""How a run has ended, once all has settled: its verdict, and the values of the file's outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from runner.engine.signals import exit_code_of
from runner.exact import normalise
from runner.expression import EvaluationError
from runner.expression.values import no_json
from runner.hints import Any
from runner.plan import BrokenOff, Plan
from runner.records import Event, Failure, FailureKind, Notice, RunFinished, Status
from runner.struct import field, struct
from runner.work.clock import now
from runner.workflow import Workflow

A_WHILE = 1.0
"""Seconds that the outputs of a run have together that was told to end, or whose time is over."""


@struct
class Outputs:
    """The values by name, what went wrong with them, and what is to be said of those broken off."""

    values: Mapping[str, Any] = field(default_factory=dict)
    problems: Sequence[Failure] = ()
    notices: Sequence[Notice] = ()


def last_events(
    outputs: Outputs, plan: Plan, signals: Sequence[int], lost: str, started: float
) -> list[Event]:
    """The verdict, with the outputs, and before it what is to be said of them.

    `lost`: why nothing could be performed any more.
    """
    problems = list(outputs.problems)
    status = plan.status()
    if lost and not signals:
        problems.insert(0, Failure(FailureKind.LOST, lost))
        status = Status.FAILED
    if plan.root.timed_out:
        problems.insert(0, Failure(FailureKind.TIMEOUT, plan.root.stopped or ""))
    if status is Status.SUCCEEDED and problems:
        status = Status.FAILED
    moment = now()
    code = exit_code_of(signals, status is not Status.SUCCEEDED)
    finished = RunFinished(status, code, moment, moment - started, outputs.values, tuple(problems))
    return [*notices_of(outputs.values), finished]


def outputs_of(workflow: Workflow, plan: Plan) -> Outputs:
    """The outputs, each evaluated alone; one that is broken off is None."""
    values: dict[str, Any] = {}
    problems, notices = [], []
    for name, template in workflow.outputs.items():
        values[name] = None
        try:
            values[name] = plan.output(template)
        except BrokenOff as why:
            notices.append(Notice(f"outputs.{name} is null, as its evaluation was broken off: {why}"))
        except EvaluationError as error:
            place = workflow.outputs_positions.get(name, workflow.position)
            told = f"outputs.{name}: {error}"
            problems.append(Failure(FailureKind.EXPRESSION, told, position=str(place)))
    return Outputs(values, problems, notices)


def notices_of(outputs: Mapping[str, Any]) -> Iterator[Notice]:
    """What is to be said of those that reports cannot show, which a Python program is given whole."""
    for name, value in outputs.items():
        if normalise(value)[1] is None:
            yield Notice(f"outputs.{name} is null in reports: {no_json(value)}")
