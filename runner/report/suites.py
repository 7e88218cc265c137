"""What the template of the JUnit report names: the tasks of the file as suites of test cases.

The cases of a suite are counted when it is asked for, and read when somebody goes over them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from runner.records import Failure, FailureKind, Status
from runner.report.cases import NOT_BEGUN, Case, Verdict, cases_of, failed_tries, name_of, said_of
from runner.report.lazy import Lazy
from runner.report.values import duration, error_values, moment
from runner.report.which import which_items
from runner.store.entries import RUNNING, RunRecord, TaskRecord
from runner.store.recorded import Recorded


def suites(read: Recorded, run: RunRecord, tasks: Sequence[TaskRecord]) -> Lazy:
    """A suite for each task of the file, and one for what failed besides tasks."""
    over = run.status != RUNNING

    @cache
    def counts(place: int) -> Counter[Verdict]:
        return Counter(case.verdict(over=over) for case in cases_of(read, tasks[place]))

    def each() -> Iterator[dict[str, Any]]:
        for place, task in enumerate(tasks):
            yield _suite(read, task, counts(place), over=over)
        if run.problems:
            yield _of_problems(run)

    return Lazy(each, len(tasks) + bool(run.problems))


def _suite(read: Recorded, task: TaskRecord, counts: Counter[Verdict], *, over: bool) -> dict[str, Any]:
    return {
        "name": task.name,
        "file": task.position.file if task.position else None,
        "started": moment(task.started),
        "seconds": duration(task.seconds),
        **_counted(counts),
        "cases": Lazy(
            lambda: (_case(read, case, over=over) for case in cases_of(read, task)), counts.total()
        ),
    }


def _counted(counts: Counter[Verdict]) -> dict[str, int]:
    return {
        "tests": counts.total(),
        "failures": counts[Verdict.FAILURE],
        "errors": counts[Verdict.ERROR],
        "skipped": counts[Verdict.SKIPPED],
    }


def _case(read: Recorded, case: Case, *, over: bool) -> dict[str, Any]:
    task, item = case.task, case.item
    failure = case.failure
    tried = failed_tries(read, case) if case.earlier or (item and item.attempts > 1) else ()
    return {
        "name": name_of(case),
        "task": task.path or task.address,
        "verdict": case.verdict(over=over).value,
        "status": (Status.WAITING if case.is_unbegun else case.status).value,
        "reason": said_of(case, over=over),
        "seconds": duration(item.seconds if item else task.seconds),
        "error": error_values(failure, task.position),
        "which": which_items(read, task, item, failure) if failure else [],
        "tries": [
            {"seconds": duration(seconds), "error": error_values(failed, task.position)}
            for seconds, failed in tried
        ],
        "file": task.position.file if task.position else None,
        "line": task.position.line if task.position else None,
    }


def _of_problems(run: RunRecord) -> dict[str, Any]:
    """What failed besides tasks: outputs, and the run's own timeout."""
    counts = Counter(_verdict(problem) for problem in run.problems)
    return {
        "name": run.workflow,
        "file": run.file,
        "started": moment(run.started),
        "seconds": None,
        **_counted(counts),
        "cases": [
            {
                "name": _name_of(problem),
                "task": None,
                "verdict": _verdict(problem).value,
                "status": "failed",
                "reason": problem.message,
                "seconds": None,
                "error": error_values(problem, None),
                "which": [],
                "tries": [],
                "file": run.file,
                "line": None,
            }
            for problem in run.problems
        ],
    }


def _verdict(problem: Failure) -> Verdict:
    return Verdict.ERROR if problem.kind in NOT_BEGUN else Verdict.FAILURE


def _name_of(problem: Failure) -> str:
    """An output by its name, which its message begins with."""
    named = problem.kind is FailureKind.EXPRESSION
    return problem.message.partition(": ")[0] if named else problem.kind.value
