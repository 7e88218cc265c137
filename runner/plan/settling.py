"""How items, tasks and bodies come to their end, and how they are brought to it."""

from __future__ import annotations

from runner.plan import reasons, seeking, verdict, views
from runner.plan.ends import Followed, Settled, item_marks
from runner.plan.fan import UNREAD, Fan, Scope
from runner.plan.standing import Life
from runner.plan.state import State
from runner.plan.timeouts import overrun
from runner.records import (
    Done,
    Failure,
    Item,
    ItemSettled,
    Mark,
    Outcome,
    Status,
    TaskSettled,
)


def is_late(state: State, fan: Fan) -> bool:
    """Whether the quorum of its map is reached."""
    return fan.quorum is not None and fan.tally.succeeded >= fan.quorum


def settle_item(
    state: State,
    fan: Fan,
    item: Item,
    status: Status,
    outcome: Outcome | None = None,
    failure: Failure | None = None,
    reason: str | None = None,
    active: bool = False,
    done: Done | None = None,
) -> None:
    """Give an item its final status, tell those that follow it, and judge what that decides.

    `active`: it had started. `done`: it ends as it did in an earlier session of the run.
    """
    made = outcome.made if outcome else 0
    fan.past.made = max(fan.past.made, made)
    fan.by_place = fan.by_place or item.by_place
    if fan.past.again or fan.past.before or fan.past.looked_up:
        fan.past.forget(item.index)
    fan.tally.add(status)
    fan.active -= active
    started, seconds = None, None
    first = fan.starts.pop(item.index, None) if fan.starts else None
    if outcome is not None:
        ended = outcome.started + outcome.seconds
        started = outcome.started if first is None else first
        seconds = outcome.seconds if first is None else max(ended - first, outcome.seconds)
        if active or done:
            fan.past.spans(started, started + seconds, made)
    elif first is not None:
        fan.past.spans(first, state.now, state.session)
    marks = done.marks if done else item_marks(fan.task, item, status, outcome)
    if 0 < made < state.session and (done or status is Status.SUCCEEDED):
        marks += (Mark.REUSED,)
    attempts = done.attempts if done else item.attempt if outcome is not None else item.attempt - 1
    state.events.append(
        ItemSettled(
            fan.number, item, status, attempts, outcome, failure, reason, marks, started, seconds, made
        )
    )
    if outcome is not None and outcome.truncated and status is Status.SUCCEEDED:
        folder = fan.scope.surroundings.context.log_folder
        fan.truncated[item.index] = "/".join([folder, *outcome.log[:1]])
    if not fan.mapped:
        keep(state, fan, outcome, failure, attempts, reason, marks)
    for follower in fan.followers:
        value = outcome.result if outcome and status is Status.SUCCEEDED else None
        seen = Item(item.index, item.key, value, by_place=item.by_place)
        follower.push(Followed(seen, status, made, reason))
        stir(state, follower.fan)
    judge(state, fan, item, status)


def keep(
    state: State,
    fan: Fan,
    outcome: Outcome | None,
    failure: Failure | None,
    attempts: int,
    reason: str | None,
    marks: tuple[Mark, ...],
) -> None:
    """Remember what others may know of the one item of a plain task."""
    fan.marks, fan.reason = marks, reason
    if outcome is None:
        fan.last = Settled(error=failure, attempts=attempts)
        return
    code = failure.exit_code if failure else outcome.exit_code
    fan.last = Settled(outcome.result, failure, code, attempts, outcome.seconds, outcome.log)


def judge(state: State, fan: Fan, item: Item, status: Status) -> None:
    """Whether this item decides how its map, or the whole run, goes on."""
    if status is not Status.SUCCEEDED:
        lose(state, fan, item, status)
    elif fan.life is Life.OPEN and not fan.left and is_late(state, fan):
        fan.decided = True
        stop_fan(state, fan, f"{verdict.quorum_in_words(fan)} is reached")


def lose(state: State, fan: Fan, item: Item, status: Status) -> None:
    """Whether it decides how `fan` ends, and what follows it, that an item of it has not succeeded."""
    known = fan.prospects.came_true(item.index)
    if not known and status is not Status.FAILED:
        fan.prospects.lost += 1
    judge_failing(state, fan, item, fan)
    if not known:
        tell_of_loss(state, fan)


def tell_of_loss(state: State, fan: Fan) -> None:
    """One of the items will be skipped in all that follows `fan`, directly or through others."""
    followers = followers_of(fan)
    for follower in followers:
        follower.prospects.lost += 1
    for follower in followers:
        judge_failing(state, follower, None, follower)


