"""What may start now, what must be cancelled, and how everything ends: pure and lazy.

A plan holds no pool and knows no clock, thread or file: it is told the time, is asked what to
start (`take`), is told how that went (`settle`), and leaves events (`drain`). What it needs from
outside it is given as `Ports`. `now` counts seconds since the epoch on a clock that never steps.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.expression import Template
from runner.hints import Any
from runner.in_c import heappop
from runner.plan import attempts, bodies, draining, giving, reusing, settling, smooth, turns
from runner.plan.fan import Fan, Scope
from runner.plan.past import Aim
from runner.plan.selection import Selection, select
from runner.plan.sizing import LONG
from runner.plan.state import (
    BrokenOff,
    Cancel,
    Flight,
    ItemsFailure,
    Move,
    OpenItems,
    Ports,
    Start,
    State,
    read,
)
from runner.plan.surroundings import Surroundings
from runner.plan.timeouts import timeout_of
from runner.plan.views import Recorded
from runner.plan.wishes import wishes_of
from runner.records import Event, Item, Outcome, Status
from runner.workflow import Workflow

__all__ = [
    "BrokenOff",
    "Cancel",
    "ItemsFailure",
    "Move",
    "OpenItems",
    "Plan",
    "Ports",
    "Recorded",
    "Selection",
    "Start",
    "Surroundings",
    "read",
    "select",
]


class Plan:
    """The plan of one run.

    `selection` is what runs of it, where not all of it does.
    """

    def __init__(
        self,
        workflow: Workflow,
        ports: Ports,
        surroundings: Surroundings,
        *,
        workers: int,
        slice_seconds: float = LONG,
        fail_fast: bool = False,
        selection: Selection | None = None,
    ) -> None:
        self._workflow = workflow
        self._surroundings = surroundings
        self._wishes = wishes_of(workflow, selection.asked) if selection else ()
        self._stopped: str | None = None
        self._state = State(
            ports,
            workflow.limits.values(),
            workers=workers,
            slice_seconds=slice_seconds,
            fail_fast=fail_fast,
            selection=selection,
        )

    def begin(self, now: float) -> None:
        """Open the root body."""
        state = self._state
        state.it_is(now)
        state.root = bodies.open_scope(
            state, self._workflow.body, self._surroundings, selection=state.selection, wishes=self._wishes
        )
        state.set_timeout(state.root, timeout_of(self._workflow))
        state.start_clocks(state.root)

    def take(self, now: float) -> list[Move]:
        """What to start and to cancel now. It may leave more to do at once (`next_due`)."""
        state = self._state
        state.begin_turn(now)
        self._call_back()
        draining.drain(state)
        starts = turns.fill_workers(state)
        cancels: list[Move] = [Cancel(number) for number in state.cancels]
        state.cancels.clear()
        return cancels + starts

    @property
    def unsure(self) -> tuple[int, ...]:
        """The submissions whose beginning a limit's rate counts and does not know."""
        return tuple(self._state.unsure)

    def began(self, number: int, at: float) -> None:
        """A worker began with a submission that was unsure."""
        self._state.unsure.pop(number).tell(at)

    def settle(self, number: int, outcomes: Sequence[Outcome], now: float) -> None:
        """Submission `number` has come back with these outcomes; items without one did not begin."""
        state = self._state
        state.it_is(now)
        flight = state.flights.pop(number)
        if flight.aim is not Aim.ACT:
            flight.fan.past.under_way -= len(flight.items)
        match flight.aim:
            case Aim.COMPARE:
                reusing.compared(state, flight.fan, flight.items, outcomes)
            case Aim.LOOK_UP:
                reusing.looked_up(state, flight.fan, flight.items, outcomes)
            case Aim.ACT:
                self._attempted(number, flight, outcomes)
        flight.fan.flights -= 1
        settling.stir(state, flight.fan)

    def settle_first(self, number: int, outcomes: Sequence[Outcome], now: float) -> None:
        """The first items of submission `number` have these outcomes; it goes on with the others."""
        state = self._state
        state.it_is(now)
        flight = state.flights[number]
        items, flight.items = flight.items[: len(outcomes)], flight.items[len(outcomes) :]
        self._ended(flight.fan, items, outcomes)
        settling.stir(state, flight.fan)

    def take_back(self, number: int, count: int, now: float) -> None:
        """The last `count` items of submission `number` will not begin there: another one may have them."""
        state = self._state
        state.it_is(now)
        flight = state.flights[number]
        flight.items, rest = flight.items[:-count], flight.items[-count:]
        giving.take_back(state, flight.fan, rest)
        settling.stir(state, flight.fan)

    def _attempted(self, number: int, flight: Flight, outcomes: Sequence[Outcome]) -> None:
        state, fan, items = self._state, flight.fan, flight.items
        state.limits.give_back(fan.task.limits)
        state.unsure.pop(number, None)
        if flight.beginning is not None:
            flight.beginning.tell(outcomes[0].started if outcomes else state.now)
        self._ended(fan, items, outcomes)
        giving.take_back(state, fan, items[len(outcomes) :])

    def _ended(self, fan: Fan, items: Sequence[Item], outcomes: Sequence[Outcome]) -> None:
        state = self._state
        if smooth.is_smooth(fan, items):
            smooth.attempted(state, fan, items, outcomes)
        else:
            for item, outcome in zip(items, outcomes, strict=False):
                outcome.made = state.session
                attempts.ended(state, fan, item, outcome)
        if not fan.limited:
            fan.sizing.learn(outcomes)

    def stop(self, reason: str, now: float) -> None:
        """End the whole run: nothing new starts, what is under way is cancelled."""
        self._state.it_is(now)
        self._stopped = self._stopped or reason
        self._state.end()
        settling.stop_scope(self._state, self.root, reason)

    def strike(self, now: float) -> None:
        """Stop the bodies whose time is over."""
        state = self._state
        state.it_is(now)
        while state.deadlines and state.deadlines[0][0] <= state.now:
            settling.time_out(state, heappop(state.deadlines)[2])

    def run_out(self, now: float) -> None:
        """The time of the run is over, though it may not count yet by what has started."""
        self._state.it_is(now)
        settling.time_out(self._state, self.root)

    def deadline_of(self, number: int) -> float | None:
        """When the time is over of the bodies that submission `number` belongs to; None: none is timed."""
        if not self._state.deadlines:
            return None
        return self._state.flights[number].fan.scope.next_deadline

    def next_due(self) -> float | None:
        """When `take` is to be asked again though nothing has come back; None: no need."""
        state = self._state
        if (
            state.has_more()
            or draining.is_draining(state)
            or state.full()
            or (state.ready and state.has_room(state.ready[0]))
        ):
            return state.now
        dues = [heap[0][0] for heap in (state.retries, state.deadlines) if heap]
        rate = state.limits.next_due(state.now)
        return min(dues if rate is None else [*dues, rate], default=None)

    def drain(self) -> list[Event]:
        """The events since the last call. Once they are recorded, later moves may read them."""
        state = self._state
        events, state.events = state.events, []
        state.turn += 1
        return events

    @property
    def root(self) -> Scope:
        """The outermost body."""
        assert self._state.root is not None, "the plan has not begun"
        return self._state.root

    @property
    def finished(self) -> bool:
        """Whether everything has settled."""
        return not self.root.unsettled

    def status(self) -> Status:
        """How the run stands at its end."""
        if self._stopped:
            return Status.CANCELLED
        failed = any(fan.failed_for_good for fan in self.root.fans.values())
        return Status.FAILED if failed or self.root.timed_out else Status.SUCCEEDED

    def output(self, template: Template) -> Any:
        """An output at the end of the run; raises `EvaluationError`."""
        return bodies.output(self._state, self.root, template)

    def _call_back(self) -> None:
        """Those whose wait is over."""
        state = self._state
        while state.retries and state.retries[0][0] <= state.now:
            _, _, fan, item = heappop(state.retries)
            if fan.waiting.get(item.index) is item:
                del fan.waiting[item.index]
                fan.due.append(item)
                settling.stir(state, fan)
        self.strike(state.now)
        giving.call_limited(state)
        state.turn_over()
        later, state.later = state.later, []
        for fan in later:
            fan.queued = False
            settling.stir(state, fan)
