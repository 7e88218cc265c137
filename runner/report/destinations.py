"""Which reports of a run are written where: those that are asked for and those of the file.

What is wrong with them is found before anything runs. It does not know what a report says.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from runner.expression import EvaluationError, text_of
from runner.problem import Problem, UserError, WorkflowError
from runner.report import writer
from runner.store.stored_run import StoredRun
from runner.struct import struct
from runner.workflow import ReportTarget, Workflow, files_of

Writer = Callable[[StoredRun], Iterator[str]]

_named = r"(?s)([A-Za-z]+)=(.+)"
_streams = r"-|/dev/(stdout|stderr)|/(?:dev|proc/self)/fd/([12])"


@struct
class Destination:
    """A report to write to a file: `path` as it was asked for, `place` from wherever the program stands."""

    path: str
    place: str
    write: Writer

    @classmethod
    def of(cls, path: str, write: Writer) -> Destination:
        """The paths of reports are those of the folder where the run is started."""
        return cls(path, "/dev/stdout" if path == "-" else os.path.abspath(path), write)


def own_stream(path: str) -> int | None:
    """The descriptor of the program's own output that a path means, such as `-` for the standard one."""
    match = re.fullmatch(_streams, path)
    if match is None:
        return None
    return {"stdout": 1, "stderr": 2}.get(match[1] or "") or int(match[2] or 1)


def asked_for(words: Sequence[str], *, goes_on: bool = False) -> list[Destination]:
    """The reports that `--report [FORMAT=]PATH` asks for; raises `UserError`.

    Of two to one file, the later is meant if the run `goes_on`: it may have been asked for anew.
    """
    found: list[Destination] = []
    for destination in map(_asked_for, words):
        if own_stream(destination.path) is None:
            others = [other for other in found if other.place != destination.place]
            if len(others) < len(found) and not goes_on:
                message = f"--report: two reports are to be written to {destination.path}"
                raise UserError(message, "name another file")
            found = others
        found.append(destination)
    return found


def declared(
    workflow: Workflow, names: Mapping[str, Any], asked: Sequence[Destination] = ()
) -> list[Destination]:
    """The reports that the file asks for, but those in whose place another was `asked` for.

    Raises `WorkflowError`. `names` are what `to` may see.
    """
    if problems := list(problems_of_reports(workflow)):
        raise WorkflowError(problems)
    taken = {destination.place for destination in asked}
    found = (_declared(target, names) for target in workflow.reports)
    return [destination for destination in found if destination.place not in taken]


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


def _asked_for(word: str) -> Destination:
    named = re.fullmatch(_named, word)
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
