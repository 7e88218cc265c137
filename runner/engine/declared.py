"""What a run says of itself before anything runs: the tasks of its file, and with what it runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from runner import __version__
from runner.engine.settings import Settings
from runner.records import Declared, RunStarted
from runner.workflow import Body, Task, Workflow, body_of, kind_of, needs_of


def first_event(workflow: Workflow, settings: Settings, workers: int, started: float) -> RunStarted:
    """All of it."""
    return RunStarted(
        settings.run_id,
        workflow.name,
        workflow.file,
        started,
        settings.params,
        workers,
        tuple(workflow.body.tasks),
        tuple(declared(workflow.body)),
        versions(settings.executor or workflow.executor),
    )


def declared(body: Body, trail: tuple[str, ...] = ()) -> Iterator[Declared]:
    """The tasks of a body, those inside a group behind it; `trail` names the groups around."""
    for task in body.tasks.values():
        here = (*trail, task.name)
        yield Declared(".".join(here), kind_of(task), task.map is not None, tuple(_needs(task, trail)))
        inside = body_of(task)
        if inside is not None:
            yield from declared(inside, here)


def _needs(task: Task, trail: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    follows = task.map.follows if task.map else None
    seen = set()
    for need in needs_of(task):
        address = ".".join((*trail[: len(trail) - need.up], need.task))
        if address not in seen:
            seen.add(address)
            yield address, "items" if need is follows else "cleanup" if need.implied else "whole"


def versions(executor: str) -> dict[str, str]:
    """Of this program, of Python and of the system."""
    system = " ".join(os.uname()[at] for at in (0, 2, 4)) if hasattr(os, "uname") else sys.platform
    return {
        "runner": __version__,
        "python": sys.version.partition(" ")[0],
        "system": system,
        "executor": executor,
    }
