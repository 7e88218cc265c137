"""What each fan gives next: to a worker, or to a body that opens."""

from __future__ import annotations

from collections.abc import Sequence

from runner.expression import EvaluationError
from runner.plan import attempts, bodies, leaving, opening, reusing, seeking, settling, verdict, views, wishes
from runner.plan.ends import Followed
from runner.plan.fan import UNREAD, Fan
from runner.plan.following import Follower
from runner.plan.past import Aim
from runner.plan.selection import inside
from runner.plan.sizing import LARGEST
from runner.plan.standing import Life
from runner.plan.state import (
    OPEN_BODIES,
    BrokenOff,
    Flight,
    ItemsFailure,
    Move,
    Start,
    State,
)
from runner.plan.timeouts import timeout_of_pass
from runner.records import Failure, FailureKind, Item, Outcome, SliceStarted, Status, Submission
from runner.struct import replace
from runner.workflow import Group, Sub


def wait_a_turn(state: State, fan: Fan) -> None:
    """Let `fan` give nothing more in this turn."""
    fan.queued = True
    state.later.append(fan)


def start_slice(state: State, fan: Fan, starts: list[Move]) -> None:
    """Give the next slice of `fan` to a worker, or let it wait in the line of a limit."""
    items = cut(state, fan)
    if not items:
        return
    if fan.life is not Life.OPEN:  # an item's `when` has just ended the map
        take_back(state, fan, items)
        return
    aim = reusing.aim_at(state, fan, items[0])
    if aim is not Aim.ACT:
        start_binding(state, fan, items, aim, starts)
        return
    beginning = state.limits.take(fan, fan.task.limits, state.now) if fan.task.limits else None
    if fan.task.limits and beginning is None:
        put_back(state, fan, items[0])
        fan.queued = True
        return
    number = next(state.numbers)
    note_start(state, fan, items)
    state.start_clocks(fan.scope)
    assert fan.shared is not None
    state.flights[number] = Flight(fan, items, beginning=beginning)
    if beginning is not None and state.limits.have_rate(fan.task.limits):
        state.unsure[number] = beginning
    fan.flights += 1
    state.events.append(SliceStarted(fan.number, number, items, state.now))
    starts.append(Start(Submission(number, fan.shared, items)))
    settling.stir(state, fan)
    if fan.task.limits:
        call_limited(state)


def start_binding(state: State, fan: Fan, items: tuple[Item, ...], aim: Aim, starts: list[Move]) -> None:
    """Let a worker find out by what items are known again: no attempt at them."""
    number = next(state.numbers)
    assert fan.shared is not None
    state.flights[number] = Flight(fan, items, aim)
    fan.flights += 1
    fan.past.under_way += len(items)
    state.start_clocks(fan.scope)
    if aim is Aim.COMPARE:
        before = [fan.past.known[item.index].attempts for item in items]
        items = tuple(replace(item, attempt=attempt) for item, attempt in zip(items, before, strict=True))
    starts.append(Start(Submission(number, fan.shared, items, binds=True)))
    settling.stir(state, fan)


def note_start(state: State, fan: Fan, items: tuple[Item, ...]) -> None:
    """Count items that are tried for the first time."""
    if fan.started is None:
        fan.started = state.now
    if items[0].attempt == 1:
        fan.active += len(items)


def open_body(state: State, fan: Fan) -> None:
    """Open the body of a group's next item."""
    if len(fan.scopes) >= max(OPEN_BODIES, state.workers):
        return
    items = cut(state, fan)
    if not items:
        return
    item = items[0]
    if item.index in fan.past.known:
        fan.returned.extendleft(reversed(items[1:]))
        leaving.open_body(state, fan, item)
        settling.stir(state, fan)
        return
    action = fan.task.action
    assert isinstance(action, Group | Sub)
    note_start(state, fan, items)
    try:
        around = state.enter(fan.scope.surroundings, action, views.names_of_item(fan, item))
    except BrokenOff:
        break_off(state, fan, items)
    except EvaluationError as error:
        attempts.ended(state, fan, item, failed(item, state.now, error))
    else:
        body = action.body if isinstance(action, Group) else action.workflow.body
        state.events.append(SliceStarted(fan.number, next(state.numbers), items, state.now))
        selection = None if fan.part is None else inside(fan.part, item.key)
        sought = wishes.inside(fan.wishes, fan.scope.depth, item.key)
        scope = bodies.open_scope(state, body, around, fan, item, selection, sought)
        reusing.enter(fan, item, scope)
        fan.scopes[item.index] = scope
        state.set_timeout(scope, timeout_of_pass(fan.task))
    settling.stir(state, fan)


