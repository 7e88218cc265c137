"""Questions about single expressions, answered from their syntax alone."""

from __future__ import annotations

from runner.expression.holes import Expression, condition, cut
from runner.expression.template import Template
from runner.expression.tree import Attribute, Constant, Filter, Name, Node, Subscript


def exact_tasks_results(template: Template) -> str | None:
    """`other` where the template is exactly `{{ tasks.other.results }}`."""
    if template.literal or template.condition or not isinstance(template.value, str):
        return None
    parts = cut(template.value).parts
    tree = parts[0].tree if len(parts) == 1 and isinstance(parts[0], Expression) else None
    target, attribute = _looked_up(tree)
    tasks, task = _looked_up(target)
    return task if attribute == "results" and isinstance(tasks, Name) and tasks.name == "tasks" else None


def _looked_up(node: Node | None) -> tuple[Node | None, str | None]:
    if isinstance(node, Attribute):
        return node.target, node.name
    if isinstance(node, Subscript) and isinstance(node.key, Constant) and isinstance(node.key.value, str):
        return node.target, node.key.value
    return None, None


def has_verbatim(source: str) -> bool:
    """Whether the source of a hole ends in the filter `verbatim`."""
    last = _last_filter(source)
    return last is not None and last.name == "verbatim"


def is_plain_word(source: str) -> bool:
    """Whether the source of a hole ends in a filter that leaves letters, digits and `-` only."""
    last = _last_filter(source)
    return last is not None and last.name == "slug"


def is_whole_number(source: str) -> bool:
    """Whether the source of a hole ends in a filter that makes a whole number of anything."""
    last = _last_filter(source)
    if last is None or not all(
        map(_is_whole_constant, (*last.arguments, *(value for _, value in last.keywords)))
    ):
        return False
    return last.name in ("int", "length", "count")


def _is_whole_constant(node: Node) -> bool:
    return isinstance(node, Constant) and type(node.value) is int


def _last_filter(source: str) -> Filter | None:
    parts = condition(source).parts
    tree = parts[0].tree if parts and isinstance(parts[0], Expression) else None
    return tree if isinstance(tree, Filter) else None
