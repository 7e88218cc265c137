"""The meaning of a workflow file: names resolved, durations in seconds, nothing left to check.

It knows neither YAML nor what a run is. `loader` makes a `Workflow`; everything after the
loader reads nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from runner.expression import Template
from runner.hints import Any, Literal
from runner.position import Position
from runner.struct import field, struct

type_names = ("str", "int", "float", "bool", "list", "dict", "path")

most_workers = 100_000
"""More go side by side on no machine, and on no cluster that one program could feed."""

Capture = Literal["text", "lines", "json", "none"]
Kind = Literal["run", "call", "tasks", "workflow", "value"]
OnEmpty = Literal["succeed", "skip", "fail"]
Place = Literal["word", "bare", "quoted", "verbatim"]


@struct
class Param:
    """A declared parameter; `default` is already of `type` (`path`: absolute text)."""

    name: str
    type: str
    position: Position
    default: Any = None
    required: bool = False
    help: str = ""
    choices: tuple[Any, ...] = ()
    ge: float | None = None
    le: float | None = None


@struct
class Limit:
    """A named limit: `concurrency` units at once, and at most `starts` starts in any `per` seconds."""

    name: str
    concurrency: int | None = None
    starts: int | None = None
    per: float = 1.0

    def least(self, held: float, starts: int) -> float:
        """Seconds that so many starts take at least, which hold a unit for so many seconds in all."""
        by_units = held / self.concurrency if self.concurrency else 0.0
        by_rate = (starts - 1) // self.starts * self.per if self.starts and starts else 0.0
        return max(by_units, by_rate)


@struct
class Script:
    """A shell script cut at its `{{ }}`: `literals[0] slots[0] literals[1] … literals[n]`.

    No value ever becomes text of the script: where a slot stands, the script gets a reference
    to an environment variable (`scripts.assemble`).
    """

    literals: tuple[str, ...]
    slots: tuple[Slot, ...] = ()


@struct
class Slot:
    """Where a value stands in a script.

    `word`: alone as a bare word, so that a list becomes its elements; `bare`: a bare word glued
    to other text; `quoted`: inside double quotes or an unquoted heredoc; `verbatim`: pasted,
    as the user asked for.
    """

    template: Template
    place: Place


@struct
class Run:
    """A command. Exactly one of `argv` (a template of each argument) and `script`."""

    argv: tuple[Template, ...] = ()
    script: Script | None = None
    shell: tuple[str, ...] = ("sh", "-eu", "-c")
    env: Template | None = None
    cwd: Template | None = None
    stdin: Template | None = None
    stdin_file: Template | None = None
    capture: Capture = "text"


@struct
class Call:
    """A Python callable: `module:function` or `/absolute/path.py:function`, by keyword arguments."""

    reference: str
    arguments: Template
    folder: str
    env: Template | None = None
    checked: bool = True
    """Its source shows what it takes; if not, its import will."""
    position: Position | None = None
    """Where it is named."""

    @property
    def name(self) -> str:
        """As a file in the folder of the workflow file would name it."""
        return self.reference.removeprefix(self.folder.rstrip("/") + "/")


@struct
class Group:
    """A body of tasks, run once, or once an item."""

    body: Body
    env: Template | None = None
    cwd: Template | None = None


@struct
class Sub:
    """Another workflow file, seen only through its params and its outputs."""

    workflow: Workflow
    arguments: Template


@struct
class Value:
    """No action: the task is what its `result` says, and takes no worker."""


Action = Run | Call | Group | Sub | Value
_kinds: dict[type, Kind] = {Run: "run", Call: "call", Group: "tasks", Sub: "workflow", Value: "value"}


@struct
class Over:
    """The items of a list, a dict (its values, keyed by its keys) or any iterable."""

    template: Template


@struct
class Matrix:
    """The product of `axes` (a mapping of lists); the last name varies fastest."""

    axes: Template
    exclude: tuple[Mapping[str, Any], ...] = ()
    include: tuple[Mapping[str, Any], ...] = ()


@struct
class Zip:
    """Lists of equal length, gone through together."""

    columns: Template


@struct
class Budget:
    """How many items may fail: a count, or a share (0 to 100) of those that ran."""

    count: int = 0
    percent: float | None = None


@struct
class Map:
    """What a task ranges over, and how its items end together."""

    items: Over | Matrix | Zip
    position: Position
    name: str = "item"
    key: Template | None = None
    max_parallel: int | None = None
    budget: Budget = Budget()
    fail_fast: bool = False
    quorum: int | None = None
    on_empty: OnEmpty | None = None
    """What becomes of it without items; None: it is judged as if it had some."""
    follows: Need | None = None
    """The map whose items these are, one by one (an item-wise map)."""


@struct
class Need:
    """An edge: this task waits for `task` of the body `up` levels outward (0: its own)."""

    task: str
    up: int
    position: Position
    ranged: bool = False
    """Only what its map ranges over names it, so that items can be told apart one by one."""
    implied: bool = False
    """It comes from a clean-up task's waiting for all the others, not from a name in the file."""


