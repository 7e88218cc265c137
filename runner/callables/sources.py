"""The code that a callable is made of, as a few bytes: its module, and what that imports of the project.

Only files are read. What is installed, and Python itself, belong to no project.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from errno import ENOENT
from functools import cache
from typing import TYPE_CHECKING

from runner.blake import blake2b
from runner.callables.finding import Wrong, file_of, is_path, origin_of, split

if TYPE_CHECKING:
    import ast

LENGTH = 16
_installed = ("site-packages", "dist-packages")


@cache
def _python() -> tuple[str, ...]:
    """The folders of Python's own modules."""
    from sysconfig import get_path

    return tuple(os.path.join(os.path.realpath(get_path(name)), "") for name in ("stdlib", "platstdlib"))


@cache
def source_digest(reference: str, folder: str) -> bytes:
    """A digest of the code behind a reference, taken once in this process, as imports are.

    `folder` is the folder of the file that names it. Raises `OSError` for a file that cannot be read.
    """
    digest = blake2b(str(sys.implementation.cache_tag).encode(), digest_size=LENGTH)
    try:
        files = _modules(reference, folder)
    except Wrong as gone:
        raise FileNotFoundError(ENOENT, gone.fault.message) from None
    for name, file in sorted(files.items()):
        with open(file, "rb") as stream:
            content = stream.read()
        digest.update(f"{len(name)} {name} {len(content)} ".encode("utf-8", "surrogateescape"))
        digest.update(content)
    return digest.digest()


def _modules(reference: str, folder: str) -> dict[str, str]:
    """The files of the callable's module and of all that it imports of the project, by name."""
    target, _ = split(reference)
    found: dict[str, str] = {}
    named = is_path(target)
    own = file_of(target, folder) if named else origin_of(target, folder)
    waiting = [] if named else list(_with_packages(target))
    if own is not None:
        found[target] = own
        waiting += _imported(own, "" if named else target)
    if named and own is not None:  # it finds what lies beside it, wherever the workflow file lies
        folder = os.path.dirname(os.path.realpath(own))
    while waiting:
        name = waiting.pop()
        if name not in found and (file := _project_file(name, folder)) is not None:
            found[name] = file
            waiting += _imported(file, name)
    return found


def _project_file(name: str, folder: str) -> str | None:
    """The file of a module that belongs to the project, if there is one of that name."""
    try:
        top = origin_of(name.partition(".")[0], folder)
        if top is not None and not _is_of_a_project(top):
            return None
        file = origin_of(name, folder)
    except Wrong:
        return None
    return file if file is not None and _is_of_a_project(file) else None


def _is_of_a_project(file: str) -> bool:
    path = os.path.realpath(file)
    return not path.startswith(_python()) and not any(name in path.split(os.sep) for name in _installed)


def _imported(file: str, module: str) -> Iterator[str]:
    """The names of all modules that a file may import, wherever in it that stands."""
    if not file.endswith(".py"):
        return
    import ast

    try:
        with open(file, "rb") as stream:
            tree = ast.parse(stream.read(), file)
    except (SyntaxError, ValueError, RecursionError):
        return
    package = module if os.path.basename(file) == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            if base:
                yield from _with_packages(base)
                yield from (f"{base}.{alias.name}" for alias in node.names if alias.name != "*")


def _base(node: ast.ImportFrom, package: str) -> str:
    """The module that a `from … import` names, relative ones from `package`."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    if node.level > len(parts) or not package:
        return ""
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])


def _with_packages(name: str) -> Iterator[str]:
    """A module and the packages that it lies in: importing it runs them all."""
    parts = name.split(".")
    return (".".join(parts[:depth]) for depth in range(1, len(parts) + 1))
