"""What runs of a workflow where not all of it does: what was asked for, and all that this needs.

It knows what is declared, and nothing of which items there are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from functools import reduce

from runner.hints import TypeAlias
from runner.struct import field, struct
from runner.workflow import Body, Group, Need, Task, Workflow, body_of

Steps = Sequence[tuple[str, str | None]]
"""An address: names of tasks from the outermost on, each with the key of an item or none."""

Part: TypeAlias = "dict[str | None, Selection | None]"
"""What runs of one task: the items by key (None: whichever item), and of each the tasks of its body
(None: all)."""


@struct(frozen=False, eq=False)
class Selection:
    """What runs of one body, by the names of its tasks; what is not in here does not."""

    tasks: dict[str, Part] = field(default_factory=dict)
    asked: tuple[Steps, ...] = ()
    """The addresses that were asked for, in the selection of the outermost body."""
    leaves: bool = False
    """What is not in it stays as earlier sessions have left it."""


def inside(part: Part, key: str | None) -> Selection | None:
    """What runs of the body of one item that is in `part`; None: all of it."""
    return reduce(_both, [part[it] for it in dict.fromkeys((key, None)) if it in part])


def _both(one: Selection | None, other: Selection | None) -> Selection | None:
    if one is None or other is None:
        return None
    names = one.tasks | other.tasks
    return Selection({name: _joined(one.tasks.get(name, {}), other.tasks.get(name, {})) for name in names})


def _joined(one: Part, other: Part) -> Part:
    return {
        key: _both(one[key], other[key]) if key in one and key in other else (one | other)[key]
        for key in one | other
    }


@struct
class _Level:
    """A body and what runs of it, on the way from the outermost one to a task."""

    body: Body
    selection: Selection


_Asked = tuple[tuple[_Level, ...], str, str | None, Steps]
"""The bodies around a task, its name, the key of an item, and what is asked for inside."""


def select(
    workflow: Workflow,
    addresses: Iterable[Steps],
    left_out: Iterable[str] = (),
    *,
    leaves: bool = False,
) -> Selection | None:
    """What runs where only `addresses` are asked for (none: everything), and some root tasks never do.

    The addresses name tasks of the workflow. `leaves`: the rest stays as earlier sessions have left it.
    None: all of it runs.
    """
    addresses = tuple(addresses)
    root = Selection(asked=addresses, leaves=leaves)
    levels = (_Level(workflow.body, root),)
    asked = [(levels, *address[0], address[1:]) for address in addresses]
    left_out = set(left_out)
    if not asked and not left_out:
        return None
    waiting: deque[_Asked] = deque(asked or ((levels, name, None, ()) for name in workflow.body.tasks))
    while waiting:
        waiting.extend(_choose(*waiting.popleft()))
    for name in left_out:
        root.tasks.pop(name, None)
    return root


def _choose(levels: tuple[_Level, ...], name: str, key: str | None, rest: Steps) -> Iterable[_Asked]:
    """Take one task or item in; what must be taken in for its sake."""
    task = levels[-1].body.tasks[name]
    part = levels[-1].selection.tasks.setdefault(name, {})
    if any(it in part and part[it] is None for it in (key, None)):
        return
    yield from _needed(task, levels, key)
    if not rest:
        part[key] = None
        yield from _needed_inside(task, levels)
        return
    selection = part.setdefault(key, Selection())
    body = body_of(task)
    assert selection is not None and body is not None
    yield (*levels, _Level(body, selection)), *rest[0], rest[1:]


def _needed(task: Task, levels: tuple[_Level, ...], key: str | None) -> Iterable[_Asked]:
    """What the keys of the task itself name. Of a map that it follows it needs the same item only."""
    for need in task.needs:
        if not need.implied:
            yield _outward(levels, need, 0, None)
    if task.map and task.map.follows:
        yield _outward(levels, task.map.follows, 0, key)


def _needed_inside(task: Task, levels: tuple[_Level, ...], depth: int = 1) -> Iterable[_Asked]:
    """What the tasks inside a group need of the bodies around it."""
    if isinstance(task.action, Group):
        for inner in task.action.body.tasks.values():
            follows = (inner.map.follows,) if inner.map and inner.map.follows else ()
            for need in (*inner.needs, *follows):
                if need.up >= depth:
                    yield _outward(levels, need, depth, None)
            yield from _needed_inside(inner, levels, depth + 1)


def _outward(levels: tuple[_Level, ...], need: Need, depth: int, key: str | None) -> _Asked:
    return levels[: len(levels) - (need.up - depth)], need.task, key, ()
