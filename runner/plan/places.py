"""Where the tasks of a body stand in it, by which it is decided who starts first.

What is ahead of a task is told in seconds where earlier runs have left how long things take. It knows
nothing of what runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.plan.fan import Scope
from runner.plan.standing import Place
from runner.plan.state import State
from runner.records import Pace
from runner.struct import struct
from runner.workflow import Body, Need, Task


def places_of(state: State, scope: Scope) -> dict[str, Place]:
    """Where each task of a body stands, computed once for all passes through it."""
    body = scope.body
    places = state.places.get(id(body))
    if places is None:
        places = state.places[id(body)] = _places(body, _weights(state, scope))
    return places


def _places(body: Body, weights: Mapping[str, _Weight]) -> dict[str, Place]:
    order, dependents = _order(body)
    behind: dict[str, int] = {}
    remaining: dict[str, float] = {}
    for name in order:
        follows = _followed(body.tasks[name])
        behind[name] = behind[follows] + 1 if follows else 0
    places: dict[str, Place] = {}
    for name in reversed(order):
        weight = weights[name]
        after = max((remaining[other] for other in dependents[name]), default=0.0)
        remaining[name] = weight.whole + after
        places[name] = Place(behind[name], remaining[name], weight.least + after, weight.item)
    return places


@struct
class _Weight:
    """Seconds that a task takes, when one of its items is all that is left of it, and for each item less."""

    whole: float
    least: float
    item: float = 0.0


def _weights(state: State, scope: Scope) -> dict[str, _Weight]:
    """How long each task takes, as far as earlier runs tell; the usual time where they do not."""
    tasks = scope.body.tasks
    paces = state.paces if len(tasks) > 1 else {}  # who is alone goes first anyway
    path = _path_of(scope)
    usual = _middle([pace.seconds for pace in paces.values()]) if paces else 1.0
    return {
        name: _weight(state, task, pace) if (pace := paces.get(path + name)) else _Weight(usual, usual)
        for name, task in tasks.items()
    }


def _middle(seconds: list[float]) -> float:
    """The median: `statistics` would take longer to import than a small run does."""
    seconds.sort()
    return (seconds[len(seconds) // 2] + seconds[~(len(seconds) // 2)]) / 2


def _weight(state: State, task: Task, pace: Pace) -> _Weight:
    """Of a map, what its items take side by side; how many of them are in one pass of many is not known."""
    if task.map is None or pace.items <= 1:
        return _Weight(pace.seconds, pace.seconds)
    side_by_side = min(state.workers, task.map.max_parallel or state.workers)
    free = pace.seconds * max(1.0, pace.items / side_by_side)
    whole = max(free, state.limits.least(task.limits, pace.seconds, pace.items))
    return _Weight(whole, pace.seconds, max(pace.seconds / side_by_side, (whole - pace.seconds) / pace.items))


def _path_of(scope: Scope) -> str:
    """The address of the body without keys."""
    names: list[str] = []
    while scope.parent is not None:
        names.append(scope.parent.task.name)
        scope = scope.parent.scope
    return "".join(f"{name}." for name in reversed(names))


def _order(body: Body) -> tuple[list[str], dict[str, list[str]]]:
    """The tasks, each behind those that it needs; and those that need each."""
    dependents: dict[str, list[str]] = {name: [] for name in body.tasks}
    unmet = dict.fromkeys(body.tasks, 0)
    for name, task in body.tasks.items():
        for source in {need.task for need in _inner_needs(task)}:
            dependents[source].append(name)
            unmet[name] += 1
    order = [name for name, waits in unmet.items() if not waits]
    for name in order:
        for dependent in dependents[name]:
            unmet[dependent] -= 1
            if not unmet[dependent]:
                order.append(dependent)
    return order, dependents


def _followed(task: Task) -> str | None:
    return task.map.follows.task if task.map and task.map.follows else None


def _inner_needs(task: Task) -> Iterator[Need]:
    yield from (need for need in task.needs if need.up == 0)
    if task.map and task.map.follows and task.map.follows.up == 0:
        yield task.map.follows
