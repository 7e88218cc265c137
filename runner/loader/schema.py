"""The spelling of a workflow file: its entries and their keys.

The models mirror the YAML. They know nothing of what names mean, of positions, or of other
entries of the file. What the keys are for is told in `editors`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from runner.loader import fields as kinds
from runner.loader import lists
from runner.loader.mistakes import expected
from runner.source.glued import space_missing

actions = ("run", "call", "tasks", "workflow")

ReportFormat = Literal["text", "markdown", "html", "junit", "json", "trace"]
ParamType = Literal["str", "int", "float", "bool", "list", "dict", "path"]


class Spelled(BaseModel):
    """What all entries of the file have in common: no key but the declared ones, no conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class RetryOn(Spelled):
    """Which failures are tried again; without it all are."""

    exit_codes: lists.ExitCodes = None
    exceptions: lists.Exceptions = None


class RetryEntry(Spelled):
    """How often, and when, an attempt that failed is followed by another."""

    attempts: kinds.Whole
    delay: kinds.Duration = 0.0
    backoff: kinds.Factor = 1.0
    max_delay: kinds.Duration = None
    jitter: bool = False
    budget: kinds.Given[kinds.Count] = None
    on: kinds.Given[RetryOn] = None
    until: kinds.Until = None


class MapEntry(Spelled):
    """What the task ranges over, and how its items end together."""

    over: kinds.Source = None
    matrix: kinds.Lists = None
    zip: kinds.Lists = None
    as_: kinds.Identifier = Field("item", alias="as")
    key: kinds.TextTemplate = None
    max_parallel: kinds.Given[kinds.Whole] = None
    max_failures: kinds.FailureBudget = None
    fail_fast: bool = False
    quorum: kinds.Given[kinds.Whole] = None
    on_empty: Literal["succeed", "skip", "fail"] = "succeed"


class CacheFiles(Spelled):
    """The files that an outcome depends on, and those that it leaves."""

    inputs: lists.Patterns = []
    outputs: lists.Patterns = []


def _flag_or_files(value: Any) -> Any:
    if not isinstance(value, bool | dict):
        raise expected("{inputs: [...], outputs: [...]}, or true for a call", value, space_missing(value))
    return value


def _cache_kind(value: Any) -> str:
    return "(flag)" if isinstance(value, bool) else "(files)"


_FlagOrFiles = Annotated[
    Annotated[bool, Tag("(flag)")] | Annotated[CacheFiles, Tag("(files)")],
    Discriminator(_cache_kind),
]
Cache = Annotated[_FlagOrFiles, BeforeValidator(_flag_or_files)]


class TaskEntry(Spelled):
    """The keys of every task."""

    description: str = ""
    map: kinds.Given[MapEntry] = None
    needs: lists.Names = ()
    when: kinds.When = None
    allow_failure: bool = False
    result: kinds.Result = None


class _Attempted(TaskEntry):
    retry: kinds.Given[RetryEntry] = None
    timeout: kinds.PositiveDuration = None


class _Worked(_Attempted):
    env: kinds.Environment = None
    limit: lists.Units = None
    cache: Cache = False


class RunEntry(_Worked):
    """A command: a shell script, or a list of arguments without a shell."""

    run: lists.Command
    cwd: kinds.TextTemplate = None
    stdin: kinds.Anything = None
    shell: lists.Interpreter = None
    capture: Literal["text", "lines", "json", "none"] = "text"


class CallEntry(_Worked):
    """A Python callable: `package.module:function` or `path/to/file.py:function`."""

    call: kinds.Text
    with_: kinds.Arguments = Field(None, alias="with")


class GroupEntry(_Attempted):
    """A group: a body of tasks with names of its own."""

    tasks: kinds.Bodies
    env: kinds.Environment = None
    cwd: kinds.TextTemplate = None


class SubEntry(_Attempted):
    """Another workflow file, seen through its params and outputs only."""

    workflow: kinds.Text
    with_: kinds.Arguments = Field(None, alias="with")


class ValueEntry(TaskEntry):
    """A value: an expression, or a mapping or list of them. It takes no worker."""

    result: kinds.Result


class UnclearEntry(RunEntry):
    """A task whose action is not known, so that the rest of it can still be looked at."""

    run: kinds.Anything = None
    with_: kinds.Arguments = Field(None, alias="with")


class ParamEntry(Spelled):
    """A declared parameter, in its long form."""

    type: kinds.Given[ParamType] = None
    default: kinds.Anything = None
    required: bool = False
    help: str = ""
    choices: kinds.Given[list[Any]] = None
    ge: kinds.Number = None
    le: kinds.Number = None


class PoolEntry(Spelled):
    """Where the work is done."""

    max_workers: kinds.Given[kinds.Workers] = None
    executor: kinds.Executor = "thread"


class LimitEntry(Spelled):
    """A limit that tasks share."""

    concurrency: kinds.Given[kinds.Whole] = None
    rate: kinds.Rate = None


class DefaultsEntry(Spelled):
    """What every command and callable has that does not say otherwise."""

    retry: kinds.Given[RetryEntry] = None
    timeout: kinds.PositiveDuration = None
    cwd: kinds.TextTemplate = None
    shell: lists.Interpreter = None
    limit: lists.Units = None


class ReportEntry(Spelled):
    """A report to write when the run ends."""

    to: kinds.TextTemplate
    template: kinds.Text = None
    format: kinds.Given[ReportFormat] = None


class WorkflowFile(Spelled):
    """A workflow for `runner`."""

    version: Literal[1] = 1
    name: kinds.Given[kinds.Text] = None
    description: str = ""
    params: kinds.Params = {}
    params_file: lists.Texts = ()
    secrets: lists.Secrets = ()
    env: kinds.Environment = None
    dotenv: lists.Texts = ()
    pool: PoolEntry = PoolEntry.model_construct()
    limits: dict[str, LimitEntry] = {}
    timeout: kinds.PositiveDuration = None
    defaults: DefaultsEntry = DefaultsEntry.model_construct()
    tasks: kinds.Bodies
    outputs: dict[str, kinds.Anything] = {}
    reports: list[ReportEntry] = []


entries: dict[str, type[TaskEntry]] = {
    "run": RunEntry,
    "call": CallEntry,
    "tasks": GroupEntry,
    "workflow": SubEntry,
    "result": ValueEntry,
}
"""The kind of entry by the key that makes it one."""
