"""The options of commands, as data: from it Typer makes its own (`options`), and a plain command line is
understood without Typer (`understanding`).
"""

from __future__ import annotations

from runner.hints import Any
from runner.struct import struct


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

FORMAT_OF_REPORT = Option(
    "form",
    ("--format",),
    "[default: what the suffix of -o stands for, or text]",
    choices=("text", "json", "html", "markdown", "junit", "trace"),
)
OUTPUT_OF_REPORT = Option("output", ("-o", "--output"), "Write it to a file instead; `-` is stdout.", "PATH")
EJECT = Option(
    "eject",
    ("--eject",),
    "Print the template of a format instead, to make your own of it.",
    choices=("html", "markdown", "junit"),
)
OF_A_REPORT = (FORMAT_OF_REPORT, TEMPLATE, OUTPUT_OF_REPORT, EJECT, STATE)

OF_RUNS = (
    Option("form", ("--format",), "How to list them.", default="text", choices=("text", "json")),
    Option(
        "bounds",
        ("--prune",),
        "First remove runs that are older than this (`12h`, `30d`, `8w`), or all but the newest so many "
        "(`100`), but none that goes on. An age counts for the cache, too. Repeatable; a run must pass all.",
        "AGE|COUNT",
        many=True,
    ),
    STATE,
)

OF_LOGS = (STATE,)

OF_A_CHECK = (
    Option(
        "strict",
        ("--strict",),
        "Warnings count as errors, and each use of `verbatim` is listed.",
        default=False,
    ),
    Option(
        "form",
        ("--format",),
        "How to write the problems; `github` makes annotations.",
        default="text",
        choices=("text", "json", "github"),
    ),
)

OF_A_PLAN = (
    ASSIGNMENTS,
    PARAMS_FILES,
    Option(
        "form",
        ("--format",),
        "How to show it; `mermaid` and `dot` are drawings.",
        default="text",
        choices=("text", "json", "mermaid", "dot"),
    ),
    STATE,
)
