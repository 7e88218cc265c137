"""What the templates of the random workflows mean, worked out in plain Python.

They are written in the part of Jinja2 that Python reads alike, so that Python's own parser will do.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

HOLE = re.compile(r"\{\{(.*?)\}\}")
LONE_HOLE = re.compile(r"\{\{((?:(?!\}\}).)*)\}\}")
CONSTANTS = {"true": True, "false": False, "none": None}


class NoValue(Exception):
    """An expression that has no value."""


def value_of(template: Any, names: Mapping[str, Any]) -> Any:
    """The value of a template, a mapping or list of them, or plain data."""
    if isinstance(template, dict):
        return {name: value_of(value, names) for name, value in template.items()}
    if isinstance(template, list):
        return [value_of(value, names) for value in template]
    if not isinstance(template, str):
        return template
    if lone := LONE_HOLE.fullmatch(template):
        return evaluate(lone[1], names)
    return HOLE.sub(lambda hole: text_of(evaluate(hole[1], names)), template)


def holds(condition: Any, names: Mapping[str, Any]) -> bool:
    """What a condition answers."""
    if isinstance(condition, bool):
        return condition
    answer = evaluate(condition, names)
    if not isinstance(answer, bool):
        raise NoValue
    return answer


def text_of(value: Any) -> str:
    """A value as part of a text."""
    if value is None:
        raise NoValue
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """The value of an expression."""
    return _plain(_of(_parsed(text.strip()), names))


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, range) else value


def _of(part: ast.expr, names: Mapping[str, Any]) -> Any:
    match part:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return CONSTANTS[name] if name in CONSTANTS else _member(names, name)
        case ast.Attribute(value=whole, attr=name):
            return _member(_of(whole, names), name)
        case ast.Subscript(value=whole, slice=place):
            return _member(_of(whole, names), _of(place, names))
        case ast.List(elts=elements):
            return [_of(element, names) for element in elements]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _of(operand, names)
        case ast.BoolOp(op=ast.And(), values=parts):
            return all(_of(one, names) for one in parts)
        case ast.BoolOp(op=ast.Or(), values=parts):
            return any(_of(one, names) for one in parts)
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _compared(_of(left, names), sign, _of(right, names))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _filtered(_of(left, names), right, names)
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            return _number(_of(left, names)) % _of(right, names)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _of(left, names) + _of(right, names)
        case ast.Call(func=ast.Name(id="range"), args=[stop]):
            return range(_of(stop, names))
        case ast.Call(func=ast.Name(id=name)):
            return _member(names, f"{name}()")
    raise AssertionError(f"not in the small set: {ast.unparse(part)}")


def _member(whole: Any, name: Any) -> Any:
    try:
        return whole[name]
    except (KeyError, IndexError, TypeError):
        raise NoValue from None


def _number(value: Any) -> int:
    if not isinstance(value, int):
        raise NoValue
    return value


def _compared(left: Any, sign: ast.cmpop, right: Any) -> bool:
    match sign:
        case ast.Eq():
            return bool(left == right)
        case ast.NotEq():
            return bool(left != right)
        case ast.Lt():
            return _number(left) < right
        case ast.GtE():
            return _number(left) >= right
        case ast.In():
            return left in right
    raise AssertionError(f"not in the small set: {ast.dump(sign)}")


def _filtered(value: Any, how: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(value, str | None):
        raise NoValue
    match how:
        case ast.Name(id="length"):
            return len(value)
        case ast.Name(id="list"):
            return list(value)
        case ast.Name(id="reverse"):
            return list(value)[::-1]
        case ast.Call(func=ast.Name(id="map"), keywords=[keyword]):
            return [_member(one, _of(keyword.value, names)) for one in value]
        case ast.Call(func=ast.Name(id="selectattr"), args=[name, _, wanted]):
            return [one for one in value if one[_of(name, names)] == _of(wanted, names)]
    raise AssertionError(f"not in the small set: {ast.unparse(how)}")