@struct
class TaskReference:
    """`tasks.<task>.<attribute>` in an expression, with the body that it is found in."""

    task: str
    attribute: str
    up: int


@struct
class Retry:
    """`attempts` counts all tries; waits are in seconds; `budget` is shared by all items."""

    attempts: int = 1
    delay: float = 0.0
    backoff: float = 1.0
    max_delay: float | None = None
    jitter: bool = False
    budget: int | None = None
    exit_codes: tuple[int, ...] | None = None
    exceptions: tuple[str, ...] | None = None
    until: Template | None = None


@struct
class Cache:
    """What makes an outcome usable again. `by_arguments`: `cache: true` on a callable."""

    inputs: Template | None = None
    outputs: Template | None = None
    by_arguments: bool = False


@struct
class Task:
    """A named entry of a body. `name` is unique in its body; `position` is that of the name."""

    name: str
    position: Position
    action: Action
    description: str = ""
    map: Map | None = None
    needs: tuple[Need, ...] = ()
    references: tuple[TaskReference, ...] = ()
    when: Template | None = None
    when_each: bool = False
    """`when` names the item, its index or its key, so that it is asked for each item."""
    watches: bool = False
    """`when` names a status, which replaces the default that all needs must have succeeded."""
    cleans_up: bool = False
    """`when` names `failure()` or `always()`: at the root it starts even after `--fail-fast` struck."""
    retry: Retry = Retry()
    timeout: float | None = None
    timeout_position: Position | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    """Units of each named limit that an attempt takes."""
    allow_failure: bool = False
    cache: Cache | None = None
    result: Template | None = None
    names: frozenset[str] = frozenset()
    """The free names of all its expressions (`params`, `run`, the item's name, …)."""


@struct
class Body:
    """The tasks of one namespace, in the order of the file."""

    tasks: Mapping[str, Task]


@struct
class ReportTarget:
    """A report to write: `to` is a path template, `format` is known unless a template is given.

    `position` is that of `to`, `made_at` that of what says how it is made: `template`, `format` or `to`; it
    has so many characters as `made_length`.
    """

    to: Template
    format: str | None
    template: str | None
    position: Position
    made_at: Position
    made_length: int


@struct
class Workflow:
    """A whole file. `file` is absolute, or `-` for standard input; `folder` is its folder."""

    name: str
    file: str
    folder: str
    position: Position
    body: Body
    description: str = ""
    params: Mapping[str, Param] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    """The values of params that its own files of params give."""
    params_files: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    env: Template | None = None
    env_positions: Mapping[str, Position] = field(default_factory=dict)
    dotenv: tuple[str, ...] = ()
    max_workers: int | None = None
    executor: str = "thread"
    executor_position: Position | None = None
    limits: Mapping[str, Limit] = field(default_factory=dict)
    """All limits of a run that begins with this file, also those that only files inside it declare."""
    timeout: float | None = None
    timeout_position: Position | None = None
    outputs: Mapping[str, Template] = field(default_factory=dict)
    outputs_positions: Mapping[str, Position] = field(default_factory=dict)
    outputs_references: tuple[TaskReference, ...] = ()
    reports: tuple[ReportTarget, ...] = ()


def kind_of(task: Task) -> Kind:
    """What kind of action it has."""
    return _kinds[type(task.action)]


def needs_of(task: Task) -> Iterator[Need]:
    """All that a task waits for by its own keys: the map that it follows item by item included."""
    if task.map and task.map.follows:
        yield task.map.follows
    yield from task.needs


def body_of(task: Task) -> Body | None:
    """The tasks inside a group, or in the file that a task runs."""
    match task.action:
        case Group(body=body):
            return body
        case Sub(workflow=workflow):
            return workflow.body
    return None


def workers_of(workflow: Workflow) -> int:
    """How many workers a file asks for; by default as many as `ThreadPoolExecutor` would have."""
    return workflow.max_workers or min(32, (os.cpu_count() or 1) + 4)
