"""Expressions: what stands in `{{ }}`, what it names, and the value it gives, within bounds.

This room knows nothing of workflows and tasks. Below the templates, in the order in which they build on
each other: `marks`, `values` and `bounds`, the syntax (`slips`, `tokens`, `tree`, `dashes`, `grammar`,
`holes`), what can be done (`sources`, `operations`, the filters), and how it is done (`lookups`,
`evaluation`), also for many items at once (`columns`). All but the first two are imported when a template
has a `{{ }}`: most have none.
"""

from runner.expression.template import (
    ExpressionFault,
    NameUse,
    Reference,
    Template,
)
from runner.expression.values import EvaluationError, json_of, text_of

__all__ = [
    "EvaluationError",
    "ExpressionFault",
    "NameUse",
    "Reference",
    "Template",
    "json_of",
    "text_of",
]
