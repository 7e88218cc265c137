"""What a check says of a value that it refuses, and of every element that it refuses of a list.

It knows neither the name of the key nor its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic_core import PydanticCustomError

from runner.source.glued import space_missing
from runner.struct import struct
from runner.wording import described


class Unread(str):
    """See `unread`."""

    __slots__ = ()


unread = Unread()
"""Stands for a part whose mistake has been told, so that the parts beside it keep their places."""

in_quotes = "put it in quotes"
"""The hint that is told with what was written."""

_of_texts = ("text", "a script", "a pattern")


@struct
class Mistake:
    """`text` goes on after the name of the key; `part` is the element or the key whose value is wrong."""

    code: str
    text: str
    hint: str = ""
    part: str | int | None = None


def mistake(text: str, hint: str = "", code: str = "wrong-type") -> PydanticCustomError:
    """What a check raises: the value is wrong as a whole."""
    return _refusal([Mistake(code, text, hint)])


def expected(what: str, value: object, hint: str = "") -> PydanticCustomError:
    """`must be <what>, not <value>`."""
    if what.startswith("a mapping"):
        hint = space_missing(value) or hint
    if what.startswith(_of_texts) and isinstance(value, int | float):
        hint = hint or in_quotes
    return mistake(f"must be {what}, not {described(value)}", hint)


def no_expression(value: Any) -> str:
    """What is said of an expression where none is evaluated."""
    is_one = isinstance(value, str) and ("{{" in value or "{%" in value)
    return "this is read as it stands: no expression can be used here" if is_one else ""


def mistakes_in(context: Mapping[str, Any]) -> Sequence[Mistake]:
    """Those that a check has raised, from the context of the error; of other errors none."""
    found: Sequence[Mistake] = context.get("mistakes", ())
    return found


def each(values: list[Any], check: Callable[[Any], Any]) -> tuple[Any, ...]:
    """What `check` makes of each element, or all that is wrong with any of them."""
    return tuple(_parts(enumerate(values), check).values())


def each_value(values: dict[str, Any], check: Callable[[Any], Any]) -> dict[str, Any]:
    """What `check` makes of the value of each key, or all that is wrong with any of them."""
    return _parts(values.items(), check)


def _parts(values: Any, check: Callable[[Any], Any]) -> dict[Any, Any]:
    right: dict[Any, Any] = {}
    wrong: list[Mistake] = []
    for part, value in values:
        try:
            right[part] = value if value is unread else check(value)
        except PydanticCustomError as error:
            wrong += [Mistake(it.code, it.text, it.hint, part) for it in mistakes_in(error.context or {})]
    if wrong:
        raise _refusal(wrong)
    return right


def _refusal(mistakes: Sequence[Mistake]) -> PydanticCustomError:
    return PydanticCustomError("mistakes", "mistakes", {"mistakes": mistakes})
