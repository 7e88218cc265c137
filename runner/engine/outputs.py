"""How a run has ended, once all has settled: its verdict, and the values of the file's outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from runner.engine.signals import exit_code_of
from runner.exact import normalise
from runner.expression import EvaluationError
from runner.expression.values import no_json
from runner.hints import Any
from runner.plan import Plan
from runner.records import Event, Failure, FailureKind, Notice, RunFinished, Status
from runner.work.clock import now
from runner.workflow import Workflow


def last_events(
    workflow: Workflow, plan: Plan, signals: Sequence[int], lost: str, started: float
) -> list[Event]:
    """The verdict, with the outputs, each evaluated alone, and before it what is to be said of them.

    `lost`: why nothing could be performed any more.
    """
    outputs, problems = outputs_of(workflow, plan)
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
    finished = RunFinished(status, code, moment, moment - started, outputs, tuple(problems))
    return [*notices_of(outputs), finished]


def outputs_of(workflow: Workflow, plan: Plan) -> tuple[dict[str, Any], list[Failure]]:
    """The values, each evaluated alone, and what went wrong with them."""
    values: dict[str, Any] = {}
    problems = []
    for name, template in workflow.outputs.items():
        try:
            values[name] = plan.output(template)
        except EvaluationError as error:
            values[name] = None
            place = workflow.outputs_positions.get(name, workflow.position)
            told = f"outputs.{name}: {error}"
            problems.append(Failure(FailureKind.EXPRESSION, told, position=str(place)))
    return values, problems


def notices_of(outputs: Mapping[str, Any]) -> Iterator[Notice]:
    """What is to be said of those that reports cannot show, which a Python program is given whole."""
    for name, value in outputs.items():
        if normalise(value)[1] is None:
            yield Notice(f"outputs.{name} is null in reports: {no_json(value)}")
