"""Statuses, items, submissions and outcomes: what goes between plan, engine and work."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from runner.hints import Any
from runner.struct import field, struct
from runner.workflow import Task


class Status(StrEnum):
    """How a task or an item stands, in the order of its life; the last four are final."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    """A need failed, a `when` said no, or it was not selected: it never started."""
    CANCELLED = "cancelled"
    """Stopped, by a signal, a budget, a quorum, a timeout around it or `--fail-fast`."""


class Mark(StrEnum):
    """What is worth knowing about an outcome besides its status."""

    FLAKY = "flaky"
    TOLERATED = "tolerated"
    REUSED = "reused"
    TRUNCATED = "truncated"


class FailureKind(StrEnum):
    """Why something failed."""

    EXIT = "exit"
    EXCEPTION = "exception"
    TIMEOUT = "timeout"
    EXPRESSION = "expression"
    OUTPUT = "output"
    START = "start"
    ITEMS = "items"
    BUDGET = "budget"
    UNTIL = "until"
    LOST = "lost"


@struct
class Failure:
    """An error as text, so that it crosses threads, processes and days.

    `traceback` begins at the user's first frame; `command` is a line that can be pasted (values
    quoted, secrets masked); `output` is the tail of what it printed; `exception` is the
    exception's dotted type names, most derived first (`retry.on.exceptions` looks there).
    """

    kind: FailureKind
    message: str
    exit_code: int | None = None
    traceback: str | None = None
    command: str | None = None
    output: str | None = None
    exception: tuple[str, ...] = ()
    address: str | None = None
    """Of what failed inside, when this is a group's failure."""
    position: str | None = None
    """In the file, of what is no task's: `flow.yml:14:3`."""


@struct
class Item:
    """One element of what a map ranges over. A plain task has one, with no key. Nobody changes it.

    `index` counts from 0 in input order, `key` is the stable name, `attempt` counts from 1.
    """

    index: int
    key: str | None
    value: Any
    attempt: int = 1
    by_place: bool = False
    """Its key is only its index: in another list another item may have it."""


@struct
class MaskedItem(Item):
    """An item that holds a secret as those who listen see it; `whole` is passed on within the run."""

    whole: Item = field(kw_only=True)


@struct
class RunContext:
    """What is the same for the whole run, wherever its parts are performed. Paths are absolute.

    `secrets` are the values to mask, `names` what every expression may see (`params`, `run`,
    `workflow`; `secrets` by name).
    """

    run_id: str
    start_folder: str
    log_folder: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)


@struct(eq=False)
class Shared:
    """What all items of one fan share: bound once, not shipped with each slice.

    `fan` is the number of the fan in this run, `address` its name in the run
    (`fetch`, `country[fr].parse`). `values` are the names that expressions may see besides the
    item's own (`tasks`, the `as` names of outer maps, `params`, …). `env` is the whole
    environment of commands, before the task's own.
    """

    fan: int
    address: str
    task: Task
    values: Mapping[str, Any]
    env: Mapping[str, str]
    cwd: str | None
    context: RunContext
    declared: frozenset[str] = frozenset()
    """The variables in `env` that files and groups declare."""


@struct(eq=False)
class Submission:
    """A slice of the items of one task, given to one worker. `number` is unique in the run.

    `binds`: nothing is to be done: only what is bound is asked for, by which an item is known again
    (`Outcome.digest`, `Outcome.trace`).
    """

    number: int
    shared: Shared
    items: tuple[Item, ...]
    binds: bool = False


@struct
class Trace:
    """What an item of a task with a `cache` is known again by: digests of what it is made of and leaves.

    `place` is of its address and the file that it stands in, `action` what was bound, `source` the code of
    a callable, `inputs` and `outputs` the contents of the files that it names. `files` are those of
    `inputs`, where they are few. `fault` is why it cannot be known again.
    """

    place: str = ""
    action: bytes = b""
    source: bytes = b""
    inputs: bytes = b""
    outputs: bytes = b""
    files: tuple[tuple[str, bytes], ...] = ()
    fault: str = ""


@struct
class Kept:
    """What a cache gives of an item that succeeded before: `encoded` is the JSON text of `result`."""

    result: Any
    encoded: str
    exit_code: int | None


@struct(frozen=False, eq=False)
class Outcome:
    """How one attempt at one item went. Exactly one of success, failure, cancelled.

    `result` is normalised to JSON's types; `encoded` is its JSON text, or None where JSON cannot
    hold the result exactly (it is then passed on by reference, within the run). `started` is
    seconds since the epoch, `seconds` a duration on a clock that never steps. `log` names the
    log files of the attempt, relative to the run's log folder, and is empty when nothing was
    printed. `again` asks for another attempt though nothing went wrong (`until` is not yet true).
    """

    index: int
    attempt: int
    started: float
    seconds: float
    worker: str = ""
    result: Any = None
    encoded: str | None = "null"
    failure: Failure | None = None
    cancelled: bool = False
    again: bool = False
    exit_code: int | None = None
    truncated: bool = False
    secret: bool = False
    """The result contains a secret: in events `encoded` is masked, and `result` is whole."""
    log: tuple[str, ...] = ()
    left_behind: tuple[str, ...] = ()
    """Commands that it left running in the background, as `pid name`."""
    digest: bytes | None = None
    """Of what was bound: the command or the arguments, and the environment that the file declares."""
    made: int = 0
    """The session of the run in which it was really done; 0: nothing was."""
    trace: Trace | None = None
    """By which a `cache` knows it again."""


UNDER_WAY = "it was under way when the run broke off"
NOT_SELECTED = "not selected"
"""The `reason` of a `Done` that has no end: the program died before."""


@struct
class Counts:
    """How many items of a map have each final status."""

    succeeded: int = 0
    failed: int = 0
    skipped: int = 0
    cancelled: int = 0

    @property
    def total(self) -> int:
        """All items that have settled."""
        return self.succeeded + self.failed + self.skipped + self.cancelled


@struct
class Done:
    """How an item ended before. `outcome.made` is the session in which it was really done.

    `whole`: its result was recorded as it was.
    """

    status: Status
    attempts: int
    outcome: Outcome
    failure: Failure | None = None
    reason: str | None = None
    marks: tuple[Mark, ...] = ()
    whole: bool = True
    key: str | None = None
    """The key that it had then."""
    within: Counts | None = None
    """The tally of its task, if that had succeeded: a failed item of it has had its end as well."""


@struct
class Ended:
    """How a task ended in an earlier session, if it did, and the tally of its items.

    `total`: how many there were, if that was known.
    """

    status: Status | None
    counts: Counts
    total: int | None = None
    reason: str | None = None
    failure: Failure | None = None
    marks: tuple[Mark, ...] = ()
    started: float | None = None
    seconds: float | None = None


@struct
class Usual:
    """How a workflow file was done before: what its tasks took last, by their address without keys, and
    the seconds of the last run that succeeded."""

    paces: Mapping[str, Pace] = field(default_factory=dict)
    seconds: float | None = None


@struct
class Pace:
    """How long the items of a task took in an earlier run, on average, and how many of them there were."""

    seconds: float
    items: int
