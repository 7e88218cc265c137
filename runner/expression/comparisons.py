"""What an expression holds against a text that stands in it: `tasks.a.status == 'x'`, `run.id in ['x']`.

It does not know what any name means.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.expression.compilation import expressions
from runner.expression.lookups import shown
from runner.expression.marks import Path, marked, strings
from runner.expression.template import Template
from runner.expression.tree import Attribute, Chain, Constant, Filter, ListOf, Name, Node, Subscript, walk
from runner.struct import struct

_equal = frozenset({"==", "!="})
_among = frozenset({"in", "not in"})
_choosing = frozenset({"selectattr", "rejectattr"})
_tests = frozenset({"==", "!=", "eq", "ne", "equalto", "in"})


@struct
class Compared:
    """A value that is held against `word`, which stands `length` characters from `offset`.

    `asked` is how the value is come to: `("tasks", "a", "items", None, "status")`, None for what is
    a number or computed; `target` is its text.
    """

    path: Path
    offset: int
    length: int
    word: str
    target: str
    asked: tuple[str | None, ...]


def compared(template: Template) -> Iterator[Compared]:
    """Every text that something named is held against."""
    for path, text in strings(template.value, ()):
        if not template.condition and not marked(text):
            continue
        for part in expressions(text, template.condition):
            for node in walk(part.tree) if part.tree is not None else ():
                for target, asked, word in _pairs(node, text):
                    yield Compared(path, word.at, word.end - word.at, str(word.value), target, asked)


_Pair = tuple[str, tuple[str | None, ...], Constant]


def _pairs(node: Node, text: str) -> Iterator[_Pair]:
    if isinstance(node, Chain):
        left = node.first
        for operator, right in node.rest:
            yield from _held_against(left, operator, right, text)
            left = right
    elif isinstance(node, Filter) and node.name in _choosing and len(node.arguments) == 3:
        attribute, test, operand = node.arguments
        asked = _asked(node.target)
        if asked and _text(attribute) and _text(test) in _tests:
            target = f"{shown(node.target, text)}[…].{_text(attribute)}"
            for word in _words(operand):
                yield target, (*asked, None, _text(attribute)), word


def _held_against(left: Node, operator: str, right: Node, text: str) -> Iterator[_Pair]:
    if operator in _equal and isinstance(left, Constant):
        left, right = right, left
    if operator in _equal | _among and isinstance(right, ListOf if operator in _among else Constant):
        asked = _asked(left)
        for word in _words(right) if asked else ():
            yield shown(left, text), asked, word


def _words(node: Node) -> Iterator[Constant]:
    for part in node.parts if isinstance(node, ListOf) else (node,):
        if isinstance(part, Constant) and isinstance(part.value, str):
            yield part


def _text(node: Node) -> str:
    return node.value if isinstance(node, Constant) and isinstance(node.value, str) else ""


def _asked(node: Node) -> tuple[str | None, ...]:
    """The name and the steps that lead to a value; nothing where it is made in another way."""
    steps: list[str | None] = []
    while isinstance(node, Attribute | Subscript):
        steps.append(node.name if isinstance(node, Attribute) else _text(node.key) or None)
        node = node.target
    return (node.name, *reversed(steps)) if isinstance(node, Name) else ()
