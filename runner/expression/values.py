"""What a value is to an expression: JSON's kinds, the one text rule, and the errors of evaluation.

It knows neither the syntax of expressions nor where values come from. Anything that is not of
JSON's kinds is opaque: it can be passed on whole and not looked into.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

from runner.hints import Any
from runner.json_text import compact, encode_basestring


class EvaluationError(Exception):
    """An expression has no value. `path` is the place inside the template's value."""

    def __init__(self, message: str, hint: str = "", path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message, hint, path)
        self.message = message
        self.hint = hint
        self.path = path

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class Missing(EvaluationError):
    """A name or an attribute that is not there: what `default` and `is defined` forgive.

    `node` is the part of the expression that found nothing; the words are made only when asked
    for, because most of these are caught.
    """

    def __init__(self, node: object, explain: Callable[[], tuple[str, str]]) -> None:
        Exception.__init__(self)
        self.node = node
        self.path = ()
        self._explain = explain

    def explained(self) -> EvaluationError:
        """The same as a plain error, with its words."""
        return EvaluationError(*self._explain())

    def __reduce__(self) -> tuple[type[EvaluationError], tuple[str, str, tuple[str | int, ...]]]:
        """With its words: some libraries have an exception pickle with what it came from."""
        told = self.explained()
        return EvaluationError, (told.message, told.hint, self.path)


class Lazy:
    """A source that is read while it is gone through. Each `iter` begins anew; it pickles."""

    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def known_length(self) -> int | None:
        """The number of elements where it is known without reading."""
        return None


NUL = "the text holds a NUL character, which no command can be given"


def text_of(value: Any) -> str:
    """The one text rule of scripts, arguments, environments and mixed strings."""
    text = value if type(value) is str else written(value)
    if "\0" in text:
        raise EvaluationError(NUL)
    return text


def written(value: Any) -> str:
    """The text rule inside expressions, where any character may stand."""
    if isinstance(value, str):
        return value if type(value) is str else str(value)
    if value is None:
        raise EvaluationError("the value is None, which has no text", "`| default('…', true)` gives it one")
    return json_of(value)


_compact = compact(encode_basestring)
_infinity = float("inf")


def json_of(value: Any, indent: int | None = None) -> str:
    """JSON text, compact unless an indent is given."""
    try:
        if type(value) is int:
            return int.__repr__(value)
        if indent is None:
            return _compact(value)
        import json

        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except RecursionError:
        raise EvaluationError("the value is nested too deeply for JSON") from None
    except (TypeError, ValueError):
        raise EvaluationError(f"JSON has no text for {describe_unjson(value)}") from None


def describe_unjson(value: Any) -> str:
    """What it is in `value` that JSON cannot hold."""
    found = next((part for part in islice(parts_of(value), 100_000) if not is_scalar(part)), value)
    return describe(found)


def parts_of(value: Any) -> Iterator[Any]:
    """The leaves of a value of lists and mappings, however deep."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Mapping):
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)
        else:
            yield part


def is_scalar(value: Any) -> bool:
    """Whether JSON has this value as a leaf."""
    if isinstance(value, float):
        return -_infinity < value < _infinity
    return value is None or isinstance(value, str | int)


def is_opaque(value: Any) -> bool:
    """Whether a value can only be passed on whole."""
    return not (value is None or isinstance(value, str | int | float | list | tuple | Mapping))


def describe(value: Any) -> str:
    """A value in a sentence: its kind and, where it is short, what it is."""
    if value is None:
        return "None"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text {shortened(value)!r}"
    if isinstance(value, int):
        return f"the number {shortened(str(value))}" if value.bit_length() < 200 else "a very large number"
    if isinstance(value, float):
        return f"the number {value}"
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return f"a list of {counted(len(value), 'element')}"
    if isinstance(value, Lazy):
        return "a source that is read as it is gone through"
    return f"an object of type {type(value).__name__}"


def shortened(text: str, width: int = 60) -> str:
    """The beginning of a long text."""
    return text if len(text) <= width else text[: width - 1] + "…"


def counted(number: int, noun: str) -> str:
    """`1 element`, `2 elements`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listed(words: Sequence[str], most: int = 8) -> str:
    """Some words for a sentence: `a, b, c` or `a, b, … (12 in all)`."""
    if len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:most])}, … ({len(words)} in all)"
