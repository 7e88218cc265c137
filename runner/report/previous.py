"""A run beside the one before it of the same file: what fails now, still or no more, what takes longer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from itertools import islice
from typing import Any

from runner.display import visible
from runner.problem import UserError
from runner.records import Status
from runner.report.values import duration, run_values
from runner.store.entries import RunRecord
from runner.store.errors import StoreError
from runner.store.failed import failures
from runner.store.recorded import Recorded
from runner.store.siblings import before
from runner.store.stored_run import StoredRun

MOST_FAILURES = 10_000
MOST_LOOKED_UP = 1000
MOST = 20
"""So many addresses are told of each kind."""
LEAST = 0.001
"""What takes less seconds than this is not compared."""


def previous(stored: StoredRun, run: RunRecord) -> dict[str, Any] | None:
    """The comparison; None where there is no such run, or its record cannot be read."""
    other = before(stored.folder, run)
    if other is None:
        return None
    try:
        with closing(other), other.snapshot():
            earlier = other.run()
            return _compared(stored, run, other.read, earlier)
    except StoreError:
        return None


def _compared(stored: StoredRun, run: RunRecord, other: Recorded, earlier: RunRecord) -> dict[str, Any]:
    read = stored.read
    now, then = _failed(read, run), _failed(other, earlier)
    anew = [address for address in now if address not in then]
    others = islice((address for address in then if address not in now), MOST_LOOKED_UP)
    mended = [address for address in others if _succeeded(stored, address)]
    return {
        "run": run_values(earlier),
        "in_one_go": run.session == earlier.session == 1,
        "params": {
            name: earlier.params.get(name)
            for name in dict.fromkeys([*run.params, *earlier.params])
            if run.params.get(name) != earlier.params.get(name)
        },
        "failed_anew": _some(anew),
        "still_failing": _some([address for address in now if address in then]),
        "mended": _some(mended),
        **_tasks(read, run, other, earlier),
    }


def _failed(read: Recorded, run: RunRecord) -> dict[str, None]:
    return dict.fromkeys(found.address for found in islice(failures(read, run), MOST_FAILURES))


def _succeeded(stored: StoredRun, address: str) -> bool:
    """Whether it was done, and not skipped, cancelled or left out."""
    try:
        found = list(stored.find(address))
    except UserError:
        return False
    return all((one.task if one.item is None else one.item).status == Status.SUCCEEDED for one in found)


def _some(addresses: Sequence[str]) -> dict[str, Any]:
    return {"total": len(addresses), "addresses": [visible(it) for it in addresses[:MOST]]}


def _tasks(read: Recorded, run: RunRecord, other: Recorded, earlier: RunRecord) -> dict[str, Any]:
    """The mean time of an item of each task, then and now, as far as items succeeded both times.

    What makes most of a difference to the whole comes first. `brief` and `one_sided` are left out.
    """
    then = {each.path: each for each in other.durations(earlier)}
    now = {each.path: each for each in read.durations(run)}
    both = [each for path, each in now.items() if path in then]
    long = [each for each in both if max(each.mean, then[each.path].mean) >= LEAST]
    brief = [each.path for each in both if max(each.mean, then[each.path].mean) < LEAST]
    tasks = [
        {
            "address": each.path,
            "items": each.items,
            "items_before": then[each.path].items,
            "mean": duration(each.mean),
            "mean_before": duration(then[each.path].mean),
            "factor": round(each.mean / then[each.path].mean, 3) if then[each.path].mean else None,
        }
        for each in sorted(long, key=lambda it: -abs(it.mean - then[it.path].mean) * it.items)
    ]
    one_sided = [path for path in [*now, *then] if (path in now) is not (path in then)]
    return {"tasks": tasks, "brief": _some(brief), "one_sided": _some(one_sided)}
