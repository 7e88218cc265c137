"""A path → a workflow that can be run, or one error that tells all that is wrong with the file."""

from __future__ import annotations

import os
from collections.abc import Mapping

from runner import loader
from runner.api.arguments import check
from runner.api.naming import ParamsByName
from runner.problem import Problem, WorkflowError
from runner.workflow import Param
from runner.workflow import Workflow as Meaning


class Workflow:
    """A workflow file that was read and found sound. It may be run any number of times."""

    def __init__(self, meaning: Meaning, warnings: tuple[Problem, ...]) -> None:
        self.meaning = meaning
        """What the rooms below make of it: not for users, and free to change."""
        self.warnings = warnings
        """What does not look right in the file, though it can be run."""

    @property
    def name(self) -> str:
        """As the file names it, or the file's own name."""
        return self.meaning.name

    @property
    def file(self) -> str:
        """The path of the file, from the root."""
        return self.meaning.file

    @property
    def description(self) -> str:
        """What the file says of itself."""
        return self.meaning.description

    @property
    def params(self) -> Mapping[str, Param]:
        """The params that it declares."""
        return ParamsByName(self.meaning.params)

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of its tasks, in the order of the file."""
        return tuple(self.meaning.body.tasks)

    def __repr__(self) -> str:
        return f"Workflow({self.name!r}, file={self.file!r})"


def load(path: str | os.PathLike[str]) -> Workflow:
    """Read a workflow file. Nothing of it is run, and none of its code is imported.

    Raises `WorkflowError` with all that is wrong with it: as text with the places and the lines, and as
    `problems`. What is no path is another `UserError`.
    """
    check(path=path)
    return read(os.fspath(path))


def read(path: str, text: str | None = None) -> Workflow:
    """The workflow of a file; `text` is what the file says, if it has been read."""
    loaded = loader.load(path, text=text)
    if loaded.workflow is None:
        raise WorkflowError(loaded.problems)
    return Workflow(loaded.workflow, tuple(loaded.problems))
