"""`runner resume`: the run that is meant, and what it was asked for, asked again.

What of it still holds is the plan's to see.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from runner.cli.asked import Asked, asked_again
from runner.cli.owing import write_owed
from runner.cli.patience import Patience
from runner.cli.reporting import write_files
from runner.cli.running import FAILED, run
from runner.cli.terminal import say
from runner.problem import UserError
from runner.report.destinations import Destination, asked_for
from runner.starting.unfinished import (
    ENDED_WELL,
    look_for_file,
    nothing_to_do,
    open_unfinished,
    unfinished_run,
)
from runner.store.history import find_run
from runner.store.stored_run import StoredRun
from runner.struct import replace
from runner.supervisor import say_that_it_has_begun

ANEW = "`runner run` begins anew, `runner resume RUN` goes on with another"


def resume(prefix: str | None, only_failed: bool, asked: Asked) -> int:
    """Go on with a run, by default the newest one that did not succeed; the exit code."""
    now = asked_for(asked.reports, asked.form, asked.template)
    on_stdout = [destination for destination in now if destination.stream == 1]
    asked = _from_here(asked)
    folder = unfinished_run(asked.state, prefix)
    if folder is None:
        say(nothing_to_do(asked.state))
        return _as_it_stands(find_run(asked.state), on_stdout)
    say_that_it_has_begun()
    with Patience():
        found = open_unfinished(folder, only_failed, anew=ANEW, tell=say)
    record, failed = found.record, found.failed
    if only_failed and not failed:
        say(f"nothing to do: nothing failed in run {record.id}")
        return _as_it_stands(folder, on_stdout)
    _go_to(record.options.get("start"), record.id)
    look_for_file(record, "runner run FILE")
    again = asked_again(record.options, asked)
    if on_stdout:  # in whose place the run's own template may have stood
        again = replace(again, template=asked.template)
    if prefix is None and record.status == ENDED_WELL and not record.continued_in_part:
        return write_owed(folder, again)
    return run(replace(again, continues=folder, failed=failed, before=record.options))


def _as_it_stands(folder: str, on_stdout: Sequence[Destination]) -> int:
    """Nothing is done; a report that a program reads is written all the same."""
    if not on_stdout:
        return 0
    with StoredRun(folder) as stored:
        faults = write_files(stored, on_stdout, {1: 1})
    for fault in faults:
        say(f"error: {fault}")
    return FAILED if faults else 0


def _from_here(asked: Asked) -> Asked:
    """Paths of the command line are those of the folder where it was given."""
    template = None if asked.template is None else os.path.abspath(asked.template)
    files = [file if file == "-" else os.path.abspath(file) for file in asked.params_files]
    reports = [_absolute_report(word) for word in asked.reports]
    state = os.path.abspath(asked.state)
    return replace(asked, state=state, template=template, params_files=files, reports=reports)


def _absolute_report(word: str) -> str:
    form, equals, path = word.rpartition("=")
    return word if path == "-" else f"{form}{equals}{os.path.abspath(path)}"


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
