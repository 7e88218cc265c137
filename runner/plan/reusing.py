"""What still holds of what was done before, in earlier sessions of the run or by the word of the cache.

An item that succeeded in an earlier session is not done again if nothing that it needs was done since,
and if what is bound now is what was bound then, which a worker finds out. What the cache knows an item
by, a worker finds out, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from runner.plan import reasons, seeking, settling, verdict
from runner.plan.fan import Fan, Scope
from runner.plan.past import Aim
from runner.plan.standing import Life
from runner.plan.state import State
from runner.records import (
    NOT_SELECTED,
    UNDER_WAY,
    Counts,
    Done,
    Item,
    Kept,
    Mark,
    Outcome,
    Reconsidered,
    Status,
)
from runner.workflow import Call, Group, Run, Sub

_NOTHING_CHANGED = "nothing that it is made of changed"
_NOT_FAILED = "only what failed is asked for"
_INSIDE = "it belongs to what failed before, which is tolerated"
_NOT_WHOLE = "its result was not recorded whole"
_SAME_VALUE = "its value is the same"
_FAILED = "it failed before"
_CANCELLED = "it was cancelled before"
_BOUND_ALIKE = "its command, its arguments and its environment are the same"


def recall(state: State, fan: Fan) -> None:
    """See what earlier sessions have left of a fan that opens."""
    scope = fan.scope
    if state.ports.earlier is None:
        return
    if scope.before is not None:
        fan.past.earlier = state.ports.earlier.fan(scope.before + fan.task.name)
    # What its map only ranges over does not count: its items are compared one by one.
    made = [(source.past.made, source.task.name) for need, source in fan.needs if not need.ranged]
    fan.past.needed = max([*made, scope.needed])


def ended_first(fan: Fan, items: Iterable[Item | None]) -> Iterator[Item | None]:
    """The items of a map with a quorum: those that have had their end in an earlier session come first.

    Those that failed come before those that succeeded, which may reach the quorum and so stop all others.
    """
    if fan.past.earlier is None:
        yield from items
        return
    succeeded: list[Item | None] = []
    others: list[Item | None] = []
    for item in items:
        done = fan.past.find(item) if item is not None else None
        if done is not None and done.status is Status.SUCCEEDED:
            succeeded.append(item)
        elif done is not None and _has_its_end(fan, done):
            yield item
        else:
            others.append(item)
    yield from succeeded
    yield from others


def enter(fan: Fan, item: Item, scope: Scope) -> None:
    """Let a body that opens know where it was in earlier sessions: another pass is another body."""
    scope.needed = needed(fan, item)
    scope.before, scope.unknown = None, fan.scope.unknown
    if item.attempt > 1:
        scope.unknown = f"it belongs to attempt {item.attempt} of {fan.task.name}"
        return
    if fan.scope.before is None or (item.by_place and fan.past.earlier is None):
        return
    key = item.key
    if item.by_place and fan.past.earlier is not None:
        done = fan.past.find(item)
        key = done.key if done else None
        if key is None:
            return
    scope.before = address_before(fan, key)


def address_before(fan: Fan, key: str | None) -> str:
    """What the addresses in the body of the item with this key began with in earlier sessions."""
    return f"{fan.scope.before}{fan.task.name}" + (f"[{key}]." if key is not None else ".")


def needed(fan: Fan, item: Item) -> tuple[int, str]:
    """When something was done last that an item needs, and what."""
    followed = (fan.past.made_by.get(item.index, 0), fan.head.source.task.name if fan.head else "")
    return max(fan.past.needed, followed)


def looks_back(state: State, fan: Fan) -> bool:
    """Whether anything may be known of the items of a fan."""
    return state.ports.earlier is not None or _has_cache(state, fan)


def _has_cache(state: State, fan: Fan) -> bool:
    return fan.task.cache is not None and state.ports.cache is not None


def aim_at(state: State, fan: Fan, item: Item) -> Aim:
    """What an item that is to be taken up is given to a worker for."""
    if item.index in fan.past.known:
        return Aim.COMPARE
    if _has_cache(state, fan) and item.index not in fan.past.looked_up:
        return Aim.LOOK_UP
    return Aim.ACT


def reconsider(state: State, fan: Fan, item: Item) -> bool:
    """Whether an item is to be taken up, if only to compare it; otherwise it has ended as it did before."""
    if state.ports.earlier is None or item.index in fan.past.again or item.index in fan.past.known:
        return True
    done = fan.past.find(item)
    why = _why_again(fan, item, done)
    if why is None and done is not None:
        if done.status is not Status.SUCCEEDED and isinstance(fan.task.action, Group | Sub) and done.attempts:
            fan.past.known[item.index] = done  # what is inside it is told
            return True
        if done.status is not Status.SUCCEEDED:
            take_over(state, fan, item, done)
            return False
        if isinstance(fan.task.action, Run | Call):
            fan.past.known[item.index] = done
            return True
    if isinstance(fan.task.action, Run | Call):
        _again(state, fan, item, why or "")
    return True


def _why_again(fan: Fan, item: Item, done: Done | None) -> str | None:
    """Why an item must be done again, as far as the plan can tell."""
    if done is None or done.status is Status.SKIPPED:
        return fan.scope.unknown
    if done.reason == UNDER_WAY:
        return UNDER_WAY
    made, name = needed(fan, item)
    if done.outcome.made < made:
        begun = done.attempts or done.status is not Status.CANCELLED
        return f"needs {name}, which was done again" if begun else _CANCELLED
    if done.status is Status.SUCCEEDED:
        acts = isinstance(fan.task.action, Run | Call)
        lost = acts and not (done.whole and done.outcome.digest is not None)
        return _NOT_WHOLE if lost else None
    if _has_its_end(fan, done):
        return None
    return _FAILED if done.status is Status.FAILED else _CANCELLED


def _has_its_end(fan: Fan, done: Done) -> bool:
    """Whether an item that did not succeed stays so, since its map has succeeded all the same."""
    return done.within is not None and _satisfies(fan, done.within)


def _satisfies(fan: Fan, counts: Counts) -> bool:
    """Whether a map whose items ended so has succeeded by what the file says now: they have their end."""
    if fan.task.map is None:
        return False
    if fan.task.map.quorum is not None:
        return counts.succeeded >= fan.task.map.quorum
    budget = fan.task.map.budget
    ran = counts.succeeded + counts.failed
    allowed = budget.count if budget.percent is None else verdict.share(budget.percent, ran)
    return not counts.cancelled and counts.failed <= allowed


def made_of_value(state: State, fan: Fan, item: Item, outcome: Outcome) -> int:
    """When a value was made that is evaluated in each session: in the last one in which it changed."""
    done = fan.past.find(item)
    if done is not None and done.status is Status.SUCCEEDED:
        alike = done.outcome.encoded == outcome.encoded and outcome.encoded is not None
        changed = "its value changed" if outcome.encoded is not None else _NOT_WHOLE
        why = _SAME_VALUE if alike else changed
        state.events.append(Reconsidered(fan.number, item, "reused" if alike else "rerun", why))
        return done.outcome.made if alike else state.session
    if state.ports.earlier is not None:
        state.events.append(Reconsidered(fan.number, item, "rerun", _why_again(fan, item, done) or ""))
    return state.session


def _again(state: State, fan: Fan, item: Item, why: str) -> None:
    fan.past.again[item.index] = why
    if not _has_cache(state, fan):  # which may know it yet
        state.events.append(Reconsidered(fan.number, item, "rerun", why))


def compared(state: State, fan: Fan, items: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
    """A worker has told what is bound now, which may be what was bound before."""
    back = list(items[len(outcomes) :])
    for item, outcome in zip(items, outcomes, strict=False):
        done = fan.past.known.pop(item.index)
        if outcome.digest is not None and outcome.digest == done.outcome.digest:
            take_over(state, fan, item, done)
        else:
            assert fan.shared is not None
            _again(state, fan, item, reasons.of_change(fan.task, fan.shared))
            back.append(item)
    _give_back(state, fan, back)


def looked_up(state: State, fan: Fan, items: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
    """A worker has told by what the cache knows some items."""
    back = list(items[len(outcomes) :])
    cache = state.ports.cache
    assert cache is not None
    for item, outcome in zip(items, outcomes, strict=False):
        trace = outcome.trace  # what has none says why when it is done
        kept = cache.find(trace) if trace is not None and fan.life is Life.OPEN else None
        if kept is not None:
            _use(state, fan, item, outcome, kept)
            continue
        why = [fan.past.again.get(item.index, "")]
        if trace is not None and state.ports.explains and fan.life is Life.OPEN:
            why.append(cache.why_not(trace))
        if any(why):
            state.events.append(Reconsidered(fan.number, item, "rerun", "; ".join(filter(None, why))))
        fan.past.looked_up.add(item.index)
        back.append(item)
    _give_back(state, fan, back)


def _use(state: State, fan: Fan, item: Item, outcome: Outcome, kept: Kept) -> None:
    """Let an item end as the cache has it."""
    state.events.append(Reconsidered(fan.number, item, "reused", _NOTHING_CHANGED))
    outcome.result, outcome.encoded, outcome.exit_code = kept.result, kept.encoded, kept.exit_code
    outcome.started, outcome.made, outcome.trace = state.now, state.session, None
    done = Done(Status.SUCCEEDED, 1, outcome, marks=(Mark.REUSED,))
    settling.settle_item(state, fan, item, Status.SUCCEEDED, outcome, done=done)


def _give_back(state: State, fan: Fan, items: list[Item]) -> None:
    """Let items that are not known again go on, or end, as their fan does."""
    if fan.life is Life.OPEN:
        last = max((item.index for item in items), default=-1)
        while fan.returned and fan.returned[0].index < last:
            items.append(fan.returned.popleft())
    items.sort(key=lambda item: item.index)
    if fan.life is Life.OPEN:
        fan.returned.extendleft(reversed(items))
        return
    for item in items:
        stop(state, fan, item)


def may_stand(state: State, fan: Fan) -> bool:
    """Whether items of a fan that was stopped may end as they did before."""
    return state.continued and not settling.is_late(state, fan)


def _standing(fan: Fan, item: Item) -> Done | None:
    """How an item that is stopped before its turn stands, if nothing speaks against that."""
    done = fan.past.known.pop(item.index, None) or fan.past.find(item)
    if done is None or done.status is Status.FAILED:
        return done
    holds = item.index not in fan.past.again and done.outcome.made >= needed(fan, item)[0]
    return done if holds and done.status is Status.SUCCEEDED else None


def stands(state: State, group: Fan, item: Item, outcome: Outcome, scope: Scope) -> bool:
    """Let an item of a group end as it did before, if all that is inside it has; whether it does.

    It has the result that its body gives now; where that was not made any more, that of before.
    """
    done = group.past.find(item)
    fans = scope.fans.values()
    as_before = outcome.made < state.session and all(fan.status is not Status.CANCELLED for fan in fans)
    if done is None or not done.attempts or not as_before:
        return False
    if outcome.cancelled:
        before = _standing(group, item) if may_stand(state, group) else None
        if before is not None:
            take_over(state, group, item, before, active=True)
        return before is not None
    if done.status is not Status.SUCCEEDED or outcome.failure is not None or outcome.again:
        return False
    outcome.started, outcome.seconds = done.outcome.started, done.outcome.seconds
    settling.settle_item(state, group, item, Status.SUCCEEDED, outcome, active=True, done=done)
    return True


def stop(state: State, fan: Fan, item: Item, told: bool = False) -> None:
    """Let an item that is stopped before its turn end as it stands, or cancelled.

    Of a whole run that is stopped, an item of a map that does not stand is left out, as one that never
    began; `told`: not this one, of which something is recorded.
    """
    done = _standing(fan, item) if may_stand(state, fan) else None
    if done is not None:
        take_over(state, fan, item, done)
    elif fan.mapped and state.ending and not told:
        leave_out(fan, item)
    else:
        settling.settle_item(state, fan, item, Status.CANCELLED, reason=fan.stopped)


def leave_out(fan: Fan, item: Item) -> None:
    """Tell nothing of an item: it is not begun."""
    fan.past.forget(item.index)
    fan.past.left_out = fan.cut_short = True


def leave(state: State, fan: Fan, item: Item, done: Done | None) -> None:
    """Let an item that was not selected end as it was `done`, if that was its end."""
    whole = fan.left is not None and fan.left.reason != NOT_SELECTED
    if done is not None and (whole or done.status in (Status.SUCCEEDED, Status.FAILED)):
        take_over(state, fan, item, done)
    else:
        settling.settle_item(state, fan, item, Status.SKIPPED, reason=NOT_SELECTED)


def take_over(state: State, fan: Fan, item: Item, done: Done, active: bool = False) -> None:
    """Let an item end as it did before."""
    seeking.passed_over(fan)
    if isinstance(fan.task.action, Run | Call) and done.status is not Status.SKIPPED:
        state.events.append(_taken_over(state, fan, item, done))
    outcome = done.outcome if done.attempts else None
    fan.past.made_by.pop(item.index, None)
    settling.settle_item(
        state, fan, item, done.status, outcome, done.failure, done.reason, active=active, done=done
    )


def _taken_over(state: State, fan: Fan, item: Item, done: Done) -> Reconsidered:
    if why := _why_left(state, fan, item):
        return Reconsidered(fan.number, item, "left", why)
    if done.status is Status.SUCCEEDED:
        return Reconsidered(fan.number, item, "reused", _BOUND_ALIKE)
    how = _FAILED if done.status is Status.FAILED else _CANCELLED
    return Reconsidered(fan.number, item, "left", f"{how}, and {fan.task.name} succeeded all the same")


def _why_left(state: State, fan: Fan, item: Item) -> str | None:
    """Why nobody has looked at what an item is made of; None: somebody has."""
    if fan.stopped is not None:
        return f"{fan.stopped} before its turn"
    if not (fan.left or not fan.selects(item.key)):
        return None
    return _NOT_FAILED if state.leaves else _INSIDE
