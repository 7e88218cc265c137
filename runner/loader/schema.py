"""The spelling of a workflow file: its entries and their keys.

The models mirror the YAML, and `schemas/workflow.schema.json` is made from them. They know
nothing of what names mean, of positions, or of other entries of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic.json_schema import models_json_schema

from runner.loader import fields as kinds
from runner.loader import lists
from runner.loader.mistakes import expected

Json = dict[str, Any]

actions = ("run", "call", "tasks", "workflow")
executors = ("thread", "process", "inline", "dask")
executors_to_come = ("process", "dask")

ReportFormat = Literal["text", "markdown", "html", "junit", "json", "trace"]
ParamType = Literal["str", "int", "float", "bool", "list", "dict", "path"]


def _key(about: str, default: Any = None, **rest: Any) -> Any:
    return Field(default, description=about, **rest)


class Spelled(BaseModel):
    """What all entries of the file have in common: no key but the declared ones, no conversion."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RetryOn(Spelled):
    """Which failures are tried again; without it all are."""

    exit_codes: lists.ExitCodes = _key("Exit codes of a command.")
    exceptions: lists.Exceptions = _key("Names of exceptions, their subclasses included.")


class RetryEntry(Spelled):
    """How often, and when, an attempt that failed is followed by another."""

    attempts: kinds.Whole = _key("All tries, the first included.", ...)
    delay: kinds.Duration = _key("The wait before the second try.", 0.0)
    backoff: kinds.Factor = _key("Each wait is this many times the one before.", 1.0)
    max_delay: kinds.Duration = _key("No wait is longer.")
    jitter: bool = _key("Draw each wait at random, up to its length.", False)
    budget: kinds.Given[kinds.Count] = _key("The retries that all items of the task may use together.")
    on: kinds.Given[RetryOn] = _key("Which failures are tried again.")
    until: kinds.Until = _key("Try until this is true: names result and exit_code.")


class MapEntry(Spelled):
    """What the task ranges over, and how its items end together."""

    over: kinds.Anything = _key("A list, a mapping, or an expression giving one.")
    matrix: kinds.Lists = _key("Lists by name: every combination is an item.")
    zip: kinds.Lists = _key("Lists of equal length by name, gone through together.")
    as_: kinds.Identifier = _key("What expressions call the item.", "item", alias="as")
    key: kinds.TextTemplate = _key("The stable, unique name of an item: an expression.")
    max_parallel: kinds.Given[kinds.Whole] = _key("How many items may be under way at once.")
    max_failures: kinds.FailureBudget = _key("How many items may fail: a number or a percentage.")
    fail_fast: bool = _key("Stop as soon as too many items have failed.", False)
    quorum: kinds.Given[kinds.Whole] = _key("Stop as soon as so many items have succeeded.")
    on_empty: Literal["succeed", "skip", "fail"] = _key(
        "What becomes of a map without items; where it is not written, a quorum fails for want of items.",
        "succeed",
    )


class CacheFiles(Spelled):
    """The files that an outcome depends on, and those that it leaves."""

    inputs: lists.Patterns = _key("Patterns of files that are read.", [])
    outputs: lists.Patterns = _key("Patterns of files that are written.", [])


def _flag_or_files(value: Any) -> Any:
    if not isinstance(value, bool | dict):
        raise expected("{inputs: [...], outputs: [...]}, or true for a call", value)
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

    description: str = _key("What the task is for.", "")
    map: kinds.Given[MapEntry] = _key("Do it once for each item.")
    needs: lists.Names = _key("Tasks that come first, besides those that expressions name.", ())
    when: kinds.When = _key("Do it only if this is true.")
    allow_failure: bool = _key("The run does not fail for it.", False)
    result: kinds.Anything = _key("The value that others see, instead of what the action gave.")


class _Attempted(TaskEntry):
    retry: kinds.Given[RetryEntry] = _key("Try again what failed.")
    timeout: kinds.PositiveDuration = _key("How long an attempt may take.")


class _Worked(_Attempted):
    env: kinds.Environment = _key("Environment variables; null takes one away.")
    limit: lists.Units = _key("Named limits that an attempt takes.")
    cache: Cache = _key("Reuse the outcome while nothing that it depends on has changed.", False)


class RunEntry(_Worked):
    """A command: a shell script, or a list of arguments without a shell."""

    run: lists.Command = _key("A script, or a list of arguments.", ...)
    cwd: kinds.TextTemplate = _key("The folder in which it runs.")
    stdin: kinds.Anything = _key("What it reads: text, a value (as JSON) or {file: path}.")
    shell: lists.Interpreter = _key("sh, bash, or a list such as [python, -c].")
    capture: Literal["text", "lines", "json", "none"] = _key("What of stdout is the result.", "text")


class CallEntry(_Worked):
    """A Python callable: `package.module:function` or `path/to/file.py:function`."""

    call: kinds.Text = _key("package.module:function or path/to/file.py:function", ...)
    with_: kinds.Arguments = _key("Its keyword arguments.", alias="with")


class GroupEntry(_Attempted):
    """A group: a body of tasks with names of its own."""

    tasks: kinds.Bodies = _key("The tasks of the body.", ...)
    env: kinds.Environment = _key("Environment variables of the body.")
    cwd: kinds.TextTemplate = _key("The folder of the body's commands.")


class SubEntry(_Attempted):
    """Another workflow file, seen through its params and outputs only."""

    workflow: kinds.Text = _key("The path of the file, from this file's folder.", ...)
    with_: kinds.Arguments = _key("Its params.", alias="with")


class ValueEntry(TaskEntry):
    """A value: an expression, or a mapping or list of them. It takes no worker."""

    result: kinds.Anything = _key("The value.", ...)


