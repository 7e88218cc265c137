"""Other runs of the same file. It does not know what of them is of interest."""

from __future__ import annotations

from itertools import islice

from runner.records import Status
from runner.store.entries import RunRecord
from runner.store.errors import StoreError
from runner.store.history import remembered, run_folder, state_of
from runner.store.stored_run import StoredRun

MOST_OPENED = 100


def before(folder: str, run: RunRecord) -> StoredRun | None:
    """The last run before this one of the same file that did as much of it: all, or the same part.

    It came to its end, and can be read.
    """
    state = state_of(folder)
    others = [
        other.id
        for other in remembered(state)
        if other.file == run.file and other.id < run.id and other.status in _came_to_their_end
    ]
    for other in islice(sorted(others, reverse=True), MOST_OPENED):
        try:
            stored = StoredRun(run_folder(state, other))
        except StoreError:
            continue
        if _did_as_much(stored, run):
            return stored
        stored.close()
    return None


def _did_as_much(stored: StoredRun, run: RunRecord) -> bool:
    try:
        other = stored.run()
    except StoreError:
        return False
    return not other.continued_in_part and other.part in (_whole, run.part)


_whole = (frozenset[str](), frozenset[str]())
_came_to_their_end = (Status.SUCCEEDED, Status.FAILED)
