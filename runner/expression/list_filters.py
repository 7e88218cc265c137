"""The filters that take lists and mappings apart and put them together.

They compare case-sensitively and charge what they add to `bounds`. They know neither syntax nor names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cmp_to_key
from itertools import chain, islice
from typing import Any

from runner.expression import bounds
from runner.expression.operations import compared, elements, nothing, real, whole
from runner.expression.values import EvaluationError, describe, json_of, listed, written

# Looking into elements ------------------------------------------------------------------------------


def attribute_of(value: Any, path: Any) -> Any:
    """`a.b.0` inside a value, or `nothing`."""
    if isinstance(path, int):
        return _inside(value, path)
    for part in str(path).split("."):
        value = _inside(value, int(part) if part.isdecimal() and not isinstance(value, Mapping) else part)
    return value


def _inside(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping):
        return value.get(key, nothing)
    if isinstance(value, list | tuple | str) and isinstance(key, int):
        return value[key] if -len(value) <= key < len(value) else nothing
    return nothing


def required(value: Any, path: Any) -> Any:
    found = attribute_of(value, path)
    if found is nothing:
        if isinstance(value, Mapping) and path in value:
            hint = f"a dot goes into an element; of this key a `map` with item[{path!r}] makes a list"
            raise EvaluationError(f"an element has no {path!r}", hint)
        keys = f"it has: {listed(list(map(str, value)))}" if isinstance(value, Mapping) else ""
        raise EvaluationError(f"an element has no {path!r}", keys or f"it is {describe(value)}")
    return found


def _by(attribute: Any, case_sensitive: bool) -> Callable[[Any], Any]:
    def prepared(value: Any) -> Any:
        return value.lower() if isinstance(value, str) and not case_sensitive else value

    if attribute is None:
        return prepared
    paths = attribute.split(",") if isinstance(attribute, str) else [attribute]
    if len(paths) == 1:
        return lambda value: prepared(required(value, paths[0]))
    return lambda value: [prepared(required(value, path)) for path in paths]


def _ordered(values: Iterable[Any], key: Callable[[Any], Any], reverse: bool = False) -> list[Any]:
    pairs = [(key(value), value) for value in values]
    try:
        pairs.sort(key=lambda pair: pair[0], reverse=reverse)
    except TypeError:
        pairs.sort(key=lambda pair: cmp_to_key(_compare)(pair[0]), reverse=reverse)
    return [value for _, value in pairs]


def _compare(left: Any, right: Any) -> int:
    return -1 if compared("<", left, right) else int(compared("<", right, left))


def _identity(value: Any) -> Any:
    """Something hashable that is equal for equal values only."""
    return value if value is None or isinstance(value, str | int | float) else (json_of(value),)


# Lists ----------------------------------------------------------------------------------------------


def list_(value: Any) -> list[Any]:
    return list(elements(value))


def length(value: Any) -> int:
    return len(value) if isinstance(value, str | Mapping) else len(elements(value))


def first(value: Any) -> Any:
    return next(iter(elements(value)), nothing)


def last(value: Any) -> Any:
    return next(reversed(elements(value)), nothing)


def join(value: Any, d: Any = "", attribute: Any = None) -> str:
    parts = elements(value)
    if attribute is not None:
        parts = [required(part, attribute) for part in parts]
    joint = written(d)
    bounds.charge(len(joint) * max(0, len(parts) - 1))
    return joint.join([written(part) for part in parts])


def reverse(value: Any) -> Any:
    return value[::-1] if isinstance(value, str) else list(reversed(elements(value)))


def sort(value: Any, reverse: bool = False, case_sensitive: bool = True, attribute: Any = None) -> list[Any]:
    return _ordered(elements(value), _by(attribute, case_sensitive), bool(reverse))


def unique(value: Any, case_sensitive: bool = True, attribute: Any = None) -> list[Any]:
    key = _by(attribute, case_sensitive)
    found: dict[Any, Any] = {}
    for part in elements(value):
        found.setdefault(_identity(key(part)), part)
    return list(found.values())


def min_(value: Any, case_sensitive: bool = True, attribute: Any = None) -> Any:
    return next(iter(sort(value, False, case_sensitive, attribute)), nothing)


def max_(value: Any, case_sensitive: bool = True, attribute: Any = None) -> Any:
    return next(iter(sort(value, True, case_sensitive, attribute)), nothing)


def sum_(value: Any, attribute: Any = None, start: Any = 0) -> Any:
    parts = elements(value)
    if attribute is not None:
        parts = [required(part, attribute) for part in parts]
    if isinstance(start, list):
        return list(chain(start, *map(_listed, parts)))
    return sum(map(real, parts), real(start))


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise EvaluationError(f"expected a list of lists, and an element is {describe(value)}")
    return list(value)


def slice_(value: Any, slices: int, fill_with: Any = None) -> list[list[Any]]:
    parts = list(elements(value))
    if whole(slices, "slices") < 1:
        raise EvaluationError("there is at least 1 slice")
    bounds.charge(slices * (1 if fill_with is None else bounds.weight(fill_with)))
    each, longer = divmod(len(parts), slices)
    source = iter(parts)
    cut = [list(islice(source, each + (number < longer))) for number in range(slices)]
    if fill_with is not None and longer:
        for part in cut[longer:]:
            part.append(fill_with)
    return cut


def dictsort(value: Any, case_sensitive: bool = True, by: str = "key", reverse: bool = False) -> list[Any]:
    if by not in ("key", "value"):
        raise EvaluationError(f"dictsort is by 'key' or by 'value', and this is {describe(by)}")
    return _ordered(items(value), _by(int(by == "value"), case_sensitive), bool(reverse))


def items(value: Any) -> list[list[Any]]:
    if not isinstance(value, Mapping):
        raise EvaluationError(f"expected a mapping, and this is {describe(value)}")
    return [[name, part] for name, part in value.items()]


def groupby(value: Any, attribute: Any, default: Any = None, case_sensitive: bool = True) -> list[list[Any]]:
    """Pairs `[value, items]`, sorted by value."""

    def key(part: Any) -> Any:
        found = attribute_of(part, attribute) if default is not None else required(part, attribute)
        return default if found is nothing else found

    fold = _by(None, case_sensitive)
    groups: list[list[Any]] = []
    for part in _ordered(elements(value), lambda part: fold(key(part))):
        if not groups or fold(groups[-1][0]) != fold(key(part)):
            groups.append([key(part), []])
        groups[-1][1].append(part)
    return groups
