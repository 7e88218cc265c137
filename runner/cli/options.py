"""The words of the command line: its options and arguments, and what `--help` says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from typing import Annotated, Any, Literal, TypeVar

import typer

WorkflowFile = Annotated[
    str | None,
    typer.Argument(
        metavar="FILE",
        show_default=False,
        help="The workflow file; `-` reads it from standard input. [default: workflow.yml or workflow.yaml]",
    ),
]
Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "-p",
        "--param",
        metavar="NAME=VALUE",
        help="Give a param its value. Repeatable; the last one of a name wins.",
    ),
]
ParamsFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--params-file",
        metavar="FILE",
        help="Read values of params from a YAML or JSON file. Repeatable; `-p` wins over it.",
    ),
]
Logs = Annotated[
    str | None,
    typer.Argument(
        metavar="TASK[KEY]", show_default=False, help="A task or an item. [default: all that was printed]"
    ),
]
StateFolder = Annotated[
    str,
    typer.Option(
        "--state-dir", metavar="FOLDER", envvar="RUNNER_STATE_DIR", help="Where runs and their logs are kept."
    ),
]
Run = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN", show_default=False, help="A run's id, or its beginning. [default: the newest run]"
    ),
]
UnfinishedRun = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        show_default=False,
        help="A run's id, or its beginning. [default: the newest run that did not succeed]",
    ),
]
TemplatePath = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="PATH",
        show_default=False,
        help="Write the report by a Jinja2 template of your own.",
    ),
]

# Those of `run` alone -------------------------------------------------------------------------

Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="TASK[KEY]",
        help="Run this task, or this item of it, and what it needs: `fetch`, `fetch[cat.jpg]`, "
        "`country[fr].parse`. Repeatable.",
    ),
]
Skip = Annotated[
    list[str] | None,
    typer.Option("--skip", metavar="TASK", help="Leave this task out. Repeatable."),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "-j",
        "--max-workers",
        min=1,
        metavar="N",
        show_default=False,
        help="How much may go side by side. [default: the file's `pool`, or the CPUs and 4, at most 32]",
    ),
]
Executor = Annotated[
    str | None,
    typer.Option(
        "--executor",
        metavar="NAME",
        show_default=False,
        help="`thread`, or `inline` for one thing at a time, in one thread. "
        "[default: the file's `pool`, or thread]",
    ),
]
FailFast = Annotated[
    bool, typer.Option("--fail-fast", help="Start nothing more once something has failed for good.")
]
Reports = Annotated[
    list[str] | None,
    typer.Option(
        "--report",
        metavar="[FORMAT=]PATH",
        help="Write a report to a file as well: text, json or markdown, by its suffix or as named. "
        "Repeatable.",
    ),
]
ReportFormat = Annotated[
    Literal["text", "json"] | None,
    typer.Option("--format", show_default=False, help="The report on standard output. [default: text]"),
]
Output = Annotated[
    Literal["failed", "all", "stream", "none"],
    typer.Option(
        "--output",
        help="Whose output is shown meanwhile: of what failed, of all when it is done, of all as it "
        "comes, or of none.",
    ),
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain",
        help="Say of every task and item that was done before, or that has a `cache`, whether it is done "
        "again, and why.",
    ),
]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Do tasks with a `cache` anew; what they leave is kept.")
]
Durability = Annotated[
    Literal["process", "power"] | None,
    typer.Option(
        "--durability",
        help="What the record outlives without a loss: the death of the program, or a power cut as well, "
        "which otherwise costs the last tenth of a second. [default: process]",
    ),
]
Prune = Annotated[
    list[str] | None,
    typer.Option(
        "--prune",
        metavar="AGE|COUNT",
        help="First remove runs that are older than this (`12h`, `30d`, `8w`), or all but the newest so many "
        "(`100`), but none that goes on. An age counts for the cache, too. Repeatable; a run must pass all.",
    ),
]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", help="Say nothing until the report, but what went wrong.")
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Tell of every item.")]
Live = Annotated[bool, typer.Option("--progress/--no-progress", help="Draw the progress on a terminal.")]

OF_A_RUN: Sequence[tuple[str, Any, Any]] = (
    ("assignments", Assignments, None),
    ("params_files", ParamsFiles, None),
    ("only", Only, None),
    ("skip", Skip, None),
    ("workers", Workers, None),
    ("executor", Executor, None),
    ("fail_fast", FailFast, False),
    ("reports", Reports, None),
    ("template", TemplatePath, None),
    ("form", ReportFormat, None),
    ("output", Output, "failed"),
    ("no_cache", NoCache, False),
    ("explain", Explain, False),
    ("durability", Durability, None),
    ("state", StateFolder, ".runner"),
    ("quiet", Quiet, False),
    ("verbose", Verbose, False),
    ("live", Live, True),
)
"""What `run` and `resume` take alike: name, option, default."""

Command = TypeVar("Command", bound=Callable[..., None])


def taking(options: Sequence[tuple[str, Any, Any]]) -> Callable[[Command], Command]:
    """Let a command take options besides its own, as further named arguments."""

    def with_options(command: Command) -> Command:
        own = signature(command, eval_str=True)
        kept = [it for it in own.parameters.values() if it.kind is not Parameter.VAR_KEYWORD]
        more = [
            Parameter(name, Parameter.KEYWORD_ONLY, annotation=option, default=default)
            for name, option, default in options
        ]
        command.__signature__ = own.replace(parameters=[*kept, *more])  # type: ignore[attr-defined]  # Typer asks
        return command

    return with_options
