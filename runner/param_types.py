"""The types of params: which values fit one, and the form in which expressions see them.

It knows neither where a value comes from nor how a mistake is told.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence

from runner.hints import Any
from runner.wording import described, listed, quoted
from runner.workflow import Param

kind_names = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a mapping",
    "path": "a path",
}
_infinity = float("inf")


def given_as(kind: str | None) -> str:
    """What an expression of this kind gives, in words."""
    return kind_names.get(str(kind), "nothing")


def type_of(value: Any) -> str | None:
    """The type that a default gives a param; None for null."""
    if value is None:
        return None
    return next(name for name in ("bool", "int", "float", "str", "list", "dict") if _has_type(name, value))


def _has_type(name: str, value: Any) -> bool:
    match name:
        case "str" | "path":
            return isinstance(value, str)
        case "bool":
            return isinstance(value, bool)
        case "int":
            return isinstance(value, int) and not isinstance(value, bool)
        case "float":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "list":
            return isinstance(value, list)
    return isinstance(value, dict)


def fault_of(param: Param, value: Any) -> str:
    """Why `value` cannot be that of `param`: `must be …, not …`; nothing where it can."""
    if value is None and is_optional(param):
        return ""
    if not _has_type(param.type, value):
        return f"must be {kind_names[param.type]}, not {described(value)}"
    if param.type == "path" and (not value or "\0" in value):
        return f"must be a path, not {described(value)}"
    if param.choices and not _is_one_of(value, param.choices):
        return f"must be one of {listed(map(quoted, param.choices), 'or')}, not {quoted(value)}"
    if isinstance(value, str | list | dict):
        return ""
    if value != value:
        return "must be a number, not NaN"
    if param.type == "float" and abs(value) > sys.float_info.max:
        return f"must be a number that a float can hold, not {quoted(value)}"
    if param.ge is not None and not value >= param.ge:
        return f"must be at least {quoted(param.ge)}, not {quoted(value)}"
    if param.le is not None and not value <= param.le:
        return f"must be at most {quoted(param.le)}, not {quoted(value)}"
    return ""


def wants_quotes(param: Param, value: Any) -> bool:
    """Whether `value` would fit if it were text."""
    return param.type in ("str", "path") and isinstance(value, int | float)


def is_optional(param: Param) -> bool:
    """Whether null, its default, is one of its values."""
    return param.default is None and not param.required


def literal_fault_of(param: Param, value: Any) -> str:
    """The same for a value that somebody wrote down: a run records it, as JSON."""
    odd = next(_not_finite(value), None) if isinstance(value, list | dict) else None
    return fault_of(param, value) or (f"cannot hold {quoted(odd)}: JSON has no such number" if odd else "")


def _not_finite(value: Any) -> Iterator[float]:
    if isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _not_finite(part)
    elif isinstance(value, float) and not -_infinity < value < _infinity:
        yield value


def fault_of_kind(param: Param, kind: str) -> str:
    """Why no value of a kind, called as the types are, can be that of `param`."""
    if kind not in kind_names and is_optional(param):
        return ""
    if kind == param.type or {kind, param.type} == {"str", "path"} or (kind, param.type) == ("int", "float"):
        return ""
    given = "a float" if kind == "float" else given_as(kind)
    return f"must be {kind_names[param.type]}, but this gives {given}"


def _is_one_of(value: Any, choices: Sequence[Any]) -> bool:
    """Python takes 1 for True and the other way round."""
    return any(value == one and isinstance(value, bool) == isinstance(one, bool) for one in choices)


def converted(param: Param, value: Any) -> Any:
    """A value that fits, in the form that expressions see: floats are floats, paths absolute."""
    if value is None:
        return None
    if param.type == "float":
        return float(value)
    if param.type == "path":
        return os.path.abspath(value)
    return value
