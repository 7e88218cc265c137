"""Where the source of a callable lies: its reference → a file. Nothing is imported.

Knows nothing of what the file says.
"""

from __future__ import annotations

import os
import re
import sys
from importlib.machinery import FileFinder, ModuleSpec, PathFinder

from runner.likeness import nearest, nearest_file
from runner.links import broken_link
from runner.problem import did_you_mean
from runner.struct import struct

_how_to_write = "write `package.module:function` or `path/to/file.py:function`"
_slightly_other = r"(?P<target>[^:()]+):(?P<colon>:?)(?P<function>[\w.]+)(?P<call>(?:\(.*\))?)"


@struct
class CallableFault:
    """What is wrong with a reference, and which part of its text is meant."""

    code: str
    message: str
    hint: str = ""
    offset: int = 0
    length: int = 1


class Wrong(Exception):
    """Leaves an inspection early, with its result."""

    def __init__(self, code: str, message: str, hint: str = "", offset: int = 0, length: int = 1) -> None:
        self.fault = CallableFault(code, message, hint, offset, max(length, 1))


def split(reference: str, folder: str = "") -> tuple[str, str]:
    """The module or file, and the function, that a reference names; `folder` is for suggestions."""
    target, colon, function = reference.rpartition(":")
    if not colon:
        message, hint = f"'{reference}' names no function", _how_to_name(reference, folder)
        raise Wrong("bad-callable", message, hint, 0, len(reference))
    if meant := _with_one_colon(reference):
        message, hint = f"'{reference}' is not the name of a callable", f"did you mean `{meant}`?"
        raise Wrong("bad-callable", message, hint, 0, len(reference))
    if not target or not _is_dotted_name(function):
        message = f"'{reference}' is not the name of a callable"
        raise Wrong("bad-callable", message, _how_to_write, 0, len(reference))
    if not is_path(target) and not _is_dotted_name(target):
        message = f"'{target}' is not the name of a module"
        raise Wrong("bad-callable", message, _how_to_write, 0, len(target))
    return target, function


def _is_dotted_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _with_one_colon(reference: str) -> str:
    """`lib.py:add` for `lib.py::add` and `lib.py:add()`; nothing for what is written otherwise."""
    found = re.fullmatch(_slightly_other, reference)
    if found is None or not (found["colon"] or found["call"]) or not _is_dotted_name(found["function"]):
        return ""
    return f"{found['target']}:{found['function']}"


def _how_to_name(reference: str, folder: str) -> str:
    if reference.endswith((".yml", ".yaml")):
        return f"a workflow file is named by `workflow: {reference}`"
    if reference.endswith(".py"):
        return f"write `{reference}:function`"
    if is_path(reference):
        file, _, function = reference.rpartition("/")
        if function.isidentifier() and os.path.isfile(os.path.join(folder, f"{file}.py")):
            return f"did you mean `{file}.py:{function}`?"
        return f"write `{reference}.py:function`" if function else _how_to_write
    module, dot, function = reference.rpartition(".")
    return f"did you mean `{module}:{function}`?" if dot else _how_to_write


def is_path(target: str) -> bool:
    """Whether it names a file, and not a module."""
    return target.endswith(".py") or "/" in target


def file_of(target: str, folder: str) -> str:
    """The file that is named by a path from `folder`."""
    file = os.path.normpath(os.path.join(folder, target))
    if os.path.isfile(file):
        return file
    if os.path.isdir(file):
        raise Wrong("unknown-callable", f"'{target}' is a folder, not a Python file", "", 0, len(target))
    near = nearest_file(os.path.basename(target), _listing(os.path.dirname(file), ".py"))
    meant = f"did you mean '{os.path.join(os.path.dirname(target), near)}'?" if near else ""
    hint = broken_link(file) or meant or f"looked in {folder}"
    raise Wrong("unknown-callable", f"no such file: '{target}'", hint, 0, len(target))


def module_file(name: str, folder: str) -> str | None:
    """The source of a module; None where there is none to read (built in, or a binary)."""
    file = origin_of(name, folder)
    return file if file is not None and file.endswith(".py") else None


def origin_of(name: str, folder: str) -> str | None:
    """The file that a module is loaded from; None for what has none (built in, or a bare folder)."""
    try:
        spec = _find_inside(_find_top(name.partition(".")[0], folder), name)
    except Wrong:
        loaded: ModuleSpec | None = getattr(sys.modules.get(name), "__spec__", None)
        if loaded is None:
            raise
        spec = loaded  # `os.path` lies in no package
    file = spec.origin
    return file if file is not None and os.path.isfile(file) else None


def _find_top(name: str, folder: str) -> ModuleSpec:
    places = user_places(folder)
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, None)
        except Exception:  # a finder of some installed package, none of the user's business here
            continue
        if spec is not None:
            return spec
    for place in places:
        cached = sys.path_importer_cache.get(place)
        if isinstance(cached, FileFinder):
            cached.invalidate_caches()
    spec = PathFinder.find_spec(name, places)
    if spec is not None:
        return spec
    near = did_you_mean(name, [module for place in places for module in _modules_in(place)])
    hint = near or f"looked in the Python environment, {' and '.join(places)}"
    raise Wrong("unknown-callable", f"no module named '{name}'", hint, 0, len(name))


def _find_inside(spec: ModuleSpec, name: str) -> ModuleSpec:
    """Goes down from the spec of a package to that of `name`, without importing what lies between."""
    parts = name.split(".")
    for depth in range(1, len(parts)):
        package, part = ".".join(parts[:depth]), parts[depth]
        places = list(spec.submodule_search_locations or ())
        if not places:
            hint = _loaded_in(package, part)
            raise Wrong("unknown-callable", f"'{package}' is not a package", hint, 0, len(package))
        # Without its package's name: of a folder without `__init__.py` that must have been imported.
        found = PathFinder.find_spec(part, places)
        if found is None:
            near = did_you_mean(part, [module for place in places for module in _modules_in(place)])
            message = f"no module named '{part}' in '{package}'"
            raise Wrong("unknown-callable", message, near, len(package) + 1, len(part))
        spec = found
    return spec


def _loaded_in(module: str, part: str) -> str:
    """Which name that a module has for another, as `os` has `os.path`, may be meant by `part`."""
    begin = f"{module}."
    near = nearest(part, [it.removeprefix(begin) for it in list(sys.modules) if it.startswith(begin)])
    return f"did you mean '{begin}{near}'?" if near else ""


def user_places(folder: str) -> list[str]:
    """The folders in which the user's own modules are looked for, after all others."""
    try:
        current = os.getcwd()
    except FileNotFoundError:
        return [folder]
    return [folder] if current == folder else [folder, current]


def _modules_in(place: str) -> list[str]:
    files = [name.removesuffix(".py") for name in _listing(place, ".py")]
    return files + [
        name for name in _listing(place, "") if name.isidentifier() and os.path.isdir(f"{place}/{name}")
    ]


def _listing(folder: str, suffix: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder or ".") if name.endswith(suffix))
    except OSError:
        return []
