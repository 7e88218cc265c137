"""What a workflow would do: its tasks in order, what each waits for, how many items it has.

It reads a `Workflow` and params, and the sources of maps as far as their size is known without
a run. It starts nothing and does not know how an outline is shown (`drawing` does).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from runner.items import Look, look, template_of
from runner.outline.fates import Fate, Fates, fate_of, without_items
from runner.outline.foresight import reads_files, unforeseen, within
from runner.outline.order import in_order, longest_chain, turns_of
from runner.struct import replace, struct
from runner.workflow import (
    Body,
    Call,
    Group,
    Kind,
    Map,
    Run,
    Script,
    Sub,
    Task,
    Workflow,
    body_of,
    kind_of,
    needs_of,
)

WIDEST_ACTION = 48


@struct
class Edge:
    """`address` is waited for; `how` tells whether for all of it, item by item, or for clean-up."""

    address: str
    how: Literal["whole", "items", "cleanup"]


@struct
class Entry:
    """A task as it would go. `turn` counts from 1 in its body: those of one turn may go side by side.

    A group's is the first in which something inside it may start.
    """

    task: Task
    address: str
    kind: Kind
    does: str
    turn: int
    needs: tuple[Edge, ...]
    items: Look
    why_unknown: str
    inside: tuple[Entry, ...]
    fate: Fate | None = None
    """What is sure to become of it, if anything is."""


@struct
class Expected:
    """Seconds for a whole run, made from those of `known` of its `tasks`."""

    seconds: float
    known: int
    tasks: int


@struct
class Outline:
    """A whole workflow as it would go with these params."""

    workflow: Workflow
    params: Mapping[str, Any]
    entries: tuple[Entry, ...]
    longest: tuple[str, ...]
    """The longest chain of tasks that run after each other, by address; for a group, those inside it."""
    expected: Expected | None = None
    """How long it would take, as far as earlier runs tell."""


def outline(workflow: Workflow, values: Mapping[str, Any]) -> Outline:
    """Lay out `workflow`; `values` are what its expressions may see before anything has run."""
    entries = _entries(Fates(workflow.body.tasks, {}), values, ())
    chain = longest_chain(workflow.body, frozenset(_idle(entries)))
    return Outline(workflow, values["params"], entries, chain)


def _idle(entries: tuple[Entry, ...]) -> Iterator[str]:
    """The addresses of what is sure not to run; what is inside such a task goes without saying."""
    for entry in entries:
        if entry.fate and entry.fate.idle:
            yield entry.address
        else:
            yield from _idle(entry.inside)


def _entries(fates: Fates, values: Mapping[str, Any], trail: tuple[str, ...]) -> tuple[Entry, ...]:
    """The tasks of one body by turn, then by their order in the file. `trail` names its groups."""
    body = Body(fates.tasks)
    turns = turns_of(body)
    found: dict[str, Entry] = {}
    for task in in_order(body):
        found[task.name] = entry = _entry(task, trail, turns[task.name], found, fates, values)
        fates.known[task.name] = entry.fate
    places = {name: place for place, name in enumerate(body.tasks)}
    return tuple(sorted(found.values(), key=lambda entry: (entry.turn, places[entry.task.name])))


def _entry(
    task: Task,
    trail: tuple[str, ...],
    turn: int,
    before: Mapping[str, Entry],
    fates: Fates,
    values: Mapping[str, Any],
) -> Entry:
    here = (*trail, task.name)
    body = body_of(task)
    outer = fates if isinstance(task.action, Group) else None
    within_it = Fates(body.tasks, {}, outer) if body else None
    inside = _entries(within_it, within(task, values), here) if within_it else ()
    items, unknown = _look(task.map, values, before)
    none = _without_items(task.map, items, values, before)
    return Entry(
        task=task,
        address=".".join(here),
        kind=kind_of(task),
        does=_does(task),
        turn=turn,
        needs=_edges(task, trail),
        items=items,
        why_unknown=unknown,
        inside=inside,
        fate=fate_of(task, none, _passes(task, items, values), values, fates, within_it),
    )


def _without_items(
    map_: Map | None, items: Look, values: Mapping[str, Any], before: Mapping[str, Entry]
) -> Fate | None:
    """What becomes of a map that has no items, as far as can be seen."""
    if map_ is None or items.total != 0:
        return None
    first = map_
    while first.follows:
        source = before[first.follows.task].task.map
        assert source is not None, "only maps are followed"
        first = source
    return without_items(map_, passing=reads_files(template_of(first.items), values))


def _passes(task: Task, items: Look, values: Mapping[str, Any]) -> int | None:
    """How often a task is sure to be run through once it starts; None if only a run can tell."""
    map_ = task.map
    if map_ and (task.when_each or map_.follows or reads_files(template_of(map_.items), values)):
        return None
    return items.total


def _edges(task: Task, trail: tuple[str, ...]) -> tuple[Edge, ...]:
    follows = task.map.follows if task.map else None
    edges: dict[str, Edge] = {}
    for need in needs_of(task):
        outward = trail[: len(trail) - need.up]
        how: Literal["whole", "items", "cleanup"] = "cleanup" if need.implied else "whole"
        if follows and (need.task, need.up) == (follows.task, follows.up):
            how = "items"
        address = ".".join((*outward, need.task))
        edges.setdefault(address, Edge(address, how))
    return tuple(edges.values())


def _look(map_: Map | None, values: Mapping[str, Any], before: Mapping[str, Entry]) -> tuple[Look, str]:
    """What is known of the items, and if their number is not, why."""
    if map_ is None:
        return Look(1), ""
    if map_.follows and map_.follows.up == 0:
        known = before[map_.follows.task].items
        return known, "" if known.total is not None else f"as many as {map_.follows.task} has"
    if causes := unforeseen(template_of(map_.items), values):
        return Look(), f"how many depends on {listed(causes)}"
    found = _found(map_, values)
    if found.wrong:
        return found, f"as things stand, none: {found.wrong}"
    return found, "" if found.total is not None else "not counted beforehand: their source is long"


def _found(map_: Map, values: Mapping[str, Any]) -> Look:
    """What a look at the source finds; without keys where only a run can tell them."""
    if map_.key is None or not unforeseen(map_.key, values, frozenset({map_.name, "index"})):
        return look(map_, values)
    return replace(look(replace(map_, key=None), values), keys=())


def _does(task: Task) -> str:
    """The action in a few words, as the file has it."""
    action = task.action
    if isinstance(action, Run):
        if action.script is None:
            return _clip(" ".join(_word(template.value) for template in action.argv))
        return _clip(_script(action.script).strip())
    if isinstance(action, Call):
        return action.name
    if isinstance(action, Group):
        return counted(len(action.body.tasks), "task")
    if isinstance(action, Sub):
        return action.workflow.name
    return _clip(_plain(task.result.value if task.result else None))


def _script(script: Script) -> str:
    parts = [script.literals[0]]
    for slot, literal in zip(script.slots, script.literals[1:], strict=True):
        parts += [_hole(slot.template.value), literal]
    return "".join(parts)


def _hole(source: Any) -> str:
    text = str(source)
    return text if text.startswith("{{") else f"{{{{ {text.strip()} }}}}"


def _word(value: Any) -> str:
    """An argument as a shell would read it, but for what is filled in."""
    text = _plain(value)
    return text if "{{" in text else shlex.quote(text)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _clip(text: str) -> str:
    lines = text.splitlines() or [""]
    more = len(lines) > 1 or len(lines[0]) > WIDEST_ACTION
    return lines[0][:WIDEST_ACTION].rstrip() + (" …" if more else "")


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
