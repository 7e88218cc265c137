"""Opening a body of tasks, and what comes out of it when everything in it has settled."""

from __future__ import annotations

from collections.abc import Mapping

from runner.exact import normalise
from runner.expression import EvaluationError, Template
from runner.hints import Any
from runner.plan import attempts, reusing, settling, verdict, views
from runner.plan.fan import Fan, Scope
from runner.plan.following import Follower
from runner.plan.places import places_of
from runner.plan.selection import Selection
from runner.plan.state import BrokenOff, State
from runner.plan.surroundings import Surroundings
from runner.plan.wishes import Wish
from runner.records import NOT_SELECTED, Failure, FailureKind, Item, Outcome, Status, TaskOpened
from runner.workflow import Body, Group, Sub, Workflow, kind_of


def open_scope(
    state: State,
    body: Body,
    surroundings: Surroundings,
    parent: Fan | None = None,
    item: Item | None = None,
    selection: Selection | None = None,
    wishes: tuple[Wish, ...] = (),
    left: bool = False,
) -> Scope:
    """Open one pass through `body`: a fan for each task, each linked with what it needs."""
    outer = parent.scope if parent and isinstance(parent.task.action, Group) else None
    scope = Scope(next(state.scope_numbers), body, surroundings, outer, parent, item, selection, left, wishes)
    if parent and item:
        key = f"[{item.key}]" if item.key is not None else ""
        scope.prefix = f"{parent.address}{key}."
        scope.depth = parent.scope.depth + 1
    scope.started = state.now
    scope.unsettled = len(body.tasks)
    places = places_of(state, scope)
    scope.fans = {
        name: Fan(next(state.fan_numbers), task, scope, order, places[name], state.slice_seconds)
        for order, (name, task) in enumerate(body.tasks.items())
    }
    for fan in scope.fans.values():
        state.events.append(_opened(fan))
    for fan in scope.fans.values():
        link(state, fan)
    if not scope.unsettled:
        state.closing.append(scope)
    return scope


def link(state: State, fan: Fan) -> None:
    """Let a new fan wait for what it needs, or end if it was not selected."""
    task, scope = fan.task, fan.scope
    follows = task.map.follows if task.map else None
    if not scope.selects(task.name) and (state.leaves or scope.left):
        state.is_due(fan)
        return
    if not scope.selects(task.name):
        settling.settle_fan(state, fan, verdict.Verdict(Status.SKIPPED, NOT_SELECTED))
        return
    if fan.quorum and fan.part is not None and None not in fan.part and not state.leaves:
        fan.quorum = min(fan.quorum, len(fan.part))
    for need in task.needs:
        source = scope.find(need.task, need.up)
        if follows and (need.task, need.up) == (follows.task, follows.up):
            continue
        if need.implied and not scope.selects(need.task) and not state.leaves:
            continue
        fan.needs.append((need, source))
        fan.wait_for(source)
    if follows:
        source = scope.find(follows.task, follows.up)
        fan.head = Follower(fan, source)
        source.followers.append(fan.head)
    if not fan.unmet:
        state.is_due(fan)


def close_scopes(state: State) -> None:
    """End the items whose bodies have settled, once what the bodies left is recorded."""
    state.begin_share()
    while state.closing and not state.share_is_over:
        scope = state.closing.popleft()
        if scope.parent is None:
            continue
        if scope.left:
            close_left(state, scope, scope.parent)
            continue
        end = verdict.of_scope(scope)
        if end.status is Status.SUCCEEDED and reads_what_is_not_recorded(state, scope):
            state.unclosed.append(scope)
        else:
            close_scope(state, scope, scope.parent, end)


def reads_what_is_not_recorded(state: State, scope: Scope) -> bool:
    """Whether the result of a body is made of what this turn has yet to record."""
    return scope.turn == state.turn and any(fan.mapped for fan in scope.fans.values())


def close_scope(state: State, scope: Scope, group: Fan, end: verdict.Verdict) -> None:
    """End the group's item whose body has settled."""
    item = scope.item
    assert item is not None
    del group.scopes[item.index]
    group.prospects.doomed -= scope.doomed
    missing = (verdict.inner_failure(fan) for fan in scope.fans.values() if fan.missing)
    if group.search is not None:
        group.search.missing = group.search.missing or next(missing, None)
    ended = [fan.ended for fan in scope.fans.values() if fan.started is not None and fan.ended is not None]
    seconds = max(0.0, max(ended, default=state.now) - scope.started)
    outcome = Outcome(item.index, item.attempt, scope.started, seconds)
    outcome.made = max((fan.past.made for fan in scope.fans.values()), default=0)
    if end.status is Status.SKIPPED:
        outer_skip = max(f.outer_skip for f in scope.fans.values()) - 1
        group.outer_skip = max(group.outer_skip, outer_skip)
        group.outer_reason = group.outer_reason or end.reason
        settling.settle_item(state, group, item, Status.SKIPPED, reason=end.reason, active=True)
    else:
        outcome.failure = end.failure
        outcome.cancelled = end.status is Status.CANCELLED
        reason = end.reason
        if end.status is Status.SUCCEEDED and has_run_whole(state, scope):
            reason = give_result(state, scope, group, outcome)
        if not reusing.stands(state, group, item, outcome, scope):
            attempts.ended(state, group, item, outcome, reason)
    settling.stir(state, group)


