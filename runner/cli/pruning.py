"""`runner runs --prune`: which recorded runs have become too many or too old, and taking them off the disk.

A run that somebody performs is never touched.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Sequence

from runner.cli.terminal import say
from runner.problem import UserError
from runner.regex import regex
from runner.store.cache import Cache
from runner.store.history import began, remove_run, run_folder, run_ids
from runner.store.lock import held
from runner.store.remains import clear

_bound = regex(r"(\d{1,9})([hdw]?)", re.ASCII)
_seconds = {"h": 3600, "d": 86400, "w": 604800}
_id = regex(r"\d{8}-\d{6}-[0-9a-f]+")


def prune(state: str, bounds: Sequence[str]) -> None:
    """Remove all but the newest N runs (`20`), and those that began longer ago (`30d`); say how many.

    What the cache holds, and no run has used for so long, goes, too. Raises `UserError` for any other
    bound, before anything is removed.
    """
    oldest, most = _read(bounds)
    clear(state)
    runs = [name for name in run_ids(state) if _id.fullmatch(name)]
    removed = 0
    for place, name in enumerate(runs):
        if place < most and began(name) >= oldest:
            continue
        if not held(run_folder(state, name)):
            remove_run(state, name)
            removed += 1
    with contextlib.closing(Cache(state)) as cache:
        cache.prune(oldest)
    say(f"removed {removed} of {len(runs)} runs")


def _read(bounds: Sequence[str]) -> tuple[float, float]:
    """The time before which runs are too old, and how many may be kept."""
    oldest, most = 0.0, float("inf")
    for bound in bounds:
        found = _bound.fullmatch(bound)
        if not found:
            hint = "a number of runs to keep, such as 20, or an age such as 12h, 30d or 8w"
            raise UserError(f"--prune cannot be '{bound}'", hint=hint)
        number, unit = int(found[1]), found[2]
        if unit:
            oldest = max(oldest, time.time() - number * _seconds[unit])
        else:
            most = min(most, number)
    return oldest, most
