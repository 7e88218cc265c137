"""The spelling of a workflow file: its entries and their keys.

They mirror the YAML, and know nothing of what names mean, of positions, or of other
entries of the file. What the keys are for is told in `editors`.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic_core import core_schema as core

from runner.loader import fields as kinds
from runner.loader import lists
from runner.loader.keys import Spelled, entry, takes
from runner.loader.mistakes import expected
from runner.source.glued import space_missing

actions = ("run", "call", "tasks", "workflow")

ReportFormat = Literal["text", "markdown", "html", "junit", "json", "trace"]
ParamType = Literal["str", "int", "float", "bool", "list", "dict", "path"]


class RetryOn(Spelled):
    """Which failures are tried again; without it all are."""

    exit_codes: tuple[int, ...] | None = takes(lists.exit_codes, None)
    exceptions: tuple[str, ...] | None = takes(lists.exceptions, None)


class RetryEntry(Spelled):
    """How often, and when, an attempt that failed is followed by another."""

    attempts: int = takes(kinds.whole)
    delay: float = takes(kinds.duration, 0.0)
    backoff: float = takes(kinds.factor, 1.0)
    max_delay: float | None = takes(kinds.duration, None)
    jitter: bool = takes(kinds.flag, False)
    budget: int | None = takes(kinds.given(kinds.count), None)
    on: RetryOn | None = takes(kinds.given(entry(RetryOn)), None)
    until: str | bool | None = takes(kinds.until, None)


class MapEntry(Spelled):
    """What the task ranges over, and how its items end together."""

    over: Any = takes(kinds.source, None)
    matrix: Any = takes(kinds.lists, None)
    zip: Any = takes(kinds.lists, None)
    as_: str = takes(kinds.name, "item", name="as")
    key: str | None = takes(kinds.template, None)
    max_parallel: int | None = takes(kinds.given(kinds.whole), None)
    max_failures: int | str | None = takes(kinds.failure_budget, None)
    fail_fast: bool = takes(kinds.flag, False)
    quorum: int | None = takes(kinds.given(kinds.whole), None)
    on_empty: Literal["succeed", "skip", "fail"] = takes(kinds.word("succeed", "skip", "fail"), "succeed")


class CacheFiles(Spelled):
    """The files that an outcome depends on, and those that it leaves."""

    inputs: Any = takes(lists.patterns, [])
    outputs: Any = takes(lists.patterns, [])


def _flag_or_files(value: Any) -> Any:
    if not isinstance(value, bool | dict):
        raise expected("{inputs: [...], outputs: [...]}, or true for a call", value, space_missing(value))
    return value


def _cache_kind(value: Any) -> str:
    return "(flag)" if isinstance(value, bool) else "(files)"


_cache = core.no_info_before_validator_function(
    _flag_or_files,
    core.tagged_union_schema({"(flag)": kinds.flag, "(files)": entry(CacheFiles)}, _cache_kind),
)


class TaskEntry(Spelled):
    """The keys of every task."""

    description: str = takes(kinds.string, "")
    map: MapEntry | None = takes(kinds.given(entry(MapEntry)), None)
    needs: tuple[str, ...] = takes(lists.names, ())
    when: str | bool | None = takes(kinds.when, None)
    allow_failure: bool = takes(kinds.flag, False)
    result: Any = takes(kinds.result, None)


class _Attempted(TaskEntry):
    retry: RetryEntry | None = takes(kinds.given(entry(RetryEntry)), None)
    timeout: float | None = takes(kinds.positive_duration, None)


class _Worked(_Attempted):
    env: dict[str, Any] | None = takes(kinds.environment, None)
    limit: dict[str, int] | None = takes(lists.units, None)
    cache: bool | CacheFiles = takes(_cache, False)


class RunEntry(_Worked):
    """A command: a shell script, or a list of arguments without a shell."""

    run: Any = takes(lists.command)
    cwd: str | None = takes(kinds.template, None)
    stdin: Any = takes(kinds.anything, None)
    shell: tuple[str, ...] | None = takes(lists.interpreter, None)
    capture: Literal["text", "lines", "json", "none"] = takes(
        kinds.word("text", "lines", "json", "none"), "text"
    )


class CallEntry(_Worked):
    """A Python callable: `package.module:function` or `path/to/file.py:function`."""

    call: str = takes(kinds.text)
    with_: dict[str, Any] | None = takes(kinds.arguments, None, name="with")


class GroupEntry(_Attempted):
    """A group: a body of tasks with names of its own."""

    tasks: Any = takes(kinds.bodies)
    env: dict[str, Any] | None = takes(kinds.environment, None)
    cwd: str | None = takes(kinds.template, None)


class SubEntry(_Attempted):
    """Another workflow file, seen through its params and outputs only."""

    workflow: str = takes(kinds.text)
    with_: dict[str, Any] | None = takes(kinds.arguments, None, name="with")


class ValueEntry(TaskEntry):
    """A value: an expression, or a mapping or list of them. It takes no worker."""

    result: Any = takes(kinds.result)


class UnclearEntry(RunEntry):
    """A task whose action is not known, so that the rest of it can still be looked at."""

    run: Any = takes(kinds.anything, None)
    with_: dict[str, Any] | None = takes(kinds.arguments, None, name="with")


class ParamEntry(Spelled):
    """A declared parameter, in its long form."""

    type: ParamType | None = takes(kinds.given(kinds.word(*get_args(ParamType))), None)
    default: Any = takes(kinds.anything, None)
    required: bool = takes(kinds.flag, False)
    help: str = takes(kinds.string, "")
    choices: list[Any] | None = takes(kinds.given(kinds.list_of(core.any_schema())), None)
    ge: float | None = takes(kinds.number, None)
    le: float | None = takes(kinds.number, None)


class PoolEntry(Spelled):
    """Where the work is done."""

    max_workers: int | None = takes(kinds.given(kinds.workers), None)
    executor: str = takes(kinds.text, "thread")


class LimitEntry(Spelled):
    """A limit that tasks share."""

    concurrency: int | None = takes(kinds.given(kinds.whole), None)
    rate: tuple[int, float] | None = takes(kinds.rate, None)


class DefaultsEntry(Spelled):
    """What every command and callable has that does not say otherwise."""

    retry: RetryEntry | None = takes(kinds.given(entry(RetryEntry)), None)
    timeout: float | None = takes(kinds.positive_duration, None)
    cwd: str | None = takes(kinds.template, None)
    shell: tuple[str, ...] | None = takes(lists.interpreter, None)
    limit: dict[str, int] | None = takes(lists.units, None)


class ReportEntry(Spelled):
    """A report to write when the run ends."""

    to: str = takes(kinds.template)
    template: str | None = takes(kinds.text, None)
    format: ReportFormat | None = takes(kinds.given(kinds.word(*get_args(ReportFormat))), None)


class WorkflowFile(Spelled):
    """A workflow for `runner`."""

    version: Literal[1] = takes(core.literal_schema([1]), 1)
    name: str | None = takes(kinds.given(kinds.text), None)
    description: str = takes(kinds.string, "")
    params: dict[str, Any] = takes(kinds.params, {})
    params_file: tuple[str, ...] = takes(lists.texts, ())
    secrets: tuple[str, ...] = takes(lists.secrets, ())
    env: dict[str, Any] | None = takes(kinds.environment, None)
    dotenv: tuple[str, ...] = takes(lists.texts, ())
    pool: PoolEntry = takes(entry(PoolEntry), {})
    limits: dict[str, LimitEntry] = takes(kinds.mapping_of(entry(LimitEntry)), {})
    timeout: float | None = takes(kinds.positive_duration, None)
    defaults: DefaultsEntry = takes(entry(DefaultsEntry), {})
    tasks: Any = takes(kinds.bodies)
    outputs: dict[str, Any] = takes(kinds.mapping_of(kinds.anything), {})
    reports: list[ReportEntry] = takes(kinds.list_of(entry(ReportEntry)), [])


entries: dict[str, type[TaskEntry]] = {
    "run": RunEntry,
    "call": CallEntry,
    "tasks": GroupEntry,
    "workflow": SubEntry,
    "result": ValueEntry,
}
"""The kind of entry by the key that makes it one."""