def cut(state: State, fan: Fan) -> tuple[Item, ...]:
    """The next items to give, at most a slice of them; a retry goes alone.

    None: all are under way, or the rest waits for room, or this turn is full.
    """
    if fan.due:
        return (fan.due.popleft(),)
    items: list[Item] = []
    size = fan.next_size(state.workers)
    looks_back = reusing.looks_back(state, fan)
    if size > 1 and not looks_back and gives_all(fan):
        items = draw(state, fan, size)
    while len(items) < size and not fan.full() and fan.life is Life.OPEN:
        item = fan.returned.popleft() if fan.returned else fresh(state, fan)
        if item is None:
            break
        if looks_back:
            if not reusing.reconsider(state, fan, item):
                continue
            aim = reusing.aim_at(state, fan, item)
            if items and aim is not reusing.aim_at(state, fan, items[0]):
                fan.returned.appendleft(item)
                break
            size = size if aim is Aim.ACT or fan.is_strict else LARGEST
        items.append(item)
    if not items:
        after_empty_cut(state, fan)
    return tuple(items)


def after_empty_cut(state: State, fan: Fan) -> None:
    """See why a fan gave nothing: it is at its end, it waits, or it reads on in the next turn."""
    reads_on = fan.reading or (fan.head is not None and fan.head.pending) or state.share_is_over
    if fan.life is Life.OPEN and reads_on and not fan.full():
        wait_a_turn(state, fan)
        return
    waits = fan.full() or fan.waiting or (fan.head is not None and not fan.head.pending)
    if fan.life is not Life.OPEN or fan.exhausted or not waits:
        settling.stir(state, fan)


def fresh(state: State, fan: Fan) -> Item | None:
    """The next item of the source that was asked for and that its `when` lets pass.

    A `when` that fails may end the map.
    """
    while fan.life is Life.OPEN and not state.full() and not state.share_is_over:
        item = followed(state, fan) if fan.head else drawn(state, fan)
        if item is None:
            return None
        if fan.head is None:
            seeking.came_by(fan, item.key)
        if not fan.selects(item.key):
            if leaving.needs_body(state, fan, item):
                return item
        elif not fan.task.when_each or passes(state, fan, item):
            return item
    return None


def gives_all(fan: Fan) -> bool:
    """Whether every item of its own source is given as it comes."""
    plain = fan.part is None and fan.search is None and fan.head is None and not fan.task.when_each
    return plain and fan.life is Life.OPEN and not fan.returned and not fan.full()


def drawn(state: State, fan: Fan) -> Item | None:
    """The next item of a map's own source."""
    items = draw(state, fan, 1)
    return items[0] if items else None


def draw(state: State, fan: Fan, most: int) -> list[Item]:
    """The next items of a map's own source, up to the next one that it has yet to look for."""
    items: list[Item] = []
    if fan.cursor is None:
        return items
    fan.reading = False
    try:
        fan.reading = state.read(fan.cursor, most, items)
        fan.drawn += len(items)
        if fan.reading or (len(items) == most and fan.drawn != fan.total):
            return items
    except BrokenOff:
        state.broken_off = True
        fan.drawn += len(items)
        fan.cursor = UNREAD if fan.life is Life.OPEN else None
        fan.cut_short = True
        return items
    except ItemsFailure as error:
        fan.drawn += len(items)
        fan.failure = Failure(FailureKind.ITEMS, str(error))
    fan.cursor = None
    if fan.failure is None and fan.total is None:
        state.count(fan, fan.drawn)
    return items


