"""How much one expression may make: a budget for everything that grows beyond what it was given.

Going through data that exists is free. What multiplies it (repetition, powers, padding, ranges,
replacement, joining) is charged before it is made, so that a short text cannot ask for a long
wait or a large memory. It knows no expressions.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from runner.expression.values import EvaluationError

most = 1_000_000
"""Characters and elements that one expression may add to its data."""

most_bits = 13_000
"""Of a whole number: some 3,900 digits, which Python still writes as text."""


class _Spent(threading.local):
    amount = 0


_spent = _Spent()


def begin() -> None:
    """A new budget for what this thread evaluates next."""
    _spent.amount = 0


def charge(amount: int) -> None:
    """Take `amount` from the budget, before it is made."""
    _spent.amount += amount
    if _spent.amount > most:
        raise EvaluationError(f"the expression would make more than {most:,} characters or elements")


def charge_growth(before: int, after: int) -> None:
    """Take what a text grew by."""
    if after > before:
        charge(after - before)


def weight(value: Any, enough: int = most, number: int = 1) -> int:
    """The characters and elements that going through a value meets, counted up to about `enough`.

    `number` is what a leaf that is no text counts for.
    """
    total = 0
    waiting = [value]
    while waiting and total <= enough:
        part = waiting.pop()
        if isinstance(part, str):
            total += len(part) + 3
        elif isinstance(part, Mapping):
            total += 3 + sum(len(str(key)) + 4 for key in part)
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            total += 3
            if len(part) + total > enough:
                return len(part) + total
            waiting.extend(part)
        else:
            total += number
    return total


def repeat(value: Any, times: int) -> Any:
    """`value * times` for a text or a list."""
    if times > 1:
        charge((len(value) if isinstance(value, str) else weight(value)) * times)
    return value * times


def multiply(left: Any, right: Any) -> Any:
    """The product of two numbers."""
    if (
        isinstance(left, int)
        and isinstance(right, int)
        and left.bit_length() + right.bit_length() > most_bits
    ):
        raise _too_large()
    return left * right


def power(base: Any, exponent: Any) -> Any:
    """A power of two numbers, a real one."""
    if isinstance(base, int) and isinstance(exponent, int) and exponent > 0:
        if base.bit_length() * exponent > most_bits and base not in (-1, 0, 1):
            raise _too_large()
    elif isinstance(base, int) and isinstance(exponent, int) and base.bit_length() > most_bits:
        raise _too_large()
    result = base**exponent
    if isinstance(result, complex):
        raise EvaluationError("a negative number has no such power")
    return result


def _too_large() -> EvaluationError:
    return EvaluationError("the result would be a number of thousands of digits")
