"""The reports of a run that has succeeded, and was killed before they were written.

Nothing of the run is done again.
"""

from __future__ import annotations

import os
import sys

from runner.cli import doors
from runner.cli.asked import Asked
from runner.cli.opening import open_workflow
from runner.cli.reporting import write_files
from runner.cli.running import FAILED, params_of
from runner.cli.terminal import say
from runner.display import visible
from runner.engine.settings import Settings
from runner.engine.surroundings import root_surroundings
from runner.hosts import here
from runner.masks import mask_of
from runner.report.destinations import and_the_text, asked_for, declared, refuse_to_overwrite
from runner.starting.environment import all_secrets, look_around
from runner.store.owed import reported
from runner.store.stored_run import StoredRun


def write_owed(folder: str, asked: Asked) -> int:
    """Write the reports that a run was asked for; the exit code."""
    workflow, own_params = open_workflow(asked.file, asked.text)
    outside = look_around(workflow, os.environ)
    secrets = all_secrets(outside)
    mask = mask_of(secrets)
    doors.hide(mask)
    here().hide(secrets.values(), sys.stderr)
    params = params_of(workflow, asked, own_params)
    destinations = asked_for(asked.reports, asked.form, asked.template, goes_on=True)
    with StoredRun(folder) as stored:
        run, logs = stored.run(), stored.log_folder
        settings = Settings(run.id, os.getcwd(), logs, params, secrets, outside, started=run.started)
        names = root_surroundings(workflow, settings, run.started).names
        say(f"nothing to do but to report: run {run.id} has succeeded")
        destinations += declared(workflow, names, destinations)
        refuse_to_overwrite(destinations, workflow, *asked.params_files, asked.template)
        faults = write_files(stored, and_the_text(destinations), {1: 1, 2: 2})
        here().report(stored, sys.stderr)
    for fault in faults:
        say(visible(mask.text(f"error: {fault}")))
    if faults:
        return FAILED
    reported(folder)
    return 0
