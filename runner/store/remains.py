"""What runs leave that were killed before their first record: folders that tell of nothing, taken away."""

from __future__ import annotations

import contextlib
import time
from itertools import islice
from pathlib import Path

from runner.problem import UserError
from runner.store.history import read_run, remove_run, run_ids
from runner.store.lock import held

SETTLED = 10.0
"""Seconds after which a folder that nobody has locked will not be locked by who made it."""

MOST_LOOKED_AT = 100


def clear(state: Path) -> None:
    """Take away, of the newest folders, those in which no run has begun and none is about to."""
    for name in islice(run_ids(state), MOST_LOOKED_AT):
        folder = state / "runs" / name
        with contextlib.suppress(OSError, UserError):
            if _may_be_empty(folder) and not held(folder / "lock") and read_run(folder) is None:
                remove_run(state, name)


def _may_be_empty(folder: Path) -> bool:
    """Whether that is worth a look into its record, which a run that has ended leaves without a log."""
    record = folder / "run.sqlite"
    ended = record.exists() and record.stat().st_size and not Path(f"{record}-wal").exists()
    return not ended and time.time() - folder.stat().st_mtime > SETTLED
