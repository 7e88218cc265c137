"""What a run has left behind, as it is read back: the run, its tasks, items, attempts and failures.

It does not know where they are read from, nor how they are shown.
"""

from __future__ import annotations

from runner.hints import Any
from runner.position import Position
from runner.records import Counts, Declared, Failure, FailureKind, Mark, Status
from runner.store.errors import SIGNS_OF_DAMAGE, damaged_record
from runner.store.tables import index_of
from runner.store.texts import decode
from runner.struct import field, fields, struct

RUNNING = "running"
DIED = "died"
UNREADABLE = "unreadable"
"""Its file is damaged, or was written by a newer version, or may not be read."""

OPAQUE = "opaque"
"""`withheld`: JSON cannot hold the result exactly; it was passed on within the run only."""
SECRET = "secret"
"""`withheld`: the result contains a secret, which is masked in what is recorded."""


@struct
class RunRecord:
    """A run as a whole. `status` is `running` until its end is recorded.

    It `started` when it was started first; `seconds` are those of the last session.
    """

    id: str
    status: str
    workflow: str
    file: str
    started: float
    seconds: float | None = None
    exit_code: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Failure, ...] = ()
    workers: int = 0
    tasks: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    session: int = 1

    @property
    def part(self) -> tuple[frozenset[str], frozenset[str]]:
        """What it was asked to do, and to leave out: nothing twice, if all was to be done."""
        return frozenset(self.options.get("only") or ()), frozenset(self.options.get("skip") or ())

    @property
    def continued_in_part(self) -> bool:
        """Whether something was left out when it was last continued."""
        return bool(self.options.get("partial"))

    @property
    def only_looked(self) -> bool:
        """Whether it only looked whether something is mended (`--again`)."""
        return bool(self.options.get("again"))


