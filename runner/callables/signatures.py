"""What a callable takes: as its source shows it, or as Python tells once it has been imported.

Knows neither how a callable is found nor how it is imported; reading its source runs nothing.
"""

from __future__ import annotations

import ast
import inspect
import os
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

from runner.struct import struct


@struct
class Parameter:
    """What a callable takes. `by_name` is false for what it takes by position only."""

    name: str
    required: bool
    by_name: bool = True


@struct
class Signature:
    """What can be said about a callable's parameters; `known` is false where it cannot be said.

    `extra`: it takes any further name (`**options`). `file` and `line` are where it is defined.
    """

    function: str
    parameters: tuple[Parameter, ...] = ()
    extra: bool = False
    known: bool = True
    file: str | None = None
    line: int | None = None


@struct
class Contents:
    """What the source of a module or a class binds: a signature for each name, None for what is no callable.

    `open`: it also binds names that cannot be seen. `functions` are the names worth suggesting.
    `classes` are those that can be looked into.
    """

    names: dict[str, Signature | None]
    functions: tuple[str, ...]
    open: bool
    classes: dict[str, Contents]


class Unreadable(Exception):
    """A source file that is no Python, or cannot be read; its text says why."""


def signature_of(function: Callable[..., Any], name: str) -> Signature:
    """The signature of what has been imported, for what its source did not show."""
    try:
        live = inspect.signature(function, follow_wrapped=False)
    except Exception:  # what a class of the user's says of itself may raise anything
        return Signature(name, known=False)
    kinds = {parameter.kind for parameter in live.parameters.values()}
    parameters = tuple(
        Parameter(
            parameter.name,
            required=parameter.default is parameter.empty,
            by_name=parameter.kind is not parameter.POSITIONAL_ONLY,
        )
        for parameter in live.parameters.values()
        if parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    )
    return Signature(name, parameters, extra=inspect.Parameter.VAR_KEYWORD in kinds)


_known: dict[str, tuple[tuple[int, int, int], Contents]] = {}


