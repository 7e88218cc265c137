"""How a run ended, as a program has it: what it gave, what failed and why, and its reports."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from runner.api.arguments import check
from runner.api.naming import OutputsByName, ParamsByName, TasksByName, UnknownAddress, naming_nothing
from runner.api.performing import Ending
from runner.api.tasks import Archive, TaskResult, placed, read_task
from runner.records import Failure, Status
from runner.report import writer
from runner.report.as_text import verdict
from runner.store.entries import RunRecord
from runner.store.failed import failures
from runner.struct import struct


@struct
class Failed:
    """Something that failed by itself, not because of what is inside it."""

    address: str
    failure: Failure
    tolerated: bool
    tolerance: str | None
    """Why the run does not fail for it, where it does not."""


class RunFailed(Exception):
    """A run that did not succeed. Its text is the verdict with the failures; `result` tells the rest."""

    def __init__(self, text: str, result: Result) -> None:
        super().__init__(text)
        self.result = result


class Result:
    """How a run ended. Its tasks are read from its record when they are asked for."""

    def __init__(self, archive: Archive, run: RunRecord, ending: Ending, notices: tuple[str, ...]) -> None:
        self._archive = archive
        self._run = run
        self._ending = ending
        self.notices = notices
        """What is worth hearing besides outcomes."""

    # The run as a whole -------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """The id of the run."""
        return self._run.id

    @property
    def workflow(self) -> str:
        """The name of the workflow."""
        return self._run.workflow

    @property
    def folder(self) -> Path:
        """Where its record and its logs lie."""
        return Path(self._archive.folder)

    @property
    def status(self) -> Status:
        """`succeeded`, `failed` or `cancelled`."""
        return Status(self._run.status)

    @property
    def succeeded(self) -> bool:
        """Whether nothing failed that counts, and nobody stopped it."""
        return self.status is Status.SUCCEEDED

    @property
    def exit_code(self) -> int:
        """With which the command line would have ended."""
        return self._run.exit_code or 0

    @property
    def started(self) -> datetime:
        """When it was started."""
        return datetime.fromtimestamp(self._run.started).astimezone()

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self._run.seconds or 0.0

    @property
    def params(self) -> Mapping[str, Any]:
        """The values of all params."""
        return ParamsByName(self._run.params)

    @property
    def outputs(self) -> Mapping[str, Any]:
        """What the file's `outputs` gave; None for one that could not be evaluated."""
        return OutputsByName(self._ending.outputs)

    @property
    def problems(self) -> tuple[Failure, ...]:
        """What failed besides tasks: outputs, and the run's own timeout."""
        return self._run.problems

    @property
    def unwritten(self) -> tuple[str, ...]:
        """Sentences on reports of the file that could not be written."""
        return tuple(self._ending.unwritten)

    # Its tasks ----------------------------------------------------------------------------------

    @property
    def tasks(self) -> Mapping[str, TaskResult]:
        """The tasks of the file by name, in its order."""
        with self._archive.open() as stored:
            tasks = stored.read.root_tasks(self._run)
            return TasksByName(
                {task.name: TaskResult(self._archive, task, task.item, None) for task in tasks}
            )

    def __getitem__(self, address: str) -> TaskResult:
        """The task or the item that an address names: `fetch`, `fetch[cat.jpg]`, `country[fr].parse[3]`.

        Raises `UnknownAddress`, which is a `KeyError`, where there is none, or more than one.
        """
        found = self.find(address)
        if len(found) > 1:
            some = ", ".join(task.address for task in found[:3]) + (", …" if len(found) > 3 else "")
            raise UnknownAddress(f"'{address}' names {len(found)} tasks: {some}", "`find` gives all of them")
        return found[0]

    def __contains__(self, address: object) -> bool:
        """Whether an address names a task or an item, and only one."""
        try:
            return isinstance(address, str) and len(self.find(address)) == 1
        except UnknownAddress:
            return False

    def __iter__(self) -> Iterator[str]:
        """The names of the tasks, in the order of the file."""
        return iter(self.tasks)

    def __len__(self) -> int:
        """How many tasks the file has."""
        return len(self.tasks)

    def __bool__(self) -> bool:
        """It is there, whatever it holds; `succeeded` tells how the run ended."""
        return True

    def find(self, address: str) -> list[TaskResult]:
        """All that an address names: `country.parse` is `parse` in every item of `country`.

        Raises `UnknownAddress`, which is a `KeyError`, where there is none.
        """
        with self._archive.open() as stored:
            with naming_nothing():
                check(address=address)
                found = list(stored.find(address))
            return [read_task(self._archive, stored, it.task, it.item) for it in found]

    @property
    def failures(self) -> list[Failed]:
        """All that failed, also what is tolerated, in the order in which its tasks were reached."""
        with self._archive.open() as stored:
            return [
                Failed(found.address, placed(found.failure, found.task), found.tolerated, found.tolerance)
                for found in failures(stored.read, self._run)
            ]

    # For people ---------------------------------------------------------------------------------

    def check(self) -> Result:
        """The result itself if the run succeeded; raises `RunFailed` if it did not.

        Also if it succeeded, and a report that the file asks for could not be written.
        """
        if self.succeeded and not self.unwritten:
            return self
        with self._archive.open() as stored:
            told = ["".join(verdict(stored)).rstrip("\n"), *self.unwritten]
        raise RunFailed("\n".join(told), self)

    def report(self, form: str = "text", *, template: str | os.PathLike[str] | None = None) -> str:
        """The report of the run, in a format that `runner report` has, or by a template of one's own.

        Raises `UserError` for a format that there is not, and for what is wrong with the template.
        """
        check(form=form, template=template)
        write = writer(form) if template is None else writer(template=os.fspath(template))
        with self._archive.open() as stored:
            return "".join(write(stored))

    def __repr__(self) -> str:
        return f"<Result of {self.workflow}: {self.status.value} (run {self.id})>"

    def _repr_markdown_(self) -> str:
        """How a notebook shows it."""
        return self.report("markdown")


def result_of(folder: str, ending: Ending) -> Result:
    """The result of a run that has ended."""
    archive = Archive(folder, ending)
    with archive.open() as stored:
        run = stored.run()
        notices = [notice.text for notice in stored.read.notices(run)]
    return Result(archive, run, ending, (*notices, *ending.notices))
