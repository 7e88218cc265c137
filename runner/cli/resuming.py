"""`runner resume`: the run that is meant, and what it was asked for, asked again.

What of it still holds is the plan's to see.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from runner.cli.running import Asked, asked_again, run
from runner.cli.terminal import say
from runner.problem import UserError
from runner.store.failed import failures
from runner.store.history import find_run, list_runs
from runner.store.stored_run import StoredRun

ENDED_WELL = "succeeded"


def resume(prefix: str | None, only_failed: bool, asked: Asked) -> int:
    """Go on with a run, by default the newest one that did not succeed; the exit code."""
    state = Path(asked.state).absolute()
    folder = _folder(state, prefix)
    if folder is None:
        say("nothing to do: every run has succeeded")
        return 0
    with StoredRun(folder) as stored:
        record = stored.run()
        if record.status == "running":
            raise UserError(f"run {record.id} is still going on")
        failed = [found.address for found in failures(stored.read, record)] if only_failed else []
    if only_failed and not failed:
        say(f"nothing to do: nothing failed in run {record.id}")
        return 0
    again = asked_again(record.options, asked)
    _go_to(record.options.get("start"), record.id)
    return run(replace(again, continues=folder, state=str(state), only=[*again.only, *failed]))


def _folder(state: Path, prefix: str | None) -> Path | None:
    if prefix is not None:
        return find_run(state, prefix)
    known = list(list_runs(state))
    if not known:
        return find_run(state)
    unfinished = next((run for run in known if run.status not in (ENDED_WELL, "running")), None)
    return state / "runs" / unfinished.id if unfinished else None


def _go_to(start: str | None, run: str) -> None:
    """A run goes on in the folder in which it was started."""
    if start is None:
        return
    try:
        os.chdir(start)
    except OSError as error:
        raise UserError(
            f"run {run} was started in {start}: {(error.strerror or str(error)).lower()}"
        ) from error
