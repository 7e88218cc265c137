"""The recorded run that is to go on: which it is, that it may, and what is known of it."""

from __future__ import annotations

import os
from collections.abc import Callable

from runner.problem import UserError
from runner.starting.leftovers import end_leftovers, is_performed
from runner.store.entries import RunRecord
from runner.store.errors import DamagedError, StoreError
from runner.store.failed import still_failed
from runner.store.history import find_run, list_runs, record_of, run_folder
from runner.store.lock import going_on
from runner.store.owed import owes
from runner.store.stored_run import StoredRun
from runner.struct import struct

ENDED_WELL = "succeeded"


@struct
class Unfinished:
    """A run as it was recorded last. `failed`: addresses of what failed in it, if that is asked for."""

    folder: str
    record: RunRecord
    failed: list[str]


def unfinished_run(state: str, prefix: str | None) -> str | None:
    """The folder of the run that is meant, or of the newest that did not succeed, if there is one.

    A run with `--again`, which only looks whether something is mended, must be named.
    """
    if prefix is not None:
        return find_run(state, prefix)
    known = list(list_runs(state))
    if not known:
        return find_run(state)
    folders = ((run_folder(state, run.id), run) for run in known)
    return next((folder for folder, run in folders if _is_unfinished(folder, run)), None)


def nothing_to_do(state: str) -> str:
    """What is said where there is no run to go on with."""
    if all(run.status == ENDED_WELL for run in list_runs(state)):
        return "nothing to do: every run has succeeded"
    return "nothing to do: every run has succeeded, but for those with --again, which are not gone on with"


def open_unfinished(
    folder: str, only_failed: bool, *, anew: str, tell: Callable[[str], object]
) -> Unfinished:
    """A run that nobody performs, with nothing of it left running, of which is told; raises `UserError`.

    `anew` is what can be done instead where its record cannot be relied on.
    """
    if is_performed(folder):
        raise UserError(going_on(folder))
    try:
        left = end_leftovers(folder)
    except KeyboardInterrupt:
        tell("stopping: what the run had left running was killed")
        raise
    if left:
        tell(left)
    try:
        with StoredRun(folder) as stored:
            stored.check()
            record = stored.run()
            failed = still_failed(stored.read, record) if only_failed else []
    except DamagedError as error:
        raise UserError(error.message, f"nothing in it can be relied on: {anew}") from error
    except StoreError as error:
        gone = not os.path.isfile(record_of(folder))
        raise UserError(error.message, error.hint or (anew if gone else "")) from error
    return Unfinished(folder, record, failed)


def look_for_file(record: RunRecord, begin: str) -> None:
    """A run goes on with its workflow file as it is now, which must be there; `-` is kept with the run."""
    if record.file != "-" and not os.path.exists(record.file):
        raise UserError(
            f"the workflow file of run {record.id} is gone: {record.file}",
            f"put it back, or begin anew with another: {begin}",
        )


def _is_unfinished(folder: str, run: RunRecord) -> bool:
    """Whether it did not succeed, or was not reported, or was asked for a part when it was last continued."""
    ended_well = run.status == ENDED_WELL
    try:
        with StoredRun(folder) as stored:
            record = stored.run()
    except StoreError:
        if ended_well:
            raise
        return True  # who opens it to go on with it tells what is wrong
    return not record.only_looked and (not ended_well or owes(folder) or record.continued_in_part)
