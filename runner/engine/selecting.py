"""What `--only` and `--skip` leave out."""

from __future__ import annotations

from runner.engine.settings import Settings
from runner.workflow import Body, Group


def unselected(body: Body, settings: Settings) -> dict[str, str]:
    """The root tasks that `--only` and `--skip` leave out, with the reason."""
    chosen = with_needs(body, settings.only) if settings.only else set(body.tasks)
    return {name: "not selected" for name in body.tasks if name not in chosen - settings.skip}


def with_needs(body: Body, names: frozenset[str]) -> set[str]:
    """`names` and everything that they need, directly or through others."""
    chosen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in chosen:
            continue
        chosen.add(name)
        task = body.tasks[name]
        waiting += [need.task for need in task.needs if need.up == 0 and not need.implied]
        if task.map and task.map.follows:
            waiting.append(task.map.follows.task)
        if isinstance(task.action, Group):
            waiting += outward_needs(task.action.body)
    return chosen


def outward_needs(body: Body, depth: int = 1) -> list[str]:
    """The root tasks that tasks inside a body need, which stands `depth` levels below the root."""
    names = []
    for task in body.tasks.values():
        names += [need.task for need in task.needs if need.up == depth]
        if isinstance(task.action, Group):
            names += outward_needs(task.action.body, depth + 1)
    return names
