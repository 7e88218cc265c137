"""The options that `run` and `resume` take, as data: from it Typer makes its own (`options`), and a plain
command line is understood without Typer, which takes longer to import than a small run takes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from runner.hints import Any
from runner.struct import struct
from runner.workflow import most_workers


@struct
class Option:
    """One option. `name` is that of what is asked for; without `metavar` it is a switch."""

    name: str
    flags: tuple[str, ...]
    help: str
    metavar: str = ""
    default: Any = None
    many: bool = False
    number: bool = False
    """It takes a whole number, of workers."""
    choices: tuple[str, ...] = ()
    variable: str = ""
    """The environment variable that gives it, too."""

    @property
    def is_switch(self) -> bool:
        """Whether it takes no value."""
        return isinstance(self.default, bool)


ASSIGNMENTS = Option(
    "assignments",
    ("-p", "--param"),
    "Give a param its value. Repeatable; the last one of a name wins.",
    "NAME=VALUE",
    many=True,
)
PARAMS_FILES = Option(
    "params_files",
    ("--params-file",),
    "Read values of params from a YAML or JSON file. Repeatable; `-p` wins over it.",
    "FILE",
    many=True,
)
TEMPLATE = Option("template", ("--template",), "Write the report by a Jinja2 template of your own.", "PATH")
STATE = Option(
    "state",
    ("--state-dir",),
    "Where runs and their logs are kept.",
    "FOLDER",
    ".runner",
    variable="RUNNER_STATE_DIR",
)

COMPLETION = "_RUNNER_COMPLETE"
"""What a shell sets to ask for completions, by whichever name it knows the program."""

OF_A_RUN = (
    ASSIGNMENTS,
    PARAMS_FILES,
    Option(
        "only",
        ("--only",),
        "Run this task, or this item of it, and what it needs: `fetch`, `fetch[cat.jpg]`, "
        "`country[fr].parse`. Repeatable.",
        "TASK[KEY]",
        many=True,
    ),
    Option(
        "again",
        ("--again",),
        "See whether what `--only` names is mended: no failure of it is tolerated, and the file's "
        "`reports` are not written.",
        default=False,
    ),
    Option("skip", ("--skip",), "Leave this task out. Repeatable.", "TASK", many=True),
    Option(
        "workers",
        ("-j", "--max-workers"),
        "How much may go side by side. [default: the file's `pool`, or the CPUs and 4, at most 32]",
        "N",
        number=True,
    ),
    Option(
        "executor",
        ("--executor",),
        "`thread`, `process` for callables in processes of their own, `inline` for one thing at a time, "
        "`interpreter`, `dask`, `dask=ADDRESS`, or `module:factory`. "
        "[default: the file's `pool`, or thread]",
        "NAME",
    ),
    Option(
        "fail_fast",
        ("--fail-fast",),
        "Start nothing more once something has failed for good.",
        default=False,
    ),
    Option(
        "reports",
        ("--report",),
        "Write a report to a file as well, in the format of its suffix, or as named; FORMAT=- writes it to "
        "standard output, in place of the text. Repeatable.",
        "[FORMAT=]PATH",
        many=True,
    ),
    TEMPLATE,
    Option(
        "form",
        ("--format",),
        "The report on standard output. [default: text]",
        choices=("text", "json"),
    ),
    Option(
        "output",
        ("--output",),
        "Whose output is shown meanwhile: of what failed, of all when it is done, of all as it "
        "comes, or of none.",
        default="failed",
        choices=("failed", "all", "stream", "none"),
    ),
    Option(
        "no_cache",
        ("--no-cache",),
        "Do tasks with a `cache` anew; what they leave is kept.",
        default=False,
    ),
    Option(
        "explain",
        ("--explain",),
        "Say of every task and item that was done before, or that has a `cache`, whether it is done "
        "again, and why.",
        default=False,
    ),
    Option(
        "durability",
        ("--durability",),
        "What the record outlives without a loss: the death of the program, or a power cut as well, "
        "which otherwise costs the last tenth of a second. [default: process]",
        choices=("process", "power"),
    ),
    STATE,
    Option("quiet", ("-q", "--quiet"), "Say nothing until the report, but what went wrong.", default=False),
    Option("verbose", ("-v", "--verbose"), "Tell of every item.", default=False),
    Option("live", ("--progress/--no-progress",), "Draw the progress on a terminal.", default=True),
)


ONLY_FAILED = Option(
    "only_failed",
    ("--only-failed",),
    "Run what failed, and what that needs, and nothing else.",
    default=False,
)
OF_A_RESUME = (ONLY_FAILED, *OF_A_RUN)

_argument = {"run": "file", "resume": "prefix"}
"""What the word is that is no option, by the command."""


def understood(words: Sequence[str], environment: Mapping[str, str] = os.environ) -> dict[str, Any] | None:
    """What is asked of `run` or `resume`; None where Typer has to look: for help, or for what is wrong."""
    if words[:1] not in (["run"], ["resume"]):
        return None
    asked: dict[str, Any] = {
        option.name: environment[option.variable] for option in OF_A_RUN if environment.get(option.variable)
    }
    command, waiting = words[0], list(reversed(words[1:]))
    while waiting:
        if not _take(asked, waiting, _argument[command]):
            return None
    return None if command == "run" and ONLY_FAILED.name in asked else asked


def _take(asked: dict[str, Any], waiting: list[str], argument: str) -> bool:
    """Take the last of the words that are waiting, with its value; whether it is understood."""
    word = waiting.pop()
    if word in _switches:
        name, on = _switches[word]
        asked[name] = on
        return True
    if word == "-" or not word.startswith("-"):
        return asked.setdefault(argument, word) is word
    flag, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
    option = _valued.get(flag)
    if option is None or not (equals or waiting):
        return False
    return _take_value(asked, option, value if equals else waiting.pop())


def _take_value(asked: dict[str, Any], option: Option, value: str) -> bool:
    if value.startswith("-") or (option.choices and value not in option.choices):
        return False
    if option.many:
        asked.setdefault(option.name, []).append(value)
    elif not option.number:
        asked[option.name] = value
    elif value.isascii() and value.isdecimal() and len(value) <= 10 and 0 < int(value) <= most_workers:
        asked[option.name] = int(value)
    else:
        return False
    return True


_valued = {flag: option for option in OF_A_RUN if not option.is_switch for flag in option.flags}
_switches = {
    flag: (option.name, place == 0)
    for option in OF_A_RESUME
    if option.is_switch
    for flags in option.flags
    for place, flag in enumerate(flags.split("/"))
}
