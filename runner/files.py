"""The files that a workflow is made of: its own, and those that its tasks run."""

from __future__ import annotations

from collections.abc import Iterator

from runner.workflow import Body, Group, Sub, Workflow


def files_run_by(body: Body) -> Iterator[Workflow]:
    """The workflow files that tasks of a body run, those inside groups included."""
    for task in body.tasks.values():
        if isinstance(task.action, Sub):
            yield task.action.workflow
        elif isinstance(task.action, Group):
            yield from files_run_by(task.action.body)


def all_files(workflow: Workflow) -> Iterator[Workflow]:
    """The workflow and all the files that it runs, each once."""
    seen: dict[str, Workflow] = {}
    waiting = [workflow]
    while waiting:
        file = waiting.pop()
        if file.file not in seen:
            seen[file.file] = file
            waiting.extend(files_run_by(file.body))
    return iter(seen.values())


def files_of(workflow: Workflow) -> Iterator[str]:
    """All files that were read for a workflow, but those of callables."""
    yield workflow.file
    yield from workflow.params_files
    yield from (target.template for target in workflow.reports if target.template is not None)
    for inner in files_run_by(workflow.body):
        yield from files_of(inner)
