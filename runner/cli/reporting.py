"""Which reports of a run are written where: those of the command line and those of the file.

What is wrong with them is found before anything runs. It does not know what a report says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runner.cli.terminal import OutputFailed, Stdout
from runner.expression import EvaluationError, text_of
from runner.problem import Problem, UserError, WorkflowError, with_hint
from runner.report import writer
from runner.store.errors import DamagedError
from runner.store.stored_run import StoredRun, open_run
from runner.struct import struct
from runner.workflow import ReportTarget, Workflow, files_of

Writer = Callable[[StoredRun], Iterator[str]]

_streams = re.compile(r"/dev/(stdout|stderr)|/(?:dev|proc/self)/fd/([12])")
_named = re.compile(r"([A-Za-z]+)=(.+)", re.DOTALL)


@struct
class Destination:
    """A report to write to a file: `path` as it was asked for, `place` from wherever the program stands."""

    path: str
    place: str
    write: Writer

    @classmethod
    def of(cls, path: str, write: Writer) -> Destination:
        """The paths of reports are those of the folder where the run is started."""
        return cls(path, os.path.abspath(path), write)


def asked_for(words: Sequence[str]) -> list[Destination]:
    """The reports that `--report [FORMAT=]PATH` asks for; raises `UserError`."""
    return [_asked_for(word) for word in words]


def declared(workflow: Workflow, names: Mapping[str, Any]) -> list[Destination]:
    """The reports that the file asks for; raises `WorkflowError`. `names` are what `to` may see."""
    if problems := list(problems_of_reports(workflow)):
        raise WorkflowError(problems)
    return [_declared(target, names) for target in workflow.reports]


def problems_of_reports(workflow: Workflow) -> Iterator[Problem]:
    """What is wrong with how its reports are to be made: formats and templates."""
    for target in workflow.reports:
        if target.format is None and target.template is None:
            continue
        try:
            writer(target.format, target.template and os.path.relpath(target.template))
        except UserError as error:
            yield Problem.at(target.made_at, "bad-report", error.message, error.hint)


def refuse_to_overwrite(destinations: Sequence[Destination], workflow: Workflow, *others: str | None) -> None:
    """Raises `UserError` for a report that would take the place of a file that the run is made from."""
    own = {os.path.realpath(file) for file in (*files_of(workflow), *workflow.dotenv, *others) if file}
    for destination in destinations:
        if os.path.realpath(destination.place) in own:
            message = f"the report {destination.path} would overwrite a file that the run is made from"
            raise UserError(message, "name another file")


def write_files(
    stored: StoredRun, destinations: Sequence[Destination], streams: Mapping[int, int]
) -> list[str]:
    """Write each report that can be written; the sentences on those that cannot.

    `streams`: where standard output and error really are, by their usual descriptors. Raises
    `DamagedError`: no report of the run can be relied on.
    """
    faults = []
    for destination in destinations:
        own = _own_stream(destination.path)
        if own is not None:
            faults += write_out(stored, destination.write, Stdout(streams[own]))
            continue
        from runner.report.publish import publish

        try:
            publish(Path(destination.place), destination.write(stored), destination.path)
        except DamagedError:
            raise
        except UserError as error:
            faults.append(sentence(error))
    return faults


def _own_stream(path: str) -> int | None:
    """The descriptor that a path means which names an output of the program itself."""
    match = _streams.fullmatch(path)
    if match is None:
        return None
    return {"stdout": 1, "stderr": 2}.get(match[1] or "") or int(match[2])


def write_out(stored: StoredRun, write: Writer, stdout: Stdout) -> list[str]:
    """Write a report to standard output; the sentence on why it could not be done.

    Raises `DamagedError`.
    """
    try:
        for piece in write(stored):
            stdout.write(piece)
    except OutputFailed as error:
        return [str(error)]
    except DamagedError:
        raise
    except UserError as error:
        return [sentence(error)]
    return []


def report_again(
    state: str, run: str | None, form: str | None, template: str | None, path: str | None, stdout: Stdout
) -> None:
    """Write a report of a recorded run, to `path` or to standard output; raises what goes wrong."""
    write = writer(form, template, path)
    with open_run(state, run) as stored:
        made_from = {os.path.realpath(file) for file in (stored.run().file, template) if file}
        if path is not None and os.path.realpath(path) in made_from:
            raise UserError(f"the report would overwrite {path}, from which it is made", "name another file")
        if path is not None and _own_stream(path) is None:
            from runner.report.publish import publish

            publish(Path(path), write(stored))
            return
        if path is not None:
            stdout = Stdout(_own_stream(path) or 1)
        for piece in write(stored):
            stdout.write(piece)


def _asked_for(word: str) -> Destination:
    named = _named.fullmatch(word)
    form, path = (named[1], named[2]) if named else (None, word)
    if not path:
        raise UserError("--report: expected [FORMAT=]PATH")
    return Destination.of(path, writer(form, path=path))


def _declared(target: ReportTarget, names: Mapping[str, Any]) -> Destination:
    try:
        path = text_of(target.to.evaluate(names))
        return Destination.of(path, writer(target.format, target.template, path))
    except (EvaluationError, UserError) as error:
        problem = Problem.at(target.position, "bad-report", error.message, error.hint)
        raise WorkflowError([problem]) from error


def sentence(error: UserError) -> str:
    """What a user is told of an error that ends nothing."""
    return with_hint(error.message, error.hint)