def followers_of(fan: Fan) -> list[Fan]:
    """The item-wise maps that follow `fan`, directly or through others."""
    found = [follower.fan for follower in fan.followers]
    for follower in found:
        found += [further.fan for further in follower.followers]
    return found


def judge_counted(state: State) -> None:
    """Whether it decides how maps end that the number of their items has become known."""
    while state.counted:
        fan = state.counted.popleft()
        followers = followers_of(fan)
        for follower in followers:
            follower.prospects.total = verdict.known_total(fan)
        for judged in (fan, *followers):
            judge_failing(state, judged, None, judged)


def judge_failing(state: State, fan: Fan, item: Item | None, failing: Fan) -> None:
    """Whether an item that has failed, or is sure to, decides how its map ends; `failing` is what failed.

    Without an item: whether what has become known otherwise decides that.
    """
    limit = fan.task.map
    if fan.life is not Life.OPEN or fan.left or not verdict.sure_to_fail(fan):
        return
    fan.decided = True
    if limit is not None and limit.fail_fast:
        stop_fan(state, fan, verdict.fail_fast_reason(fan, item), spare=True)
    doom(state, fan, failing)


def doom(state: State, fan: Fan, failing: Fan) -> None:
    """`fan` is sure to fail for good: so is the pass that it stands in, if that is not tried again."""
    scope, group = fan.scope, fan.scope.parent
    if fan.task.allow_failure:
        return
    if group is None:
        if state.fail_fast:
            fail_fast(state, fan, failing)
        return
    assert scope.item is not None
    may_be_skipped = fan.head is not None and not fan.head.source.fine
    tried_again = group.retries_left != 0 and has_tries(state, group, scope.item)
    if scope.doomed or may_be_skipped or tried_again:
        return
    scope.doomed = True
    group.prospects.doomed += 1
    judge_failing(state, group, scope.item, failing)
    group.prospects.foretell(scope.item.index)
    tell_of_loss(state, group)


def has_tries(state: State, fan: Fan, item: Item) -> bool:
    """Whether another attempt at an item may follow, whatever comes of this one, the retry budget apart."""
    stopped = fan.life is not Life.OPEN or (state.failing_fast and not fan.cleans_up)
    return not stopped and item.attempt < fan.task.retry.attempts


def settle_unopened(state: State, fan: Fan, end: verdict.Verdict) -> None:
    """End a fan that never gave an item. A plain task's one item ends with it."""
    fan.life = Life.OPEN
    fan.failure = end.failure
    if not fan.mapped and end.failure is not None:
        outcome = Outcome(0, 1, state.now, 0.0, failure=end.failure)
        settle_item(state, fan, Item(0, None, None), end.status, outcome, end.failure)
    elif not fan.mapped:
        settle_item(state, fan, Item(0, None, None), end.status, reason=end.reason)
    if fan.life is not Life.SETTLED:
        settle_fan(state, fan, end)


def settle_fan(state: State, fan: Fan, end: verdict.Verdict) -> None:
    """Give a fan its final status and tell those that waited for it."""
    fan.life = Life.SETTLED
    fan.turn = state.turn
    fan.status, fan.failure = end.status, end.failure
    fan.reason = end.reason or fan.reason
    fan.marks = verdict.marks_of(fan, end.status)
    if fan.tolerated:
        fan.reason = fan.reason or f"{reasons.TOLERATED_BY} allow_failure"
    fan.ended = state.now
    total = verdict.known_total(fan)
    for follower in followers_of(fan):
        follower.prospects.total = fan.tally.settled if total is None else total
    if fan.past.span:  # the plan may have heard of the end long after it
        fan.started, fan.ended = fan.past.span
    taint(fan)
    state.events.append(
        TaskSettled(
            fan.number,
            end.status,
            fan.tally.counts(),
            fan.reason,
            end.failure,
            fan.marks,
            fan.started,
            views.seconds_of(fan),
        )
    )
    tell(state, fan)


def taint(fan: Fan) -> None:
    """Let those downstream of `fan` know of failures upstream; a group has those of its body, too."""
    needs = [(need.up, source) for need, source in fan.needs]
    if fan.head:
        needs.append((0, fan.head.source))
    fan.reach = max([fan.reach, *(up for up, source in needs if source.tainted)])
    fan.tainted = fan.failed_for_good or fan.reach >= 0
    group = fan.scope.parent
    if group and fan.status is not Status.CANCELLED:
        group.reach = max(group.reach, fan.reach - 1)


