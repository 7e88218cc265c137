"""Whether a task starts, once all it needs has settled, and what its items are."""

from __future__ import annotations

from collections.abc import Mapping

from runner.expression import EvaluationError, Template
from runner.hints import Any
from runner.plan import leaving, reusing, settling, verdict, views
from runner.plan.fan import Fan
from runner.plan.standing import Life
from runner.plan.state import BrokenOff, ItemsFailure, State
from runner.records import Failure, FailureKind, Item, Shared, Status


def open_due(state: State) -> None:
    """Begin the fans whose needs have settled; those that read what is not recorded yet wait a turn."""
    state.begin_share()
    while state.due and not state.share_is_over:
        fan = state.due.popleft()
        if fan.life is not Life.DUE:
            continue
        if reads_what_is_not_recorded(state, fan):
            state.unrecorded.append(fan)
        else:
            open_fan_or_end(state, fan)


def reads_what_is_not_recorded(state: State, fan: Fan) -> bool:
    """Whether expressions of `fan` name what this turn has yet to record."""
    if fan.task.watches and fan.turn == state.turn:
        return True
    return any(source.turn == state.turn for source in views.reads_record(fan.scope, fan))


def open_fan_or_end(state: State, fan: Fan) -> None:
    """Begin a fan, or end it with the reason why it does not start."""
    stopped_pass = fan.scope.left and fan.scope.stopped and fan.scope.asks_for(fan.task.name)
    if not fan.scope.selects(fan.task.name) and not stopped_pass:
        leaving.open_fan(state, fan)
        return
    if fan.stopped is not None:
        leaving.open_stopped(state, fan, fan.stopped)
        return
    end = refusal(state, fan)
    if end is None:
        try:
            end = open_fan(state, fan)
        except (EvaluationError, ItemsFailure) as error:
            kind = FailureKind.ITEMS if isinstance(error, ItemsFailure) else FailureKind.EXPRESSION
            end = verdict.Verdict(Status.FAILED, failure=Failure(kind, str(error)))
        except BrokenOff:
            state.broken_off, fan.life = True, Life.DUE
            state.due.appendleft(fan)
            return
    if end is None:
        return
    if fan.head and fan.head.source.life is not Life.SETTLED:
        # It will not start, but `failure()` downstream must see how its source ends.
        fan.wait_for(fan.head.source)
        fan.life = Life.WAITING
    else:
        settling.settle_unopened(state, fan, end)


def refusal(state: State, fan: Fan) -> verdict.Verdict | None:
    """Why `fan` does not start, its `when` apart."""
    if state.failing_fast and not fan.cleans_up:
        return verdict.Verdict(Status.CANCELLED, state.failing_fast)
    if fan.task.watches:
        return None
    broken = [(need, source) for need, source in fan.needs if not source.fine]
    if not broken:
        return None
    need, source = max(broken, key=lambda it: it[0].up + it[1].outer_skip)
    fan.outer_skip = need.up + source.outer_skip
    return verdict.Verdict(Status.SKIPPED, verdict.needs_reason(source))


def open_fan(state: State, fan: Fan) -> verdict.Verdict | None:
    """Ask `when`, bind what all items share, and open the source of items; a verdict if it ends here."""
    task = fan.task
    names = views.names_view(fan, state.ports.recorded)
    names["__success__"] = verdict.success(fan)
    names["__failure__"] = verdict.failure(fan)
    if task.when is not None and not task.when_each and not asks(state, task.when, names):
        return verdict.Verdict(Status.SKIPPED, verdict.when_reason(fan))
    around = fan.scope.surroundings
    fan.shared = Shared(
        fan.number, fan.address, task, names, around.env, around.cwd, around.context, around.declared
    )
    fan.limited = fan.travels_alone()
    reusing.recall(state, fan)
    fan.life = Life.OPEN
    if task.map is None:
        fan.cursor, fan.total = iter((Item(0, None, None),)), 1
    elif fan.head is None:
        items = state.open_items(task.map, names)
        fan.cursor = reusing.ended_first(fan, items) if fan.quorum else iter(items)
        if items.total is not None:
            state.count(fan, items.total)
    else:
        state.counted.append(fan)
    settling.stir(state, fan)
    return None


def asks(state: State, when: Template, names: Mapping[str, Any]) -> bool:
    """What `when` answers. Raises `EvaluationError`, too, for what is no boolean."""
    answer = state.evaluate(when, names)
    if not isinstance(answer, bool):
        raise EvaluationError(f"when must give true or false, and `{when.value}` gave {answer!r}")
    return answer
