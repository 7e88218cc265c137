"""Other runs of the same file. It does not know what of them is of interest."""

from __future__ import annotations

from runner.store.entries import UNREADABLE, RunRecord
from runner.store.errors import StoreError
from runner.store.history import remembered, run_folder, state_of
from runner.store.stored_run import StoredRun


def before(folder: str, run: RunRecord) -> StoredRun | None:
    """The run of the same file that began last before this one and has ended, if it can be read."""
    state = state_of(folder)
    others = [
        other
        for other in remembered(state)
        if other.file == run.file and other.id < run.id and other.status != UNREADABLE
    ]
    for other in sorted(others, key=lambda it: it.id, reverse=True)[:1]:
        try:
            return StoredRun(run_folder(state, other.id))
        except StoreError:
            return None
    return None
