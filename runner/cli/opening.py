"""The workflow that a command works with: found, loaded, its warnings told.

It knows which file is meant when none is named; what is in it is the loader's.
"""

from __future__ import annotations

import os
import time

from runner.cli import remembered
from runner.cli.terminal import say
from runner.problem import Problem, UserError, WorkflowError, write_text
from runner.workflow import Workflow

DEFAULT_FILES = ("workflow.yml", "workflow.yaml")


def open_workflow(file: str | None, text: str | None = None) -> Workflow:
    """The workflow of `file`, or of the file that is meant when none is named; errors are raised.

    `text`: what it says, if it has been read.
    """
    file = file or _default_file()
    known = remembered.find(file) if text is None else None
    return known or _read(file, text)


def _read(file: str, text: str | None) -> Workflow:
    from runner.loader import load

    began = time.time()
    loaded = load(file, text=text)
    if loaded.workflow is None:
        raise WorkflowError(loaded.problems)
    if loaded.problems:
        say(write_text(loaded.problems).rstrip("\n"))
    elif text is None and file != "-":
        remembered.keep(file, loaded.workflow, began)
    return loaded.workflow


def text_of_stdin(file: str | None) -> str | None:
    """The text of a workflow that is read from standard input, which can be read only once."""
    if file != "-":
        return None
    from runner.source import SourceError, read_text

    try:
        return read_text(file)
    except SourceError as error:
        raise WorkflowError([Problem.of(error.fault)]) from error


def _default_file() -> str:
    for file in DEFAULT_FILES:
        if os.path.exists(file):
            return file
    raise UserError(
        f"no workflow file here: neither {' nor '.join(DEFAULT_FILES)} is in {os.getcwd()}",
        "name one, or write one to start from: runner init",
    )
