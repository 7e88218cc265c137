"""Callables by name: what their source says about them, and the import that makes them real.

`inspect_callable` reads files only; nothing of the user's runs before `load`. Knows neither
tasks nor how a callable's arguments come about.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from hashlib import sha256
from types import ModuleType
from typing import Any

from runner.callables.finding import CallableFault, Wrong, file_of, is_path, module_file, split, user_places
from runner.callables.signatures import Signature, Unreadable, read_source
from runner.callables.tracebacks import message_of, place_of, raised_by_us, traceback_text
from runner.problem import UserError, did_you_mean
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


class ImportFailure(UserError):
    """A callable that could not be imported; `traceback` starts at the user's first frame."""

    def __init__(self, message: str, hint: str = "", traceback: str | None = None) -> None:
        super().__init__(message, hint)
        self.traceback = traceback


# Arguments ------------------------------------------------------------------------------------


def check_arguments(signature: Signature, names: Collection[str]) -> list[ArgumentFault]:
    """What is missing and what is too much when `names` are given, in that order."""
    if not signature.known:
        return []
    return [*_missing(signature, names), *_unknown(signature, names)]


def _missing(signature: Signature, names: Collection[str]) -> Iterator[ArgumentFault]:
    for parameter in signature.parameters:
        if not parameter.required or (parameter.by_name and parameter.name in names):
            continue
        if parameter.by_name:
            message = f"{signature.function}() needs the argument '{parameter.name}'"
            yield ArgumentFault(
                "missing-argument", parameter.name, message, f"give `{parameter.name}` in `with`"
            )
        else:
            message = f"{signature.function}() takes '{parameter.name}' by position only"
            hint = "arguments are given by name: wrap it in a function of yours"
            yield ArgumentFault("positional-argument", parameter.name, message, hint)


def _unknown(signature: Signature, names: Collection[str]) -> Iterator[ArgumentFault]:
    if signature.extra:
        return
    takes = [parameter.name for parameter in signature.parameters if parameter.by_name]
    for name in names:
        if name not in takes:
            hint = did_you_mean(name, takes) or _it_takes(takes)
            message = f"{signature.function}() has no parameter '{name}'"
            yield ArgumentFault("unknown-argument", name, message, hint)


def _it_takes(names: Sequence[str]) -> str:
    return f"it takes {', '.join(names)}" if names else "it takes no arguments"


# Reading the source ---------------------------------------------------------------------------


def inspect_callable(reference: str, folder: str) -> Signature | CallableFault:
    """What the source of `module:function` or `path/file.py:function` shows; nothing is imported.

    `folder` is the folder of the file that names it.
    """
    try:
        target, function = split(reference)
        file = file_of(target, folder) if is_path(target) else module_file(target, folder)
        if file is None:
            return Signature(function, known=False)
        return _find_function(file, target, function)
    except Wrong as wrong:
        return wrong.fault


def _find_function(file: str, target: str, function: str) -> Signature:
    try:
        contents = read_source(file)
    except Unreadable as unreadable:
        raise Wrong("unreadable-callable", f"'{target}' {unreadable}", "", 0, len(target)) from None
    first, _, rest = function.partition(".")
    offset = len(target) + 1
    if first not in contents.names:
        if contents.open:
            return Signature(function, known=False, file=file)
        hint = did_you_mean(first, contents.functions) or _it_has(contents.functions)
        raise Wrong("unknown-callable", f"no function '{first}' in '{target}'", hint, offset, len(first))
    signature = contents.names[first]
    if signature is None:
        message = f"'{first}' in '{target}' is not a function"
        raise Wrong("unknown-callable", message, _it_has(contents.functions), offset, len(first))
    return Signature(function, known=False, file=file, line=signature.line) if rest else signature


def _it_has(names: Sequence[str]) -> str:
    few = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"it has {few}" if names else "it has no functions"


# Importing --------------------------------------------------------------------------------------

_loaded: dict[tuple[str, str], Callable[..., Any]] = {}
_one_at_a_time = threading.RLock()


def load(reference: str, folder: str) -> Callable[..., Any]:
    """Imports a callable, once in this process. Raises `ImportFailure`."""
    known = _loaded.get((reference, folder))
    if known is not None:
        return known
    with _one_at_a_time:
        _loaded[reference, folder] = function = _import(reference, folder)
    return function


def _import(reference: str, folder: str) -> Callable[..., Any]:
    try:
        target, name = split(reference)
        file = file_of(target, folder) if is_path(target) else None
    except Wrong as wrong:
        raise ImportFailure(wrong.fault.message, wrong.fault.hint) from None
    places = user_places(folder)
    sys.path.extend(place for place in places if place not in sys.path)
    importlib.invalidate_caches()
    try:
        module = importlib.import_module(target) if file is None else _import_file(file)
        return _attribute(module, target, name)
    except BaseException as error:
        if isinstance(error, ImportFailure) or _is_ctrl_c(error):
            raise
        message = f"'{target}' cannot be imported: {message_of(error)}"
        raise ImportFailure(message, _import_hint(error), traceback_text(error)) from error


def _is_ctrl_c(error: BaseException) -> bool:
    """Whether it came out of a signal of which we are told first, not out of the module."""
    return type(error) is KeyboardInterrupt and raised_by_us(error)


def _import_hint(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"runner imports with {sys.executable}: is it installed there?"
    if isinstance(error, ImportError) and "no known parent package" in str(error):
        return "a file named by its path belongs to no package: name it as `package.module:function`"
    return place_of(error)


def _attribute(module: ModuleType, target: str, name: str) -> Callable[..., Any]:
    value: Any = module
    for part in name.split("."):
        if not hasattr(value, part):
            names = [
                other for other in vars(module) if callable(vars(module)[other]) and not other.startswith("_")
            ]
            raise ImportFailure(f"no function '{part}' in '{target}'", did_you_mean(part, names))
        value = getattr(value, part)
    if not callable(value):
        raise ImportFailure(f"'{name}' in '{target}' is not a function: it is of type {type(value).__name__}")
    function: Callable[..., Any] = value
    return function


def _import_file(file: str) -> ModuleType:
    """The module of a file: under its own name where that finds it, else under one of its own."""
    path = os.path.realpath(file)
    folder, stem = os.path.dirname(path), os.path.basename(path).removesuffix(".py")
    if folder not in sys.path:
        sys.path.append(folder)
        importlib.invalidate_caches()
    if stem.isidentifier() and _finds(stem, path):
        return importlib.import_module(stem)
    name = f"{stem}_{sha256(os.fsencode(path)).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportFailure(f"'{file}' is not a Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _finds(stem: str, path: str) -> bool:
    if stem in sys.modules:
        spec = getattr(sys.modules[stem], "__spec__", None)
    else:
        spec = importlib.util.find_spec(stem)
    return spec is not None and spec.origin is not None and os.path.realpath(spec.origin) == path
