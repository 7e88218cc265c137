"""What the source of a callable shows: whether it is there, and which arguments it takes.

It reads files only; nothing of the user's runs.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence

from runner.callables.finding import CallableFault, Wrong, file_of, is_path, module_file, split
from runner.callables.signatures import Contents, Parameter, Signature, Unreadable, read_source
from runner.likeness import nearest
from runner.problem import did_you_mean
from runner.struct import struct


@struct
class ArgumentFault:
    """An argument that does not fit; `name` is the argument's. It prints as one sentence."""

    code: str
    name: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


# Arguments ------------------------------------------------------------------------------------


def check_arguments(signature: Signature, names: Collection[str]) -> list[ArgumentFault]:
    """What is missing and what is too much when `names` are given, in that order."""
    if not signature.known:
        return []
    meant = dict(_misspelt(signature, names))
    return [*_missing(signature, names, set(meant.values())), *_unknown(signature, meant)]


def _missing(signature: Signature, names: Collection[str], meant: Collection[str]) -> Iterator[ArgumentFault]:
    for parameter in signature.parameters:
        given = parameter.name in names
        if parameter.by_name:
            if given or parameter.name in meant or not parameter.required:
                continue
            if _is_an_object(signature, parameter):
                message = (
                    f"{signature.function}() is called on an object of its class, and here there is none"
                )
                hint = "name a function, or make it a `@staticmethod` or `@classmethod`"
            else:
                message = f"{signature.function}() needs the argument '{parameter.name}'"
                hint = f"give `{parameter.name}` in `with`"
            yield ArgumentFault("missing-argument", parameter.name, message, hint)
        elif parameter.required or (given and not signature.extra):
            message = f"{signature.function}() takes '{parameter.name}' by position only"
            hint = "arguments are given by name: wrap it in a function of yours"
            yield ArgumentFault("positional-argument", parameter.name, message, hint)


def _is_an_object(signature: Signature, parameter: Parameter) -> bool:
    """Whether it is the `self` of a method that is named by its class."""
    return "." in signature.function and parameter.name == "self" and parameter is signature.parameters[0]


def _misspelt(signature: Signature, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """The names that it does not take, each with the one that may be meant, or nothing."""
    if signature.extra:
        return
    known = {parameter.name for parameter in signature.parameters}
    takes = _names_of(signature)
    for name in names:
        if name not in known:
            yield name, nearest(name, takes)


def _unknown(signature: Signature, meant: Mapping[str, str]) -> Iterator[ArgumentFault]:
    for name, near in meant.items():
        hint = f"did you mean '{near}'?" if near else _it_takes(_names_of(signature))
        message = f"{signature.function}() has no parameter '{name}'"
        yield ArgumentFault("unknown-argument", name, message, hint)


def _names_of(signature: Signature) -> list[str]:
    by_name = (parameter for parameter in signature.parameters if parameter.by_name)
    return [parameter.name for parameter in by_name if not _is_an_object(signature, parameter)]


def _it_takes(names: Sequence[str]) -> str:
    return f"it takes {', '.join(names)}" if names else "it takes no arguments"


# Reading the source ---------------------------------------------------------------------------


def inspect_callable(reference: str, folder: str) -> Signature | CallableFault:
    """What the source of `module:function` or `path/file.py:function` shows; nothing is imported.

    `folder` is the folder of the file that names it.
    """
    try:
        target, function = split(reference, folder)
        file = file_of(target, folder) if is_path(target) else module_file(target, folder)
        if file is None:
            return Signature(function, known=False)
        return _find_function(file, target, function)
    except Wrong as wrong:
        return wrong.fault


def source_of(reference: str, folder: str) -> tuple[str, Contents] | None:
    """The module of a callable, as Python calls it, and what it binds; None where no source shows it."""
    try:
        target, _ = split(reference)
        file = file_of(target, folder) if is_path(target) else module_file(target, folder)
        contents = read_source(file) if file else None
    except (Wrong, Unreadable):
        return None
    name = os.path.basename(target).removesuffix(".py") if is_path(target) else target
    return (name, contents) if contents else None


def _find_function(file: str, target: str, function: str) -> Signature:
    try:
        contents = read_source(file)
    except Unreadable as unreadable:
        raise Wrong("unreadable-callable", f"'{target}' {unreadable}", "", 0, len(target)) from None
    *outer, last = function.split(".")
    place, offset = target, len(target) + 1
    for name in outer:
        signature = _look_up(name, contents, place, offset)
        if signature is None or name not in contents.classes:
            return Signature(function, known=False, file=file, line=signature.line if signature else None)
        contents, place, offset = contents.classes[name], name, offset + len(name) + 1
    return _look_up(last, contents, place, offset) or Signature(function, known=False, file=file)


def _look_up(name: str, contents: Contents, place: str, offset: int) -> Signature | None:
    """What a module or class says of a name; None where it may bind it and does not show it."""
    if name not in contents.names:
        if contents.open:
            return None
        hint = did_you_mean(name, contents.functions) or _it_has(contents.functions)
        raise Wrong("unknown-callable", f"no function '{name}' in '{place}'", hint, offset, len(name))
    signature = contents.names[name]
    if signature is None:
        message = f"'{name}' in '{place}' is not a function"
        raise Wrong("unknown-callable", message, _it_has(contents.functions), offset, len(name))
    return signature


def _it_has(names: Sequence[str]) -> str:
    few = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"it has {few}" if names else "it has no functions"