def read_source(file: str) -> Contents:
    """The names that a source file binds; read again only if the file has changed."""
    try:
        state = os.stat(file)
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        known = _known.get(file)
        if known is None or known[0] != stamp:
            with open(file, "rb") as stream, warnings.catch_warnings():
                warnings.simplefilter("ignore")
                known = _known[file] = stamp, _contents(ast.parse(stream.read(), file), file)
        return known[1]
    except SyntaxError as error:
        where = f" (line {error.lineno})" if error.lineno else ""
        raise Unreadable(f"is not valid Python: {error.msg}{where}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(f"is not valid Python: {error}") from None
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None


# Names ------------------------------------------------------------------------------------------

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_plain_decorators = {"cache", "lru_cache", "final", "override", "no_type_check", "deprecated"}
_binders = {"globals", "vars", "exec", "setattr"}


def _contents(tree: ast.Module, file: str) -> Contents:
    bound = _bound_in(tree.body)
    opened = False
    set_on_objects = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            for name in node.names:
                bound.setdefault(name, []).append(node)
        elif isinstance(node, ast.Name) and node.id in _binders:
            opened = True
        elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            set_on_objects.add(node.attr)
    names = {name: _meaning(name, nodes, file) for name, nodes in bound.items()}
    opened = opened or "*" in bound or "__getattr__" in bound
    classes = _classes(bound, file, opened, set_on_objects)
    return Contents(names, _worth_suggesting(bound), opened, classes)


def _classes(
    bound: dict[str, list[ast.AST]], file: str, opened: bool, set_on_objects: Collection[str]
) -> dict[str, Contents]:
    """What each class binds that is defined once, and has no say of its own in what its names mean."""
    return {
        name: _contents_of_class(node, name, file, opened, set_on_objects)
        for name, (node, *others) in bound.items()
        if isinstance(node, ast.ClassDef) and not others and not node.keywords
    }


def _contents_of_class(
    node: ast.ClassDef, path: str, file: str, opened: bool, set_on_objects: Collection[str]
) -> Contents:
    bound = _bound_in(node.body)
    unclear = {*set_on_objects, *dir(type), *(name for name in bound if name.startswith("__"))}
    names = {name: _member(f"{path}.{name}", nodes, file) for name, nodes in bound.items()}
    names |= {name: Signature(f"{path}.{name}", known=False, file=file, line=node.lineno) for name in unclear}
    opened = opened or bool(node.bases or node.decorator_list)
    classes = _classes(bound, file, opened, set_on_objects)
    return Contents(names, _worth_suggesting(bound), opened, classes)


def _worth_suggesting(bound: dict[str, list[ast.AST]]) -> tuple[str, ...]:
    functions = _Definition | ast.Lambda
    return tuple(name for name, nodes in bound.items() if isinstance(nodes[-1], functions) and name[0] != "_")


def _bound_in(body: Iterable[ast.stmt]) -> dict[str, list[ast.AST]]:
    """What each name of a module or class is bound to, in the order of the text."""
    bound: dict[str, list[ast.AST]] = {}
    for node in _scope(body):
        for name, meaning in _bound_by(node):
            bound.setdefault(name, []).append(meaning)
    return bound


def _scope(body: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """The nodes of a body in the order of the text, without the insides of its functions and classes."""
    waiting: list[ast.AST] = list(reversed(list(body)))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _Definition | ast.Lambda):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _bound_by(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name, node
        case ast.Import():
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0], node
        case ast.ImportFrom():
            for alias in node.names:
                yield alias.asname or alias.name, node
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            yield name, value
        case ast.Assign(targets=targets):
            yield from ((name, node) for target in targets for name in _names_in(target))
        case (
            ast.For(target=target)
            | ast.AsyncFor(target=target)
            | ast.withitem(optional_vars=ast.expr() as target)
            | ast.NamedExpr(target=target)
            | ast.AugAssign(target=target)
        ):
            yield from ((name, node) for name in _names_in(target))
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, node


def _names_in(target: ast.expr) -> Iterator[str]:
    return (part.id for part in ast.walk(target) if isinstance(part, ast.Name))


def _meaning(name: str, nodes: list[ast.AST], file: str) -> Signature | None:
    node, *others = nodes
    if not others and isinstance(node, _Definition):
        return _signature(name, node, file)
    if not others and isinstance(
        node, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Set | ast.JoinedStr
    ):
        return None
    if not others and isinstance(node, ast.Lambda):
        parameters, extra = _parameters(node.args)
        return Signature(name, parameters, extra, file=file, line=node.lineno)
    return Signature(name, known=False, file=file, line=getattr(node, "lineno", None))


def _member(name: str, nodes: list[ast.AST], file: str) -> Signature | None:
    """What is called by the name of a class and of what it binds: no object goes before the arguments."""
    node, *others = nodes
    if not others and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        match node.decorator_list:
            case [ast.Name(id="staticmethod" | "classmethod" as kind)]:
                parameters, extra = _parameters(node.args)
                given = 1 if kind == "classmethod" else 0
                return Signature(name, parameters[given:], extra, file=file, line=node.lineno)
    return _meaning(name, nodes, file)


# Definitions ------------------------------------------------------------------------------------


def _signature(name: str, node: _Definition, file: str) -> Signature:
    if isinstance(node, ast.ClassDef):
        start = _constructor(node)
        if start is None:
            return Signature(name, known=False, file=file, line=node.lineno)
        parameters, extra = _parameters(start.args)
        return Signature(name, parameters[1:], extra, file=file, line=node.lineno)
    if not all(_keeps_the_signature(decorator) for decorator in node.decorator_list):
        return Signature(name, known=False, file=file, line=node.lineno)
    parameters, extra = _parameters(node.args)
    return Signature(name, parameters, extra, file=file, line=node.lineno)


def _constructor(node: ast.ClassDef) -> ast.FunctionDef | None:
    """The one `__init__` that says how a class is called, if it is that simple."""
    if node.bases or node.keywords or node.decorator_list:
        return None
    methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    match [method for method in methods if method.name in ("__init__", "__new__")]:
        case [ast.FunctionDef(name="__init__", decorator_list=[]) as start] if start.args.args:
            return start
    return None


def _keeps_the_signature(decorator: ast.expr) -> bool:
    match decorator.func if isinstance(decorator, ast.Call) else decorator:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name in _plain_decorators
    return False


def _parameters(arguments: ast.arguments) -> tuple[tuple[Parameter, ...], bool]:
    placed = [*arguments.posonlyargs, *arguments.args]
    first_default = len(placed) - len(arguments.defaults)
    by_position = [
        Parameter(argument.arg, index < first_default, index >= len(arguments.posonlyargs))
        for index, argument in enumerate(placed)
    ]
    by_name = [
        Parameter(argument.arg, default is None)
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    return (*by_position, *by_name), arguments.kwarg is not None
