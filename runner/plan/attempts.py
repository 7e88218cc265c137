"""What becomes of an item when an attempt at it is over: it has settled, or is tried again."""

from __future__ import annotations

from runner.in_c import heappush
from runner.plan import settling
from runner.plan.ends import may_retry, polled_in_vain, retry_wait
from runner.plan.fan import Fan
from runner.plan.state import State
from runner.records import AttemptFailed, Item, Outcome, Status
from runner.struct import replace


def ended(state: State, fan: Fan, item: Item, outcome: Outcome, stopped: str | None = None) -> None:
    """One attempt at an item is over: the item has settled, or is tried again.

    `stopped`: why it was cancelled, if nothing stopped the whole of `fan`.
    """
    if outcome.cancelled or (outcome.failure is None and settling.is_late(state, fan)):
        reason = fan.stopped or stopped or "cancelled"
        outcome.cancelled = True
        settling.settle_item(state, fan, item, Status.CANCELLED, outcome, reason=reason, active=True)
        return
    if outcome.failure is None and not outcome.again:
        settling.settle_item(state, fan, item, Status.SUCCEEDED, outcome, active=True)
        return
    if tries_again(state, fan, item, outcome):
        return
    failure = polled_in_vain(item, outcome.failure) if outcome.again else outcome.failure
    outcome.failure = failure
    refused = None
    if fan.retries_left == 0 and wants_another(state, fan, item, outcome):
        refused = f"not tried again: the retry budget of {fan.task.retry.budget} is used up"
    settling.settle_item(state, fan, item, Status.FAILED, outcome, failure, refused, active=True)


def wants_another(state: State, fan: Fan, item: Item, outcome: Outcome) -> bool:
    """Whether an attempt is one that `retry` lets another follow, its budget apart."""
    retry = fan.task.retry
    if not settling.has_tries(state, fan, item):
        return False
    failure = None if outcome.again else outcome.failure
    return failure is None or may_retry(retry.exit_codes, retry.exceptions, failure)


def tries_again(state: State, fan: Fan, item: Item, outcome: Outcome) -> bool:
    """Let an attempt be followed by another, if `retry` allows it."""
    retry = fan.task.retry
    if fan.retries_left == 0 or not wants_another(state, fan, item, outcome):
        return False
    if fan.retries_left is not None:
        fan.retries_left -= 1
    wait = retry_wait(retry, item.attempt, state.ports.chance())
    state.events.append(AttemptFailed(fan.number, item, outcome, item.attempt, wait))
    again = replace(item, attempt=item.attempt + 1)
    fan.starts.setdefault(item.index, outcome.started)
    if wait:
        fan.waiting[item.index] = again
        heappush(state.retries, (state.now + wait, next(state.numbers), fan, again))
    else:
        fan.due.append(again)
    return True
