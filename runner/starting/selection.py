"""Which tasks and items a run is asked for: `--only fetch`, `--only 'fetch[cat.jpg]'`, `--skip notify`.

It holds the addresses against the workflow, and keys against the items that are known before the run;
what else must run for them is the plan's business.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from runner.addresses import Step, steps_of
from runner.expression import EvaluationError
from runner.hints import Any
from runner.problem import UserError, did_you_mean
from runner.workflow import Body, Map, Task, Workflow, body_of

MOST_NAMES_SHOWN = 10


def selected(
    workflow: Workflow,
    only: Sequence[str],
    skip: Sequence[str],
    names: Mapping[str, Any],
    *,
    lenient: bool = False,
    dashes: str = "--",
) -> tuple[tuple[Step, ...], ...]:
    """What `only` asks for; raises `UserError` with all that is wrong with it and with `skip`.

    `names` are what expressions may see before anything has run. `lenient`: what is not there any
    more is left out, unless nothing is there. `dashes` stand before `only` and `skip` in what is said.
    """
    if not only and not skip:
        return ()
    wrong = {each: fault for each in only if (fault := _fault_of_only(workflow, each, names, dashes))}
    if lenient and len(wrong) < len(only):
        only, wrong = [each for each in only if each not in wrong], {}
    faults = list(wrong.values())
    faults += [_fault_of_skip(workflow, each, dashes) for each in skip if each not in workflow.body.tasks]
    if faults:
        raise UserError("\nerror: ".join(faults))
    return tuple(map(steps_of, only))


def _fault_of_only(workflow: Workflow, address: str, names: Mapping[str, Any], dashes: str) -> str | None:
    from runner.outline.foresight import within

    try:
        steps = steps_of(address)
    except UserError as error:
        return f"{dashes}only {address}: this is no address of a task\n  = {error.hint}"
    body: Body | None = workflow.body
    shown = ""
    for name, key in steps:
        task = body.tasks.get(name) if body else None
        if body is None or task is None:
            hint = did_you_mean(name, body.tasks if body else ()) or _known(shown, body)
            return f"{dashes}only {address}: there is no task '{shown}{name}'\n  = {hint}"
        if key is not None and (fault := _fault_of_key(body, task, key, names, dashes)):
            return f"{dashes}only {address}: {fault}"
        shown += f"{name}[{key}]." if key is not None else f"{name}."
        body, names = body_of(task), within(task, names)
    return None


def _fault_of_skip(workflow: Workflow, name: str, dashes: str) -> str:
    body = workflow.body
    whole = name.partition("[")[0].partition(".")[0]
    if whole in body.tasks:
        return f"{dashes}skip {name}: only a whole task of the file can be named\n  = {dashes}skip {whole}"
    hint = did_you_mean(name, body.tasks) or _known("", body)
    return f"{dashes}skip {name}: there is no task '{name}'\n  = {hint}"


def _known(shown: str, body: Body | None) -> str:
    where = f"{shown[:-1]} has" if shown else "the file has"
    return f"{where} {', '.join(_some(list(body.tasks)))}" if body else f"{shown[:-1]} has no tasks inside"


def _fault_of_key(body: Body, task: Task, key: str, names: Mapping[str, Any], dashes: str) -> str | None:
    """What is wrong with the key of an item, as far as that is known before the run."""
    if task.map is None:
        return f"{task.name} is no map: it has no items\n  = {dashes}only {task.name}"
    keys = _keys_beforehand(body, task.map, names)
    if keys is None or key in keys:
        return None
    hint = did_you_mean(key, keys) or f"it has {', '.join(_some(list(keys)))}" if keys else "it has no items"
    return f"{task.name} has no item '{key}'\n  = {hint}"


def _keys_beforehand(body: Body, map: Map, names: Mapping[str, Any]) -> dict[str, None] | None:
    """The keys of all items, unless they depend on what only a run can tell."""
    from runner.items import ItemsError, open_items, template_of
    from runner.outline.foresight import unforeseen

    if map.follows:
        source = body.tasks[map.follows.task].map
        return _keys_beforehand(body, source, names) if source else None
    if map.key and unforeseen(map.key, names, frozenset({map.name, "index"})):
        return None
    if unforeseen(template_of(map.items), names):
        return None
    try:
        return {str(item.key): None for item in open_items(map, names) if item is not None}
    except (EvaluationError, ItemsError):  # the run will tell of it, with its place
        return None


def _some(names: list[str]) -> Iterator[str]:
    yield from names[:MOST_NAMES_SHOWN]
    if len(names) > MOST_NAMES_SHOWN:
        yield f"and {len(names) - MOST_NAMES_SHOWN} more"
