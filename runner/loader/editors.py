"""What people are told of the keys of a file: in their editors, and in the tables of the reference.

Only `runner schema` and the tests read it. It knows neither how values are checked nor how the
schema is made.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from runner.loader.keys import Spelled
from runner.loader.schema import (
    CacheFiles,
    CallEntry,
    DefaultsEntry,
    GroupEntry,
    LimitEntry,
    MapEntry,
    ParamEntry,
    PoolEntry,
    ReportEntry,
    RetryEntry,
    RetryOn,
    RunEntry,
    SubEntry,
    TaskEntry,
    ValueEntry,
    WorkflowFile,
)


class Told(NamedTuple):
    """What a key is for. What counts without it is said as a value or in words, where the model does not."""

    meaning: str
    examples: tuple[Any, ...]
    default: Any
    otherwise: str


class Inside(NamedTuple):
    """A key of no model: what it takes, in words and as JSON Schema says it, and what it is for."""

    title: str
    types: tuple[str, ...]
    told: Told


def _key(meaning: str, *examples: Any, default: Any = None, otherwise: str = "") -> Told:
    return Told(meaning, examples, default, otherwise)


names: dict[type[Spelled], str] = {
    WorkflowFile: "file",
    ParamEntry: "param",
    PoolEntry: "pool",
    LimitEntry: "limit",
    DefaultsEntry: "defaults",
    ReportEntry: "report",
    RunEntry: "command",
    CallEntry: "callable",
    GroupEntry: "group",
    SubEntry: "another file",
    ValueEntry: "value",
    MapEntry: "map",
    RetryEntry: "retry",
    RetryOn: "on",
    CacheFiles: "cache",
}
"""What stands in a file, in the order in which the reference has it, and what people call it."""

inner = (PoolEntry, DefaultsEntry, MapEntry, RetryEntry, RetryOn, CacheFiles)
"""What is the value of one key: that tells what it is for."""

_retry = _key(
    "Try again what failed, or until a condition holds; what waits for it holds no worker.",
    {"attempts": 3, "delay": "1s", "backoff": 2},
    otherwise="one attempt",
)
_timeout = _key("How long one attempt may take; then it has failed.", "30s")
_limit = _key(
    "Limits of the file that an attempt takes, all together or none: names, or units of each.",
    "api",
    {"cores": 2},
)
_shell = _key(
    "What reads a script: `sh` (with `-eu`), `bash` (with `-euo pipefail`), or a program and its options.",
    "bash",
    ["python3", "-c"],
    default="sh",
)
_cwd = "the folder where `runner` was started"

told: dict[type[Spelled], dict[str, Told]] = {
    WorkflowFile: {
        "version": _key("The version of the language that the file is written in.", 1),
        "name": _key("What reports call the workflow.", "thumbnails", otherwise="the name of the file"),
        "description": _key("What the workflow is for.", "Fetch pictures, shrink them, report."),
        "params": _key(
            "Values that a run can be given (`-p width=160`): by name a default, which gives the type, "
            "or a mapping with `type`, `default`, `help` and more.",
            {"width": 320, "source": {"type": "path", "default": "urls.txt"}},
        ),
        "params_file": _key(
            "Files with values for the params, from this file's folder; `--params-file` and `-p` win.",
            "params.yml",
        ),
        "secrets": _key(
            "Environment variables that are masked wherever they would show; `secrets.NAME` may stand in "
            "`env`, `with` and `stdin`.",
            ["API_TOKEN"],
        ),
        "env": _key("Environment variables of every `run`; `null` takes one away.", {"LC_ALL": "C"}),
        "dotenv": _key(
            "Files of environment variables, from this file's folder; missing ones are passed over.", ".env"
        ),
        "pool": _key("How many tasks and items run at once, and where.", {"max_workers": 8}),
        "limits": _key(
            "Limits by name, which tasks share and take by `limit`.",
            {"api": {"concurrency": 2, "rate": "10/s"}},
        ),
        "timeout": _key(
            "How long the whole run may take; then all that runs is cancelled, and the run has failed.", "1h"
        ),
        "defaults": _key(
            "What every `run` and `call` has that does not say otherwise, in groups too.",
            {"timeout": "5m", "retry": {"attempts": 2}},
        ),
        "tasks": _key(
            "The tasks by name, in any order: a task waits for those that it names.",
            {"hello": {"run": "echo hello"}},
        ),
        "outputs": _key(
            "What the run gives at its end, by name: expressions, or mappings and lists of them.",
            {"index": "{{ tasks.index.result }}"},
        ),
        "reports": _key(
            "Reports to write when the run ends, whether it succeeded or not.", [{"to": "out/report.html"}]
        ),
    },
    ParamEntry: {
        "type": _key("The type of its value.", "int", otherwise="the type of the default, or `str`"),
        "default": _key("The value when none is given; `null` makes the param optional.", 320),
        "required": _key("A value must be given: instead of a default.", True),
        "help": _key("What it is for: shown when a value is missing or wrong.", "How wide a picture is"),
        "choices": _key("The only values that it may have.", ["fast", "careful"]),
        "ge": _key("The smallest value, of a number.", 1),
        "le": _key("The largest value, of a number.", 64),
    },
    PoolEntry: {
        "max_workers": _key("How many tasks and items run at once.", 8, otherwise="`min(32, cpus + 4)`"),
        "executor": _key(
            "Where the work is done: `thread`, `process`, `inline`, one after another, `interpreter`, "
            "`dask`, or `module:factory`.",
            "process",
            "inline",
            "dask",
        ),
    },
    LimitEntry: {
        "concurrency": _key("How many units may be taken at once.", 2, otherwise="no cap"),
        "rate": _key("At most so many starts in any such time.", "10/s", otherwise="no cap"),
    },
    DefaultsEntry: {
        "retry": _retry,
        "timeout": _timeout,
        "cwd": _key("The folder in which commands run.", "build", otherwise=_cwd),
        "shell": _shell,
        "limit": _limit,
    },
    ReportEntry: {
        "to": _key("The path of the report; its suffix gives the format.", "out/report.html"),
        "template": _key(
            "A Jinja2 template of your own, from this file's folder.",
            "summary.md.j2",
            otherwise="the built-in one",
        ),
        "format": _key(
            "The format, where the suffix does not say it.", "junit", otherwise="what the suffix of `to` says"
        ),
    },
    TaskEntry: {
        "description": _key("What the task is for.", "Shrink each picture"),
        "map": _key(
            "Do it once for each item of `over`, `matrix` or `zip`, side by side.",
            {"over": ["Ada", "Alan"], "as": "name"},
            otherwise="once",
        ),
        "needs": _key("Tasks that come first, besides those that expressions name.", ["fetch"]),
        "when": _key(
            "Do it only if this is true: a bare expression. With `failure()` or `always()` in it, "
            "also after a failure.",
            "params.deploy",
            otherwise="all that it needs succeeded or is tolerated",
        ),
        "allow_failure": _key("The run does not fail for it, and what needs it goes on.", True),
        "result": _key(
            "The value that others see, instead of what the action gave, which is `result` in it.",
            "{{ result | int }}",
            "{{ result | from_json }}",
            otherwise="what the action gave",
        ),
        "retry": _retry,
        "timeout": _timeout,
        "env": _key("Environment variables of the command; `null` takes one away.", {"LC_ALL": "C"}),
        "limit": _limit,
        "cache": _key(
            "Do it again only if something that it is made of has changed: command or arguments, declared "
            "`env`, inputs, outputs, and the source of a `call`, for which `true` is enough.",
            {"inputs": ["src/*.c"], "outputs": ["main.o"]},
            otherwise="`false`",
        ),
    },
    RunEntry: {
        "run": _key(
            "A script for a shell, or a list: a program and its arguments. A `{{ value }}` in it is "
            "handed over, never pasted: it arrives as it is.",
            "make test",
            ["wc", "-l", "words.txt"],
        ),
        "cwd": _key("The folder in which the command runs.", "build", otherwise=_cwd),
        "stdin": _key(
            "What the command reads: text as it is, other values as JSON, or a file.",
            "one two",
            {"file": "words.txt"},
            otherwise="empty",
        ),
        "shell": _shell,
        "capture": _key(
            "What of stdout is the result: its text, its lines, the JSON that it holds, or nothing.",
            "lines",
        ),
    },
    CallEntry: {
        "call": _key(
            "The function: `package.module:function`, or `path/to/file.py:function` from this file's folder.",
            "tools.py:double",
        ),
        "with": _key("Its arguments by name.", {"number": 21}),
        "env": _key(
            "Variables that its expressions see; the function sees the environment of `runner`.", {"A": "1"}
        ),
    },
    GroupEntry: {
        "tasks": _key(
            "The tasks of the body, whose names only the body sees.",
            {"fetch": {"run": "echo one"}, "show": {"run": "echo {{ tasks.fetch.result }}"}},
        ),
        "env": _key("Environment variables of the commands in the body.", {"LC_ALL": "C"}),
        "cwd": _key("The folder of the commands in the body.", "build", otherwise=_cwd),
        "timeout": _key("How long one pass through the body may take, from the first start in it.", "30s"),
        "result": _key(
            "The value that others see of the group.",
            "{{ tasks.show.result }}",
            "{{ tasks.fetch.result }}",
            otherwise="the results of its tasks by name",
        ),
    },
    SubEntry: {
        "workflow": _key("The path of the file, from this file's folder.", "./shrink.yml"),
        "with": _key("Its params by name: it sees nothing else of this file.", {"width": 160}),
        "timeout": _key("How long one pass through the file's tasks may take.", "30s"),
    },
    ValueEntry: {
        "result": _key(
            "The value: an expression, or a mapping or list of them.",
            "{{ params.width * 2 }}",
            "{{ params.source | stem }}",
            {"twice": "{{ 1 + 1 }}"},
        )
    },
    MapEntry: {
        "over": _key(
            "A list, a mapping (its values, keyed by its keys), or an expression giving one or a source "
            "such as `lines`.",
            ["Ada", "Alan"],
            "{{ lines('urls.txt') }}",
        ),
        "matrix": _key(
            "Lists by name: every combination is an item, a mapping. `exclude` leaves some out, "
            "`include` adds some.",
            {"os": ["linux", "mac"], "py": [3.11, 3.12]},
        ),
        "zip": _key(
            "Lists of equal length by name, gone through together: each item is a mapping.",
            {"name": ["Ada", "Alan"], "born": [1815, 1912]},
        ),
        "as": _key("What expressions call the item.", "url"),
        "key": _key(
            "The name of an item, the same from run to run: unique text with expressions.",
            "{{ item | basename }}",
            otherwise="the item itself, if that is short, or its index",
        ),
        "max_parallel": _key("How many items may be under way at once.", 4, otherwise="no cap"),
        "max_failures": _key(
            "How many items may fail: a number, or a percentage of those that ran.", "5%", 3, default=0
        ),
        "fail_fast": _key("As soon as too many have failed, start no more and cancel what runs.", True),
        "quorum": _key("So many items must succeed, and no more do: the rest are cancelled.", 1),
        "on_empty": _key(
            "What becomes of a map without items.",
            "skip",
            otherwise="`succeed`, or `fail` where there is a `quorum`",
        ),
    },
    RetryEntry: {
        "attempts": _key("All tries, the first included.", 3),
        "delay": _key("The wait before the second try.", "1s"),
        "backoff": _key("Each wait is so many times the one before.", 2),
        "max_delay": _key("No wait is longer.", "1m"),
        "jitter": _key("Draw each wait at random, between a half of it and the whole.", True),
        "budget": _key("How many retries all items of the task may use together.", 20, otherwise="no cap"),
        "on": _key("Try only these failures again.", {"exit_codes": [75]}, otherwise="all failures"),
        "until": _key(
            "Poll: try until this is true. A bare expression, which may name `result` and `exit_code`.",
            "result == 'ready'",
        ),
    },
    RetryOn: {
        "exit_codes": _key("Exit codes of a command.", [75]),
        "exceptions": _key(
            "Names of exceptions of a callable, their subclasses included.",
            ["ConnectionError", "TimeoutError"],
        ),
    },
    CacheFiles: {
        "inputs": _key("Names or patterns of files that it reads.", ["src/*.c", "src/*.h"]),
        "outputs": _key("Names or patterns of files that it writes.", ["main.o"]),
    },
}


inside: dict[tuple[type[Spelled], str], dict[str, Inside]] = {
    (MapEntry, "matrix"): {
        "exclude": Inside(
            "list of mappings, or an expression",
            ("array", "string"),
            _key("Combinations that are left out: all that match one of these.", [{"os": "mac", "py": 3.11}]),
        ),
        "include": Inside(
            "list of mappings, or an expression",
            ("array", "string"),
            _key("Items that are added, as they stand.", [{"os": "windows", "py": 3.12}]),
        ),
    },
    (RunEntry, "stdin"): {
        "file": Inside("text", ("string",), _key("A file that the command reads.", "words.txt"))
    },
}
"""Keys that have a meaning in the value of a key which takes any others, too."""


def told_of(model: type[Spelled], key: str) -> Told:
    """What is told of a key of a model, or of the model that it extends."""
    return next(told[kind][key] for kind in model.__mro__ if key in told.get(kind, {}))
