"""Whether the items that were asked for by name come by, and what it means if they do not.

An item that is not there fails what lacks it, whatever budgets say; of a map of which every item is meant
only if none of them has it.
"""

from __future__ import annotations

from runner.plan.fan import Fan
from runner.records import Failure, FailureKind

MOST_KEYS = 10


def came_by(fan: Fan, key: str | None) -> None:
    """An item of `fan` has been seen."""
    fan.chosen = fan.chosen or fan.selects(key)
    if not fan.sought:
        return
    fan.sought.discard(str(key))
    if len(fan.keys) < MOST_KEYS:
        fan.keys.append(str(key))
    for wish in fan.wishes:
        if wish.steps[fan.scope.depth][1] == key:
            wish.met.add(fan.scope.depth)


def passed_over(fan: Fan) -> None:
    """An item of `fan` ends as it did before, without a look at what is in its body."""
    for wish in fan.wishes:
        wish.met.update(range(fan.scope.depth + 1, len(wish.steps)))


def judge(fan: Fan) -> None:
    """See what has not come by, now that `fan` has come to its end."""
    if not fan.wishes or not fan.went_over_all:
        return
    depth = fan.scope.depth
    faults = []
    for wish in fan.wishes:
        key = wish.steps[depth][1]
        if key in fan.sought and wish.every is not None and wish.every < depth:
            wish.lacked.setdefault(depth, f"{fan.address} has {_known(fan)}")
        elif key in fan.sought:
            faults.append(f"it has no item '{key}', which {wish} asks for: it has {_known(fan)}")
        lacked = [wish.lacked[it] for it in wish.lacked if it not in wish.met]
        if wish.every == depth and lacked:
            faults.append(f"no item of it has what {wish} asks for: {lacked[0]}")
    if faults:
        fan.missing = Failure(FailureKind.ITEMS, "; ".join(dict.fromkeys(faults)))


def _known(fan: Fan) -> str:
    if not fan.keys:
        return "no items"
    more = fan.tally.settled - len(fan.keys)
    return ", ".join(fan.keys) + (f" and {more:,} more" if more > 0 else "")
