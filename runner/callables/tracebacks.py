"""An exception as text: what its author needs to see of it, and nothing of ours.

Knows neither tasks nor callables; the text it makes crosses threads, processes and days. The
methods of an exception are its author's: they may raise anything, too, `SystemExit` included.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import TypeVar

Told = TypeVar("Told")

message_limit = 4_000
traceback_limit = 40_000

_ours = os.path.join(os.path.dirname(os.path.dirname(__file__)), "")
_library = os.path.dirname(os.__file__)
_machinery = (
    _ours,
    os.path.join(_library, "asyncio", ""),
    os.path.join(_library, "importlib", ""),
    "<frozen importlib",
)


def traceback_text(error: BaseException) -> str | None:
    """The traceback from the user's first frame on, with its causes.

    None for what a callable of ours raised: its message says all.
    """

    def told() -> str | None:
        if raised_by_us(error):
            return None
        lines = traceback.format_exception(type(error), error, _from_users_first(error.__traceback__))
        if (text := _lines_of_key(error)) is not None:
            lines = [line.replace(f": {error}\n", f": {text}\n") for line in lines]
        return _shorten("".join(lines).rstrip("\n"), traceback_limit)

    return _asked(told, lambda: message_of(error))


def message_of(error: BaseException) -> str:
    """`ValueError: bad width`, on as many lines as the exception's own text has."""
    name = _asked(lambda: str.__str__(type(error).__qualname__), lambda: "an exception")
    text = _asked(lambda: _lines_of_key(error), lambda: None)
    if text is None:
        text = _asked(lambda: str.__str__(str(error)), lambda: "(its message cannot be shown)")
    return _shorten(f"{name}: {text}" if text else name, message_limit)


def _lines_of_key(error: BaseException) -> str | None:
    """The text of a `KeyError` that was given several lines, and would write them out as `\\n` on one."""
    if not isinstance(error, KeyError) or type(error).__str__ is not KeyError.__str__:
        return None
    match error.args:
        case (str(text),) if "\n" in text:
            return str.__str__(text)
    return None


def place_of(error: BaseException) -> str:
    """Where it was raised, if that was in code of the user's."""

    def told() -> str:
        trace = _from_users_first(error.__traceback__)
        if trace is None:
            return ""
        while trace.tb_next is not None:
            trace = trace.tb_next
        return f"raised in line {trace.tb_lineno} of {trace.tb_frame.f_code.co_filename}"

    return _asked(told, lambda: "")


def type_names(error: BaseException) -> tuple[str, ...]:
    """The dotted names of the exception's types, most derived first; built-in ones without module.

    Many a library shows an exception in a package, and defines it in a module of that.
    """
    kinds = [kind for kind in type(error).__mro__ if kind is not object]
    return _asked(lambda: tuple(name for kind in kinds for name in _names_of_type(kind)), lambda: ())


def _asked(ask: Callable[[], Told], otherwise: Callable[[], Told]) -> Told:
    try:
        return ask()
    except BaseException:
        return otherwise()


def _type_name(kind: type) -> str:
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _names_of_type(kind: type) -> Iterator[str]:
    yield _type_name(kind)
    package = kind.__module__.rpartition(".")[0]
    while package:
        if getattr(sys.modules.get(package), "__dict__", {}).get(kind.__qualname__) is kind:
            yield f"{package}.{kind.__qualname__}"
        package = package.rpartition(".")[0]


def _from_users_first(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and _is_machinery(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def _is_machinery(file: str) -> bool:
    return file.startswith(_machinery)


def raised_by_us(error: BaseException) -> bool:
    """Whether it was code of ours that raised it, an action or who waits for Ctrl-C."""
    trace = error.__traceback__
    if trace is None:
        return False
    while trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename.startswith(_ours)


def _shorten(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"
