"""What must come out of a workflow, by naive recursion: no order, no workers, no time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from runner.workflow import Body, Group, Over, Task, Value

Fails = Callable[[str, str | None, int], bool]
"""Whether an attempt fails: of the task's address, the item's key, the attempt."""


@dataclass
class End:
    """How a task ended. `outward`: how far outside the missing need stands, if it was skipped."""

    status: str
    items: list[tuple[str, str]] = field(default_factory=list)
    tolerated: bool = False
    tainted: bool = False
    outward: int = 0

    @property
    def fine(self) -> bool:
        return self.status == "succeeded" or self.tolerated


def predict(body: Body, fails: Fails) -> dict[str, str]:
    """The final status of every task and item, by address."""
    found: dict[str, str] = {}
    _body(body, "", [], fails, found)
    return found


def _body(
    body: Body, prefix: str, outer: list[dict[str, End]], fails: Fails, found: dict[str, str]
) -> dict[str, End]:
    ends: dict[str, End] = {}
    scopes = [*outer, ends]
    for name in _order(body):
        ends[name] = _task(body.tasks[name], prefix, scopes, fails, found)
        found[prefix + name] = ends[name].status
        for key, status in ends[name].items:
            found[f"{prefix}{name}[{key}]"] = status
    return ends


def _order(body: Body) -> list[str]:
    order: list[str] = []

    def visit(name: str) -> None:
        if name in order:
            return
        task = body.tasks[name]
        for need in task.needs:
            if need.up == 0:
                visit(need.task)
        if task.map and task.map.follows:
            visit(task.map.follows.task)
        for other in outward_needs(task):
            visit(other)
        order.append(name)

    for name in body.tasks:
        visit(name)
    return order


def outward_needs(task: Task, depth: int = 1) -> list[str]:
    """What tasks inside a group need of the body that is `depth` levels around them."""
    if not isinstance(task.action, Group):
        return []
    names = []
    for inner in task.action.body.tasks.values():
        names += [need.task for need in inner.needs if need.up == depth]
        names += outward_needs(inner, depth + 1)
    return names


def _task(task: Task, prefix: str, scopes: list[dict[str, End]], fails: Fails, found: dict[str, str]) -> End:
    needs = [(need, scopes[-1 - need.up][need.task]) for need in task.needs]
    source = scopes[-1][task.map.follows.task] if task.map and task.map.follows else None
    tainted = any(end.tainted for _, end in needs) or bool(source and source.tainted)
    broken = [need.up + end.outward for need, end in needs if not end.fine]
    if broken and not task.watches:
        return End("skipped", tainted=tainted, outward=max(broken))
    if task.when is not None:
        answers = {
            "success()": not broken,
            "failure()": any(end.tainted for _, end in needs),
            "always()": True,
            "false": False,
        }
        if not answers[str(task.when.value)]:
            return End("skipped", tainted=tainted)
    return _judged(task, source, _items(task, source, prefix, scopes, fails, found), tainted)


def _items(
    task: Task,
    source: End | None,
    prefix: str,
    scopes: list[dict[str, End]],
    fails: Fails,
    found: dict[str, str],
) -> list[tuple[str | None, str, int]]:
    if task.map is None:
        return [(None, *_item(task, prefix, None, scopes, fails, found))]
    if source is not None:
        return [
            (key, *(_item(task, prefix, key, scopes, fails, found)))
            if status == "succeeded"
            else (key, "skipped", 0)
            for key, status in source.items
        ]
    assert isinstance(task.map.items, Over)
    keys = [str(item) for item in task.map.items.template.value]
    return [(key, *_item(task, prefix, key, scopes, fails, found)) for key in keys]


def _item(
    task: Task,
    prefix: str,
    key: str | None,
    scopes: list[dict[str, End]],
    fails: Fails,
    found: dict[str, str],
) -> tuple[str, int]:
    """The status, and how far outward the need stands that let a group's item be skipped."""
    address = prefix + task.name
    if isinstance(task.action, Group):
        inner = address + (f"[{key}]" if key is not None else "") + "."
        ends = _body(task.action.body, inner, scopes, fails, found).values()
        if any(end.status == "failed" and not end.tolerated for end in ends):
            return "failed", 0
        outward = max((end.outward for end in ends if end.status == "skipped"), default=0)
        return ("skipped", outward - 1) if outward else ("succeeded", 0)
    if isinstance(task.action, Value):
        return "succeeded", 0
    tries = range(1, task.retry.attempts + 1)
    return ("failed", 0) if all(fails(address, key, attempt) for attempt in tries) else ("succeeded", 0)


def _judged(task: Task, source: End | None, items: list[tuple[str | None, str, int]], tainted: bool) -> End:
    if task.map is None:
        _, status, outward = items[0]
        return _end(task, status, [], tainted, outward)
    records = [(str(key), status) for key, status, _ in items]
    if source is not None and not source.fine:
        return End("skipped", records, tainted=tainted)
    if not records:
        status = {"succeed": "succeeded", "skip": "skipped", "fail": "failed"}[task.map.on_empty]
        return _end(task, status, [], tainted)
    failed = sum(status == "failed" for _, status in records)
    ran = failed + sum(status == "succeeded" for _, status in records)
    budget = task.map.budget
    allowed = budget.count if budget.percent is None else ran * budget.percent / 100
    return _end(task, "failed" if failed > allowed else "succeeded", records, tainted)


def _end(task: Task, status: str, records: list[tuple[str, str]], tainted: bool, outward: int = 0) -> End:
    tolerated = status == "failed" and task.allow_failure
    bad = status == "failed" and not tolerated
    return End(status, records, tolerated, tainted or bad, outward if status == "skipped" else 0)
