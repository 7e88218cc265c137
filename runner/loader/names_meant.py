"""What was meant by a name that means nothing where it stands: one of the file, or of GitHub Actions."""

from __future__ import annotations

from collections.abc import Collection

from runner.expression import NameUse
from runner.loader.namespace import Declared, View, map_attributes, task_attributes
from runner.problem import did_you_mean
from runner.wording import listed

_in_environment = frozenset(
    (
        "actor",
        "event_name",
        "job",
        "ref",
        "ref_name",
        "repository",
        "run_id",
        "run_number",
        "sha",
        "workspace",
    )
)


def name_meant(use: NameUse, view: View, params: Collection[str], secrets: Collection[str]) -> str:
    """A suggestion, or which names there are."""
    name = use.name
    if name in params:
        return f"did you mean params.{name}?"
    if view.tasks is not None and (found := view.tasks.find(name)):
        return f"did you mean tasks.{name}.{_attribute_meant(use.attribute, found[0])}?"
    if elsewhere := _from_elsewhere(name, use.attribute, view, params):
        return elsewhere
    if near := did_you_mean(name, view.names | {"tasks"}):
        return near
    if near := did_you_mean(name, params):
        return near.replace("'", "params.", 1).replace("'", "")
    if name in secrets:
        return f"did you mean secrets.{name}?"
    return f"known here: {listed(sorted(view.names | ({'tasks'} if view.tasks else set())))}"


def _attribute_meant(attribute: str | None, task: Declared) -> str:
    """What is asked of a task: what was written, where a task has it."""
    allowed = map_attributes if task.mapped else task_attributes
    if attribute is not None and attribute in allowed:
        return attribute
    return "results" if task.mapped else "result"


def _from_elsewhere(name: str, attribute: str | None, view: View, params: Collection[str]) -> str:
    """What stands for a name of GitHub Actions and what is asked of it, where that can be told."""
    if attribute is None:
        return ""
    match name:
        case "steps" | "needs" | "jobs" if view.tasks and (found := view.tasks.find(attribute)):
            gave = "results" if found[0].mapped else "result"
            task = f"tasks.{attribute}"
            return f"did you mean {task}.{gave}, what it gave, or {task}.status, how it ended?"
        case "matrix" if view.around.nearest and attribute in view.around.keys.get(view.around.nearest, ()):
            return f"did you mean {view.around.nearest}.{attribute}?"
        case "inputs" | "vars" if attribute in params:
            return f"did you mean params.{attribute}?"
        case "github" if attribute in _in_environment:
            return f"where GitHub runs it, it is env.GITHUB_{attribute.upper()}"
    return ""
