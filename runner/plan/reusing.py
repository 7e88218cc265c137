"""What of the earlier sessions of a run still holds.

An item that succeeded before is not done again if nothing that it needs was done since, and if what
is bound now is what was bound then, which a worker finds out.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.plan import settling
from runner.plan.fan import Fan, Life, Scope
from runner.plan.state import State
from runner.records import Done, Item, Outcome, Reconsidered, Status
from runner.workflow import Call, Run


def recall(state: State, fan: Fan) -> None:
    """See what earlier sessions have left of a fan that opens."""
    scope = fan.scope
    if state.ports.earlier is None:
        return
    if scope.before is not None:
        fan.earlier = state.ports.earlier.fan(scope.before + fan.task.name)
    # What its map only ranges over does not count: its items are compared one by one.
    made = [(source.made, source.task.name) for need, source in fan.needs if not need.ranged]
    fan.needed = max([*made, scope.needed])


def enter(fan: Fan, item: Item, scope: Scope) -> None:
    """Let a body that opens know where it was in earlier sessions: another pass is another body."""
    scope.needed = _needed(fan, item)
    around, done = fan.scope.before, None
    if around is None or item.attempt > 1 or (item.by_place and fan.earlier is None):
        scope.before = None
        return
    key = item.key
    if item.by_place and fan.earlier is not None:
        done = fan.earlier.find(item)
        key = done.key if done else None
        if key is None:
            scope.before = None
            return
    scope.before = f"{around}{fan.task.name}" + (f"[{key}]." if key is not None else ".")


def _needed(fan: Fan, item: Item) -> tuple[int, str]:
    """When something was done last that an item needs, and what."""
    followed = (fan.made_by.get(item.index, 0), fan.head.source.task.name if fan.head else "")
    return max(fan.needed, followed)


def reconsider(state: State, fan: Fan, item: Item) -> bool:
    """Whether an item is to be taken up, if only to compare it; otherwise it has ended as it did before."""
    if item.index in fan.changed or item.index in fan.known:
        return True
    done = fan.earlier.find(item) if fan.earlier else None
    why = _why_again(fan, item, done)
    if why is None and done is not None:
        if done.status is not Status.SUCCEEDED:
            take_over(state, fan, item, done)
            return False
        if isinstance(fan.task.action, Run | Call):
            fan.known[item.index] = done
            return True
    if isinstance(fan.task.action, Run | Call):
        _again(state, fan, item, why or "")
    return True


def _why_again(fan: Fan, item: Item, done: Done | None) -> str | None:
    """Why an item must be done again, as far as the plan can tell."""
    if done is None or done.status is Status.SKIPPED:
        return "it has not been done before"
    made, name = _needed(fan, item)
    if done.outcome.made < made:
        return f"needs {name}, which was done again"
    if done.status is Status.SUCCEEDED:
        acts = isinstance(fan.task.action, Run | Call)
        lost = acts and not (done.whole and done.outcome.digest is not None)
        return "its result was not recorded whole" if lost else None
    if fan.mapped and fan.earlier is not None and fan.earlier.status is Status.SUCCEEDED:
        return None
    return "it failed before" if done.status is Status.FAILED else "it was cancelled before"


def made_of_value(fan: Fan, item: Item, outcome: Outcome, session: int) -> int:
    """When a value was made that is evaluated in each session: in the last one in which it changed."""
    done = fan.earlier.find(item) if fan.earlier else None
    alike = done is not None and done.status is Status.SUCCEEDED and done.outcome.encoded == outcome.encoded
    return done.outcome.made if done is not None and alike and outcome.encoded is not None else session


def _again(state: State, fan: Fan, item: Item, why: str) -> None:
    fan.changed.add(item.index)
    state.events.append(Reconsidered(fan.number, item, False, why))


def compared(state: State, fan: Fan, items: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
    """A worker has compared what is bound now with what was bound before."""
    back = list(items[len(outcomes) :])
    for item, outcome in zip(items, outcomes, strict=False):
        done = fan.known.pop(item.index)
        if outcome.same:
            take_over(state, fan, item, done)
        else:
            _again(state, fan, item, "its command, its arguments or its environment changed")
            back.append(item)
    back.sort(key=lambda item: item.index)
    if fan.life is Life.OPEN:
        fan.returned.extendleft(reversed(back))
        return
    for item in back:
        settling.settle_item(state, fan, item, Status.CANCELLED, reason=fan.stopped)


def take_over(state: State, fan: Fan, item: Item, done: Done) -> None:
    """Let an item end as it did before."""
    state.events.append(Reconsidered(fan.number, item, True, "nothing that it is made of changed"))
    outcome = done.outcome if done.attempts else None
    fan.made_by.pop(item.index, None)
    if outcome is not None:
        began, ended = fan.span or (outcome.started, 0.0)
        fan.span = min(began, outcome.started), max(ended, outcome.started + outcome.seconds)
    settling.settle_item(state, fan, item, done.status, outcome, done.failure, done.reason, done=done)
