"""What an expression names, and what is wrong with it as far as its text shows.

Nothing is evaluated here but parts made of constants, within `bounds`. Which tasks, params and items
there are is for others to know: they are given every name that is used, with its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from runner.expression.evaluation import compiled, forgiving_filters, forgiving_tests, function_names
from runner.expression.filters import filters, left_out, methods, tests
from runner.expression.lookups import spine
from runner.expression.slips import SyntaxFault
from runner.expression.sources import functions
from runner.expression.tree import (
    Applied,
    Attribute,
    Call,
    Chain,
    Constant,
    Filter,
    ListOf,
    Method,
    Name,
    Node,
    Subscript,
    Test,
    children,
    walk,
)
from runner.expression.values import EvaluationError, Missing, counted, listed
from runner.problem import did_you_mean
from runner.struct import field, struct

if TYPE_CHECKING:
    import inspect


@struct
class TaskUse:
    """`tasks.<task>.<attribute>`; the offsets are those of the task's name and of the attribute.

    `key` is what is asked of that by a name in the text: `tasks.a.result.key`. `guarded`: `default`
    or `is defined` stands over it.
    """

    task: str
    attribute: str
    offset: int
    attribute_offset: int
    key: str | None = None
    key_offset: int = 0
    guarded: bool = False


@struct
class Use:
    """A name that is used (`params`, `url`, a function, a filter), and the attribute asked of it.

    `guarded`: `default` or `is defined` stands over it. `hint` is what may have been meant.
    """

    name: str
    offset: int
    attribute: str | None = None
    attribute_offset: int = 0
    guarded: bool = False
    hint: str = ""


@struct
class Uses:
    """All that one expression uses, in the order of its text, and its faults."""

    names: tuple[Use, ...] = ()
    tasks: tuple[TaskUse, ...] = ()
    functions: tuple[Use, ...] = ()
    filters: tuple[Use, ...] = ()
    faults: tuple[SyntaxFault, ...] = ()


@struct(frozen=False)
class _Found:
    names: list[Use] = field(default_factory=list)
    tasks: list[TaskUse] = field(default_factory=list)
    functions: list[Use] = field(default_factory=list)
    filters: list[Use] = field(default_factory=list)


def uses(tree: Node, text: str) -> Uses:
    """The names, tasks, functions and filters that an expression uses."""
    found, faults = _Found(), []
    guarded, meant = _guarded(tree), _meant(tree, text)
    for node, around in _with_parents(tree):
        match node:
            case Name(name="tasks"):
                reference = _task_use(node, around, text, node in guarded)
                if isinstance(reference, SyntaxFault):
                    faults.append(reference)
                else:
                    found.tasks.append(reference)
            case Name():
                found.names.append(_name_use(node, around[0], node in guarded, meant.get(node.at, "")))
            case Call():
                found.functions.append(Use(node.name, node.name_at))
            case Filter():
                found.filters.append(Use(node.name, node.name_at))
    if found.tasks or faults:
        found.names.append(Use("tasks", tree.at))
    return Uses(
        names=_in_order(found.names),
        tasks=tuple(sorted(found.tasks, key=lambda use: use.offset)),
        functions=_in_order(found.functions),
        filters=_in_order(found.filters),
        faults=tuple(faults),
    )


def _in_order(found: list[Use]) -> tuple[Use, ...]:
    return tuple(sorted(found, key=lambda use: use.offset))


_Around = tuple[Node | None, Node | None, Node | None]
"""What stands around a part of an expression, from inside out."""


def _with_parents(tree: Node) -> Iterator[tuple[Node, _Around]]:
    waiting: list[tuple[Node, _Around]] = [(tree, (None, None, None))]
    while waiting:
        node, around = waiting.pop()
        yield node, around
        waiting.extend((child, (node, *around[:2])) for child in children(node))


def _named(node: Node | None, target: Node | None) -> tuple[str, int] | None:
    """The attribute that `node` asks of `target` by a name that the text shows, and its offset."""
    if isinstance(node, Attribute) and node.target is target:
        return node.name, node.name_at
    if isinstance(node, Subscript) and node.target is target:
        key = node.key
        if isinstance(key, Constant) and isinstance(key.value, str):
            return key.value, key.at + 1
    return None


def _name_use(node: Name, above: Node | None, guarded: bool, hint: str) -> Use:
    named = _named(above, node)
    if node.name in function_names and not hint:
        hint = f"write `{node.name}()`"
    if named is None:
        return Use(node.name, node.at, guarded=guarded, hint=hint)
    return Use(node.name, node.at, named[0], named[1], guarded, hint)


def _task_use(node: Name, around: _Around, text: str, guarded: bool) -> TaskUse | SyntaxFault:
    above, further, outermost = around
    task = _named(above, node)
    if above is None or task is None:
        if isinstance(above, Subscript) and above.target is node:
            message = "a task is named in the text, not computed: dependencies are read from it"
            return SyntaxFault(
                node.at, above.end - node.at, message, "write `tasks.name.result`", "bad-reference"
            )
        message, hint = "`tasks` alone has no value", "name a task and what of it: `tasks.name.result`"
        return SyntaxFault(node.at, node.end - node.at, message, hint, "bad-reference")
    attribute = _named(further, above)
    if attribute is not None:
        key, key_offset = _named(outermost, further) or (None, 0)
        return TaskUse(task[0], attribute[0], task[1], attribute[1], key, key_offset, guarded)
    shown = text[node.at : above.end]
    hint = f"say what of it: `{shown}.result`, `{shown}.status`, …"
    if text[above.end : above.end + 1] == "-":
        hint = "the name of a task has no `-` in it"
    return SyntaxFault(node.at, above.end - node.at, f"`{shown}` alone has no value", hint, "bad-reference")


def _guarded(tree: Node) -> frozenset[Node]:
    """The parts that may be missing, because `default` or `is defined` stands over them."""
    found: set[Node] = set()
    for node in walk(tree):
        if (isinstance(node, Filter) and node.name in forgiving_filters) or (
            isinstance(node, Test) and node.name in forgiving_tests
        ):
            found |= spine(node.target)
    return frozenset(found)


def _meant(tree: Node, text: str) -> dict[int, str]:
    """For names after a `-` that touches both sides, the subscript that may have been meant."""
    found: dict[int, str] = {}
    for node in walk(tree):
        if not isinstance(node, Chain):
            continue
        before, name, touching = node.first, "", []
        for operator, operand in node.rest:
            close = operator == "-" and operand.at == before.end + 1
            if not close or not isinstance(operand, Name) or not isinstance(node.first, Attribute):
                break
            name += f"-{operand.name}"
            touching.append(operand.at)
            before = operand
        if touching and isinstance(node.first, Attribute):
            first = node.first
            hint = f"did you mean {text[first.at : first.target.end]}['{first.name}{name}']?"
            found |= dict.fromkeys(touching, hint)
            found |= {part.at: hint for part in walk(first) if isinstance(part, Name)}
    return found


# Faults ----------------------------------------------------------------------------------------------


def faults(tree: Node, text: str, lazy: bool) -> tuple[SyntaxFault, ...]:
    """What can be known to be wrong without any value, in the order of the text."""
    found = list(uses(tree, text).faults)
    for node in walk(tree):
        if isinstance(node, Applied):
            found.extend(_of_applied(node))
        if isinstance(node, Filter) and node.name == "verbatim" and node is not tree:
            message = "`verbatim` is the last filter of an expression"
            found.append(_at_name(node, message, "misplaced-verbatim"))
    if not found:
        found.extend(_of_constants(tree, text, lazy))
    return tuple(sorted(found, key=lambda fault: fault.at))


def _at_name(node: Applied, message: str, code: str, hint: str = "") -> SyntaxFault:
    return SyntaxFault(node.name_at, len(node.name), message, hint, code)


def _of_applied(node: Applied) -> Iterator[SyntaxFault]:
    match node:
        case Call():
            yield from _of_call(node)
        case Method():
            if node.name not in methods:
                yield _of_method(node)
        case Filter():
            yield from _of_filter(node)
        case Test():
            if node.name in tests:
                yield from _of_arguments(node, tests[node.name], 1)
            else:
                yield _unknown(node, "test", did_you_mean(node.name, tests))


def _unknown(node: Applied, kind: str, hint: str) -> SyntaxFault:
    return _at_name(node, f"unknown {kind} `{node.name}`", f"unknown-{kind}", hint)


def _of_method(node: Method) -> SyntaxFault:
    if node.name in filters:
        return _unknown(node, "method", f"it is a filter: `x | {node.name}`")
    known = sorted(methods)
    return _unknown(node, "method", did_you_mean(node.name, known) or f"text has {listed(known, len(known))}")


def _of_call(node: Call) -> Iterator[SyntaxFault]:
    if node.name in functions:
        yield from _of_arguments(node, functions[node.name], 1)
    elif node.name not in function_names:
        hint = did_you_mean(node.name, [*function_names, *filters])
        if node.name in filters:
            hint = f"it is a filter: `x | {node.name}`"
        yield _unknown(node, "function", hint)
    elif node.arguments or node.keywords:
        yield _at_name(node, f"`{node.name}` takes no arguments", "bad-arguments")


def _of_filter(node: Filter) -> Iterator[SyntaxFault]:
    if node.name in filters:
        yield from _of_arguments(node, filters[node.name], 1)
        yield from _of_named_arguments(node)
    elif node.name in left_out:
        yield _at_name(
            node, f"the filter `{node.name}` is not for expressions", "unknown-filter", left_out[node.name]
        )
    else:
        hint = did_you_mean(node.name, filters)
        if node.name in methods:
            hint = f"it is a method: `x.{node.name}(…)`"
        yield _unknown(node, "filter", hint)


_place_of_name = {"map": 0, "select": 0, "reject": 0, "selectattr": 1, "rejectattr": 1}


def _of_named_arguments(node: Filter) -> Iterator[SyntaxFault]:
    """`map` and `select` take the name of a filter or a test as text."""
    if node.name == "map" and not node.arguments and "attribute" not in dict(node.keywords):
        yield _at_name(node, "`map` needs the name of a filter, or `attribute=…`", "bad-arguments")
    kind, known = ("filter", filters) if node.name == "map" else ("test", tests)
    place = _place_of_name.get(node.name, len(node.arguments))
    argument = node.arguments[place] if place < len(node.arguments) else None
    if isinstance(argument, Constant) and argument.value not in known:
        hint = did_you_mean(str(argument.value), known)
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
    for name, _ in node.keywords:
        if name in filled:
            yield _at_name(node, f"`{node.name}` is given `{name}` twice", "bad-arguments")
        elif name not in named and Parameter.VAR_KEYWORD not in kinds:
            hint = did_you_mean(name, named)
            yield _at_name(node, f"`{node.name}` has no argument `{name}`", "bad-arguments", hint)
        filled.add(name)
    for parameter in places:
        if parameter.default is Parameter.empty and parameter.name not in filled:
            yield _at_name(node, f"`{node.name}` needs the argument `{parameter.name}`", "bad-arguments")


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
