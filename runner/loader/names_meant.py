"""What was meant by a name that means nothing where it stands: one of the file, or of GitHub Actions."""

from __future__ import annotations

import re
from collections.abc import Collection

from runner.expression import NameUse
from runner.expression.slips import raw_hint
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
_of_ansible = frozenset({"hostvars", "inventory_hostname", "group_names", "playbook_dir"})
_of_templates = frozenset({"end", "with", "range", "template", "define", "block"})
"""Words of the templates of Go, which `docker`, `kubectl` and `helm` read."""
_gave = frozenset({"output", "outputs", "stdout", "out", "value", "returned", "return_value"})
"""What others call what a task gave."""
_answers = {"yes": "true", "on": "true", "no": "false", "off": "false"}


def name_meant(use: NameUse, view: View, params: Collection[str], secrets: Collection[str]) -> str:
    """A suggestion, or which names there are."""
    name = use.name
    if name in params:
        return f"did you mean params.{name}?"
    if view.tasks is not None and (found := view.tasks.find(name)):
        return f"did you mean tasks.{name}.{_attribute_meant(use.attribute, found[0])}?"
    if name in _of_templates:
        return raw_hint
    if name.lower() in _answers:
        return f"did you mean {_answers[name.lower()]}?"
    if elsewhere := _from_elsewhere(name, use.attribute, view, params):
        return elsewhere
    if near := did_you_mean(name, view.names | {"tasks"}):
        return near
    if near := did_you_mean(name, params):
        return near.replace("'", "params.", 1).replace("'", "")
    if name in secrets:
        return f"did you mean secrets.{name}?"
    return f"known here: {listed(sorted(view.names | ({'tasks'} if view.tasks else set())))}"


def sets_variable(name: str, script: str) -> bool:
    """Whether a script gives a variable of this name a value."""
    given = rf"\bfor\s+{name}\s+in\b|(?<![\w$-]){name}\+?=|\bread\b[^;&|\n]*[ \t]{name}\b"
    return re.search(given, script) is not None


def attribute_meant(attribute: str, task: Declared) -> str:
    """What a task has that it was asked for by another name."""
    if attribute in _gave:
        return f"did you mean tasks.{task.name}.{_attribute_meant(None, task)}?"
    return did_you_mean(attribute, map_attributes if task.mapped else task_attributes)


def _attribute_meant(attribute: str | None, task: Declared) -> str:
    """What is asked of a task: what was written, where a task has it."""
    allowed = map_attributes if task.mapped else task_attributes
    if attribute is not None and attribute in allowed:
        return attribute
    return "results" if task.mapped else "result"


def _from_elsewhere(name: str, attribute: str | None, view: View, params: Collection[str]) -> str:
    """What stands for a name of GitHub Actions or Ansible, and for what is asked of it."""
    if name in _of_ansible or name.startswith("ansible_"):
        return "what Ansible knows is not known here: give it as a param"
    if attribute is None:
        return ""
    match name:
        case "steps" | "needs" | "jobs":
            return _task_meant(attribute, view)
        case "matrix":
            return _item_meant(attribute, view)
        case "inputs" | "vars" if attribute in params:
            return f"did you mean params.{attribute}?"
        case "inputs" | "vars":
            return f"what a file is given are its `params`: declare it there, and it is params.{attribute}"
        case "github" if attribute in _in_environment:
            return f"where GitHub runs it, it is env.GITHUB_{attribute.upper()}"
        case "github" if attribute == "event":
            return "where GitHub runs it, env.GITHUB_EVENT_PATH names the file that holds it, in JSON"
        case "github":
            return "where GitHub runs it, `env` has what it sets: env.GITHUB_SHA, env.GITHUB_REF_NAME, …"
        case "runner" if attribute in ("os", "arch", "name", "temp"):
            return f"where GitHub runs it, it is env.RUNNER_{attribute.upper()}"
    return ""


def _task_meant(name: str, view: View) -> str:
    """What another task gave, in place of a job or a step of this name."""
    if view.tasks is None:
        return ""
    found = view.tasks.find(name)
    if found is None:
        names = list(view.tasks.names())
        near = did_you_mean(name, names)
        return (
            near.replace("'", "tasks.", 1).replace("'", "")
            if near
            else "what a task gave is tasks.<name>.result"
        )
    gave = "results" if found[0].mapped else "result"
    return f"did you mean tasks.{name}.{gave}, what it gave, or tasks.{name}.status, how it ended?"


def _item_meant(attribute: str, view: View) -> str:
    """What the item of a map has, in place of a part of a matrix."""
    nearest = view.around.nearest
    if nearest and attribute in view.around.keys.get(nearest, ()):
        return f"did you mean {nearest}.{attribute}?"
    if nearest is not None:
        return ""
    return f"a matrix is a map here: with `map: {{matrix: {{{attribute}: […]}}}}` it is item.{attribute}"