def followed(state: State, fan: Fan) -> Item | None:
    """The next item of an item-wise map; those whose source did not succeed are skipped on the way."""
    head = fan.head
    assert head is not None
    while head.pending and not state.full():
        if not head.ahead and not read_ahead(state, head):
            return None
        ended = head.take()
        seeking.came_by(fan, ended.item.key)
        if state.ending and ended.status is Status.CANCELLED and ended.reason == fan.stopped:
            reusing.leave_out(fan, ended.item)
            continue
        if ended.made and state.ports.earlier is not None:
            fan.past.made_by[ended.item.index] = ended.made
        if ended.status is not Status.SUCCEEDED:
            fan.prospects.foretell(ended.item.index)
        if not fan.selects(ended.item.key):
            return ended.item
        if ended.item.index in head.source.truncated:
            log = head.source.truncated[ended.item.index]
            error = views.truncated(f"the result of {head.source.address}[{ended.item.key}]", log)
            outcome = failed(ended.item, state.now, error)
            settling.settle_item(state, fan, ended.item, Status.FAILED, outcome, outcome.failure)
            continue
        if ended.status is Status.SUCCEEDED:
            return ended.item
        reason = verdict.needs_item_reason(head.source, ended)
        settling.settle_item(state, fan, ended.item, Status.SKIPPED, reason=reason)
    return None


def read_ahead(state: State, head: Follower[Fan]) -> bool:
    """Read from the record what the bounded head of an item-wise map could not hold."""
    rows = state.ports.recorded.settled(head.source.number, head.read, head.length)
    by_place = head.source.by_place
    for index, key, status, result, made, reason in rows:
        item = Item(index, key, result, by_place=by_place and key == str(index))
        head.add(Followed(item, Status(status), made, reason))
    return bool(rows)


def passes(state: State, fan: Fan, item: Item) -> bool:
    """Whether an item's own `when` lets it start; otherwise it has settled."""
    assert fan.shared is not None and fan.task.when is not None
    names = {**fan.shared.values, **views.item_names(fan.task, item)}
    try:
        if opening.asks(state, fan.task.when, names):
            return True
    except BrokenOff:
        state.broken_off = True
        fan.returned.append(item)
        return False
    except EvaluationError as error:
        outcome = failed(item, state.now, error)
        settling.settle_item(state, fan, item, Status.FAILED, outcome, outcome.failure)
        return False
    settling.settle_item(state, fan, item, Status.SKIPPED, reason=verdict.when_reason(fan))
    return False


def take_back(state: State, fan: Fan, items: Sequence[Item]) -> None:
    """Items of a slice that did not begin: they go to the front again, or nowhere."""
    for item in reversed(items):
        if fan.life is Life.OPEN:
            put_back(state, fan, item)
            fan.active -= item.attempt == 1
        elif item.attempt == 1:
            fan.active -= 1
            reusing.stop(state, fan, item)
        else:
            settling.settle_item(state, fan, item, Status.CANCELLED, reason=fan.stopped, active=True)


def break_off(state: State, fan: Fan, items: tuple[Item, ...]) -> None:
    """What was evaluated for items was broken off: nothing has become of them."""
    state.broken_off = True
    take_back(state, fan, items)


def put_back(state: State, fan: Fan, item: Item) -> None:
    """Keep an item that was not started for the next time."""
    (fan.returned if item.attempt == 1 else fan.due).appendleft(item)


def call_limited(state: State) -> None:
    """Let the first of each line try again where a limit has room."""
    for fan in state.limits.called(state.now):
        fan.queued = False
        settling.stir(state, fan)


def failed(item: Item, now: float, error: EvaluationError) -> Outcome:
    """The outcome of an item for which an expression gives nothing."""
    failure = Failure(FailureKind.EXPRESSION, str(error))
    return Outcome(item.index, item.attempt, now, 0.0, failure=failure)
