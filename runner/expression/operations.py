"""What the operators of expressions do to values of JSON's kinds, within `bounds`.

It knows neither syntax nor names. An opaque value can only be passed on: every operator refuses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import chain
from operator import add
from typing import Any

from runner.expression import bounds
from runner.expression.values import EvaluationError, advice, describe, is_opaque, written

nothing: Any = type("Nothing", (), {"__repr__": lambda self: "nothing"})()
"""What filters and tests are given, and give, for what is not there."""


# What operators and filters ask of their values ----------------------------------------------------


def elements(value: Any) -> list[Any] | tuple[Any, ...]:
    """The elements of a list, the keys of a mapping, the characters of a text."""
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, str | Mapping):
        return list(value)
    raise EvaluationError(f"expected a list, and this is {describe(value)}")


def whole(value: Any, what: str) -> int:
    """A whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise EvaluationError(f"expected a whole number for {what}, and this is {describe(value)}")
    return value


def real(value: Any) -> Any:
    """A number."""
    if not isinstance(value, int | float):
        raise EvaluationError(f"expected a number, and this is {describe(value)}")
    return value


def truth(value: Any) -> bool:
    """Whether a value counts as true: what is empty, 0, false or None does not."""
    if is_opaque(value):
        raise EvaluationError(f"{describe(value)} is neither true nor false", advice(value))
    return bool(value)


# Comparison ----------------------------------------------------------------------------------------

comparisons: dict[str, Callable[[Any, Any], Any]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "not in": lambda a, b: a not in b,
}


def compared(operator: str, left: Any, right: Any) -> bool:
    """`left operator right`, for values that have an equality or an order."""
    if is_opaque(left) or is_opaque(right):
        opaque = left if is_opaque(left) else right
        raise EvaluationError(f"{describe(opaque)} cannot be compared", advice(opaque))
    try:
        return bool(comparisons[operator](left, right))
    except TypeError:
        if operator in ("in", "not in"):
            raise EvaluationError(f"{describe(left)} cannot be looked for in {describe(right)}") from None
        raise EvaluationError(f"{describe(left)} and {describe(right)} have no order") from None


# Arithmetic ----------------------------------------------------------------------------------------


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _refused(operator: str, left: Any, right: Any) -> EvaluationError:
    hint = advice(left) or advice(right)
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        hint = "`~` joins any values as text"
    return EvaluationError(f"`{operator}` cannot take {describe(left)} and {describe(right)}", hint)


def summed(values: Sequence[Any]) -> Any:
    """The sum of numbers; texts or lists one after the other."""
    if all(map(_is_number, values)):
        return reduce(add, values)
    if all(isinstance(value, str) for value in values):
        return "".join(values)
    if all(map(_is_list, values)):
        return list(chain.from_iterable(values))
    kinds = (_is_number, _is_list, lambda value: isinstance(value, str))
    alike = next((kind for kind in kinds if kind(values[0])), lambda value: False)
    other = next((value for value in values[1:] if not alike(value)), values[1])
    raise _refused("+", values[0], other)


def multiplied(left: Any, right: Any) -> Any:
    """The product of numbers; a text or a list repeated."""
    if _is_number(left) and _is_number(right):
        return bounds.multiply(left, right)
    for value, times in ((left, right), (right, left)):
        if (isinstance(value, str) or _is_list(value)) and isinstance(times, int):
            return bounds.repeat(value, times)
    raise _refused("*", left, right)


def _divided(operator: str, divide: Callable[[], Any]) -> Any:
    try:
        return divide()
    except ZeroDivisionError:
        raise EvaluationError(f"`{operator}` divides by 0") from None
    except OverflowError:
        raise EvaluationError(f"the result of `{operator}` is too large") from None


def _numeric(operator: str, calculate: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def applied(left: Any, right: Any) -> Any:
        if not (_is_number(left) and _is_number(right)):
            raise _refused(operator, left, right)
        return _divided(operator, lambda: calculate(left, right))

    return applied


def joined(values: Sequence[Any]) -> str:
    """All as text, one after the other."""
    return "".join(map(written, values))


arithmetic: dict[str, Callable[[Any, Any], Any]] = {
    "+": _numeric("+", lambda a, b: a + b),
    "-": _numeric("-", lambda a, b: a - b),
    "*": multiplied,
    "/": _numeric("/", lambda a, b: a / b),
    "//": _numeric("//", lambda a, b: a // b),
    "%": _numeric("%", lambda a, b: a % b),
    "**": _numeric("**", bounds.power),
}


def signed(operator: str, value: Any) -> Any:
    """`-value` or `+value`."""
    if not _is_number(value):
        raise EvaluationError(f"`{operator}` takes a number, and this is {describe(value)}")
    return -value if operator == "-" else +value
