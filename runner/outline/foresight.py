"""What expressions may see before anything has run: in the file, and in the bodies inside it.

`values` are the names and what they give; what only a run can tell is not among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.engine.surroundings import workflow_names
from runner.expression import EvaluationError, Template
from runner.param_types import converted, fault_of
from runner.workflow import Group, Sub, Task, Workflow

_UNKNOWN = "__unknown_params__"
"""Under this name `values` has those params that only a run can tell."""
_READ = "__read_params__"
"""Likewise those that are read from files, which may change until then."""


def within(task: Task, values: Mapping[str, Any]) -> dict[str, Any]:
    """What may be seen in the body of `task`, where `values` are seen around it."""
    match task.action:
        case Group(env=env):
            return {name: value for name, value in values.items() if name != "env" or env is None}
        case Sub(workflow=workflow, arguments=arguments):
            params, unknown = _bound(workflow, arguments, values)
            given = ((name, Template(value)) for name, value in arguments.value.items())
            return {
                "params": params,
                "workflow": workflow_names(workflow),
                "__folder__": values["__folder__"],
                _UNKNOWN: unknown,
                _READ: frozenset(name for name, template in given if reads_files(template, values)),
            }
    return {}


def unforeseen(
    template: Template, values: Mapping[str, Any], besides: frozenset[str] = frozenset()
) -> list[str]:
    """What `template` names that only a run can tell, as the file has it: `tasks.a.result`, `params.n`."""
    return list(dict.fromkeys(_unforeseen(template, values, besides)))


def reads_files(template: Template, values: Mapping[str, Any]) -> bool:
    """Whether what `template` gives is made of what files hold, or of which files there are."""
    read = values.get(_READ, frozenset())
    return any(use.name != "range" for use in template.functions) or any(
        use.name == "params" and bool(read) and (use.attribute is None or use.attribute in read)
        for use in template.paths
    )


def _unforeseen(template: Template, values: Mapping[str, Any], besides: frozenset[str]) -> Iterator[str]:
    for reference in template.references:
        yield f"tasks.{reference.task}.{reference.attribute}"
    unknown = values.get(_UNKNOWN, frozenset())
    for use in template.paths:
        whole = use.name if use.attribute is None else f"{use.name}.{use.attribute}"
        if use.name in besides:
            continue
        if use.name not in values:
            yield use.name if use.name not in ("params", "run", "workflow", "env", "secrets") else whole
        elif use.name == "params" and unknown and (use.attribute is None or use.attribute in unknown):
            yield whole


def _bound(
    workflow: Workflow, arguments: Template, values: Mapping[str, Any]
) -> tuple[dict[str, Any], frozenset[str]]:
    """The params of a file that another one runs, and the names of those that are not known yet."""
    params = {name: param.default for name, param in workflow.params.items()}
    params |= {name: converted(workflow.params[name], it) for name, it in workflow.given.items()}
    unknown = set()
    for name, value in arguments.value.items():
        try:
            params[name] = _given(workflow, name, Template(value), values)
        except EvaluationError:
            unknown.add(name)
            params.pop(name, None)
    return params, frozenset(unknown)


def _given(workflow: Workflow, name: str, template: Template, values: Mapping[str, Any]) -> Any:
    """The value of one param; raises `EvaluationError` where only a run can tell it, or it does not fit."""
    if unforeseen(template, values):
        raise EvaluationError(f"{name} is not known before the run")
    value, param = template.evaluate(values), workflow.params[name]
    if fault := fault_of(param, value):
        raise EvaluationError(f"with: {name} {fault}")
    return converted(param, value)
