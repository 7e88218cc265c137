"""What an expression names: tasks, names, functions and filters, each with its place in the text.

Which tasks, params and items there are is for others to know.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.expression.dashes import Dash, dashes, target_of
from runner.expression.evaluation import forgiving_filters, forgiving_tests, function_names
from runner.expression.lookups import spine
from runner.expression.slips import SyntaxFault
from runner.expression.tree import (
    Attribute,
    Call,
    Constant,
    Filter,
    Name,
    Node,
    Subscript,
    Test,
    children,
    walk,
)
from runner.struct import field, struct


@struct
class Step:
    """What is asked of a value: `.name` or `['name']`, at `offset`; None where it is a number or computed.

    `target` is the text of that value.
    """

    name: str | None
    offset: int
    target: str = ""


@struct
class TaskUse:
    """`tasks.<task>.<attribute>`; the offsets are those of the task's name and of the attribute.

    `steps` is what is asked of that in turn: `tasks.a.results[0].key`. `guarded`: `default` or
    `is defined` stands over it.
    """

    task: str
    attribute: str
    offset: int
    attribute_offset: int
    steps: tuple[Step, ...] = ()
    guarded: bool = False


@struct
class Use:
    """A name that is used (`params`, `url`, a function, a filter), and the attribute asked of it.

    `guarded`: `default` or `is defined` stands over it. `hint` says how it is written rightly.
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
    dashes: tuple[Dash, ...] = ()


@struct(frozen=False)
class _Found:
    names: list[Use] = field(default_factory=list)
    tasks: list[TaskUse] = field(default_factory=list)
    functions: list[Use] = field(default_factory=list)
    filters: list[Use] = field(default_factory=list)


def uses(tree: Node, text: str) -> Uses:
    """The names, tasks, functions and filters that an expression uses."""
    found, faults = _Found(), []
    forgiven, dashed = guarded(tree), dashes(tree, text)
    subtracted = {operand.offset for dash in dashed for operand in dash.operands}
    for node, around in _with_parents(tree):
        match node:
            case Name(name="tasks"):
                reference = _task_use(node, around, text, node in forgiven)
                if isinstance(reference, SyntaxFault):
                    if node.at not in subtracted:
                        faults.append(reference)
                else:
                    found.tasks.append(reference)
            case Name():
                found.names.append(_name_use(node, around.node if around else None, node in forgiven))
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
        dashes=dashed,
    )


def _in_order(found: list[Use]) -> tuple[Use, ...]:
    return tuple(sorted(found, key=lambda use: use.offset))


@struct(eq=False)
class _Around:
    """What stands around a part of an expression: the nearest part, and what is around that."""

    node: Node
    further: _Around | None

    def outward(self) -> Iterator[Node]:
        """From inside out."""
        around: _Around | None = self
        while around is not None:
            yield around.node
            around = around.further


def _with_parents(tree: Node) -> Iterator[tuple[Node, _Around | None]]:
    waiting: list[tuple[Node, _Around | None]] = [(tree, None)]
    while waiting:
        node, around = waiting.pop()
        yield node, around
        inside = _Around(node, around)
        waiting.extend((child, inside) for child in children(node))


def _named(node: Node | None, target: Node | None) -> tuple[str, int] | None:
    """The attribute that `node` asks of `target` by a name that the text shows, and its offset."""
    if isinstance(node, Attribute) and node.target is target:
        return node.name, node.name_at
    if isinstance(node, Subscript) and node.target is target:
        key = node.key
        if isinstance(key, Constant) and isinstance(key.value, str):
            return key.value, key.at + 1
    return None


def _name_use(node: Name, above: Node | None, guarded: bool) -> Use:
    named = _named(above, node)
    hint = f"write `{node.name}()`" if node.name in function_names else ""
    if named is None:
        return Use(node.name, node.at, guarded=guarded, hint=hint)
    return Use(node.name, node.at, named[0], named[1], guarded, hint)


def _steps(target: Node, outward: Iterator[Node], text: str) -> Iterator[Step]:
    """What the parts around `target` ask of it, one of the other."""
    for node in outward:
        if not isinstance(node, Attribute | Subscript) or node.target is not target:
            return
        name, offset = _named(node, target) or (None, 0)
        yield Step(name, offset, target_of(node, text))
        target = node


def _task_use(node: Name, around: _Around | None, text: str, guarded: bool) -> TaskUse | SyntaxFault:
    outward = around.outward() if around else iter(())
    above = next(outward, None)
    further = next(outward, None)
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
        assert further is not None
        steps = tuple(_steps(further, outward, text))
        return TaskUse(task[0], attribute[0], task[1], attribute[1], steps, guarded)
    written = text[node.at : above.end]
    hint = f"say what of it: `{written}.result`, `{written}.status`, …"
    if text.startswith("-", above.end):
        hint = "the name of a task has no `-` in it"
    return SyntaxFault(node.at, above.end - node.at, f"`{written}` alone has no value", hint, "bad-reference")


def guarded(tree: Node) -> frozenset[Node]:
    """The parts that may be missing, because `default` or `is defined` stands over them."""
    found: set[Node] = set()
    for node in walk(tree):
        if (isinstance(node, Filter) and node.name in forgiving_filters) or (
            isinstance(node, Test) and node.name in forgiving_tests
        ):
            found |= spine(node.target)
    return frozenset(found)
