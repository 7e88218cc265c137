"""Names and what is inside of values: how they are found, and what is said when they are not there.

It knows no filters and no operators.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from runner.expression.dashes import advice, asked, key_meant, possible_keys, reason, target_of
from runner.expression.tree import Attribute, Conditional, Node, Subscript
from runner.expression.values import EvaluationError, Missing, describe, is_opaque, listed, shortened
from runner.problem import did_you_mean

Values = Mapping[str, Any]
Evaluate = Callable[[Values], Any]


def shown(node: Node, text: str) -> str:
    """The text of a part, for a message."""
    return shortened(" ".join(text[node.at : node.end].split()))


def spine(tree: Node) -> frozenset[Node]:
    """The parts of which `default` and `is defined` forgive that nothing is there."""
    found = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        found.append(node)
        match node:
            case Attribute(target=target) | Subscript(target=target):
                waiting.append(target)
            case Conditional(then=then, otherwise=otherwise):
                waiting.extend(part for part in (then, otherwise) if part is not None)
    return frozenset(found)


def named(node: Node, name: str, functions: Iterable[str]) -> Evaluate:
    """The value of a name."""

    def explain(values: Values) -> tuple[str, str]:
        if name in functions:
            return f"`{name}` is a function", f"write `{name}()`"
        known = sorted(word for word in values if not word.startswith("__"))
        return f"`{name}` is not defined", did_you_mean(name, known) or f"known here: {listed(known)}"

    def look_up(values: Values) -> Any:
        try:
            return values[name]
        except KeyError:
            raise Missing(node, lambda: explain(values)) from None

    return look_up


def attribute(node: Attribute, text: str, target: Evaluate) -> Evaluate:
    """`target.name`: the key of a mapping."""
    name, dashed = node.name, possible_keys(node, text)

    def look_into(values: Values) -> Any:
        value = target(values)
        if isinstance(value, Mapping):
            for key in dashed:
                if key in value:
                    raise _subtracted(target_of(node, text), key)
            try:
                return value[name]
            except KeyError:
                pass
        raise _missing(node, text, value, name)

    return look_into


def subscript(node: Subscript, text: str, target: Evaluate, key: Evaluate) -> Evaluate:
    """`target[key]`: the key of a mapping, or a place in a list or a text."""

    def look_into(values: Values) -> Any:
        value, wanted = target(values), key(values)
        try:
            if isinstance(value, Mapping) and isinstance(wanted, str | int | float | None):
                return value[wanted]
            if isinstance(value, list | tuple | str) and isinstance(wanted, int):
                return value[wanted]
        except (KeyError, IndexError):
            pass
        raise _missing(node, text, value, wanted)

    return look_into


def _subtracted(target: str, key: str) -> EvaluationError:
    hint = f"did you mean {asked(target, key)}? {advice}"
    return EvaluationError(f"`{target}` has the key {key!r}: {reason}", hint)


def _missing(node: Attribute | Subscript, text: str, value: Any, wanted: Any) -> EvaluationError:
    target = f"`{shown(node.target, text)}`"
    if is_opaque(value):
        message = f"{target} is {describe(value)}, which cannot be looked into"
        return EvaluationError(
            message, "have the callable return what others need of it, as text, list or dict"
        )
    if isinstance(value, Mapping):
        before = target_of(node, text)
        return Missing(node, lambda: (f"{target} has no {wanted!r}", _meant(before, str(wanted), value)))
    return Missing(node, lambda: _explain(target, value, wanted, isinstance(node, Attribute)))


def _meant(target: str, wanted: str, value: Mapping[Any, Any]) -> str:
    return key_meant(
        target, wanted, map(str, value), lambda keys: f"it has: {listed(keys)}" if keys else "it is empty"
    )


def _explain(target: str, value: Any, wanted: Any, by_dot: bool) -> tuple[str, str]:
    if isinstance(value, list | tuple | str) and isinstance(wanted, int):
        return f"{target} has no element {wanted}: it is {describe(value)}", ""
    hint = "an element has a number: `x[0]`" if isinstance(value, list | tuple) and not by_dot else ""
    return f"{target} is {describe(value)}, which has no {wanted!r}", hint
