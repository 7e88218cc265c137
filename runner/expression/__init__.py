"""Expressions: what stands in `{{ }}`, what it names, and the value it gives, within bounds.

This room knows nothing of workflows and tasks. Below the templates, in the order in which they build
on each other: `values` and `bounds`, the syntax (`slips`, `tokens`, `tree`, `grammar`, `holes`), what
can be done (`sources`, `operations`, the filters), and how it is done (`lookups`, `evaluation`), also for
many items at once (`columns`).
"""

from runner.expression.holes import Hole, Literal, split
from runner.expression.kinds import kind_of, known_value
from runner.expression.template import (
    ExpressionFault,
    NameUse,
    Reference,
    Template,
    exact_tasks_results,
    has_verbatim,
    is_whole_number,
)
from runner.expression.uses import Step
from runner.expression.values import EvaluationError, json_of, text_of

__all__ = [
    "EvaluationError",
    "ExpressionFault",
    "Hole",
    "Literal",
    "NameUse",
    "Reference",
    "Step",
    "Template",
    "exact_tasks_results",
    "has_verbatim",
    "is_whole_number",
    "json_of",
    "kind_of",
    "known_value",
    "split",
    "text_of",
]
