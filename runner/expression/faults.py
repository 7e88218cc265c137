"""What is wrong with an expression as far as its text shows.

Nothing is evaluated here but parts made of constants, within `bounds`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from runner.expression.evaluation import compiled, function_names
from runner.expression.filters import filters, left_out, meant_by, methods, tests
from runner.expression.meant import meant_call, meant_filter, meant_method
from runner.expression.slips import SyntaxFault
from runner.expression.sources import functions
from runner.expression.tree import (
    Applied,
    Call,
    Constant,
    Filter,
    ListOf,
    Method,
    Name,
    Node,
    Test,
    children,
    walk,
)
from runner.expression.uses import uses
from runner.expression.values import EvaluationError, Missing, counted
from runner.likeness import nearest

if TYPE_CHECKING:
    import inspect


def faults(tree: Node, text: str, lazy: bool) -> tuple[SyntaxFault, ...]:
    """What can be known to be wrong without any value, in the order of the text."""
    found = list(uses(tree, text).faults)
    for node in walk(tree):
        if isinstance(node, Applied):
            found.extend(_of_applied(node, text))
        if isinstance(node, Filter) and node.name == "verbatim" and node is not tree:
            message = "`verbatim` is the last filter of an expression"
            found.append(_at_name(node, message, "misplaced-verbatim"))
    if not found:
        found.extend(_of_constants(tree, text, lazy))
    return tuple(sorted(found, key=lambda fault: fault.at))


def _at_name(node: Applied, message: str, code: str, hint: str = "") -> SyntaxFault:
    return SyntaxFault(node.name_at, len(node.name), message, hint, code)


def _of_applied(node: Applied, text: str) -> Iterator[SyntaxFault]:
    match node:
        case Call():
            yield from _of_call(node, text)
        case Method():
            if node.name not in methods:
                yield _unknown(node, "method", meant_method(node, text))
        case Filter():
            yield from _of_filter(node, text)
        case Test():
            if node.name in tests:
                yield from _of_arguments(node, tests[node.name], 1)
            else:
                yield _unknown(node, "test", meant_by(node.name, tests))


def _unknown(node: Applied, kind: str, hint: str) -> SyntaxFault:
    return _at_name(node, f"unknown {kind} `{node.name}`", f"unknown-{kind}", hint)


def _of_call(node: Call, text: str) -> Iterator[SyntaxFault]:
    if node.name in functions:
        yield from _of_arguments(node, functions[node.name], 1)
    elif node.name not in function_names:
        yield _unknown(node, "function", meant_call(node, text))
    elif node.arguments or node.keywords:
        first = (*node.arguments, *(value for _, value in node.keywords))[0]
        message = f"`{node.name}` takes no arguments"
        yield SyntaxFault(first.at, first.end - first.at, message, "", "bad-arguments")


def _of_filter(node: Filter, text: str) -> Iterator[SyntaxFault]:
    if node.name in filters:
        yield from _of_arguments(node, filters[node.name], 1)
        yield from _of_named_arguments(node)
    elif node.name in left_out:
        yield _at_name(
            node, f"the filter `{node.name}` is not for expressions", "unknown-filter", left_out[node.name]
        )
    else:
        yield _unknown(node, "filter", meant_filter(node, text))


_place_of_name = {"map": 0, "select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}


def _of_named_arguments(node: Filter) -> Iterator[SyntaxFault]:
    """`map` and `select` take the name of a filter or a test as text."""
    if node.name == "map" and not node.arguments and "attribute" not in dict(node.keywords):
        yield _at_name(node, "`map` needs the name of a filter, or `attribute=…`", "bad-arguments")
    kind, known = ("filter", filters) if node.name == "map" else ("test", tests)
    place = _place_of_name.get(node.name, len(node.arguments))
    argument = node.arguments[place] if place < len(node.arguments) else None
    if isinstance(argument, Constant) and argument.value not in known:
        hint = meant_by(argument.value, known)
        length = argument.end - argument.at
        yield SyntaxFault(argument.at, length, f"unknown {kind} {argument.value!r}", hint, f"unknown-{kind}")


@lru_cache(maxsize=256)
def _parameters(function: Callable[..., Any]) -> tuple[inspect.Parameter, ...]:
    from inspect import signature

    return tuple(signature(function).parameters.values())


def _of_arguments(node: Applied, function: Callable[..., Any], given: int) -> Iterator[SyntaxFault]:
    from inspect import Parameter

    parameters = _parameters(function)[given:]
    kinds = {parameter.kind for parameter in parameters}
    places = [it for it in parameters if it.kind is Parameter.POSITIONAL_OR_KEYWORD]
    named = {it.name for it in places}
    if len(node.arguments) > len(places) and Parameter.VAR_POSITIONAL not in kinds:
        names = ", ".join(it.name for it in places)
        most = f"at most {counted(len(places), 'argument')}: {names}" if places else "no arguments"
        yield _at_name(node, f"`{node.name}` takes {most}", "bad-arguments")
        return
    filled = {it.name for it in places[: len(node.arguments)]}
    meant: set[str] = set()
    for name, _ in node.keywords:
        if name in filled:
            yield _at_name(node, f"`{node.name}` is given `{name}` twice", "bad-arguments")
        elif name not in named and Parameter.VAR_KEYWORD not in kinds:
            near = nearest(name, sorted(named))
            meant.add(near)
            hint = f"did you mean '{near}'?" if near else ""
            yield _at_name(node, f"`{node.name}` has no argument `{name}`", "bad-arguments", hint)
        filled.add(name)
    needed = [it.name for it in places if it.default is Parameter.empty and it.name not in filled | meant]
    if needed:
        if node.name == "range" and not filled:
            needed = ["stop"]
        names = " and ".join(f"`{name}`" for name in needed)
        word = "argument" if len(needed) == 1 else "arguments"
        yield _at_name(node, f"`{node.name}` needs the {word} {names}", "bad-arguments")


def _of_constants(tree: Node, text: str, lazy: bool) -> Iterator[SyntaxFault]:
    """Parts that need no value are tried, so that what never can succeed is known at once."""
    for node in _constant_parts(tree):
        try:
            compiled(node, text, lazy)({"__folder__": ""})
        except EvaluationError as error:
            told = error.explained() if isinstance(error, Missing) else error
            yield SyntaxFault(node.at, node.end - node.at, told.message, told.hint, "bad-value")
        except (ArithmeticError, TypeError, ValueError, RecursionError) as error:
            yield SyntaxFault(node.at, node.end - node.at, str(error), "", "bad-value")


def _constant_parts(tree: Node) -> Iterator[Node]:
    """The largest parts in which something is done to constants."""
    constant: dict[Node, bool] = {}
    for node in reversed(list(walk(tree))):
        fixed = not isinstance(node, Name) and not (isinstance(node, Call) and node.name != "range")
        constant[node] = fixed and all(constant[child] for child in children(node))
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if not constant[node]:
            waiting.extend(children(node))
        elif any(not isinstance(part, Constant | ListOf) for part in walk(node)):
            yield node
