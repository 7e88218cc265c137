"""What runs leave that were killed before their first record: folders that tell of nothing, taken away."""

from __future__ import annotations

import contextlib
import os
import time
from itertools import islice

from runner.problem import UserError
from runner.store.database import Database
from runner.store.errors import StoreError
from runner.store.history import (
    INDEX_PATIENCE,
    INDEX_VERSION,
    index_of_runs,
    read_run,
    remove_run,
    run_folder,
    run_ids,
)
from runner.store.lock import held

SETTLED = 10.0
"""Seconds after which a folder that nobody has locked will not be locked by who made it."""

MOST_LOOKED_AT = 100


def clear(state: str) -> None:
    """Take away, of the newest folders without an end, those in which no run has begun or is about to."""
    ended = _ended(state)
    for name in islice((name for name in run_ids(state) if name not in ended), MOST_LOOKED_AT):
        folder = run_folder(state, name)
        with contextlib.suppress(OSError, UserError):
            settled = time.time() - os.stat(folder).st_mtime > SETTLED
            if settled and not held(folder) and read_run(folder) is None:
                remove_run(state, name)


def _ended(state: str) -> set[str]:
    """The runs that have ended, as far as the index tells."""
    try:
        with contextlib.closing(
            Database.read(index_of_runs(state), INDEX_VERSION, patience=INDEX_PATIENCE)
        ) as index:
            return {run for (run,) in index.rows("SELECT id FROM run")}
    except StoreError:
        return set()