def has_run_whole(state: State, scope: Scope) -> bool:
    """Whether all that a body consists of has run, in this session or before."""
    if scope.selection is None:
        return True
    return state.leaves and all(fan.reason != NOT_SELECTED for fan in scope.fans.values())


def close_left(state: State, scope: Scope, group: Fan) -> None:
    """End the group's item in whose body all ended as before: so does the item."""
    item = scope.item
    assert item is not None
    del group.scopes[item.index]
    if scope.stopped:
        reusing.stop(state, group, item, told=True)
    else:
        reusing.leave(state, group, item, group.past.known.pop(item.index))
    settling.stir(state, group)


def give_result(state: State, scope: Scope, group: Fan, outcome: Outcome) -> str | None:
    """Evaluate what a body that succeeded gives, and whether that is what `until` waits for.

    If that is broken off, the item is cancelled; why.
    """
    try:
        names = names_of_group(scope, group)
        value = names["result"] = scope_result(state, scope, group, names)
        until = group.task.retry.until
        outcome.again = until is not None and not state.evaluate(until, names)
    except EvaluationError as error:
        outcome.failure = Failure(FailureKind.EXPRESSION, str(error))
    except BrokenOff as why:
        state.broken_off = outcome.cancelled = True
        return str(why)
    else:
        outcome.result, outcome.encoded = normalise(value)
    return None


def names_of_group(scope: Scope, group: Fan) -> dict[str, Any]:
    """What the group's own expressions see that are evaluated when its body has settled."""
    assert scope.item is not None
    names = views.names_of_item(group, scope.item)
    if isinstance(group.task.action, Group):
        names["env"] = scope.surroundings.env
    return names


def scope_result(state: State, scope: Scope, group: Fan, names: Mapping[str, Any]) -> Any:
    """What the group's task says its result is; its tasks' results if it says nothing."""
    recorded, action = state.ports.recorded, group.task.action
    if isinstance(action, Sub):
        value: Any = outputs_of(state, scope, action.workflow)
    else:
        value = {
            name: views.attribute_of(fan, "results" if fan.mapped else "result", recorded)
            for name, fan in scope.fans.items()
        }
    if group.task.result is None:
        return value
    own = {**names, "result": value}
    if isinstance(action, Group):
        own["tasks"] = _seen_from(scope, group.task.result, recorded)
    return state.evaluate(group.task.result, own)


def outputs_of(state: State, scope: Scope, workflow: Workflow) -> dict[str, Any]:
    """The outputs of a file that another one runs."""
    values = {}
    for name, template in workflow.outputs.items():
        try:
            values[name] = output(state, scope, template)
        except EvaluationError as error:
            place = workflow.outputs_positions.get(name, workflow.position)
            told = f"outputs.{name} at {place}: {error.message}"
            raise EvaluationError(told, error.hint) from None
    return values


def output(state: State, scope: Scope, template: Template) -> Any:
    """An output of a workflow at its end.

    It is None if it names the result of a task that did not succeed, and if it has no value while a task
    that it names did not succeed or was not to run as a whole. Else it raises `EvaluationError`.
    """
    named = [(scope.look_up(it.task), it.attribute) for it in template.references]
    if any(it in ("result", "results") and fan.status is not Status.SUCCEEDED for fan, it in named):
        return None
    try:
        tasks = _seen_from(scope, template, state.ports.recorded)
        return state.evaluate(template, {**scope.surroundings.names, "tasks": tasks})
    except EvaluationError:
        if all(fan.status is Status.SUCCEEDED and fan.is_whole for fan, _ in named):
            raise
        return None


def _opened(fan: Fan) -> TaskOpened:
    task, scope = fan.task, fan.scope
    return TaskOpened(
        fan.number,
        fan.address,
        task.name,
        kind_of(task),
        fan.mapped,
        task.position,
        scope.parent.number if scope.parent else None,
        scope.item.index if scope.item else None,
    )


def _seen_from(scope: Scope, template: Template, recorded: views.Recorded) -> dict[str, Any]:
    view: dict[str, dict[str, Any]] = {}
    for reference in template.references:
        fan = scope.look_up(reference.task)
        attributes = view.setdefault(reference.task, {})
        attributes[reference.attribute] = views.attribute_of(fan, reference.attribute, recorded)
    return view
