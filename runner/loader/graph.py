"""What waits for what in one body: cycles, clean-up tasks that wait for all others, warnings.

It knows tasks and their needs, and nothing of how they were written down.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from runner.findings import Findings
from runner.struct import replace, struct
from runner.workflow import Group, Need, Task

Edges = Mapping[str, Mapping[str, Need]]

_most_rounds = 20
"""Of looking for circles: where all wait for all, there are too many to read."""


def edges_of(tasks: Mapping[str, Task]) -> dict[str, dict[str, Need]]:
    """For each task of a body the tasks of the same body that it waits for, inside it or out."""
    return {
        name: {need.task: need for need in reversed([*_waits(task, 0)]) if need.task in tasks}
        for name, task in tasks.items()
    }


def _waits(task: Task, depth: int) -> Iterator[Need]:
    yield from (need for need in task.needs if need.up == depth and not need.implied)
    if task.map and task.map.follows and task.map.follows.up == depth:
        yield task.map.follows
    if isinstance(task.action, Group):
        for inner in task.action.body.tasks.values():
            yield from _waits(inner, depth + 1)


def report_cycles(edges: Edges, findings: Findings) -> bool:
    """A problem for each circle of tasks that wait for one another; whether there was any."""
    cycles = list(_cycles(edges))
    for cycle in cycles:
        _report_cycle(cycle, edges, findings)
    return bool(cycles)


def _cycles(edges: Edges) -> Iterator[list[str]]:
    """Circles, so many that none would be left without the need that closes each; not without end."""
    left = {name: dict(needs) for name, needs in edges.items()}
    for _ in range(_most_rounds):
        found = [cycle for component in _components(left) if (cycle := _shortest_cycle(component, left))]
        if not found:
            return
        yield from found
        for cycle in found:
            del left[cycle[-1]][cycle[0]]


def _report_cycle(cycle: Sequence[str], edges: Edges, findings: Findings) -> None:
    steps = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    needs = [edges[task][other] for task, other in steps]
    findings.add_at(
        needs[0].position,
        "cycle",
        f"these tasks wait for one another: {' -> '.join([*cycle, cycle[0]])}"
        if len(cycle) > 1
        else f"the task waits for itself: {cycle[0]} -> {cycle[0]}",
        "take one of these needs away" if len(cycle) > 1 else "",
        length=len(needs[0].task),
        related=[
            (need.position, f"{task} needs {need.task}") for (task, _), need in zip(steps, needs, strict=True)
        ]
        if len(cycle) > 1
        else (),
    )


def _components(edges: Edges) -> Iterator[list[str]]:
    """The strongly connected components, each in the order of the file (Tarjan, without recursion)."""
    order = {name: index for index, name in enumerate(edges)}
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for root in edges:
        if root in number:
            continue
        walk: list[tuple[str, Iterator[str]]] = [(root, iter(edges[root]))]
        number[root] = lowest[root] = len(number)
        path.append(root)
        on_path.add(root)
        while walk:
            name, rest = walk[-1]
            for other in rest:
                if other not in number:
                    number[other] = lowest[other] = len(number)
                    path.append(other)
                    on_path.add(other)
                    walk.append((other, iter(edges[other])))
                    break
                if other in on_path:
                    lowest[name] = min(lowest[name], number[other])
            else:
                walk.pop()
                if walk:
                    above = walk[-1][0]
                    lowest[above] = min(lowest[above], lowest[name])
                if lowest[name] == number[name]:
                    component = [path.pop()]
                    while component[-1] != name:
                        component.append(path.pop())
                    on_path.difference_update(component)
                    yield sorted(component, key=order.__getitem__)


def _shortest_cycle(component: Sequence[str], edges: Edges) -> list[str]:
    """A shortest way from the first task of a component back to itself."""
    first, members = component[0], set(component)
    came_from: dict[str, str] = {}
    waiting = deque([first])
    while waiting:
        name = waiting.popleft()
        for other in edges[name]:
            if other == first:
                return _way_back(came_from, first, name)
            if other in members and other not in came_from:
                came_from[other] = name
                waiting.append(other)
    return []


def _way_back(came_from: Mapping[str, str], first: str, last: str) -> list[str]:
    way = [last]
    while way[-1] != first:
        way.append(came_from[way[-1]])
    return way[::-1]


def with_implied_needs(tasks: Mapping[str, Task], cleaning: set[str]) -> dict[str, Task]:
    """The clean-up tasks given their needs: all others but those that follow from a clean-up."""
    if not cleaning:
        return dict(tasks)
    edges = edges_of(tasks)
    after = _followers(edges, cleaning)
    needs = tuple(
        Need(name, 0, task.position, implied=True)
        for name, task in tasks.items()
        if name not in cleaning and name not in after
    )
    return {name: replace(task, needs=needs) if name in cleaning else task for name, task in tasks.items()}


def _followers(edges: Edges, sources: set[str]) -> set[str]:
    dependents: dict[str, list[str]] = {name: [] for name in edges}
    for name, needs in edges.items():
        for other in needs:
            dependents[other].append(name)
    reached: set[str] = set()
    waiting = deque(sources)
    while waiting:
        for name in dependents[waiting.popleft()]:
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached


def warn_of_skipping(tasks: Mapping[str, Task], findings: Findings) -> None:
    """Warn of tasks without a `when`, in groups too, that need one of a body which its `when` may skip."""
    for task in tasks.values():
        for waiting in _unconditional(task):
            for need in waiting.needs:
                source = tasks.get(need.task)
                if source is not None and _may_be_skipped(source):
                    waiting.warn(need, findings)


@struct
class _Waiting:
    """A task without a `when` that waits for tasks of a body, and the groups around it in that body."""

    task: Task
    groups: tuple[Task, ...]
    needs: tuple[Need, ...]

    def warn(self, need: Need, findings: Findings) -> None:
        name = self.task.name
        skipped, meant = f"'{name}' is", "that is meant"
        if self.groups:
            skipped, meant = f"'{name}' and {self._around()} are", f"only '{name}' is to be skipped"
        findings.add_at(
            need.position,
            "may-be-skipped",
            f"{skipped} skipped whenever '{need.task}' is, and '{need.task}' has a `when`",
            f"give '{name}' a `when` too: `when: success()` if {meant}, "
            f"or one that names tasks.{need.task}.status",
            length=len(need.task),
            severity="warning",
        )

    def _around(self) -> str:
        """What is skipped with it: all groups around it, or the item of one that may have more."""
        mapped = next((group for group in reversed(self.groups) if group.map), None)
        return f"the item of '{mapped.name}'" if mapped else f"the group '{self.groups[0].name}'"


def _unconditional(task: Task, groups: tuple[Task, ...] = ()) -> Iterator[_Waiting]:
    """A task and those inside it, each with its needs in the body that the outermost group stands in.

    What a group around deals with is left out: by a `when`, or as it needs the same task.
    """
    if task.when is None:
        told = {need for up, group in enumerate(groups) if group.when is None for need in _needed(group, up)}
        needs = _needed(task, len(groups))
        yield _Waiting(task, groups, tuple(need for name, need in needs.items() if name not in told))
    if isinstance(task.action, Group) and (task.when is None or _asks(task) in _always_true):
        for inner in task.action.body.tasks.values():
            yield from _unconditional(inner, (*groups, task))


def _needed(task: Task, up: int) -> dict[str, Need]:
    """What a task itself waits for in the body `up` levels outward."""
    follows = (task.map.follows,) if task.map and task.map.follows else ()
    return {need.task: need for need in reversed((*task.needs, *follows)) if need.up == up}


_always_true = ("always()", "true")


def _may_be_skipped(task: Task) -> bool:
    return task.when is not None and not task.when_each and _asks(task) not in (*_always_true, "success()")


def _asks(task: Task) -> str:
    """The condition of a task, as it is written but for braces and blanks."""
    text = str(task.when.value) if task.when else ""
    return text.strip().removeprefix("{{").removesuffix("}}").replace(" ", "")
