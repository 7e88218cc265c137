"""`runner plan`: what a workflow would do, as it is told."""

from __future__ import annotations

import os
from collections.abc import Sequence

from runner.cli import doors
from runner.cli.opening import open_workflow, refuse_to_read_twice
from runner.cli.terminal import Stdout
from runner.masks import mask_of
from runner.outline import outline
from runner.outline.drawing import write
from runner.outline.expectation import expectation
from runner.params import read_params
from runner.starting.environment import names_before_a_run, read_environment, secrets_at_hand
from runner.store.history import paces
from runner.struct import replace
from runner.workflow import workers_of


def show_plan(
    file: str | None,
    assignments: Sequence[str],
    params_files: Sequence[str],
    form: str,
    state: str,
    stdout: Stdout,
) -> None:
    """Write what would run; `state` is where earlier runs are kept, which tell how long it would take."""
    refuse_to_read_twice([file, *params_files])
    workflow, own_params = open_workflow(file)
    mask = mask_of(secrets_at_hand(workflow, os.environ))
    doors.hide(mask)
    params = read_params(workflow, params_files, assignments, own_params)
    names = names_before_a_run(workflow, params, read_environment(workflow, os.environ))
    found = outline(workflow, names)
    took = paces(state, workflow.file)
    expected = expectation(found.entries, took, workers_of(workflow), workflow.limits)
    stdout.write(mask.text(write(replace(found, expected=expected), form)))