@struct(frozen=False)
class ItemRecord:
    """An item, settled or under way; its JSON texts are decoded when asked for."""

    id: int
    key: str | None
    value_text: str | None
    status: str
    attempts: int
    result_text: str | None = None
    withheld: str | None = None
    failure_text: str | None = None
    reason: str | None = None
    marks_text: str | None = None
    started: float | None = None
    seconds: float | None = None
    exit_code: int | None = None
    worker: str | None = None
    log_text: str | None = None
    digest: str | None = None
    made: int = 0

    @property
    def index(self) -> int:
        """Its place in input order."""
        return index_of(self.id)

    @property
    def value(self) -> Any:
        """The item itself."""
        return decode(self.value_text)

    @property
    def result(self) -> Any:
        """What it gave."""
        return decode(self.result_text)

    @property
    def failure(self) -> Failure | None:
        """Why it failed."""
        return read_failure(self.failure_text)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What is worth knowing about it."""
        return read_marks(self.marks_text)

    @property
    def log(self) -> tuple[str, ...]:
        """The log files of its last attempt."""
        return tuple(self.log_text.split("\n")) if self.log_text else ()


@struct
class AttemptRecord:
    """One try at an item."""

    number: int
    started: float | None
    seconds: float | None
    failure: Failure | None = None
    exit_code: int | None = None
    worker: str | None = None
    log: tuple[str, ...] = ()
    wait: float | None = None


@struct
class TaskRecord:
    """A task in one body. `fan` is None where the run has not reached it; `item` is a plain task's one.

    Of a map: `total` items, as far as they are counted, of which so many are `under_way`.
    """

    name: str
    address: str
    status: Status = Status.WAITING
    fan: int | None = None
    path: str = ""
    kind: str = ""
    mapped: bool = False
    position: Position | None = None
    within: int | None = None
    attempt: int = 1
    total: int | None = None
    reason: str | None = None
    failure: Failure | None = None
    marks: tuple[Mark, ...] = ()
    counts: Counts = field(default_factory=Counts)
    started: float | None = None
    seconds: float | None = None
    item: ItemRecord | None = None
    under_way: int = 0

    @property
    def not_begun(self) -> int:
        """Of a map: how many of its items are known of that have neither settled nor are under way."""
        begun = self.counts.total + self.under_way
        return max(0, self.total - begun) if self.mapped and self.total is not None else 0

    @property
    def is_uncounted(self) -> bool:
        """Whether it is a map that was stopped, or goes on, before its items were counted."""
        may_have_more = not self.is_over or self.status is Status.CANCELLED
        return self.mapped and self.total is None and may_have_more

    @property
    def is_group(self) -> bool:
        """Whether it has a body."""
        return self.kind in group_kinds

    @property
    def is_over(self) -> bool:
        """Whether it has its final status."""
        return self.status not in (Status.WAITING, Status.RUNNING)

    @property
    def tolerance(self) -> str | None:
        """Why failures in it do not count: `tolerated by max_failures: 5%`."""
        if Mark.TOLERATED in self.marks:
            return f"{Mark.TOLERATED.value} by allow_failure"
        if not self.mapped or self.status is not Status.SUCCEEDED:
            return None
        budget = (self.reason or "").removeprefix(f"{Mark.TOLERATED.value} by ").removesuffix(" is reached")
        return f"{Mark.TOLERATED.value} by {budget}" if budget else Mark.TOLERATED.value

    def tolerates(self, around: str | None) -> str | None:
        """Why failures in what is inside it do not count; `around`: why those of itself do not."""
        return f"{self.tolerance} of {self.address}" if self.tolerance else around


@struct
class LaterFan:
    """A task in one body, in a later session of the run."""

    number: int
    session: int
    address: str
    status: str | None
    reason: str | None
    mapped: int


@struct
class Remarkable:
    """How many items of a task bear a mark, and of how many the result is not recorded whole, and why."""

    flaky: int = 0
    reused: int = 0
    opaque: int = 0
    secret: int = 0


@struct
class Cause:
    """Why some did not run, or do not count, that have it in common: `reason`, without the keys of its own.

    `example` is the reason of one of them, as it is recorded.
    """

    reason: str
    number: int
    example: str


@struct
class Inside:
    """A task inside a mapped group, in all passes through its body together.

    `counts` and `causes` are of passes that have come to an end, `under_way` are the others; `items` are
    those of a map in all passes that have come to an end. `tolerances` say why failures do not count for what
    is around the task, `tolerances_of_items` why those of its items do not count for its map. So many of
    its items, or passes where it is no map, are `flaky` or `reused`.
    """

    path: str
    depth: int
    counts: Counts = field(default_factory=Counts)
    under_way: int = 0
    causes: tuple[Cause, ...] = ()
    tolerances: tuple[Cause, ...] = ()
    items: Counts | None = None
    causes_of_items: tuple[Cause, ...] = ()
    tolerances_of_items: tuple[Cause, ...] = ()
    flaky: int = 0
    reused: int = 0


@struct
class FailureRecord:
    """Something that failed by itself, not because of what is inside it."""

    address: str
    failure: Failure
    task: TaskRecord
    item: ItemRecord | None
    tolerance: str | None
    """Why it does not count, where it does not."""

    @property
    def fan(self) -> int:
        """The number of its task in its body, which the run has reached."""
        assert self.task.fan is not None
        return self.task.fan

    @property
    def tolerated(self) -> bool:
        """Whether the run does not fail for it."""
        return self.tolerance is not None


@struct
class Duration:
    """How long the items of a task took that succeeded. `path` is its address without keys."""

    path: str
    mean: float
    longest: float
    items: int


@struct
class NoticeRecord:
    """Something that is no outcome but worth hearing."""

    text: str
    address: str | None


group_kinds = frozenset({"tasks", "workflow"})


def write_failure(failure: Failure | None) -> dict[str, Any] | None:
    """A failure as JSON holds it."""
    if failure is None:
        return None
    told = {name: getattr(failure, name) for name in fields(failure)}
    return {name: value for name, value in told.items() if value is not None and value != ()}


def read_failure(text: str | None) -> Failure | None:
    """The failure that was recorded as `text`."""
    if text is None:
        return None
    try:
        return failure_of(decode(text))
    except SIGNS_OF_DAMAGE as error:
        raise damaged_record(error) from error


def read_marks(text: str | None) -> tuple[Mark, ...]:
    """The marks that were recorded as `text`."""
    if not text:
        return ()
    try:
        return tuple(Mark(word) for word in text.split())
    except SIGNS_OF_DAMAGE as error:
        raise damaged_record(error) from error


def read_declared(text: str | None) -> list[Declared]:
    """The tasks of the file and what each waits for, as they were recorded."""
    return [
        Declared(path, kind, bool(mapped), tuple((need, how) for need, how in needs))
        for path, kind, mapped, needs in decode(text) or []
    ]


def failure_of(fields: dict[str, Any]) -> Failure:
    """The failure that JSON holds."""
    return Failure(
        **{
            **fields,
            "kind": FailureKind(fields["kind"]),
            "exception": tuple(fields.get("exception", ())),
        }
    )
