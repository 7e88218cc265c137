"""The two things a plan is made of: a `Scope` (one open body) and a `Fan` (one task in it).

They hold state and answer questions about themselves; they decide nothing (`plan` does) and
know neither clocks, threads nor files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import repeat

from runner.plan.ends import Settled, Tally
from runner.plan.following import Follower
from runner.plan.past import Past
from runner.plan.prospects import Prospects
from runner.plan.selection import Part, Selection
from runner.plan.sizing import Sizing
from runner.plan.standing import Life, Place
from runner.plan.surroundings import Surroundings
from runner.plan.timeouts import Timeout
from runner.plan.wishes import Search, Wish
from runner.records import NOT_SELECTED, Ended, Failure, Item, Mark, Shared, Status
from runner.struct import struct
from runner.workflow import Body, Call, Need, Task

UNREAD: Iterator[None] = repeat(None)
"""Stands for what is left of a source whose reading was broken off."""


@struct(frozen=False, eq=False)
class Scope:
    """One open body with its namespace. `parent` is the group's fan, None for the root."""

    number: int
    body: Body
    surroundings: Surroundings
    outer: Scope | None = None
    parent: Fan | None = None
    item: Item | None = None
    selection: Selection | None = None
    """What runs of it; None: all."""
    left: bool = False
    """Nothing runs of it: all in it ends as it did before."""
    wishes: tuple[Wish, ...] = ()
    """What was asked for by name in it."""
    prefix: str = ""
    before: str | None = ""
    """What the addresses of its tasks began with in earlier sessions; None: nothing of it is known."""
    unknown: str = "it has not been done before"
    """Why nothing is known of what is not in `before`."""
    needed: tuple[int, str] = (0, "")
    """When something was done last that the group around it needs, and what."""
    depth: int = 0
    started: float = 0.0
    timeout: Timeout | None = None
    """How long it may stay open once something in it has started."""
    untimed: bool = False
    """It has a timeout, and nothing in it has started."""
    deadline: float | None = None
    """When that is over, once something in it has started."""
    stopped: str | None = None
    timed_out: bool = False
    doomed: bool = False
    """Something in it is sure to fail, and so is the item, whatever the rest does."""
    fans: dict[str, Fan] = None  # type: ignore[assignment]  # filled on opening
    unsettled: int = 0
    turn: int = -1
    """The turn in which the last of its tasks settled."""

    def find(self, name: str, up: int = 0) -> Fan:
        """The fan of the task `name`, `up` bodies outward."""
        scope = self
        for _ in range(up):
            assert scope.outer is not None
            scope = scope.outer
        return scope.fans[name]

    @property
    def next_deadline(self) -> float | None:
        """When it, or the first of the bodies around it, has been open for too long."""
        around = self.parent.scope.next_deadline if self.parent else None
        return min((due for due in (self.deadline, around) if due is not None), default=None)

    @property
    def may_decide(self) -> bool:
        """Whether its end may be the one by which a quorum around it is reached."""
        scope: Scope | None = self
        while scope is not None and scope.parent is not None:
            limit = scope.parent.task.map
            if limit is not None and limit.quorum is not None:
                return True
            scope = scope.parent.scope
        return False

    def selects(self, name: str) -> bool:
        """Whether the task `name` of this body is to run."""
        return not self.left and self.asks_for(name)

    def asks_for(self, name: str) -> bool:
        """Whether the task `name` is to run, if this body is."""
        return self.selection is None or name in self.selection.tasks

    def look_up(self, name: str) -> Fan:
        """The fan that an expression in this body means by `tasks.name`: the inner one wins."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.fans:
                return scope.fans[name]
            scope = scope.outer
        raise KeyError(name)


class Fan:
    """One task in one scope, going over its items; a plain task has one item."""

    __slots__ = (
        "active",
        "address",
        "by_place",
        "cursor",
        "cut_short",
        "decided",
        "dependents",
        "drawn",
        "due",
        "ended",
        "failure",
        "flights",
        "followers",
        "head",
        "last",
        "left",
        "life",
        "limited",
        "marks",
        "needs",
        "number",
        "order",
        "outer_reason",
        "outer_skip",
        "part",
        "past",
        "place",
        "prospects",
        "queued",
        "quorum",
        "rank",
        "reach",
        "reading",
        "reason",
        "retries_left",
        "returned",
        "scope",
        "scopes",
        "search",
        "shared",
        "sizing",
        "started",
        "starts",
        "status",
        "stopped",
        "tainted",
        "tally",
        "task",
        "total",
        "truncated",
        "turn",
        "unmet",
        "waiting",
    )

    def __init__(
        self, number: int, task: Task, scope: Scope, order: int, place: Place, slice_seconds: float
    ) -> None:
        self.number = number
        self.task = task
        self.scope = scope
        self.order = order
        self.part: Part | None = scope.selection.tasks.get(task.name) if scope.selection else None
        """Which of its items run; None: all."""
        self.search = Search(scope.wishes, task.name, scope.depth) if scope.selection else None
        """What is asked for of it by name, where not all runs."""
        self.address = scope.prefix + task.name
        self.place = place
        self.rank = self.ranked(0)
        self.life = Life.WAITING
        self.needs: list[tuple[Need, Fan]] = []
        self.unmet = 0
        self.dependents: list[Fan] = []
        self.followers: list[Follower[Fan]] = []
        self.head: Follower[Fan] | None = None
        self.cursor: Iterator[Item | None] | None = None
        self.reading = False
        """Its source was read for a while and gave nothing yet."""
        self.drawn = 0
        self.total: int | None = None
        self.quorum = task.map.quorum if task.map else None
        """How many items must succeed: no more than were asked for by name."""
        self.prospects = Prospects()
        """What is sure to become of its items."""
        self.returned: deque[Item] = deque()
        """Items that were given out and came back untouched."""
        self.waiting: dict[int, Item] = {}
        """Items that wait for another attempt, by index."""
        self.due: deque[Item] = deque()
        """Items whose wait is over."""
        self.by_place = False
        """Keys of its items are only their indexes."""
        self.past = Past()
        self.left: Ended | None = None
        """How it ended in an earlier session, if nothing of it is done in this one."""
        self.retries_left = task.retry.budget
        self.queued = False
        self.active = 0
        """Items between their first attempt and their end, waits for a retry included."""
        self.flights = 0
        self.scopes: dict[int, Scope] = {}
        self.starts: dict[int, float] = {}
        """When items that are tried again were started first, by index."""
        self.sizing = Sizing(slice_seconds)
        self.limited = False
        self.shared: Shared | None = None
        self.tally = Tally()
        self.truncated: dict[int, str] = {}
        """The logs of items whose results were too large to keep, by index."""
        self.status: Status | None = None
        self.reason: str | None = None
        self.failure: Failure | None = None
        self.marks: tuple[Mark, ...] = ()
        self.stopped: str | None = None
        """Why it gives nothing more, if somebody stopped it."""
        self.decided = False
        """What its items did says already how it must end."""
        self.cut_short = False
        """It was stopped while it had something left to give."""
        self.tainted = False
        """It failed for good, or something that it needs did, directly or through others."""
        self.reach = -1
        """How many bodies outward the farthest need stands that taints it or what is inside it."""
        self.outer_skip = 0
        """How many bodies outward the need stands for whose sake it was skipped."""
        self.outer_reason: str | None = None
        """Why a pass through its body was skipped: for the sake of something outside."""
        self.last: Settled | None = None
        self.started: float | None = None
        self.ended: float | None = None
        self.turn = -1
        """The turn in which it settled: what it left is recorded after that turn."""

    def ranked(self, given: int) -> tuple[float, ...]:
        """Its place in the order of starting, once so many of its items were given out."""
        # What is begun is finished first: open bodies, the oldest of them first, then the far end of
        # item-wise maps; among the rest, what most depends on.
        scope, place = self.scope, self.place
        remaining = max(place.least, place.remaining - place.item * given)
        return (-scope.depth, scope.number, -place.behind, -remaining, self.order, self.number)

    def __lt__(self, other: Fan) -> bool:
        return self.rank < other.rank

    def wait_for(self, source: Fan) -> None:
        """Be told when `source` has settled, if it has not."""
        if source.life is not Life.SETTLED:
            source.dependents.append(self)
            self.unmet += 1

    @property
    def mapped(self) -> bool:
        """Whether it goes over a map."""
        return self.task.map is not None

    def selects(self, key: str | None) -> bool:
        """Whether the item of this key is to run."""
        return self.part is None or None in self.part or key in self.part

    @property
    def is_whole(self) -> bool:
        """Whether all of it is to run, every item and all that is inside."""
        return self.part is None or (None in self.part and self.part[None] is None)

    @property
    def found_nothing(self) -> bool:
        """Whether some of its items only are to run, and none of them has come by."""
        if self.part is None or self.search is None:
            return False
        return None not in self.part and not self.search.chosen

    @property
    def cleans_up(self) -> bool:
        """Whether it starts even after `--fail-fast` struck: it cleans up at the root, or after a pass that
        has failed, or belongs to what does."""
        parent = self.scope.parent
        if self.task.cleans_up and (parent is None or self.scope.doomed):
            return True
        return parent is not None and parent.cleans_up

    @property
    def tolerated(self) -> bool:
        """Whether it failed, as it may."""
        return self.status is Status.FAILED and self.task.allow_failure and not self.missing

    @property
    def missing(self) -> Failure | None:
        """What was asked for by name of it and is not there."""
        return self.search.missing if self.search else None

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """What was asked for by name of it."""
        return self.search.wishes if self.search else ()

    @property
    def fine(self) -> bool:
        """Whether what needs it may start."""
        return self.status is Status.SUCCEEDED or self.tolerated

    @property
    def failed_for_good(self) -> bool:
        """Whether it failed, untolerated."""
        return self.status is Status.FAILED and not self.tolerated

    @property
    def exhausted(self) -> bool:
        """Whether nothing is left that it could give, now or later."""
        if self.head and (self.head.pending or self.head.source.life is not Life.SETTLED):
            return False
        return not (self.cursor or self.returned or self.waiting or self.due)

    @property
    def idle(self) -> bool:
        """Whether nothing of it is under way."""
        return not self.flights and not self.scopes

    @property
    def went_over_all(self) -> bool:
        """Whether, now that it is at its end, all the items that there are have come by."""
        if self.stopped or self.head is None:
            return not self.stopped
        source = self.head.source
        return source.fine or (source.part is not None and source.reason == NOT_SELECTED)

    def full(self) -> bool:
        """Whether `max_parallel` forbids a new item."""
        most = self.task.map.max_parallel if self.task.map else None
        return most is not None and self.active + self.past.under_way >= most

    def travels_alone(self) -> bool:
        """Whether a slice of it may hold one item only."""
        task = self.task
        return self.is_strict or bool(task.timeout or task.limits or not isinstance(task.action, Call))

    def next_size(self, workers: int) -> int:
        """How many items its next slice may hold."""
        if self.limited:
            return 1
        left = None if self.total is None or self.head else self.total - self.drawn + len(self.returned)
        return self.sizing.size if left is None else self.sizing.of_the_last(left, workers)

    @property
    def is_strict(self) -> bool:
        """Whether what comes of an item may decide about the next."""
        limit = self.task.map
        return limit is None or bool(limit.max_parallel or limit.quorum or limit.fail_fast)