class UnclearEntry(RunEntry):
    """A task whose action is not known, so that the rest of it can still be looked at."""

    run: kinds.Anything = None
    with_: kinds.Arguments = Field(None, alias="with")


class ParamEntry(Spelled):
    """A declared parameter, in its long form."""

    type: kinds.Given[ParamType] = _key("Its type.")
    default: kinds.Anything = _key("Its value when none is given.")
    required: bool = _key("A value must be given.", False)
    help: str = _key("What it is for: shown when a value is wrong.", "")
    choices: kinds.Given[list[Any]] = _key("The values that it may have.")
    ge: kinds.Number = _key("The smallest value.")
    le: kinds.Number = _key("The largest value.")


class PoolEntry(Spelled):
    """Where the work is done."""

    max_workers: kinds.Given[kinds.Whole] = _key(
        "How many tasks are under way at once; default min(32, cpus + 4)."
    )
    executor: kinds.Executor = _key("thread, process, inline, dask or module:factory.", "thread")


class LimitEntry(Spelled):
    """A limit that tasks share."""

    concurrency: kinds.Given[kinds.Whole] = _key("How many units may be taken at once.")
    rate: kinds.Rate = _key("How many starts in a time, such as 10/s.")


class DefaultsEntry(Spelled):
    """What every command and callable has that does not say otherwise."""

    retry: kinds.Given[RetryEntry] = _key("Try again what failed.")
    timeout: kinds.PositiveDuration = _key("How long an attempt may take.")
    cwd: kinds.TextTemplate = _key("The folder in which commands run.")
    shell: lists.Interpreter = _key("sh, bash, or a list such as [python, -c].")
    limit: lists.Units = _key("Named limits that an attempt takes.")


class ReportEntry(Spelled):
    """A report to write when the run ends."""

    to: kinds.TextTemplate = _key("The path of the report; its suffix gives the format.", ...)
    template: kinds.Text = _key("A Jinja2 template, from this file's folder.")
    format: kinds.Given[ReportFormat] = _key("The format, where the suffix does not say it.")


class WorkflowFile(Spelled):
    """A workflow for `runner`."""

    version: Literal[1] = _key("The version of the language.", 1)
    name: kinds.Given[str] = _key("What the workflow is called; default: the name of the file.")
    description: str = _key("What the workflow is for.", "")
    params: kinds.Params = _key("Values that a run can be given.", {})
    params_file: lists.Texts = _key("Files with values for the params.", ())
    secrets: lists.Secrets = _key("Environment variables that are masked wherever they would show.", ())
    env: kinds.Environment = _key("Environment variables of all commands.")
    dotenv: lists.Texts = _key("Files with environment variables; missing ones are passed over.", ())
    pool: PoolEntry = _key("Where the work is done.", PoolEntry())
    limits: dict[str, LimitEntry] = _key("Named limits that tasks share.", {})
    timeout: kinds.PositiveDuration = _key("How long the whole run may take.")
    defaults: DefaultsEntry = _key(
        "What every command and callable has that does not say otherwise.", DefaultsEntry()
    )
    tasks: kinds.Bodies = _key("The tasks by name.", ...)
    outputs: dict[str, kinds.Anything] = _key("What the run gives: expressions by name.", {})
    reports: list[ReportEntry] = _key("Reports to write when the run ends.", [])


entries: dict[str, type[TaskEntry]] = {
    "run": RunEntry,
    "call": CallEntry,
    "tasks": GroupEntry,
    "workflow": SubEntry,
    "result": ValueEntry,
}
"""The kind of entry by the key that makes it one."""


# For editors ----------------------------------------------------------------------------------

_titles = {
    "RunEntry": "command",
    "CallEntry": "callable",
    "GroupEntry": "group",
    "SubEntry": "workflow",
    "ValueEntry": "value",
}
_map_sources = ("over", "matrix", "zip")


def json_schema() -> Json:
    """The JSON Schema (draft-07) of a workflow file, as editors read it."""
    models: list[type[BaseModel]] = [WorkflowFile, ParamEntry, *entries.values()]
    _, made = models_json_schema(
        [(model, "validation") for model in models], by_alias=True, ref_template="#/definitions/{model}"
    )
    definitions = {name: _plain(schema) for name, schema in made["$defs"].items()}
    root = definitions.pop("WorkflowFile")
    for name, title in _titles.items():
        definitions[name]["title"] = title
    definitions["MapEntry"]["oneOf"] = [{"required": [source]} for source in _map_sources]
    definitions["task"] = {"anyOf": [{"$ref": f"#/definitions/{name}"} for name in _titles]}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "runner workflow",
        **root,
        "patternProperties": {"^x-": {"description": "Ignored: a place for anchors."}},
        "definitions": dict(sorted(definitions.items())),
    }


def _plain(schema: Any) -> Any:
    """Without automatic titles, null arms and defaults that say nothing."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: {name: _plain(one) for name, one in value.items()} if key == "properties" else _plain(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str)) and not (key == "default" and _says_nothing(value))
    }
    return _beside_reference(_without_null(kept))


def _beside_reference(schema: Json) -> Json:
    """Draft-07 reads nothing that stands beside a `$ref`."""
    if len(schema) == 1 or "$ref" not in schema:
        return schema
    rest = {key: value for key, value in schema.items() if key != "$ref"}
    return {**rest, "allOf": [{"$ref": schema["$ref"]}]}


def _says_nothing(default: Any) -> bool:
    return default is None or default == "" or isinstance(default, dict | list)


def _without_null(schema: Json) -> Json:
    arms = schema.get("anyOf")
    if not arms or {"type": "null"} not in arms:
        return schema
    rest = [arm for arm in arms if arm != {"type": "null"}]
    others: Mapping[str, Any] = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**rest[0], **others} if len(rest) == 1 else {**others, "anyOf": rest}
