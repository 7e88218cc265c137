"""What the arguments of the package's own functions may be: one that is something else is told in a sentence.

It goes by the names of the arguments, which mean the same wherever they stand, and looks at no file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import index
from typing import Any, SupportsIndex

from runner.problem import UserError
from runner.struct import struct
from runner.wording import shortened
from runner.workflow import most_workers


@struct
class _Kind:
    """What an argument must be, in words, and whether something is that."""

    words: str
    holds: Callable[[Any], bool]


def check(**arguments: object) -> None:
    """Raises `UserError` for an argument that is not what its name stands for."""
    for name, value in arguments.items():
        kind = _kinds[name]
        if not kind.holds(value):
            raise UserError(f"{name} must be {kind.words}, not {shown(_wrong_part(kind, value))}")


def _wrong_part(kind: _Kind, value: Any) -> object:
    """Of a mapping the first entry that is wrong, without its text: others, and that, may be secrets."""
    for name, it in value.items() if isinstance(value, Mapping) else ():
        if not kind.holds({name: it}):
            return {name: "…" if isinstance(it, str) else it}
    return value


def several(what: str, addresses: Sequence[str]) -> list[str]:
    """One address or several, as several; raises `UserError` for what is neither."""
    if isinstance(addresses, str):
        return [addresses]
    many: bool = isinstance(addresses, Iterable) and not isinstance(addresses, Mapping)
    found: list[Any] = list(addresses) if many else [addresses]
    if not all(isinstance(address, str) for address in found):
        raise UserError(f"{what} must be the address of a task or a list of such, not {shown(addresses)}")
    return found


def whole(number: SupportsIndex | None) -> int | None:
    """A whole number of any type, such as numpy's, as Python's own."""
    return None if number is None else index(number)


def shown(value: object) -> str:
    """What was given, as Python writes it; cut when long."""
    return shortened(repr(value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value


def _is_path(value: Any) -> bool:
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    return _is_text(text) and bool(text)


def _is_name(value: Any) -> bool:
    return _is_text(value) and bool(value)


def _is_place(value: Any) -> bool:
    return isinstance(value, int | slice)


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _are_by_name(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) for name in value)


def _is_environment(value: Any) -> bool:
    return _are_by_name(value) and all(
        name and "=" not in name and _is_text(name) and _is_text(text) for name, text in value.items()
    )


def _is_number_of_workers(value: Any) -> bool:
    try:
        return not isinstance(value, bool) and 1 <= index(value) <= most_workers
    except TypeError:
        return False


def _or_none(kind: _Kind) -> _Kind:
    return _Kind(kind.words, lambda value: value is None or kind.holds(value))


_switch = _Kind("True or False", _is_switch)

_kinds = {
    "path": _Kind("the path of a file", _is_path),
    "workflow": _Kind("the path of a file or what `load` gives", _is_path),
    "run": _or_none(_Kind("the id of a run or its beginning", _is_name)),
    "params": _or_none(_Kind("values by their names, {'name': value}", _are_by_name)),
    "workers": _or_none(_Kind(f"a whole number from 1 to {most_workers:,}", _is_number_of_workers)),
    "executor": _or_none(_Kind("the name of an executor, such as 'process'", _is_name)),
    "fail_fast": _switch,
    "cache": _switch,
    "only_failed": _switch,
    "env": _or_none(_Kind("texts without NUL by the names of variables, {'NAME': 'value'}", _is_environment)),
    "state": _Kind("the path of a folder", _is_path),
    "form": _Kind("the name of a format, such as 'json'", _is_name),
    "template": _or_none(_Kind("the path of a template", _is_path)),
    "address": _Kind("text, such as 'fetch[cat.jpg]'", _is_text),
    "name": _Kind("the name of a task", _is_text),
    "param": _Kind("the name of a param", _is_text),
    "output": _Kind("the name of an output", _is_text),
    "key": _Kind("the key of an item, which is text", _is_text),
    "place": _Kind(
        "the place of an item, which is a whole number (by its key it is `task['key']`)", _is_place
    ),
}
