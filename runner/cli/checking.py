"""What `validate` says of workflow files. Nothing of the user's is imported or run."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

from runner.cli.opening import refuse_to_read_twice
from runner.cli.terminal import Stdout
from runner.executor_names import OWN
from runner.expression.holes import Hole, split
from runner.expression.questions import has_verbatim
from runner.files import all_files
from runner.hosts import here
from runner.loader import load
from runner.problem import Problem, order, write_github, write_json, write_text
from runner.shell import program_variables
from runner.source import Document, parse
from runner.source.reading import SourceError, read_text
from runner.struct import replace
from runner.workflow import Workflow

_writers = {"text": write_text, "json": write_json}


def check(files: Sequence[str], strict: bool, form: str, stdout: Stdout) -> int:
    """Write all problems of `files`; the exit code."""
    refuse_to_read_twice(files)
    problems = [problem for file in files for problem in _problems(file, strict)]
    if form == "github":
        stdout.write_commands(write_github(map(_placed, order(problems))))
    elif problems or form == "json":
        stdout.write(_writers[form](order(problems)))
    if form == "text":
        here().annotate(order(problems), sys.stderr)
    wrong = [problem for problem in problems if strict or problem.severity == "error"]
    return 2 if wrong else 0


def _placed(problem: Problem) -> Problem:
    position = problem.position
    return replace(problem, position=replace(position, file=here().path(position.file) or position.file))


def _problems(file: str, strict: bool) -> list[Problem]:
    """The problems of one file; with `strict`, each pasted value is one of them."""
    try:
        text = read_text(file)
    except SourceError as error:
        return [Problem.of(error.fault)]
    loaded = load(file, text=text)
    problems = list(loaded.problems)
    if loaded.as_read is not None:
        problems += _refused_by_run(loaded.as_read)
    if strict:
        problems += _pasted(parse(text, file))
    return problems


def _refused_by_run(workflow: Workflow) -> Iterator[Problem]:
    """What `run` would refuse of a file that is written well, before anything of it runs."""
    if workflow.executor not in OWN:
        from runner.engine import problem_of_executor

        if problem := problem_of_executor(workflow):
            yield problem
    if workflow.reports:
        from runner.report.destinations import problems_of_reports

        yield from problems_of_reports(workflow)
    if any(file.dotenv for file in all_files(workflow)):
        from runner.starting.environment import problems_of_dotenv

        yield from problems_of_dotenv(workflow)


def _pasted(document: Document) -> Iterator[Problem]:
    """A warning for each `verbatim`, the one filter that makes a value part of a script."""
    for path, script in _scripts(document.value, ()):
        for part in split(script):
            if isinstance(part, Hole) and has_verbatim(part.source):
                place = document.mark_in(path, part.offset)
                yield Problem(
                    place,
                    "verbatim",
                    "this value becomes part of the script as it is",
                    severity="warning",
                    length=part.end - part.offset,
                    excerpt=document.line(place.line),
                )


def _scripts(body: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The scripts of a task and of the tasks in it, each with its path; a shell runs some variables."""
    tasks = body.get("tasks") if isinstance(body, dict) else None
    env = body.get("env") if isinstance(body, dict) else None
    for name, value in env.items() if isinstance(env, dict) else ():
        if name in program_variables and isinstance(value, str):
            yield (*path, "env", name), value
    for name, task in tasks.items() if isinstance(tasks, dict) else ():
        here = (*path, "tasks", name)
        if isinstance(task, dict) and isinstance(task.get("run"), str):
            yield (*here, "run"), task["run"]
        yield from _scripts(task, here)
