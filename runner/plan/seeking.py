"""Whether the items that were asked for by name come by, and what it means if they do not.

An item that is not there fails what lacks it, whatever budgets say; of a map of which every item is meant
only if none of them has it.
"""

from __future__ import annotations

from runner.plan.fan import Fan
from runner.plan.wishes import Search
from runner.records import Failure, FailureKind

MOST_KEYS = 10


def came_by(fan: Fan, key: str | None) -> None:
    """An item of `fan` has been seen."""
    search = fan.search
    if search is None:
        return
    search.chosen = search.chosen or fan.selects(key)
    if not search.sought:
        return
    search.sought.discard(str(key))
    if len(search.keys) < MOST_KEYS:
        search.keys.append(str(key))
    for wish in search.wishes:
        if wish.steps[fan.scope.depth][1] == key:
            wish.met.add(fan.scope.depth)


def passed_over(fan: Fan) -> None:
    """An item of `fan` ends as it did before, without a look at what is in its body."""
    for wish in fan.wishes:
        wish.met.update(range(fan.scope.depth + 1, len(wish.steps)))


def judge(fan: Fan) -> None:
    """See what has not come by, now that `fan` has come to its end."""
    search = fan.search
    if search is None or not search.wishes or not fan.went_over_all:
        return
    depth = fan.scope.depth
    faults = []
    for wish in search.wishes:
        key = wish.steps[depth][1]
        if key in search.sought and wish.every is not None and wish.every < depth:
            wish.lacked.setdefault(depth, f"{fan.address} has {_known(search, fan)}")
        elif key in search.sought:
            faults.append(f"it has no item '{key}', though {wish} is asked for: it has {_known(search, fan)}")
        lacked = [wish.lacked[it] for it in wish.lacked if it not in wish.met]
        if wish.every == depth and lacked:
            faults.append(f"no item of it has what is asked for as {wish}: {lacked[0]}")
    if faults:
        search.missing = Failure(FailureKind.ITEMS, "; ".join(dict.fromkeys(faults)))


def _known(search: Search, fan: Fan) -> str:
    if not search.keys:
        return "no items"
    more = fan.tally.settled - len(search.keys)
    return ", ".join(search.keys) + (f" and {more:,} more" if more > 0 else "")
