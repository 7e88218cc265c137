"""What the file itself shows of the items of a map: how many there are at most, and their keys.

It knows lists and mappings that are written out. Where an expression decides, it knows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from runner.addresses import forbidden_in
from runner.expression import EvaluationError, Template, text_of
from runner.expression.holes import Hole, Literal, split
from runner.expression.kinds import kind_of_elements
from runner.expression.questions import is_whole_number
from runner.regex import regex
from runner.wording import quoted

sources = ("over", "matrix", "zip")
about_combinations = ("exclude", "include")

_most_tried = 256
_without_text = regex(r"\{\{\s*(?:range|csv)\([^{}|()]*\)\s*\}\}")
"""Numbers, and rows: these are called by their places."""


def axes_of(matrix: Mapping[str, Any]) -> dict[str, Any]:
    """The lists of a matrix, without what is said about combinations."""
    return {name: values for name, values in matrix.items() if name not in about_combinations}


def most_items(data: Mapping[str, Any]) -> int | None:
    """How many items a `map` has at most, where that is written out."""
    match _only_source(data):
        case "over", list() | dict() as items:
            return len(items)
        case "zip", dict() as columns:
            return min((len(values) for values in columns.values() if isinstance(values, list)), default=None)
        case "matrix", dict() as matrix:
            return _most_combinations(matrix)
    return None


def has_own_keys(data: Mapping[str, Any]) -> bool:
    """Whether all keys are words of the file, numbers or places."""
    key, found = data.get("key"), _only_source(data)
    if isinstance(key, str):
        holes = [part.source for part in split(key) if isinstance(part, Hole)]
        return all(is_whole_number(source) or source.strip() == "index" for source in holes)
    if found is None or Template(found[1]).literal:
        return True
    return isinstance(found[1], str) and _without_text.fullmatch(found[1].strip()) is not None


def _only_source(data: Mapping[str, Any]) -> tuple[str, Any] | None:
    given = [name for name in sources if name in data]
    return (given[0], data[given[0]]) if len(given) == 1 else None


def _most_combinations(matrix: Mapping[str, Any]) -> int | None:
    axes, include = axes_of(matrix), matrix.get("include", [])
    if not isinstance(include, list) or not all(isinstance(values, list) for values in axes.values()):
        return None
    return (prod(map(len, axes.values())) if axes else 0) + len(include)


def _items(data: Mapping[str, Any]) -> Sequence[Any]:
    """The items, where all of them are written out and they are not too many to be tried."""
    most, found = most_items(data), _only_source(data)
    if most is None or most > _most_tried or found is None or not Template(found[1]).literal:
        return ()
    match found:
        case "over", dict() as items:
            return list(items.values())
        case "over", list() as items:
            return items
        case "zip", dict() as columns if all(isinstance(values, list) for values in columns.values()):
            return _rows(columns, zip(*columns.values(), strict=False))
        case "matrix", dict() as matrix if not any(name in matrix for name in about_combinations):
            return _rows(matrix, product(*matrix.values()))
    return ()


def _rows(names: Mapping[str, Any], rows: Iterator[Sequence[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in rows]


def kind_of_items(data: Mapping[str, Any]) -> str | None:
    """The kind of each item, where it is sure to be a whole number."""
    match _only_source(data):
        case "over", dict() as items:
            return kind_of_elements(list(items.values()))
        case "over", items:
            return kind_of_elements(items)
    return None


def fault_of_key(template: Template, name: str, data: Mapping[str, Any]) -> tuple[str, str]:
    """Why a map with this `key`, whose items are called `name`, is sure to fail, and a hint."""
    written = (part.text for part in split(str(template.value)) if isinstance(part, Literal))
    for why in filter(None, map(forbidden_in, written)):
        return f"`key` {why}, which no key may", ""
    if template.names - {name, "index"} or template.functions:
        return "", ""
    values = [{name: item, "index": index} for index, item in enumerate(_items(data))]
    return _fault_among(template.evaluate_each({}, values))


def _fault_among(keys: Sequence[Any]) -> tuple[str, str]:
    seen: dict[str, int] = {}
    for index, key in enumerate(keys):
        try:
            if isinstance(key, EvaluationError):
                raise key
            text = text_of(key)
        except EvaluationError as error:
            return f"the key of item {index}: {error.message}", error.hint
        if why := forbidden_in(text):
            return (
                f"the key of item {index} {why}",
                "`| slug` makes a name of any text" if text else "`{{ index }}` is never empty",
            )
        if text in seen:
            message = f"items {seen[text]} and {index} have the same key {quoted(text)}"
            return message, "`{{ index }}` in the key tells items apart"
        seen[text] = index
    return "", ""
