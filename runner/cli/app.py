"""The commands and their options, as Typer has them, and what `--help` says of them.

It knows the options and their words. What a command does is in its room, which is imported only
when the command is given, so that `--help` is there at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from runner import __version__
from runner.cli import answers
from runner.cli.completion import InstallCompletion, ShowCompletion, answer_shells, with_shell
from runner.cli.options import (
    CheckedFiles,
    Logs,
    NewFile,
    Run,
    UnfinishedRun,
    WorkflowFile,
    taking,
)
from runner.cli.terminal import Stdout, cannot_write
from runner.cli.words import (
    COMPLETION,
    OF_A_CHECK,
    OF_A_PLAN,
    OF_A_REPORT,
    OF_A_RESUME,
    OF_A_RUN,
    OF_LOGS,
    OF_RUNS,
)

app = typer.Typer(
    name="runner",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

stdout = Stdout()


def _print_version(wanted: bool) -> None:
    if wanted:
        stdout.write(f"runner {__version__}\n")
        raise typer.Exit


@app.callback(epilog="`runner COMMAND --help` explains a command. Start with `runner init`.")
def _whole(
    version: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_print_version, is_eager=True, help="Print the version."),
    ] = False,
    install_completion: InstallCompletion = None,
    show_completion: ShowCompletion = None,
) -> None:
    """Run a workflow that a YAML file declares.

    Tasks that do not wait for each other go side by side on one pool, a map runs a task for every
    item of a list, failures are collected while the rest goes on, and a report tells how it went.

    \b
    Exit codes:
      0  the run succeeded
      1  the run failed, or a report could not be written
      2  the file, a param, a secret or the command line is wrong; nothing ran
      3  a bug in runner
      129, 130, 143  a signal interrupted the run (SIGHUP, Ctrl-C, SIGTERM)
    """


# Commands, in the order that `--help` shows them ----------------------------------------------


@app.command("run", short_help="Run a workflow, and report how it went.")
@taking(OF_A_RUN)
def _run(file: WorkflowFile = None, **asked: Any) -> None:
    """Run a workflow, and report how it went.

    The report goes to standard output, everything else to standard error. Whatever the run's
    end, it is recorded: `runner report` and `runner logs` show it again. The first Ctrl-C ends the
    run in order, with a report; the second one at once.

    \b
    Examples:
      runner run
      runner run workflow.yml -p width=160 -p source=urls.txt -j 16
      runner run --only fetch --report out.md --report json=out/result
      runner run --format json | jq .outputs
    """
    raise typer.Exit(answers.run(file=file, **asked))


@app.command("resume", short_help="Go on with a run that did not succeed.")
@taking(OF_A_RESUME)
def _resume(prefix: UnfinishedRun = None, **asked: Any) -> None:
    """Go on with a run: do what failed, was cancelled or never started, and what has changed since.

    What succeeded is not done again, unless its command, its arguments or its environment changed,
    or something that it needs was done again. The run keeps its id, its params and its folder; the
    workflow file is read as it is now. Options are those of `runner run`, added to what the run was
    asked for.

    \b
    Examples:
      runner resume
      runner resume 20261122-143005 --explain
      runner resume --only-failed -p token=…
    """
    raise typer.Exit(answers.resume(prefix, **asked))


@app.command("validate", short_help="Check workflow files without running anything.")
@taking(OF_A_CHECK)
def _validate(files: CheckedFiles, **asked: Any) -> None:
    """Check workflow files and show every problem at its place, without running anything.

    No code of yours is run or imported: callables are checked by reading their files.
    A sound file is passed over in silence.

    \b
    Examples:
      runner validate workflow.yml
      runner validate workflows/*.yml --strict
      runner validate workflow.yml --format github    # in a GitHub workflow
    """
    raise typer.Exit(answers.validate(files, **asked))


@app.command("plan", short_help="Show what would run, in which order, how many items.")
@taking(OF_A_PLAN)
def _plan(file: WorkflowFile = None, **asked: Any) -> None:
    """Show what would run, in which order, and how many items each map has where that is known.

    Tasks of one number may go side by side. How long it would take is told by earlier runs. Nothing is run.

    \b
    Examples:
      runner plan
      runner plan workflow.yml -p width=160
      runner plan workflow.yml --format dot | dot -Tsvg > plan.svg
    """
    raise typer.Exit(answers.plan(file, **asked))


@app.command("report", short_help="Report again on a run, in any format.")
@taking(OF_A_REPORT)
def _report(run: Run = None, **asked: Any) -> None:
    """Report on a run that is recorded, as `runner run` did, or in another format.

    A run that is still going on is reported as far as it has come.

    \b
    Examples:
      runner report
      runner report 20261122 --format markdown
      runner report -o out/report.json
      runner report --eject markdown > report.md.j2
      runner report --template report.md.j2
    """
    raise typer.Exit(answers.report(run, **asked))


@app.command("runs", short_help="List the recorded runs.")
@taking(OF_RUNS)
def _runs(**asked: Any) -> None:
    """List the recorded runs, the newest first. One whose process is gone has `died`.

    \b
    Examples:
      runner runs
      runner runs --prune 30d --prune 100
    """
    raise typer.Exit(answers.runs(**asked))


@app.command("logs", short_help="Show what the tasks of a run printed.")
@taking(OF_LOGS)
def _logs(run: Run = None, address: Logs = None, **asked: Any) -> None:
    """Show what a task or an item of a run printed, or all that was printed in it.

    Each attempt has logs of its own. A single log is given as it is, several each under its name.

    \b
    Examples:
      runner logs
      runner logs fetch
      runner logs 'fetch[cat.jpg]'
      runner logs 20261122-143005 'country[fr].parse'
    """
    raise typer.Exit(answers.logs(run, address, **asked))


@app.command("init", short_help="Write a small workflow file to start from.")
def _init(file: NewFile = "workflow.yml") -> None:
    """Write a small workflow file to start from; every part of it is explained, and it runs.

    A file that is already there is left alone.
    """
    raise typer.Exit(answers.init(file))


@app.command("schema", short_help="Print the JSON Schema of workflow files, for editors.")
def _schema() -> None:
    """Print the JSON Schema of workflow files, by which editors complete and check them.

    \b
    Save it (`runner schema > workflow.schema.json`) and begin the workflow file with
      # yaml-language-server: $schema=workflow.schema.json
    """
    raise typer.Exit(answers.schema())


def answer(words: Sequence[str]) -> object:
    """Answer a command line, or a shell that completes one; the exit code."""
    if COMPLETION in os.environ:
        answer_shells()
    try:
        return app(with_shell(words), prog_name="runner", standalone_mode=False)
    except OSError as error:
        # Typer prints the help by itself, and nothing else is written where help is asked for.
        if {"-h", "--help"} & set(words) and not error.filename:
            raise cannot_write(error) from error
        raise
