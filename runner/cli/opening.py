"""The workflow that a command works with: found, loaded, its warnings told.

It knows which file is meant when none is named; what is in it is the loader's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from runner.cli import remembered
from runner.cli.terminal import say
from runner.hints import TYPE_CHECKING
from runner.links import broken_link
from runner.problem import Problem, UserError, WorkflowError, write_text
from runner.wording import listed
from runner.workflow import Workflow

if TYPE_CHECKING:
    from runner.params import FromFile

STDIN = ("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0")

DEFAULT_FILES = ("workflow.yml", "workflow.yaml")


def open_workflow(file: str | None, text: str | None = None) -> tuple[Workflow, Sequence[FromFile]]:
    """The workflow of `file`, or of the file that is meant when none is named; errors are raised.

    What is wrong in its own files of params is not: `read_params` tells it with what else is wrong
    there. `text`: what the file says, if it has been read.
    """
    file = file or _default_file()
    known = remembered.find(file) if text is None else None
    return (known, ()) if known else _read(file, text)


def _read(file: str, text: str | None) -> tuple[Workflow, Sequence[FromFile]]:
    from runner.loader import load

    began = time.time()
    loaded = load(file, text=text)
    if loaded.but_for_params is None:
        raise WorkflowError(loaded.problems)
    told_later = [problem for read in loaded.misgiven for problem in read.problems]
    if warnings := [problem for problem in loaded.problems if problem not in told_later]:
        say(write_text(warnings).rstrip("\n"))
    if not loaded.problems and text is None and file != "-":
        remembered.keep(file, loaded.but_for_params, began)
    return loaded.but_for_params, loaded.misgiven


def text_of_stdin(file: str | None) -> str | None:
    """The text of a workflow that is read from standard input, which can be read only once."""
    if file != "-":
        return None
    from runner.source.reading import SourceError, read_text

    try:
        return read_text(file)
    except SourceError as error:
        raise WorkflowError([Problem.of(error.fault)]) from error


def refuse_to_read_twice(files: Sequence[str | None]) -> None:
    """Raise `UserError` if two of what is read are standard input: the second one would find nothing."""
    found = [file for file in files if file in STDIN]
    if len(found) > 1:
        raise UserError(
            f"{' and '.join(map(str, found[:2]))}: standard input can be read only once",
            "put one of the two into a file, or give it by <(…) of bash",
        )


def _default_file() -> str:
    found = [file for file in DEFAULT_FILES if os.path.exists(file)]
    if len(found) > 1:
        say(f"note: {found[0]} is meant; {listed(found[1:])} is here, too")
    if found:
        return found[0]
    raise UserError(
        f"no workflow file here: neither {' nor '.join(DEFAULT_FILES)} is in {os.getcwd()}",
        "\n".join(filter(None, map(broken_link, DEFAULT_FILES)))
        or "name one, or write one to start from: runner init",
    )
