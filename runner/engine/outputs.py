"""The values of the file's outputs, once all has settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.exact import normalise
from runner.expression import EvaluationError
from runner.expression.values import no_json
from runner.hints import Any
from runner.plan import Plan
from runner.records import Failure, FailureKind, Notice
from runner.workflow import Workflow


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
