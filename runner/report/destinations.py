"""Which reports of a run are written where: those that are asked for and those of the file.

What is wrong with them is found before anything runs. It does not know what a report says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence

from runner.expression import EvaluationError, text_of
from runner.files import files_of
from runner.hints import Any
from runner.links import own_stream, short_path
from runner.problem import Problem, UserError, WorkflowError
from runner.report import writer
from runner.store.stored_run import StoredRun
from runner.struct import replace, struct
from runner.workflow import ReportTarget, Workflow

Writer = Callable[[StoredRun], Iterator[str]]

_named = r"(?s)([A-Za-z]+)=(.+)"
_names_of_streams = {1: "standard output", 2: "standard error"}


@struct
class Destination:
    """A report to write to a file: `path` as it was asked for, `place` from wherever the program stands."""

    path: str
    place: str
    write: Writer
    asked: bool = True
    """Whether somebody said so: what goes to standard output anyway is for whoever reads it."""

    @classmethod
    def of(cls, path: str, write: Writer) -> Destination:
        """The paths of reports are those of the folder where the run is started."""
        return cls(path, "/dev/stdout" if path == "-" else os.path.abspath(path), write)

    @property
    def stream(self) -> int | None:
        """The descriptor of the program's own output, if it goes there."""
        return own_stream(self.path)

    @property
    def end(self) -> str:
        """Where it comes to lie, however that is written: there is room for one report."""
        return os.path.realpath(self.place) if self.stream is None else _names_of_streams[self.stream]


def asked_for(
    words: Sequence[str],
    form: str | None = None,
    template: str | None = None,
    *,
    goes_on: bool = False,
) -> list[Destination]:
    """The reports that `--report [FORMAT=]PATH` asks for, and the one on standard output, if that is said.

    Raises `UserError`. Of two to one end, the later is meant if the run `goes_on`: it may have been asked
    for anew.
    """
    asked = list(map(_asked_for, words))
    if form is not None or template is not None:
        asked.append(Destination.of("-", writer(form, template)))
    found: list[Destination] = []
    for destination in asked:
        others = [other for other in found if other.end != destination.end]
        if len(others) < len(found) and not goes_on:
            raise _two_to(destination)
        found = [*others, destination]
    return found


def and_the_text(destinations: Sequence[Destination]) -> list[Destination]:
    """The text report goes to standard output, unless another one does."""
    if any(destination.stream == 1 for destination in destinations):
        return list(destinations)
    return [*destinations, replace(Destination.of("-", writer()), asked=False)]


def for_people(destinations: Sequence[Destination]) -> bool:
    """Whether it is the text report that goes to standard output."""
    return all(destination.stream != 1 or destination.write is writer() for destination in destinations)


def declared(
    workflow: Workflow, names: Mapping[str, Any], asked: Sequence[Destination] = ()
) -> list[Destination]:
    """The reports that the file asks for, but those in whose place another was `asked` for.

    Raises `WorkflowError`, also for two of them to one end. `names` are what `to` may see.
    """
    if problems := list(problems_of_reports(workflow)):
        raise WorkflowError(problems)
    taken = {destination.end for destination in asked}
    found: dict[str, tuple[ReportTarget, Destination]] = {}
    for target in workflow.reports:
        destination = _declared(target, names)
        if destination.end in taken:
            continue
        first, _ = found.setdefault(destination.end, (target, destination))
        if first is not target:
            problems.append(_same_end(destination, first, target))
    if problems:
        raise WorkflowError(problems)
    return [destination for _, destination in found.values()]


def problems_of_reports(workflow: Workflow) -> Iterator[Problem]:
    """What is wrong with how its reports are to be made: formats and templates."""
    for target in workflow.reports:
        if target.format is None and target.template is None:
            continue
        try:
            writer(target.format, target.template and short_path(target.template))
        except UserError as error:
            problem = Problem.at(target.made_at, "bad-report", error.message, error.hint)
            yield replace(problem, length=min(target.made_length, problem.length))


def refuse_to_overwrite(destinations: Sequence[Destination], workflow: Workflow, *others: str | None) -> None:
    """Raises `UserError` for a report that would take the place of a file that the run is made from."""
    own = {os.path.realpath(file) for file in (*files_of(workflow), *workflow.dotenv, *others) if file}
    for destination in destinations:
        if os.path.realpath(destination.place) in own:
            message = f"the report {destination.path} would overwrite a file that the run is made from"
            raise UserError(message, "name another file")


def _two_to(destination: Destination) -> UserError:
    where, hint = destination.path, "name another file"
    if destination.stream is not None:
        where, hint = destination.end, "name a file for one of them"
    return UserError(f"--report: two reports are to be written to {where}", hint)


def _same_end(destination: Destination, first: ReportTarget, target: ReportTarget) -> Problem:
    message = f"two reports are to be written to {destination.path}"
    problem = Problem.at(target.position, "repeated-report", message, "name another file")
    return replace(problem, related=((first.position, "the first is"),))


def _asked_for(word: str) -> Destination:
    import re

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
