"""What the tasks of a body see and inherit: the names of expressions, the environment, the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from runner.dates import iso
from runner.engine.settings import Settings
from runner.expression import EvaluationError, Template, text_of
from runner.hints import Any
from runner.param_types import converted, fault_of
from runner.plan import Surroundings
from runner.problem import Problem, WorkflowError
from runner.records import RunContext
from runner.workflow import Group, Sub, Workflow


def root_surroundings(workflow: Workflow, settings: Settings, started: float) -> Surroundings:
    """What the root tasks see and inherit; raises `WorkflowError` if `env` cannot be evaluated."""
    run_names = {
        "id": settings.run_id,
        "started": iso(settings.started or started),
        "dir": os.path.dirname(settings.log_folder),
    }
    outside = settings.outside[workflow.file]
    names = {
        "params": settings.params,
        "secrets": outside.secrets,
        "run": run_names,
        "workflow": workflow_names(workflow),
        "env": outside.environment,
        "__folder__": settings.start_folder,
    }
    try:
        env = with_env(outside.environment, workflow.env, names)
    except EvaluationError:
        raise WorkflowError(_problems_of_env(workflow, names)) from None
    context = RunContext(settings.run_id, settings.start_folder, settings.log_folder, settings.secrets)
    return Surroundings({**names, "env": env}, env, None, context, _declared(workflow.env))


def _declared(template: Template | None) -> frozenset[str]:
    value = template.value if template else None
    return frozenset(value) if isinstance(value, dict) else frozenset()


def _problems_of_env(workflow: Workflow, names: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in (workflow.env.value if workflow.env else {}).items():
        try:
            with_env({}, Template({name: value}), names)
        except EvaluationError as error:
            yield Problem.at(workflow.env_positions[name], "bad-env", f"{name}: {error.message}", error.hint)


def workflow_names(workflow: Workflow) -> dict[str, str]:
    """`workflow` in expressions."""
    return {"name": workflow.name, "file": workflow.file, "dir": workflow.folder}


def with_env(
    around: Mapping[str, str], template: Template | None, names: Mapping[str, Any]
) -> dict[str, str]:
    """`around` with the variables of an `env:`; None unsets."""
    env = dict(around)
    for name, value in (template.evaluate(names) if template else {}).items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = text_of(value)
    return env


class Entrance:
    """How the surroundings of a group's or a sub-workflow's body come about."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def enter(self, around: Surroundings, action: Group | Sub, names: Mapping[str, Any]) -> Surroundings:
        """What the tasks inside see and inherit; raises `EvaluationError`."""
        if isinstance(action, Sub):
            return self._into_workflow(around, action, names)
        env = with_env(around.env, action.env, names)
        cwd = action.cwd.evaluate(names) if action.cwd else around.cwd
        hidden = ("tasks", "attempt", "__success__", "__failure__")
        inner = {name: value for name, value in names.items() if name not in hidden}
        declared = around.declared | _declared(action.env)
        return Surroundings({**inner, "env": env}, env, cwd, around.context, declared)

    def _into_workflow(self, around: Surroundings, action: Sub, names: Mapping[str, Any]) -> Surroundings:
        workflow = action.workflow
        outside = self._settings.outside[workflow.file]
        given = action.arguments.evaluate(names)
        inner = {
            "params": _bound(workflow, given),
            "secrets": outside.secrets,
            "run": around.names["run"],
            "workflow": workflow_names(workflow),
            "env": outside.environment,
            "__folder__": self._settings.start_folder,
        }
        env = with_env(outside.environment, workflow.env, inner)
        return Surroundings({**inner, "env": env}, env, None, around.context, _declared(workflow.env))


def _bound(workflow: Workflow, given: Mapping[str, Any]) -> dict[str, Any]:
    """The params of a sub-workflow from its `with`; raises `EvaluationError` for one that does not fit."""
    values = {name: param.default for name, param in workflow.params.items()}
    values |= {name: converted(workflow.params[name], it) for name, it in workflow.given.items()}
    for name, value in given.items():
        param = workflow.params[name]
        if fault := fault_of(param, value):
            raise EvaluationError(f"with: {name} {fault}")
        values[name] = converted(param, value)
    return values
