"""Values of the file in which `{{ }}` may stand → what they give for many items at once, key by key.

What is the same for all items is evaluated once, and what is one of an item's names and nothing else
is fetched: most arguments of a map are that. It does not know where in a workflow a value stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runner.expression.compilation import function_of, hole_function, uses_of
from runner.expression.holes import Expression, Part, cut
from runner.expression.lookups import Evaluate, Values
from runner.expression.marks import has_holes
from runner.expression.tree import Name
from runner.expression.values import EvaluationError, text_of

Faults = dict[int, EvaluationError]
"""Why items have no value, by their place."""

Column = Callable[[Values, Sequence[Values], Faults], list[Any]]
"""The values for each of several items, from what they share and from their own names, which come first."""


def column_of(value: Any) -> Column:
    """What a template gives for many items."""
    if not has_holes(value):
        return lambda shared, each, faults: [value] * len(each)
    if isinstance(value, Mapping):
        return _mapping_column([(key, column_of(part)) for key, part in value.items()])
    column = one_by_one(function_of(value, lazy=False))
    return _text_column(value, column) if isinstance(value, str) else column


def one_by_one(evaluate: Evaluate) -> Column:
    """The column of a function that is asked for each item."""

    def column(shared: Values, each: Sequence[Values], faults: Faults) -> list[Any]:
        values, results = dict(shared), list[Any]()
        for own in each:
            values.update(own)
            try:
                results.append(evaluate(values))
            except EvaluationError as error:
                faults[len(results)] = error
                results.append(None)
        return results

    return column


def _mapping_column(parts: Sequence[tuple[str, Column]]) -> Column:
    def column(shared: Values, each: Sequence[Values], faults: Faults) -> list[Any]:
        results: list[Any] = [{} for _ in each]
        for key, part in parts:
            found: Faults = {}
            for result, value in zip(results, part(shared, each, found), strict=True):
                result[key] = value
            for place, error in found.items():
                error.path = (key, *error.path)
                faults.setdefault(place, error)
        return results

    return column


def _text_column(text: str, one_by_one: Column) -> Column:
    names = {use.name for found in uses_of(text, False) for use in found.names}
    whole = cut(text)
    parts = () if whole.faults else whole.parts
    alone = _name_of(parts[0]) if len(parts) == 1 else None
    column = _joined_column(text, parts, one_by_one) if len(parts) > 1 else one_by_one

    def quicker(shared: Values, each: Sequence[Values], faults: Faults) -> list[Any]:
        if len(each) < 2:
            return one_by_one(shared, each, faults)
        if names.isdisjoint(each[0]):
            found: Faults = {}
            first = one_by_one(shared, each[:1], found)
            return one_by_one(shared, each, faults) if found else first * len(each)
        if alone is not None and alone in each[0]:
            return [own[alone] for own in each]
        return column(shared, each, faults)

    return quicker


def _joined_column(text: str, parts: Sequence[Part], one_by_one: Column) -> Column:
    """Each part for all items, then joined; where that fails, one by one tells what is wrong with which."""
    texts_of = [_texts_of(text, part) for part in parts]

    def column(shared: Values, each: Sequence[Values], faults: Faults) -> list[Any]:
        try:
            return list(map("".join, zip(*[texts(shared, each) for texts in texts_of], strict=True)))
        except EvaluationError:
            return one_by_one(shared, each, faults)

    return column


def _texts_of(text: str, part: Part) -> Callable[[Values, Sequence[Values]], list[str]]:
    if not isinstance(part, Expression):
        return lambda shared, each: [part.text] * len(each)
    name, evaluate = _name_of(part), hole_function(text, part, False, text_of)

    def texts(shared: Values, each: Sequence[Values]) -> list[str]:
        if name is not None and name in each[0]:
            return [text_of(own[name]) for own in each]
        values, results = dict(shared), []
        for own in each:
            values.update(own)
            results.append(evaluate(values))
        return results

    return texts


def _name_of(part: Part) -> str | None:
    """The name of which a part is the `{{ name }}`."""
    tree = part.tree if isinstance(part, Expression) else None
    return tree.name if isinstance(tree, Name) else None
