"""What was stopped: the items of it that never start are told, as many as a turn can take.

In a run that is continued, what earlier sessions have left of them stands, for as long as the end may take.
"""

from __future__ import annotations

from runner.plan import giving, leaving, settling
from runner.plan.fan import Fan
from runner.plan.state import OPEN_BODIES, State
from runner.records import Item


def drain(state: State) -> None:
    """Tell of what never starts."""
    if state.ending and not state.expired and state.now >= state.expires:
        expire(state)
    for fan in list(state.draining):
        state.begin_share()
        while has_room(state, fan) and not state.share_is_over and (item := upcoming(state, fan)):
            leaving.settle(state, fan, item)
        if fan.exhausted:
            if fan.shared is not None and state.continued and not state.expired:
                fan.cut_short = fan.past.left_out  # all other items have told how they stand
            state.draining.remove(fan)
            settling.stir(state, fan)


def expire(state: State) -> None:
    """The end has taken long enough: what is not told yet is not told any more."""
    assert state.root is not None
    state.expired = True
    settling.stop_scope(state, state.root, state.root.stopped or "")


def is_draining(state: State) -> bool:
    """Whether `drain` has something to do at once."""
    return any(has_room(state, fan) and has_more(fan) for fan in state.draining)


def has_room(state: State, fan: Fan) -> bool:
    """Whether another item of `fan` may be told in this turn."""
    return not state.full() and len(fan.scopes) < OPEN_BODIES


def has_more(fan: Fan) -> bool:
    """Whether an item of `fan` can be told."""
    return bool(fan.returned or fan.cursor or (fan.head and fan.head.pending))


def upcoming(state: State, fan: Fan) -> Item | None:
    """The next item that never starts."""
    if fan.returned:
        return fan.returned.popleft()
    return giving.followed(state, fan) if fan.head else giving.drawn(state, fan)