def tell(state: State, fan: Fan) -> None:
    """Those that waited for `fan`, and the scope that it stood in."""
    for dependent in fan.dependents:
        dependent.unmet -= 1
        if not dependent.unmet:
            state.is_due(dependent)
    for follower in fan.followers:
        stir(state, follower.fan)
    fan.dependents, fan.followers, fan.shared = [], [], None
    scope = fan.scope
    scope.unsettled -= 1
    if not scope.unsettled:
        scope.turn = state.turn
        state.closing.append(scope)
    if fan.failed_for_good:
        doom(state, fan, fan)


def stir(state: State, fan: Fan) -> None:
    """Queue a fan that may have something to give, or end one that never will."""
    if fan.life not in (Life.OPEN, Life.CLOSING):
        return
    if fan.exhausted and fan.idle:
        seeking.judge(fan)
        settle_fan(state, fan, verdict.of_fan(fan))
    elif fan.life is Life.OPEN and not fan.queued and not fan.exhausted:
        state.queue(fan)


def stop_scope(state: State, scope: Scope, reason: str, cancel: bool = True, spare: bool = False) -> None:
    """Stop everything in a body; one in which all ends as it did before comes to its end by itself.

    What follows a map is stopped before it: it is stopped, too, and does not only lack what it follows.
    Where what is under way goes on, it may yet fail: what then cleans up is told when it would begin.
    """
    if scope.left and not state.expired:
        return
    scope.stopped = scope.stopped or reason
    for fan in sorted(scope.fans.values(), key=lambda fan: -fan.place.behind):
        may_yet = not cancel and fan.life in (Life.WAITING, Life.DUE)
        if not (spare and fan.task.cleans_up and (scope.doomed or may_yet)):
            stop_fan(state, fan, reason, cancel, spare)


def stop_fan(state: State, fan: Fan, reason: str, cancel: bool = True, spare: bool = False) -> None:
    """Let `fan` give nothing more; `cancel`: end what is under way, too.

    `spare`: but what cleans up after a pass that has failed goes on.
    """
    if fan.life is Life.SETTLED or (fan.left and not state.expired):
        return
    if fan.life in (Life.WAITING, Life.DUE):
        stop_unopened(state, fan, reason)
        return
    if fan.life is Life.OPEN:
        give_up(state, fan, reason)
    if state.expired:
        fan.cut_short = fan.cut_short or not fan.exhausted
        if not fan.mapped and (fan.cursor or fan.returned):
            settle_item(state, fan, Item(0, None, None), Status.CANCELLED, reason=reason)
        fan.returned.clear()
        fan.cursor, fan.head = None, None
    for scope in list(fan.scopes.values()):
        stop_scope(state, scope, reason, cancel, spare)
    if cancel and fan.flights:
        state.cancels += [n for n, flight in state.flights.items() if flight.fan is fan]
    stir(state, fan)


def stop_unopened(state: State, fan: Fan, reason: str) -> None:
    """End a fan that has not begun; in a run that is continued it stands as what it needs lets it."""
    if not state.continued or state.expired or fan.scope.before is None:
        settle_unopened(state, fan, verdict.Verdict(Status.CANCELLED, reason))
        return
    if fan.head and fan.stopped is None:
        fan.wait_for(fan.head.source)
        fan.life = Life.WAITING if fan.unmet else fan.life
    fan.stopped = fan.stopped or reason


def give_up(state: State, fan: Fan, reason: str) -> None:
    """Start nothing more of an open fan. What it had begun is cancelled now, the rest told turn by turn."""
    fan.life = Life.CLOSING
    fan.stopped = reason
    fan.cut_short = fan.cut_short or not fan.exhausted
    fan.cursor = None if fan.cursor is UNREAD else fan.cursor
    state.draining.append(fan)
    begun = [*fan.due, *fan.waiting.values()]
    fan.due.clear()
    fan.waiting.clear()
    for item in begun:
        settle_item(state, fan, item, Status.CANCELLED, reason=reason, active=True)


def fail_fast(state: State, failed: Fan, failing: Fan) -> None:
    """Start nothing more but clean-up; what is under way goes on to its end."""
    if state.failing_fast or state.ending or state.root is None:
        return
    state.failing_fast = f"fail-fast: {failing.address} failed"
    failed.tainted = True  # it may yet have to wait for what is under way
    for fan in state.root.fans.values():
        if not fan.task.cleans_up:
            stop_fan(state, fan, state.failing_fast, cancel=False, spare=True)


def time_out(state: State, scope: Scope) -> None:
    """Stop a body that is still open at its deadline, as the run is as long as its outputs are evaluated."""
    if scope.parent is not None and not scope.unsettled:
        return
    scope.timed_out = True
    if scope.parent is None:
        state.end()
    what = "the run" if scope.parent is None else scope.prefix[:-1]
    assert scope.timeout is not None
    stop_scope(state, scope, overrun(what, scope.timeout))
