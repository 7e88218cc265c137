"""In which order the tasks of a workflow go: after which others each comes, and the longest chain of them.

A group opens as soon as what its own keys name is there, and each task inside it waits for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

from runner.struct import struct
from runner.workflow import Body, Group, Task, body_of, needs_of


def in_order(body: Body) -> Iterator[Task]:
    """Each task after those of its body that it, or a task inside it, needs."""
    needed = {task.name: [*_named(task), *_named_inside(task)] for task in body.tasks.values()}
    seen: set[str] = set()
    for first in body.tasks:
        path = [first]
        while path:
            task = body.tasks[path[-1]]
            missing = [name for name in needed[task.name] if name not in seen]
            if missing:
                path.append(missing[0])
                continue
            if task.name not in seen:
                seen.add(task.name)
                yield task
            path.pop()


def turns_of(body: Body) -> dict[str, int]:
    """The turn of each task, from 1: those of one turn may go side by side.

    That of a group is the first in which something inside it may start; what needs it comes after all that.
    """
    turns: dict[str, int] = {}
    after: dict[str, int] = {}
    for task in in_order(body):
        begins = max((after[need.task] for need in needs_of(task) if need.up == 0), default=1)
        turns[task.name], last = _span(task, begins, (after,))
        after[task.name] = 1 + last
    return turns


def _span(task: Task, begins: int, bodies: Sequence[dict[str, int]]) -> tuple[int, int]:
    """The first and the last turn in which something of a task may start, if it begins in this one.

    Turns are those of the outermost of `bodies`, the bodies around it: each says from which turn on the
    tasks in it are there.
    """
    if not isinstance(task.action, Group) or not task.action.body.tasks:
        return begins, begins
    firsts, lasts = [], dict[str, int]()
    around = (*bodies, lasts)
    for inner in in_order(task.action.body):
        waits = (around[-1 - need.up][need.task] for need in needs_of(inner) if need.up < len(around))
        first, lasts[inner.name] = _span(inner, max(begins, *waits, 0), around)
        firsts.append(first)
    return min(firsts), max(lasts.values())


def _named(task: Task, depth: int = 0) -> list[str]:
    """The tasks that it waits for in the body that is `depth` bodies outward."""
    return [need.task for need in needs_of(task) if need.up == depth]


def _named_inside(task: Task, depth: int = 0) -> Iterator[str]:
    """Likewise those that tasks inside a group wait for."""
    if isinstance(task.action, Group):
        for inner in task.action.body.tasks.values():
            yield from _named(inner, depth + 1)
            yield from _named_inside(inner, depth + 1)


@struct
class Chain:
    """Tasks that wait for one another: `last`, and before it `behind`; `length` of them."""

    last: str
    behind: Chain | None
    length: int


def longest_chain(body: Body, idle: Set[str]) -> tuple[str, ...]:
    """The addresses of the longest chain; for a group, of tasks inside it.

    What is at an address of `idle` is waited for, but is no link: nothing of it is run.
    """
    chain = _longest(_ends(body, (), None, (), idle).values())
    found = []
    while chain is not None:
        found.append(chain.last)
        chain = chain.behind
    return tuple(reversed(found))


_Ends = dict[str, "Chain | None"]


def _ends(
    body: Body, trail: tuple[str, ...], start: Chain | None, around: Sequence[_Ends], idle: Set[str]
) -> _Ends:
    """The longest chain that each task of a body is the end of, or what is inside it.

    `trail` names the groups that the body is in, `start` is the chain at whose end it opens, and
    `around` are the ends in the bodies around it, from the outermost.
    """
    ends: _Ends = {}
    bodies = (*around, ends)
    for task in in_order(body):
        needed = [bodies[-1 - need.up][need.task] for need in needs_of(task)]
        behind = _longest([*needed, start])
        ends[task.name] = _end(task, (*trail, task.name), behind, bodies, idle)
    return ends


def _end(
    task: Task, here: tuple[str, ...], behind: Chain | None, bodies: Sequence[_Ends], idle: Set[str]
) -> Chain | None:
    address = ".".join(here)
    if address in idle:
        return behind
    inner = body_of(task)
    if inner and inner.tasks:
        outward = bodies if isinstance(task.action, Group) else ()
        return _longest(_ends(inner, here, behind, outward, idle).values())
    return Chain(address, behind, 1 + (behind.length if behind else 0))


def _longest(chains: Iterable[Chain | None]) -> Chain | None:
    """The first of those that are longest."""
    return max(chains, key=lambda chain: chain.length if chain else 0, default=None)
