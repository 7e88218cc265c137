"""`runner resume`: the run that is meant, and what it was asked for, asked again.

What of it still holds is the plan's to see.
"""

from __future__ import annotations

import os
from pathlib import Path

from runner.cli.asked import Asked, asked_again
from runner.cli.leftovers import end_leftovers, is_performed
from runner.cli.owing import write_owed
from runner.cli.reporting import write_out
from runner.cli.running import FAILED, run
from runner.cli.terminal import Stdout, say
from runner.problem import UserError
from runner.report import writer
from runner.store.entries import RunRecord
from runner.store.errors import DamagedError, StoreError
from runner.store.failed import still_failed
from runner.store.history import find_run, list_runs
from runner.store.lock import going_on
from runner.store.owed import owes
from runner.store.stored_run import StoredRun
from runner.struct import replace
from runner.supervisor import say_that_it_has_begun

ENDED_WELL = "succeeded"
ANEW = "`runner run` begins anew, `runner resume RUN` goes on with another"


def resume(prefix: str | None, only_failed: bool, asked: Asked) -> int:
    """Go on with a run, by default the newest one that did not succeed; the exit code."""
    asked = _from_here(asked)
    folder = _folder(Path(asked.state), prefix)
    if folder is None:
        say("nothing to do: every run has succeeded")
        return _as_it_stands(find_run(Path(asked.state)), asked)
    say_that_it_has_begun()
    if is_performed(folder):
        raise UserError(going_on(folder))
    end_leftovers(folder)
    record, failed = _recorded(folder, only_failed)
    if only_failed and not failed:
        say(f"nothing to do: nothing failed in run {record.id}")
        return _as_it_stands(folder, asked)
    _go_to(record.options.get("start"), record.id)
    _look_for(record.file, record.id)
    again = asked_again(record.options, asked)
    if prefix is None and record.status == ENDED_WELL and not record.options.get("partial"):
        return write_owed(folder, again)
    return run(replace(again, continues=folder, failed=failed, before=record.options))


def _as_it_stands(folder: Path, asked: Asked) -> int:
    """Nothing is done; a report that a program reads is written all the same."""
    if asked.form is None and asked.template is None:
        return 0
    with StoredRun(folder) as stored:
        faults = write_out(stored, writer(asked.form, asked.template), Stdout())
    for fault in faults:
        say(f"error: {fault}")
    return FAILED if faults else 0


def _recorded(folder: Path, only_failed: bool) -> tuple[RunRecord, list[str]]:
    """The run as it was recorded last, and the addresses of what failed in it, if that is asked for."""
    try:
        with StoredRun(folder) as stored:
            stored.check()
            record = stored.run()
            failed = still_failed(stored.read, record) if only_failed else []
    except DamagedError as error:
        raise UserError(error.message, f"nothing in it can be relied on: {ANEW}") from error
    except StoreError as error:
        gone = not (folder / "run.sqlite").is_file()
        raise UserError(error.message, error.hint or (ANEW if gone else "")) from error
    return record, failed


def _from_here(asked: Asked) -> Asked:
    """Paths of the command line are those of the folder where it was given."""
    template = None if asked.template is None else os.path.abspath(asked.template)
    files = [os.path.abspath(file) for file in asked.params_files]
    reports = [_absolute_report(word) for word in asked.reports]
    state = os.path.abspath(asked.state)
    return replace(asked, state=state, template=template, params_files=files, reports=reports)


def _absolute_report(word: str) -> str:
    form, equals, path = word.rpartition("=")
    return f"{form}{equals}{os.path.abspath(path)}"


def _folder(state: Path, prefix: str | None) -> Path | None:
    if prefix is not None:
        return find_run(state, prefix)
    known = list(list_runs(state))
    if not known:
        return find_run(state)
    folders = ((state / "runs" / run.id, run) for run in known)
    return next((folder for folder, run in folders if _is_unfinished(folder, run)), None)


def _is_unfinished(folder: Path, run: RunRecord) -> bool:
    """Whether it did not succeed, or was not reported, or was asked for a part when it was last continued."""
    if run.status != ENDED_WELL or owes(folder):
        return True
    with StoredRun(folder) as stored:
        return bool(stored.run().options.get("partial"))


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


def _look_for(file: str, run: str) -> None:
    """A run goes on with its workflow file as it is now, which must be there; `-` is kept with the run."""
    if file != "-" and not os.path.exists(file):
        raise UserError(
            f"the workflow file of run {run} is gone: {file}",
            "put it back, or begin anew with another: runner run FILE",
        )
