"""What a plan remembers between two moves, and what it asks of the outside.

It only holds: who changes it, and why, stands in the rooms below.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import count, islice

from runner.expression import Template
from runner.hints import TYPE_CHECKING, Any, Protocol
from runner.in_c import heapify, heappush
from runner.plan.fan import Fan, Scope
from runner.plan.limits import Beginning, Limits
from runner.plan.past import Aim
from runner.plan.selection import Selection
from runner.plan.standing import Life, Place
from runner.plan.surroundings import Surroundings
from runner.plan.timeouts import Timeout
from runner.plan.views import Recorded
from runner.records import Event, Item, ItemsCounted, Pace, Submission
from runner.struct import struct
from runner.workflow import Group, Limit, Map, Sub, Value

if TYPE_CHECKING:
    from runner.plan.earlier import Cache, Earlier

EVENTS_A_TURN = 4096
"""After so many events a turn ends, so that they are recorded and nothing piles up."""

OPEN_BODIES = 256
"""So many bodies of one group are open at once at the most: they are finished first."""

SHARE = 0.025
"""Seconds of evaluating after which others have their turn, and, if it was all of one turn, the engine."""

LAST_LOOK = 1.0
"""Seconds after the stop of a continued run in which it is told how things stand that never start."""


class ItemsFailure(Exception):
    """What a map ranges over could not be had; the text is for the user."""


class BrokenOff(Exception):
    """What was being evaluated was broken off, since the run is to end; the text says why."""


class OpenItems(Protocol):
    """The items of a map, in input order; `total` where it is known beforehand.

    None in between: the source was read for a while and gave nothing yet.
    """

    @property
    def total(self) -> int | None:
        """How many there are."""
        ...

    def __iter__(self) -> Iterator[Item | None]: ...


def read(source: Iterator[Item | None], most: int, items: list[Item]) -> bool:
    """Add the next items of a source; whether it goes on, though it gave nothing more for now."""
    for item in islice(source, most):
        if item is None:
            return True
        items.append(item)
    return False


@struct
class Ports:
    """What a plan asks of the outside. `open_items` and its iterator raise `ItemsFailure`.

    `enter` gives the surroundings of a body from those around it, the group's action and the
    names that its item sees; it raises `EvaluationError`. `chance` gives numbers in [0, 1).
    What evaluates or reads raises `BrokenOff`, too: then the run is stopped before the next turn.
    """

    evaluate: Callable[[Template, Mapping[str, Any]], Any]
    open_items: Callable[[Map, Mapping[str, Any]], OpenItems]
    enter: Callable[[Surroundings, Group | Sub, Mapping[str, Any]], Surroundings]
    recorded: Recorded
    chance: Callable[[], float]
    earlier: Earlier | None = None
    """The earlier sessions of a run that is continued."""
    cache: Cache | None = None
    """What is kept of tasks with a `cache`, unless nothing of it is to be used."""
    explains: bool = False
    """Whether somebody wants to know why the cache cannot be used."""
    paces: Callable[[], Mapping[str, Pace]] = dict
    """How long tasks took in earlier runs, by their addresses without keys."""
    read: Callable[[Iterator[Item | None], int, list[Item]], bool] = read
    """Reads what `open_items` has given."""
    evaluated: Callable[[], float] = float
    """How many seconds evaluating and reading have taken so far."""


@struct
class Start:
    """Give this to a worker."""

    submission: Submission


@struct
class Cancel:
    """End this submission; how that went is told by `settle`."""

    number: int


Move = Start | Cancel


@struct(frozen=False)
class Flight:
    """A submission that has not come back."""

    fan: Fan
    items: tuple[Item, ...]
    aim: Aim = Aim.ACT
    beginning: Beginning | None = None
    """By which limits know when it began."""


class State:
    """The state of one run's plan. `now` and `turn` are those of the current move."""

    def __init__(
        self,
        ports: Ports,
        limits: Iterable[Limit],
        *,
        workers: int,
        slice_seconds: float,
        fail_fast: bool,
        selection: Selection | None,
    ) -> None:
        self.ports = ports
        self.workers = workers
        self.slice_seconds = slice_seconds
        self.fail_fast = fail_fast
        self.selection = selection
        self.leaves = selection is not None and selection.leaves
        """What is not selected stays as earlier sessions of the run have left it."""
        self.limits: Limits[Fan] = Limits(limits)
        self.now = 0.0
        self.turn = 0
        self._began = 0.0
        """When this turn began to give something."""
        self._evaluated = 0.0
        """How long evaluating had taken when the time went on by it."""
        self._share_began = 0.0
        self.broken_off = False
        """An evaluation was, in this turn: nothing more is done in it."""
        self.root: Scope | None = None
        self.failing_fast: str | None = None
        """Why nothing starts any more but clean-up, once `--fail-fast` has struck."""
        self.numbers = count(1)
        self.session = ports.earlier.session if ports.earlier else 1
        self.continued = ports.earlier is not None
        self.fan_numbers = count(ports.earlier.first_fan if ports.earlier else 1)
        self.scope_numbers = count(1)
        self.places: dict[int, dict[str, Place]] = {}
        self.events: list[Event] = []
        self.flights: dict[int, Flight] = {}
        self.unsure: dict[int, Beginning] = {}
        """Of the flights those whose beginning a limit's rate counts, as long as it is not known."""
        self.cancels: list[int] = []
        self.due: deque[Fan] = deque()
        """All they need has settled; they are to be opened."""
        self.ready: list[Fan] = []
        """A heap, by rank: they may have something for a worker."""
        self.values: deque[Fan] = deque()
        """They may have something to give that takes no worker: a value, or what is as it was."""
        self.counted: deque[Fan] = deque()
        """How many items they have has become known, which may decide how they end."""
        self.later: list[Fan] = []
        """They wait for the events of this turn to be recorded."""
        self.draining: list[Fan] = []
        """They were stopped, and their items that never start are still to be told."""
        self.ending = False
        """The whole run was stopped."""
        self.expires = 0.0
        """Until when it is told, once the whole run was stopped, how that stands which never starts."""
        self.expired = False
        """What never starts is not told any more."""
        self.closing: deque[Scope] = deque()
        """Everything in them has settled."""
        self.unrecorded: list[Fan] = []
        """They are due, and are opened when the events of this turn are recorded, which they read."""
        self.unclosed: list[Scope] = []
        """Likewise the bodies whose results are made of what is recorded."""
        self.retries: list[tuple[float, int, Fan, Item]] = []
        self.deadlines: list[tuple[float, int, Scope]] = []
        self.most_deadlines = 1024
        self.untimed = 0
        """How many bodies have a timeout that does not count yet."""

    @cached_property
    def paces(self) -> Mapping[str, Pace]:
        """How long tasks took in earlier runs, by their addresses without keys."""
        return self.ports.paces()

    def queue(self, fan: Fan) -> None:
        """Let `fan` be asked for items."""
        fan.queued = True
        if fan.place.item and fan.drawn:
            fan.rank = fan.ranked(fan.drawn)
        if isinstance(fan.task.action, Value) or fan.left:
            self.values.append(fan)
        else:
            heappush(self.ready, fan)

    def count(self, fan: Fan, total: int) -> None:
        """The number of the items of `fan` has become known."""
        fan.total = total
        self.counted.append(fan)
        self.events.append(ItemsCounted(fan.number, total))

    def is_due(self, fan: Fan) -> None:
        """All that `fan` needs has settled."""
        if fan.life is Life.WAITING:
            fan.life = Life.DUE
            fan.turn = self.turn
            self.due.append(fan)

    def end(self) -> None:
        """The whole run was stopped. In one that is not continued all that never starts ends alike."""
        if not self.ending:
            self.ending, self.expired, self.expires = True, not self.continued, self.now + LAST_LOOK

    def set_timeout(self, scope: Scope, timeout: Timeout | None) -> None:
        """Let `scope` be stopped if it is still open so long after its first start."""
        if timeout is not None:
            scope.timeout, scope.untimed = timeout, True
            self.untimed += 1

    def start_clocks(self, scope: Scope | None) -> None:
        """Something in `scope` starts: from now on its timeout counts, and that of what is around it."""
        while self.untimed and scope is not None:
            if scope.untimed:
                assert scope.timeout is not None
                scope.untimed = False
                self.untimed -= 1
                self._sweep()
                scope.deadline = self.now + scope.timeout.seconds
                heappush(self.deadlines, (scope.deadline, scope.number, scope))
            scope = scope.parent.scope if scope.parent else None

    def _sweep(self) -> None:
        """Forget the deadlines of bodies that have closed, before they are more than those that count."""
        if len(self.deadlines) >= self.most_deadlines:
            self.deadlines = [deadline for deadline in self.deadlines if deadline[2].unsettled]
            heapify(self.deadlines)
            self.most_deadlines = 2 * len(self.deadlines) + 1024

    def turn_over(self) -> None:
        """The events of the last turn are recorded: those that read them go on."""
        self.due.extend(self.unrecorded)
        self.closing.extend(self.unclosed)
        self.unrecorded.clear()
        self.unclosed.clear()

    def has_more(self) -> bool:
        """Whether something takes no worker and waits for nothing but the next turn."""
        now = self.due or self.closing or self.values or self.counted
        return bool(now or self.later or self.unrecorded or self.unclosed or self.cancels)

    def has_room(self, fan: Fan) -> bool:
        """Whether a submission of `fan` would be taken up at once, or, if brief, as the next.

        A worker is kept for each of those that go first and only wait for the next turn; all of them are,
        as long as a pass that has succeeded may decide a quorum.
        """
        waiting = self.workers if fan.sizing.size > 1 else 0
        room = self.workers + waiting - len(self.flights)
        if room <= 0 or not (self.unrecorded or self.unclosed):
            return room > 0
        if any(scope.may_decide for scope in self.unclosed):
            return False
        first = [waits.rank for waits in self.unrecorded if waits < fan]
        first += [scope.parent.rank for scope in self.unclosed if scope.parent and scope.parent < fan]
        return len(first) < room

    def it_is(self, now: float) -> None:
        """From here on the time goes on by what evaluating takes."""
        self.now = now
        self._evaluated = self.ports.evaluated()

    def begin_turn(self, now: float) -> None:
        """It is `now`, and what evaluating takes is not too much yet."""
        self.it_is(now)
        self.broken_off = False

    def begin_giving(self) -> None:
        """What never starts is told: the rest of the turn is for what does."""
        self._began = self.now

    def evaluate(self, template: Template, names: Mapping[str, Any]) -> Any:
        """The value of an expression. Raises what the port does."""
        try:
            return self.ports.evaluate(template, names)
        finally:
            self.let_time_pass()

    def open_items(self, map: Map, names: Mapping[str, Any]) -> OpenItems:
        """What a map ranges over. Raises what the port does."""
        try:
            return self.ports.open_items(map, names)
        finally:
            self.let_time_pass()

    def enter(self, around: Surroundings, action: Group | Sub, names: Mapping[str, Any]) -> Surroundings:
        """The surroundings of a body. Raises what the port does."""
        try:
            return self.ports.enter(around, action, names)
        finally:
            self.let_time_pass()

    def read(self, source: Iterator[Item | None], most: int, items: list[Item]) -> bool:
        """Add the next items of a source; whether it goes on. Raises what the port does."""
        try:
            return self.ports.read(source, most, items)
        finally:
            self.let_time_pass()

    def let_time_pass(self) -> None:
        """Something was evaluated."""
        evaluated = self.ports.evaluated()
        self.now += evaluated - self._evaluated
        self._evaluated = evaluated

    def begin_share(self) -> None:
        """Something else that evaluates has its turn now."""
        self._share_began = self.now

    @property
    def share_is_over(self) -> bool:
        """Whether what evaluates now has done so for long enough, so that others go on."""
        return self.broken_off or self.now - self._share_began >= SHARE

    @property
    def is_late(self) -> bool:
        """Whether evaluating has taken so much of this turn that the engine is to look around."""
        return self.broken_off or self.now - self._began >= SHARE

    def full(self) -> bool:
        """Whether this turn has left enough to record."""
        return self.broken_off or len(self.events) >= EVENTS_A_TURN
