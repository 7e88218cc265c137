"""What kind of value a template is sure to give, as far as its text and the types of params show.

Kinds are called as the types of params are. It evaluates constants and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from runner.expression.compilation import expressions
from runner.expression.filters import methods
from runner.expression.holes import Expression, Hole, Part, cut
from runner.expression.lookups import shown
from runner.expression.marks import Path, marked, strings
from runner.expression.meant import meant_attribute
from runner.expression.template import Template
from runner.expression.tree import (
    Attribute,
    Call,
    Chain,
    Conditional,
    Constant,
    DictOf,
    Filter,
    ListOf,
    Method,
    Name,
    Node,
    Subscript,
    Test,
    Unary,
    walk,
)
from runner.expression.uses import guarded
from runner.expression.values import EvaluationError
from runner.struct import struct

nothing = "None"
"""The kind of None, which is no type of params."""

_comparisons = frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in"})
_whole = frozenset({"+", "-", "*", "//", "%"})
_of_methods = dict.fromkeys(methods, "str") | {"split": "list", "startswith": "bool", "endswith": "bool"}
_of_filters = dict.fromkeys(("string", "join", "upper", "lower", "trim"), "str")
_of_filters |= {"length": "int", "list": "list", "sort": "list"}
_kinds: tuple[tuple[type, str], ...] = (
    (bool, "bool"),
    (int, "int"),
    (float, "float"),
    (str, "str"),
    (list, "list"),
    (dict, "dict"),
)


@struct
class Known:
    """A value that is the same whatever happens."""

    value: Any


def known_value(template: Template) -> Known | None:
    """The value of a template that names nothing and calls nothing."""
    if template.names or template.functions:
        return None
    try:
        value = template.evaluate({})
    except EvaluationError:
        return None
    return None if isinstance(value, tuple) else Known(value)


def kind_of(template: Template, types: Mapping[str, str]) -> str | None:
    """The kind of what a template gives; `types` are those of names that have one for sure: `params.x`."""
    value = template.value
    if not isinstance(value, str):
        return _kind_of_value(value)
    if template.literal:
        return "str"
    found = cut(value)
    if found.faults or any(isinstance(part, Expression) and part.tree is None for part in found.parts):
        return None
    tree = _only(found.parts)
    return "str" if tree is None else _kind(tree, types)


def _only(parts: Sequence[Part]) -> Node | None:
    """The expression that is all of a text."""
    return parts[0].tree if len(parts) == 1 and isinstance(parts[0], Expression) else None


def length_of(value: Any) -> int | None:
    """How many elements a list has that is written out, in the file or in an expression."""
    if isinstance(value, list):
        return len(value)
    tree = _only(cut(value).parts) if isinstance(value, str) else None
    return len(tree.parts) if isinstance(tree, ListOf) and not tree.fixed else None


def kind_of_elements(value: Any) -> str | None:
    """The kind of all elements of a list, where they are sure to be whole numbers."""
    if isinstance(value, list):
        return "int" if value and all(type(one) is int for one in value) else None
    tree = _only(cut(value).parts) if isinstance(value, str) else None
    match tree:
        case Call(name="range"):
            return "int"
        case ListOf(parts=parts) if parts and all(_kind(part, {}) == "int" for part in parts):
            return "int"
    return None


def parts_of_mapping(value: str) -> dict[str, str]:
    """Of an expression that writes out a mapping, the expression of each of its keys."""
    tree = _only(cut(value).parts)
    if not isinstance(tree, DictOf):
        return {}
    named = ((key.value, part) for key, part in tree.pairs if isinstance(key, Constant))
    return {str(key): f"{{{{ {value[part.at : part.end]} }}}}" for key, part in named}


def holes_in(text: str, types: Mapping[str, str]) -> Iterator[tuple[Hole, str | None]]:
    """Each `{{ }}` of a text with the kind of what it gives."""
    found = cut(text) if marked(text) else None
    for part in found.parts if found is not None and not found.faults else ():
        if isinstance(part, Expression):
            yield part.hole, _kind(part.tree, types) if part.tree is not None else None


@struct
class Misfit:
    """Something asked of a value whose kind has it not: `name`, of what is written as `target`.

    None for `name`: a condition is of this kind. It is `length` characters from `offset` in the string
    at `path`.
    """

    path: Path
    offset: int
    length: int
    kind: str
    target: str
    name: str | int | None = None
    hint: str = ""


def misfits(template: Template, types: Mapping[str, str]) -> Iterator[Misfit]:
    """What is sure to find nothing in a value, or to be no condition; `types` as in `kind_of`."""
    for path, text in strings(template.value, ()):
        if not template.condition and not marked(text):
            continue
        for part in expressions(text, template.condition):
            if part.tree is None:
                continue
            found = list(_looked_into(part.tree, text, path, types))
            yield from found
            if template.condition and not found:
                yield from _undecided(part.tree, text, path, types)


def _undecided(tree: Node, text: str, path: Path, types: Mapping[str, str]) -> Iterator[Misfit]:
    kind = _kind(tree, types)
    if kind not in (None, "bool"):
        hint = "" if isinstance(tree, Constant | ListOf | DictOf) else _how_to_decide(kind, shown(tree, text))
        yield Misfit(path, tree.at, tree.end - tree.at, kind, shown(tree, text), hint=hint)


def _how_to_decide(kind: str | None, target: str) -> str:
    if kind in ("list", "dict"):
        return f"`{target} | length > 0` asks whether there is anything in it"
    return f"compare it: `{target} == …`"


def _looked_into(tree: Node, text: str, path: Path, types: Mapping[str, str]) -> Iterator[Misfit]:
    forgiven = guarded(tree)
    for node in walk(tree):
        match node:
            case Attribute(name=str() as name, name_at=at):
                length = len(name)
            case Subscript(key=Constant(value=str() | int() as name, at=at, end=end)):
                length = end - at
            case _:
                continue
        if node in forgiven or _is_of_a_map(node.target):
            continue
        kind = _kind(node.target, types)
        if kind is not None and not _has(kind, name):
            hint = _what_it_has(node, kind, text)
            yield Misfit(path, at, length, kind, shown(node.target, text), name, hint)


def _is_of_a_map(node: Node) -> bool:
    """Whether it is all that a map gives, of which more is known than that it is a list."""
    return (
        isinstance(node, Attribute | Subscript)
        and _written(node).startswith("tasks.")
        and not _written(node).endswith((".result", ".status"))
    )


def _what_it_has(node: Attribute | Subscript, kind: str, text: str) -> str:
    if isinstance(node, Attribute):
        return meant_attribute(node.target, node.name, text, is_text=kind in ("str", "path"))
    return "an element has a number: `x[0]`" if kind == "list" else ""


def _has(kind: str, name: str | int) -> bool:
    """Whether a value of this kind may have a part of this name or number."""
    return kind == "dict" or (kind in ("str", "path", "list") and isinstance(name, int))


def _kind_of_value(value: Any) -> str | None:
    return next((kind for known, kind in _kinds if isinstance(value, known)), None)


def _kind(node: Node, types: Mapping[str, str]) -> str | None:
    match node:
        case Constant(value=value):
            return nothing if value is None else _kind_of_value(value)
        case ListOf(fixed=False):
            return "list"
        case DictOf() | Name(name="params" | "env" | "run" | "workflow"):
            return "dict"
        case Test() | Unary(operator="not"):
            return "bool"
        case Chain(rest=rest) if all(operator in _comparisons for operator, _ in rest):
            return "bool"
        case Chain(rest=rest) if all(operator == "~" for operator, _ in rest):
            return "str"
        case Chain(first=first, rest=rest) if all(operator in _whole for operator, _ in rest):
            return (
                "int"
                if {_kind(one, types) for one in (first, *(one for _, one in rest))} == {"int"}
                else None
            )
        case Conditional(then=then, otherwise=otherwise) if otherwise is not None:
            kind = _kind(then, types)
            return kind if kind == _kind(otherwise, types) else None
        case Method(name=name):
            return _of_methods.get(name)
        case Filter(name=name):
            return _of_filters.get(name)
        case Attribute(target=Name(name="env" | "run" | "workflow")):
            return "str"
        case Attribute(target=Attribute(target=Name(name="tasks")), name="status"):
            return "str"
        case Name() | Attribute() | Subscript():
            return types.get(_written(node))
    return None


def _written(node: Node) -> str:
    """A name and what is asked of it, joined by dots; nothing where a part of it is computed."""
    match node:
        case Name(name=name):
            return name
        case Attribute(target=target, name=name) | Subscript(target=target, key=Constant(value=str(name))):
            before = _written(target)
            return f"{before}.{name}" if before else ""
    return ""
