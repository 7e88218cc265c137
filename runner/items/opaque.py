"""What holds elements in a way of its own → a list or a dict, made at once, whatever its methods raise.

Knows neither maps nor where a value is from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from typing import Any

from runner.expression.values import EvaluationError, Lazy, counted, describe, let_pass, told

_plain = frozenset({type(None), bool, int, float, str, list, tuple, dict})
_single = (Lazy, str, int, float, bytes, bytearray)


def plain(value: Any, wanted: str) -> Any:
    """Its elements, as a list or a dict; what is plain, or a source, as it is.

    Raises `EvaluationError` if it has none. `wanted` begins the sentence: `` `over` takes a list``.
    """
    kind = type(value)
    if kind in _plain or issubclass(kind, _single):
        return value
    try:
        return _elements(value, f"{wanted}, and this is {describe(value)}")
    except EvaluationError:
        raise
    except BaseException as error:
        let_pass(error)
        raise EvaluationError(f"the items cannot be gone through: {told(error)}") from None


def _elements(value: Any, this: str) -> Any:
    kind = type(value)
    if issubclass(kind, dict):
        return dict(dict.items(value))
    if issubclass(kind, list | tuple):
        own = list if issubclass(kind, list) else tuple
        return list(own.__iter__(value))
    if issubclass(kind, Mapping):
        return dict(value)
    if not issubclass(kind, Iterable):
        raise EvaluationError(this)
    if hasattr(kind, "__next__"):
        raise EvaluationError(
            f"{this}, which can be gone through only once", "have the callable return a list"
        )
    _refuse_frame(kind, this)
    found: list[Any] = []
    for element in value:  # not by `list`: where the elements come from C, nothing would break that off
        found.append(element)
    length = len(value) if issubclass(kind, Sized) else len(found)
    if length != len(found):
        has = counted(length, "element")
        raise EvaluationError(
            f"{this}, which has {has} and gives {len(found)}", "have the callable return a list"
        )
    return found


def _refuse_frame(kind: type, this: str) -> None:
    """A data frame gives its columns, which may be as many as its rows."""
    if hasattr(kind, "columns"):
        for method in ("to_dicts()", "to_dict('records')"):
            if hasattr(kind, method.partition("(")[0]):
                hint = f"have the callable return its rows: `.{method}`"
                raise EvaluationError(f"{this}, which gives its columns", hint)
