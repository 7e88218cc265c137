"""What is told of a run while it goes on: one stream for store, progress, report and tests.

Who listens hears of no secret, but for what `MaskedItem` and `Outcome` say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from runner.hints import Any, Literal
from runner.position import Position
from runner.records.traffic import Counts, Failure, Item, Mark, Outcome, Status
from runner.struct import field, struct


@struct
class Declared:
    """A task of the file, reached or not: its address without keys, and the addresses that it waits for.

    How it waits is `whole`, `items` (one by one) or `cleanup` (for all the others of its body).
    """

    path: str
    kind: str
    mapped: bool
    needs: tuple[tuple[str, str], ...] = ()


@struct
class RunStarted:
    """The first event of every run."""

    run_id: str
    workflow: str
    file: str
    started: float
    params: Mapping[str, Any]
    workers: int
    tasks: tuple[str, ...]
    """The names of the root tasks, in the order of the file."""
    declared: tuple[Declared, ...] = ()
    """All tasks of the file, those inside a group behind it."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """With what it runs."""


@struct
class TaskOpened:
    """A fan is known, and waits for what it needs. Parents come before children.

    `kind` is `run`, `call`, `tasks`, `workflow` or `value`; `parent` and `parent_index` name the
    item of the group that it belongs to.
    """

    fan: int
    address: str
    name: str
    kind: str
    mapped: bool
    position: Position
    parent: int | None = None
    parent_index: int | None = None


@struct
class ItemsCounted:
    """How many items a map has became known, at its opening or when its source came to its end."""

    fan: int
    total: int


@struct
class SliceStarted:
    """Items were given to a worker, or their body was opened: recorded before anything acts."""

    fan: int
    submission: int
    items: tuple[Item, ...]
    at: float


@struct
class ItemSettled:
    """An item has its final status. `outcome` is None where no attempt was made."""

    fan: int
    item: Item
    status: Status
    attempts: int
    outcome: Outcome | None = None
    failure: Failure | None = None
    reason: str | None = None
    marks: tuple[Mark, ...] = ()
    started: float | None = None
    seconds: float | None = None
    made: int = 0
    """The session of the run in which it was really done."""


@struct
class ItemsSettled:
    """Items that were done one after the other and succeeded at their first attempt: all there is to tell.

    It says the same as an `ItemSettled` for each of them.
    """

    fan: int
    items: tuple[Item, ...]
    outcomes: Sequence[Outcome]
    """One for each item."""
    made: int

    def each(self) -> Iterator[ItemSettled]:
        """What is told of each item."""
        for item, outcome in zip(self.items, self.outcomes, strict=True):
            yield ItemSettled(
                self.fan,
                item,
                Status.SUCCEEDED,
                1,
                outcome,
                started=outcome.started,
                seconds=outcome.seconds,
                made=self.made,
            )


@struct
class Reconsidered:
    """What becomes of an item that was done before, or that a cache could know, and why.

    It is `left` as it was where it did not succeed and is not tried again.
    """

    fan: int
    item: Item
    fate: Literal["reused", "rerun", "left"]
    why: str


@struct
class AttemptFailed:
    """An attempt failed (or polled in vain) and another will follow at `due`, in `wait` seconds."""

    fan: int
    item: Item
    outcome: Outcome
    attempts: int
    wait: float


@struct
class TaskSettled:
    """A fan has its final status. For a plain task its one item has been settled just before.

    `tolerated` items of a map that ended within its budget are marked by `marks` of the map.
    """

    fan: int
    status: Status
    counts: Counts
    reason: str | None = None
    failure: Failure | None = None
    marks: tuple[Mark, ...] = ()
    started: float | None = None
    seconds: float | None = None


@struct
class Notice:
    """Something a user should hear about that is no outcome (a callable still running, …)."""

    text: str
    fan: int | None = None


@struct
class Stopping:
    """The run was told to end, and what is under way is being ended. It is not recorded.

    `reason` is the signal's name. What is there after `grace` seconds is killed; None: it is killed now.
    """

    reason: str
    grace: float | None


@struct
class RunFinished:
    """The last event of every run. `problems` are failures of outputs."""

    status: Status
    exit_code: int
    finished: float
    seconds: float
    outputs: Mapping[str, Any]
    problems: tuple[Failure, ...] = ()


Event = (
    RunStarted
    | TaskOpened
    | ItemsCounted
    | SliceStarted
    | Reconsidered
    | ItemSettled
    | ItemsSettled
    | AttemptFailed
    | TaskSettled
    | Notice
    | Stopping
    | RunFinished
)
