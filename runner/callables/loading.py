"""The import that makes a callable real."""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha256
from types import ModuleType
from typing import Any

from runner.callables.finding import Wrong, file_of, is_path, split, user_places
from runner.callables.tracebacks import message_of, place_of, raised_by_us, traceback_text
from runner.problem import UserError, did_you_mean


class ImportFailure(UserError):
    """A callable that could not be imported; `traceback` starts at the user's first frame.

    `missing` is what of the function's name is not there: from which character, and how many.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        traceback: str | None = None,
        missing: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.traceback = traceback
        self.missing = missing


_YOUNG = 2.0
"""Seconds since it was written, within which a file may have been written once more unnoticed."""

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
    before = set(sys.modules)
    try:
        module = importlib.import_module(target) if file is None else _import_file(file)
        return _attribute(module, target, name)
    except BaseException as error:
        if isinstance(error, ImportFailure) or _is_ctrl_c(error):
            raise
        message = f"'{target}' cannot be imported: {message_of(error)}"
        raise ImportFailure(message, _import_hint(error), traceback_text(error)) from error
    finally:
        beside = () if file is None else (os.path.dirname(os.path.realpath(file)),)
        _forget_compiled(sys.modules.keys() - before, (*places, *beside))


def _forget_compiled(modules: Iterable[str], places: tuple[str, ...]) -> None:
    """Have Python compile modules of the user's anew the next time that were written just now.

    It knows its compiled files by the second: one would be taken for what is written a moment later.
    """
    for name in modules:
        module = sys.modules.get(name)
        source, compiled = getattr(module, "__file__", None), getattr(module, "__cached__", None)
        if isinstance(source, str) and isinstance(compiled, str) and source.startswith(places):
            with suppress(OSError):
                if time.time() - os.stat(source).st_mtime < _YOUNG:
                    os.unlink(compiled)


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
    place, offset = target, 0
    for part in name.split("."):
        if not hasattr(value, part):
            hint = did_you_mean(part, _callables_in(value))
            raise ImportFailure(f"no function '{part}' in '{place}'", hint, missing=(offset, len(part)))
        value, place, offset = getattr(value, part), part, offset + len(part) + 1
    if not callable(value):
        message = f"'{name}' in '{target}' is not a function: it is of type {type(value).__name__}"
        raise ImportFailure(message, missing=(0, len(name)))
    function: Callable[..., Any] = value
    return function


def _callables_in(value: Any) -> list[str]:
    """What a module or a class shows of what can be called."""
    inside = vars(value).items() if hasattr(value, "__dict__") else ()
    shown = ((name, it) for name, it in inside if not name.startswith("_"))
    return [name for name, it in shown if callable(it) or isinstance(it, classmethod)]


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
