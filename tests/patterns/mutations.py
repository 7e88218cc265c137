"""Ways in which a planner can be wrong: each breaks one thing, for as long as its patch lasts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from runner.plan import Plan, attempts, bodies, giving, opening, settling, smooth, verdict
from runner.plan.fan import Fan
from runner.plan.limits import Beginning, Limits
from runner.plan.standing import Life
from runner.plan.state import State
from runner.records import Item, Outcome, Status
from runner.struct import replace
from runner.workflow import Task

Mutation = Callable[[pytest.MonkeyPatch], None]


def drops_a_need(patch: pytest.MonkeyPatch) -> None:
    """A task forgets the last of its needs."""
    reads_tasks_as(patch, lambda task: replace(task, needs=task.needs[:-1]))


def joins_at_the_first_need(patch: pytest.MonkeyPatch) -> None:
    """A task starts when the first of its needs has settled, however many it has."""
    original = settling.tell

    def tell(state: State, fan: Fan) -> None:
        for dependent in fan.dependents:
            lets_start(state, dependent)
        original(state, fan)

    patch.setattr(settling, "tell", tell)


def needs_one_item_only(patch: pytest.MonkeyPatch) -> None:
    """What needs a map starts when the first of its items has succeeded."""
    original = settling.settle_item

    def settle_item(state: State, fan: Fan, item: Item, status: Status, *more: Any, **named: Any) -> None:
        original(state, fan, item, status, *more, **named)
        if fan.mapped and status is Status.SUCCEEDED:
            for dependent in fan.dependents:
                lets_start(state, dependent)
            fan.dependents = []

    patch.setattr(settling, "settle_item", settle_item)
    patch.setattr(smooth, "is_smooth", lambda *slice: False)


def takes_every_condition_for_true(patch: pytest.MonkeyPatch) -> None:
    """A `when` lets everything pass."""
    patch.setattr(opening, "asks", lambda state, when, names: True)


def skips_after_any_skipped_need(patch: pytest.MonkeyPatch) -> None:
    """What needs a skipped task is skipped, too, whatever its own `when` says."""
    reads_tasks_as(patch, lambda task: replace(task, watches=False))


def does_one_thing_at_a_time(patch: pytest.MonkeyPatch) -> None:
    """Nothing starts as long as anything is under way."""
    patch.setattr(State, "has_room", lambda state, fan: not state.flights)


def ends_with_the_first_way(patch: pytest.MonkeyPatch) -> None:
    """The run is over when the first of its ways has come to its end."""

    def finished(plan: Plan) -> bool:
        fans = plan.root.fans.values()
        needed = {id(source) for fan in fans for _, source in fan.needs}
        return any(fan.life is Life.SETTLED for fan in fans if id(fan) not in needed)

    patch.setattr(Plan, "finished", property(finished))


def closes_a_body_early(patch: pytest.MonkeyPatch) -> None:
    """A group ends when the first of its tasks has."""
    original = settling.tell

    def tell(state: State, fan: Fan) -> None:
        if fan.scope.parent and fan.scope.unsettled > 0:
            fan.scope.unsettled = 1
        original(state, fan)

    patch.setattr(settling, "tell", tell)


def forgets_the_last_item(patch: pytest.MonkeyPatch) -> None:
    """A map ends one item before the end of its list."""
    original = giving.drawn

    def drawn(state: State, fan: Fan) -> Item | None:
        if fan.mapped and fan.total is not None and fan.drawn >= fan.total - 1:
            fan.cursor = None
        return original(state, fan)

    patch.setattr(giving, "drawn", drawn)


def ignores_cancels(patch: pytest.MonkeyPatch) -> None:
    """What is under way goes on, though its task was stopped."""
    original = settling.stop_fan

    def stop_fan(state: State, fan: Fan, reason: str, cancel: bool = True, spare: bool = False) -> None:
        original(state, fan, reason, cancel=False, spare=spare)

    patch.setattr(settling, "stop_fan", stop_fan)


def stops_all_around(patch: pytest.MonkeyPatch) -> None:
    """What stops a map stops the whole body in which it stands."""
    original = settling.judge

    def judge(state: State, fan: Fan, item: Item, status: Status) -> None:
        original(state, fan, item, status)
        if fan.mapped and fan.life is Life.CLOSING:
            settling.stop_scope(state, fan.scope, fan.stopped or "")

    patch.setattr(settling, "judge", judge)


def goes_on_giving(patch: pytest.MonkeyPatch) -> None:
    """A map that was stopped starts its other items all the same."""
    patch.setattr(settling, "give_up", lambda state, fan, reason: None)


def lets_start_what_waits(patch: pytest.MonkeyPatch) -> None:
    """A stop ends what is under way, and forgets what waits."""
    original = settling.stop_fan

    def stop_fan(state: State, fan: Fan, reason: str, cancel: bool = True, spare: bool = False) -> None:
        if fan.life not in (Life.WAITING, Life.DUE):
            original(state, fan, reason, cancel, spare)

    patch.setattr(settling, "stop_fan", stop_fan)


def lets_what_comes_late_succeed(patch: pytest.MonkeyPatch) -> None:
    """An item that succeeds when the quorum of its map has been reached counts, too."""
    original = attempts.ended

    def attempted(state: State, fan: Fan, item: Item, outcome: Outcome) -> None:
        if outcome.cancelled or outcome.failure is not None or outcome.again:
            original(state, fan, item, outcome)
        else:
            settling.settle_item(state, fan, item, Status.SUCCEEDED, outcome, active=True)

    patch.setattr(attempts, "ended", attempted)


def takes_one_more_than_the_quorum(patch: pytest.MonkeyPatch) -> None:
    """A quorum is one too large."""
    reads_tasks_as(patch, lambda task: with_quorum(task, 1))


def takes_one_less_than_the_quorum(patch: pytest.MonkeyPatch) -> None:
    """A quorum is one too small."""
    reads_tasks_as(patch, lambda task: with_quorum(task, -1))


def allows_one_failure_less(patch: pytest.MonkeyPatch) -> None:
    """A budget is one too small."""
    original = verdict.allowed_failures
    patch.setattr(verdict, "allowed_failures", lambda fan: original(fan) - 1)


def gives_up_at_the_first_failure(patch: pytest.MonkeyPatch) -> None:
    """A map stops when one of its items has failed, whatever its budget."""
    original = settling.judge

    def judge(state: State, fan: Fan, item: Item, status: Status) -> None:
        original(state, fan, item, status)
        if fan.mapped and fan.life is Life.OPEN and status is Status.FAILED:
            settling.stop_fan(state, fan, "one of its items failed")

    patch.setattr(settling, "judge", judge)


def polls_once(patch: pytest.MonkeyPatch) -> None:
    """A loop ends after its first time, whatever `until` says."""
    original = bodies.give_result

    def give_result(state: State, scope: Any, group: Fan, outcome: Outcome) -> None:
        original(state, scope, group, outcome)
        outcome.again = False

    patch.setattr(bodies, "give_result", give_result)


def ignores_limits(patch: pytest.MonkeyPatch) -> None:
    """A limit never keeps anybody waiting."""
    patch.setattr(Limits, "take", lambda limits, waiter, units, now: Beginning(now))


# What they are made of ----------------------------------------------------------------------------


def reads_tasks_as(patch: pytest.MonkeyPatch, change: Callable[[Task], Task]) -> None:
    """Let every task that is reached be taken for another."""
    patch.setattr(bodies, "Fan", lambda number, task, *rest: Fan(number, change(task), *rest))


def with_quorum(task: Task, more: int) -> Task:
    """The task with another quorum, if it has one."""
    if task.map is None or task.map.quorum is None:
        return task
    return replace(task, map=replace(task.map, quorum=task.map.quorum + more))


def lets_start(state: State, dependent: Fan) -> None:
    """Let a task start now, and never mind what else it needs."""
    dependent.needs = [(need, source) for need, source in dependent.needs if source.life is Life.SETTLED]
    state.is_due(dependent)
