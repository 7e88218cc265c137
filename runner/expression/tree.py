"""What an expression says, as a tree; each part with its place in the text.

It knows no spelling, no names, no filters and no values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.struct import struct


@struct(eq=False)
class Node:
    """A part of an expression, from offset `at` up to `end` of the text."""

    at: int
    end: int


@struct(eq=False)
class Constant(Node):
    value: Any


@struct(eq=False)
class Name(Node):
    name: str


@struct(eq=False)
class Attribute(Node):
    """`target.name`; `name_at` is the offset of the name."""

    target: Node
    name: str
    name_at: int


@struct(eq=False)
class Subscript(Node):
    target: Node
    key: Node


@struct(eq=False)
class Slice(Node):
    """`target[start:stop:step]`."""

    target: Node
    bounds: tuple[Node | None, Node | None, Node | None]


@struct(eq=False)
class Applied(Node):
    """Something named that is given arguments; `name_at` is the offset of its name."""

    name: str
    name_at: int
    arguments: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...]


@struct(eq=False)
class Call(Applied):
    """`name(…)`."""


@struct(eq=False)
class Method(Applied):
    """`target.name(…)`."""

    target: Node


@struct(eq=False)
class Filter(Applied):
    """`target | name(…)`."""

    target: Node


@struct(eq=False)
class Test(Applied):
    """`target is name(…)`, or `is not`."""

    target: Node
    negated: bool


@struct(eq=False)
class ListOf(Node):
    """`[…]`, or `(…, …)` where `fixed`."""

    parts: tuple[Node, ...]
    fixed: bool = False


@struct(eq=False)
class DictOf(Node):
    pairs: tuple[tuple[Node, Node], ...]


@struct(eq=False)
class Unary(Node):
    """`not x`, `-x`, `+x`."""

    operator: str
    operand: Node


@struct(eq=False)
class Chain(Node):
    """Operands joined by operators of one rank, from left to right: `a + b - c`, `a and b`, `a < b`."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@struct(eq=False)
class Conditional(Node):
    """`then if test else otherwise`."""

    test: Node
    then: Node
    otherwise: Node | None


def children(node: Node) -> Iterator[Node]:
    """The direct parts of a node, in the order of the text as far as that matters."""
    match node:
        case Attribute(target=target):
            yield target
        case Subscript(target=target, key=key):
            yield target
            yield key
        case Slice(target=target, bounds=bounds):
            yield target
            yield from (bound for bound in bounds if bound is not None)
        case Applied():
            if isinstance(node, Method | Filter | Test):
                yield node.target
            yield from node.arguments
            yield from (value for _, value in node.keywords)
        case ListOf(parts=parts):
            yield from parts
        case DictOf(pairs=pairs):
            for pair in pairs:
                yield from pair
        case Unary(operand=operand):
            yield operand
        case Chain(first=first, rest=rest):
            yield first
            yield from (operand for _, operand in rest)
        case Conditional(test=test, then=then, otherwise=otherwise):
            yield test
            yield then
            if otherwise is not None:
                yield otherwise


def walk(node: Node) -> Iterator[Node]:
    """The node and all its parts, each before its own parts."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(list(children(found))))
