"""What kind of value a template is sure to give, as far as its text and the types of params show.

Kinds are called as the types of params are. It evaluates constants and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.expression.holes import Expression, cut
from runner.expression.template import Template
from runner.expression.tree import (
    Attribute,
    Chain,
    Conditional,
    Constant,
    DictOf,
    ListOf,
    Name,
    Node,
    Subscript,
    Test,
    Unary,
)
from runner.expression.values import EvaluationError
from runner.struct import struct

_comparisons = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in"})
_kinds: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (str, "str"),
    (list, "list"),
    (dict, "dict"),
)


@struct
class Known:
    """A value that is the same whatever happens."""

    value: Any


def known_value(template: Template) -> Known | None:
    """The value of a template that names nothing and calls nothing."""
    if template.names or template.functions:
        return None
    try:
        value = template.evaluate({})
    except EvaluationError:
        return None
    return None if isinstance(value, tuple) else Known(value)


def kind_of(template: Template, params: Mapping[str, str]) -> str | None:
    """The kind of what a template gives; `params` are the types of those that have one for sure."""
    value = template.value
    if not isinstance(value, str):
        return _kind_of_value(value)
    if template.literal:
        return "str"
    found = cut(value)
    if found.faults or any(isinstance(part, Expression) and part.tree is None for part in found.parts):
        return None
    only = found.parts[0]
    if len(found.parts) > 1 or not isinstance(only, Expression) or only.tree is None:
        return "str"
    return _kind(only.tree, params)


def _kind_of_value(value: Any) -> str | None:
    return next((kind for known, kind in _kinds if isinstance(value, known)), None)


def _kind(node: Node, params: Mapping[str, str]) -> str | None:
    match node:
        case Constant(value=value):
            return _kind_of_value(value)
        case ListOf(fixed=False):
            return "list"
        case DictOf():
            return "dict"
        case Test() | Unary(operator="not"):
            return "bool"
        case Chain(rest=rest) if all(operator in _comparisons for operator, _ in rest):
            return "bool"
        case Chain(rest=rest) if all(operator == "~" for operator, _ in rest):
            return "str"
        case Conditional(then=then, otherwise=otherwise) if otherwise is not None:
            kind = _kind(then, params)
            return kind if kind == _kind(otherwise, params) else None
        case Attribute(target=Name(name="params"), name=name):
            return params.get(name)
        case Subscript(target=Name(name="params"), key=Constant(value=str(name))):
            return params.get(name)
    return None
