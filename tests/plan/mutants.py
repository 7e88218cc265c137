"""Small mistakes of a planner, each of which the random workflows must find out."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop
from math import ceil
from typing import Any

import pytest
from world import Record

from runner.plan import attempts, bodies, settling, verdict
from runner.plan.ends import Followed
from runner.plan.fan import Fan, Scope
from runner.plan.following import Follower
from runner.plan.limits import Beginning, Limits, _Line
from runner.records import Status

Mutant = Callable[[pytest.MonkeyPatch], None]


def a_need_is_dropped(patch: pytest.MonkeyPatch) -> None:
    """Of the tasks that something waits for, those at an odd place are not waited for."""
    wait_for = Fan.wait_for
    patch.setattr(Fan, "wait_for", lambda fan, source: None if source.order % 2 else wait_for(fan, source))


def a_body_closes_too_early(patch: pytest.MonkeyPatch) -> None:
    """A group's task does not wait for its open bodies."""
    patch.setattr(Fan, "idle", property(lambda fan: not fan.flights))


def max_parallel_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """Any number of items may be under way."""
    patch.setattr(Fan, "full", lambda fan: False)


def a_wait_for_a_retry_frees_its_place(patch: pytest.MonkeyPatch) -> None:
    """`max_parallel` does not count what waits for a retry."""

    def full(fan: Fan) -> bool:
        most = fan.task.map.max_parallel if fan.task.map else None
        return most is not None and fan.active - len(fan.waiting) >= most

    patch.setattr(Fan, "full", full)


def limits_are_ignored(patch: pytest.MonkeyPatch) -> None:
    """Units are there for everybody."""
    patch.setattr(Limits, "take", lambda limits, waiter, units, now: Beginning(now))
    patch.setattr(Limits, "give_back", lambda limits, units: None)


def a_rate_forgets_too_early(patch: pytest.MonkeyPatch) -> None:
    """A start counts for half of the period."""

    def forget(line: _Line[Any], now: float) -> None:
        while line.recent and line.recent[0][0] + line.period / 2 <= now:
            heappop(line.recent)

    patch.setattr(_Line, "_forget", forget)


def cancels_are_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    """What runs goes on when its map is decided."""
    stop_fan = settling.stop_fan
    patch.setattr(
        settling, "stop_fan", lambda state, fan, reason, cancel=True: stop_fan(state, fan, reason, False)
    )


def a_quorum_takes_one_more(patch: pytest.MonkeyPatch) -> None:
    """An item that succeeds a moment after the quorum was reached counts."""
    patch.setattr(settling, "is_late", lambda state, fan: False)


def results_are_in_the_order_of_their_ends(patch: pytest.MonkeyPatch) -> None:
    """`results` is not sorted."""
    patch.setattr(Record, "_sorted", lambda record, fan: record.items_of[fan])


def a_retry_is_lost(patch: pytest.MonkeyPatch) -> None:
    """Nothing is tried a third time."""
    tries_again = attempts.tries_again

    def once(state: Any, fan: Fan, item: Any, outcome: Any) -> bool:
        return item.attempt < 2 and tries_again(state, fan, item, outcome)

    patch.setattr(attempts, "tries_again", once)


def a_name_means_the_outermost_task(patch: pytest.MonkeyPatch) -> None:
    """The outer one of two tasks of one name wins."""
    find = Scope.find

    def outermost(scope: Scope, name: str, up: int = 0) -> Fan:
        around, bodies_around = scope, 0
        while around.outer is not None:
            around, bodies_around = around.outer, bodies_around + 1
        return around.fans[name] if name in around.fans else find(scope, name, up)

    patch.setattr(Scope, "find", outermost)


def a_percentage_is_rounded_up(patch: pytest.MonkeyPatch) -> None:
    """`max_failures: 20%` of four items lets one fail."""
    allowed_failures = verdict.allowed_failures
    patch.setattr(verdict, "allowed_failures", lambda fan: ceil(min(allowed_failures(fan), 1e9)))


def a_tolerated_failure_counts(patch: pytest.MonkeyPatch) -> None:
    """What needs a task that may fail is skipped when it did."""
    patch.setattr(Fan, "tolerated", property(lambda fan: False))


def an_item_follows_one_that_failed(patch: pytest.MonkeyPatch) -> None:
    """An item-wise map starts its items whatever became of those of the other."""
    push = Follower.push

    def hopeful(follower: Follower[Fan], followed: Followed) -> None:
        push(follower, Followed(followed.item, Status.SUCCEEDED))

    patch.setattr(Follower, "push", hopeful)


def clean_up_waits_for_nothing(patch: pytest.MonkeyPatch) -> None:
    """A task that asks how things went starts at once."""
    link = bodies.link

    def hasty(state: Any, fan: Fan) -> None:
        link(state, fan)
        if fan.unmet and all(need.implied for need, _ in fan.needs):
            state.is_due(fan)

    patch.setattr(bodies, "link", hasty)


MUTANTS: tuple[Mutant, ...] = (
    a_need_is_dropped,
    a_body_closes_too_early,
    max_parallel_is_ignored,
    a_wait_for_a_retry_frees_its_place,
    limits_are_ignored,
    a_rate_forgets_too_early,
    cancels_are_not_asked_for,
    a_quorum_takes_one_more,
    results_are_in_the_order_of_their_ends,
    a_retry_is_lost,
    a_name_means_the_outermost_task,
    a_percentage_is_rounded_up,
    a_tolerated_failure_counts,
    an_item_follows_one_that_failed,
    clean_up_waits_for_nothing,
)
