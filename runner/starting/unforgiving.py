"""A workflow of which no failure is tolerated of what a run is asked for, to see whether that is mended."""

from __future__ import annotations

from collections.abc import Iterable

from runner.addresses import Step
from runner.struct import replace
from runner.workflow import Body, Budget, Group, Map, Sub, Task, Workflow


def unforgiving(workflow: Workflow, addresses: Iterable[tuple[Step, ...]]) -> Workflow:
    """`workflow`, where neither what the addresses name nor what it is inside of may fail.

    A whole map may still lose as many items as its file allows: only those named by their keys must succeed,
    and those that they follow.
    """
    body = workflow.body
    for steps in addresses:
        body = _in_body(body, steps)
    return replace(workflow, body=body)


def _in_body(body: Body, steps: tuple[Step, ...]) -> Body:
    name, key = steps[0]
    task = _of_task(body.tasks[name], steps)
    body = Body({**body.tasks, name: task})
    source = task.map.follows if task.map and key is not None else None
    return _in_body(body, ((source.task, key),)) if source else body


def _of_task(task: Task, steps: tuple[Step, ...]) -> Task:
    (_, key), *inside = steps
    map = _all_succeed(task.map) if key is not None or inside else task.map
    task = replace(task, allow_failure=False, map=map)
    if not inside:
        return task
    match task.action:
        case Group() as group:
            return replace(task, action=replace(group, body=_in_body(group.body, tuple(inside))))
        case Sub(workflow=workflow) as sub:
            within = replace(workflow, body=_in_body(workflow.body, tuple(inside)))
            return replace(task, action=replace(sub, workflow=within))
    return task


def _all_succeed(map: Map | None) -> Map | None:
    return map and replace(map, budget=Budget(), quorum=None)
