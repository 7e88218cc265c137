"""What stays as earlier sessions of the run have left it: nothing of it is evaluated or compared.

That is what is not asked for, where only what failed is: what of it had not come to a good end is not
selected, as ever, but those items of such a map that had are told as they were. And it is what was stopped
before its turn: how it stands is told, as long as nothing that it needs was done since.
"""

from __future__ import annotations

from collections.abc import Iterator

from runner.plan import bodies, reusing, settling, verdict
from runner.plan.fan import Fan, Scope
from runner.plan.past import Past
from runner.plan.selection import Selection, inside
from runner.plan.standing import Life
from runner.plan.state import OPEN_BODIES, State
from runner.records import NOT_SELECTED, Done, Ended, Item, Status
from runner.workflow import Group, Sub, body_of


def open_fan(state: State, fan: Fan) -> None:
    """Let a fan that was not selected end as it did before, item by item."""
    reusing.recall(state, fan)
    earlier = fan.past.earlier
    end = earlier.end() if earlier else None
    if earlier is None or end is None or not (_holds_more(fan) or _stays(fan, end)):
        settling.settle_fan(state, fan, verdict.Verdict(Status.SKIPPED, NOT_SELECTED))
        return
    fan.left = end if _stays(fan, end) else Ended(Status.SKIPPED, end.counts, end.total, NOT_SELECTED)
    fan.life = Life.OPEN
    fan.cursor = _items(fan.past, earlier.items())
    if fan.mapped and end.total is not None and end.status is not None:
        state.count(fan, end.total)
    settling.stir(state, fan)


def _holds_more(fan: Fan) -> bool:
    """Whether something in it may have come to a good end though itself has not."""
    return fan.mapped or isinstance(fan.task.action, Group | Sub)


def _stays(fan: Fan, end: Ended) -> bool:
    went_well = end.status is Status.SUCCEEDED or (end.status is Status.FAILED and fan.task.allow_failure)
    return went_well or (fan.scope.left and end.status in (Status.FAILED, Status.SKIPPED))


def _items(past: Past, items: Iterator[tuple[Item, Done]]) -> Iterator[Item]:
    for item, done in items:
        past.before[item.index] = done
        yield item


def give(state: State, fan: Fan) -> None:
    """Let the next items of a fan end as they did, as many as this turn has room for."""
    while fan.cursor and not state.full():
        if len(fan.scopes) >= OPEN_BODIES:
            return
        item = next(fan.cursor, None)
        if item is None:
            fan.cursor = None
            continue
        if needs_body(state, fan, item):
            open_body(state, fan, item)
    settling.stir(state, fan)


def needs_body(state: State, fan: Fan, item: Item) -> bool:
    """Whether the body of an item that was not selected must be gone through; otherwise it has ended."""
    done = _found(state, fan, item)
    if done is not None and done.attempts and isinstance(fan.task.action, Group | Sub):
        fan.past.known[item.index] = done
        return True
    reusing.leave(state, fan, item, done)
    return False


def _found(state: State, fan: Fan, item: Item) -> Done | None:
    return fan.past.find(item) if state.leaves or fan.scope.left else None


def open_stopped(state: State, fan: Fan, reason: str) -> None:
    """Let a fan that was stopped before it began end as it stands, now that all it needs has ended."""
    reusing.recall(state, fan)
    earlier = fan.past.earlier
    end = earlier.end() if earlier else None
    if earlier is None or end is None:
        settling.settle_unopened(state, fan, verdict.Verdict(Status.CANCELLED, reason))
        return
    fan.life = Life.CLOSING
    # Not all its items may be known.
    fan.cut_short = not fan.head and end.status not in (Status.SUCCEEDED, Status.FAILED)
    if not fan.mapped:
        fan.cursor, fan.total = iter((Item(0, None, None),)), 1
    elif not fan.head:
        fan.cursor, fan.total = (item for item, _ in earlier.items()), end.total
    state.draining.append(fan)


def settle(state: State, fan: Fan, item: Item) -> None:
    """Let an item of a fan that was stopped end as it stands."""
    if fan.selects(item.key):
        stop(state, fan, item)
    elif needs_body(state, fan, item):
        open_body(state, fan, item)


def stop(state: State, fan: Fan, item: Item) -> None:
    """Let an item that was stopped before its turn end as it stands, and so what is in its body."""
    done = fan.past.find(item) if isinstance(fan.task.action, Group | Sub) else None
    if done is None or not done.attempts or not reusing.may_stand(state, fan):
        reusing.stop(state, fan, item)
        return
    selection = None if fan.part is None else inside(fan.part, item.key)
    scope = open_body(state, fan, item, selection)
    scope.before = reusing.address_before(fan, done.key)
    scope.stopped, scope.needed = fan.stopped, reusing.needed(fan, item)
    for inner in scope.fans.values():
        if scope.asks_for(inner.task.name):
            inner.stopped = fan.stopped


def open_body(state: State, fan: Fan, item: Item, selection: Selection | None = None) -> Scope:
    """Open a body in which all ends as it did; of what was stopped, `selection` was to run."""
    body = body_of(fan.task)
    assert body is not None
    scope = bodies.open_scope(state, body, fan.scope.surroundings, fan, item, selection, left=True)
    scope.before = reusing.address_before(fan, item.key)
    fan.scopes[item.index] = scope
    return scope
