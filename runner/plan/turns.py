"""One turn: what it does that takes no worker, and what it gives to those that are free."""

from __future__ import annotations

from runner.exact import normalise
from runner.expression import EvaluationError
from runner.in_c import heappop
from runner.plan import attempts, bodies, giving, leaving, opening, reusing, settling, views
from runner.plan.fan import Fan
from runner.plan.standing import Life
from runner.plan.state import SHARE, BrokenOff, Move, State
from runner.records import Outcome
from runner.workflow import Group, Sub


def fill_workers(state: State) -> list[Move]:
    """Give out slices, and open bodies, by rank, as long as a worker would take them up.

    What has to be evaluated for that keeps nothing waiting that could start without; nor does a body
    that could open what the last one has yet to begin.
    """
    starts: list[Move] = []
    begun_late = False
    state.begin_giving()
    go_on(state)
    began = state.now
    while state.ready and not state.full() and state.has_room(state.ready[0]):
        fan = heappop(state.ready)
        fan.queued = False
        if fan.life is not Life.OPEN:
            continue
        has_body = isinstance(fan.task.action, Group | Sub)
        if (state.now - began >= SHARE and evaluates(fan)) or (has_body and begun_late):
            giving.wait_a_turn(state, fan)
            continue
        state.begin_share()
        if has_body:
            giving.open_body(state, fan)
            begun_late = state.is_late
        else:
            giving.start_slice(state, fan, starts)
        go_on(state)
    return starts


def go_on(state: State) -> None:
    """Do what takes no worker: it may have something to give that goes first, or decide what still starts."""
    while (state.closing or state.due or state.values or state.counted) and not state.full():
        settling.judge_counted(state)
        if state.is_late:
            return
        bodies.close_scopes(state)
        opening.open_due(state)
        fill_values(state)


def evaluates(fan: Fan) -> bool:
    """Whether something is to be evaluated, or read, before `fan` gives its next item."""
    return fan.mapped or isinstance(fan.task.action, Group | Sub)


def fill_values(state: State) -> None:
    """Evaluate what is only a value, and pass on what is as it was; that takes no worker."""
    state.begin_share()
    while state.values and not state.full() and not state.share_is_over:
        fan = state.values.popleft()
        fan.queued = False
        if fan.life is Life.OPEN and fan.left:
            leaving.give(state, fan)
        elif fan.life is Life.OPEN:
            evaluate_value(state, fan)


def evaluate_value(state: State, fan: Fan) -> None:
    """Evaluate the next items of a value."""
    items = giving.cut(state, fan)
    if items:
        state.start_clocks(fan.scope)
    for item in items:
        giving.note_start(state, fan, (item,))
        names = {**fan.shared.values, **views.item_names(fan.task, item)}  # type: ignore[union-attr]  # it is open
        outcome = Outcome(item.index, item.attempt, state.now, 0.0)
        try:
            assert fan.task.result is not None
            value = state.evaluate(fan.task.result, names)
            outcome.result, outcome.encoded = normalise(value)
        except BrokenOff:
            giving.break_off(state, fan, (item,))
            break
        except EvaluationError as error:
            outcome = giving.failed(item, outcome.started, error)
        outcome.seconds = state.now - outcome.started
        outcome.made = reusing.made_of_value(state, fan, item, outcome)
        attempts.ended(state, fan, item, outcome)
    if items:
        settling.stir(state, fan)
