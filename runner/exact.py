"""Values that JSON holds exactly, and those that it does not; copies that nobody shares.

Knows neither tasks nor how a value came about.
"""

from __future__ import annotations

import contextlib
import marshal
import sys
from collections.abc import Callable

from runner.hints import Any, cast
from runner.json_text import compact, encode_basestring_ascii, read

_encode_container = compact()
_few = 16
_infinity = float("inf")
_usual_depth = 1000


class Inexact(Exception):
    """JSON cannot hold this value."""


def normalise(value: Any) -> tuple[Any, str | None]:
    """The value as JSON has it (tuples become lists), shared with nobody, and its JSON text.

    What JSON cannot hold exactly comes back itself, with None.
    """
    scalar = _scalars.get(type(value))
    try:
        if scalar is not None:
            return value, scalar(value)
        if sys.getrecursionlimit() > _usual_depth and _deeper_than(value, _usual_depth):
            return value, None
        quick = _quickly(value)
        if quick is not None:
            return quick
        plain = _plain(value)
        return plain, _encode_container(plain)
    except BaseException:  # the value's own methods may raise anything
        return value, None


def _deeper_than(value: Any, most: int) -> bool:
    """Whether lists and mappings are nested so deep: where code has raised Python's own limit, going
    into them would crash the interpreter."""
    level = [value]
    for _ in range(most):
        level = [
            inner
            for one in level
            if isinstance(one, list | tuple | dict)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


def _quickly(value: Any) -> tuple[Any, str] | None:
    try:
        text = _encode_container(value)
        plain = read(text)
        return (plain, text) if plain == value else None
    except BaseException:  # as above; what JSON has in it is taken without asking them
        return None


def _plain(value: Any) -> Any:
    """With the types that JSON has; it calls no method that a type of the user's may have overridden."""
    match value:
        case None | bool():
            return value
        case str():
            text = str.__str__(value)
            _encode_text(text)
            return text
        case int():
            return int.__int__(value)
        case float():
            _encode_float(value)
            return float.__float__(value)
        case list():
            return [_plain(element) for element in list.__iter__(value)]
        case tuple():
            return [_plain(element) for element in tuple.__iter__(value)]
        case dict():
            if not all(isinstance(name, str) for name in dict.keys(value)):
                raise Inexact
            return {_plain(name): _plain(element) for name, element in dict.items(value)}
    raise Inexact


def _encode_text(value: str) -> str:
    text = encode_basestring_ascii(value)
    # Two halves of a character, side by side, would come back as the whole one.
    if "\\ud" in text and read(text) != value:
        raise Inexact
    return text


def _encode_float(value: float) -> str:
    if not -_infinity < value < _infinity:
        raise Inexact
    return float.__repr__(value)


_scalars: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    float: _encode_float,
    str: _encode_text,
}


def copied(value: Any) -> Any:
    """A copy of a JSON-like value down to its leaves; what is not JSON-like is handed out itself."""
    try:
        return _copied(value)
    except RecursionError:  # too deep for JSON, so not JSON-like
        return value


def lent(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments that nobody can change for others: copies, unless nothing in them can be changed.

    A call never gets the mapping itself.
    """
    for value in arguments.values():
        if type(value) not in _scalars:
            return cast(dict[str, Any], copied(arguments))
    return arguments


def _copied(value: Any) -> Any:
    kind = type(value)
    if kind is not dict and kind is not list:
        return value
    if len(value) > _few:
        with contextlib.suppress(ValueError):  # something in it is no plain value
            return marshal.loads(marshal.dumps(value))
    if kind is dict:
        return {
            name: element if type(element) in _scalars else _copied(element)
            for name, element in value.items()
        }
    return [element if type(element) in _scalars else _copied(element) for element in value]
