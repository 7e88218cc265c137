"""The report as plain text, for the terminal: the verdict, what failed and why, every task, the time."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator

from runner.display import as_argument, in_columns, one_line, took, visible
from runner.hints import Any
from runner.records import Failure, Mark, Status
from runner.report.excerpts import first_lines, last_lines, traceback_lines
from runner.report.failing import MOST, shown
from runner.report.insides import Insides
from runner.report.notes import note
from runner.report.values import standing
from runner.store.entries import FailureRecord, RunRecord, TaskRecord
from runner.store.history import state_of
from runner.store.recorded import Recorded
from runner.store.stored_run import StoredRun
from runner.store.tables import item_id

verdicts = {
    "running": "is still running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "was cancelled",
    "died": "died before its end",
}

LONGEST_COMMAND = 4096
"""Characters of a command that are shown."""


def text_report(stored: StoredRun) -> Iterator[str]:
    """The text of the report, in pieces."""
    with stored.snapshot():
        run = stored.run()
        tasks = list(stored.read.root_tasks(run))
        yield _head(run)
        yield from _failures(stored, run)
        yield from _tasks(stored, run, tasks)
        yield from _outputs(run)
        yield from _notices(stored.read, run)
        yield f"\n{summary(run, tasks)}\n"


def verdict(stored: StoredRun) -> Iterator[str]:
    """How the run ended, and what failed and why."""
    with stored.snapshot():
        run = stored.run()
        yield _head(run)
        yield from _failures(stored, run)


def _head(run: RunRecord) -> str:
    return f"{one_line(run.workflow)} {verdicts[run.status]} (run {run.id})\n"


def summary(run: RunRecord, tasks: Iterable[TaskRecord]) -> str:
    """How many tasks ended how, and the time that it took."""
    counts = Counter(_word(run, task) for task in tasks)
    words = [f"{counts[word]} {word}" for word in _worst_first if counts[word]]
    time = f" in {took(run.seconds)}" if run.seconds is not None else ""
    return (", ".join(words) or "no tasks") + time


_worst_first = (
    "failed",
    "failed (tolerated)",
    "cancelled",
    "skipped",
    "running",
    "broke off",
    "waiting",
    "not begun",
    "succeeded",
)


def _word(run: RunRecord, task: TaskRecord) -> str:
    tolerated = task.status is Status.FAILED and Mark.TOLERATED in task.marks
    return "failed (tolerated)" if tolerated else standing(run, task.status)


def _failures(stored: StoredRun, run: RunRecord) -> Iterator[str]:
    count = 0
    for each in shown(stored.read, run):
        count += 1
        yield _in_a_line(each.found) if each.brief else "\n" + _failure(each.found)
        if each.more:
            yield f"… and {each.more} more of {visible(each.found.task.address)}: {_all_of(stored, run)}\n"
    if count == MOST:
        yield f"\n… and more failures: {_all_of(stored, run)}\n"
    for problem in run.problems:
        place = f"{problem.position}: " if problem.position else ""
        yield f"\n{visible(place + first_lines(problem.message))} [{problem.kind.value}]\n"


def _all_of(stored: StoredRun, run: RunRecord) -> str:
    """The command that shows all that was recorded, to be pasted where this is read first."""
    state = os.path.realpath(state_of(stored.folder))
    elsewhere = "" if state == os.path.realpath(".runner") else f" --state-dir {as_argument(state)}"
    return f"runner report {run.id} --format json{elsewhere}"


def _in_a_line(found: FailureRecord) -> str:
    failure, address = found.failure, visible(found.address)
    return f"{address} failed{_tolerated(found)}: {one_line(failure.message)} [{failure.kind.value}]\n"


def _tolerated(found: FailureRecord) -> str:
    return f" ({one_line(found.tolerance)})" if found.tolerance else ""


def _failure(found: FailureRecord) -> str:
    failure, task = found.failure, found.task
    tries = found.item.attempts if found.item else 1
    how = f"failed after {tries} attempts" if tries > 1 else "failed"
    first, _, rest = visible(first_lines(failure.message)).partition("\n")
    place = f"{task.position}: " if task.position else ""
    head = (
        f"{visible(place)}{visible(found.address)} {how}{_tolerated(found)}: {first} [{failure.kind.value}]\n"
    )
    if found.item and found.item.reason:
        head += _indented(visible(found.item.reason), "    ")
    return head + _indented(rest, "    ") + _evidence(failure)


def _evidence(failure: Failure) -> str:
    return (
        _indented(visible(traceback_lines(failure.traceback or "", failure.message)), "    ")
        + _indented(visible(_beginning(failure.command or "")), "    $ ", "      ")
        + _indented(visible(last_lines(failure.output or "")), "    | ")
    )


def _beginning(command: str) -> str:
    """A command that is too long to be read is shown by its beginning."""
    if len(command) <= LONGEST_COMMAND:
        return first_lines(command)
    return f"{command[:LONGEST_COMMAND]}… ({len(command)} characters in all)"


def _indented(text: str, first: str, others: str | None = None) -> str:
    if not text.strip("\n"):
        return ""
    lines = text.strip("\n").split("\n")
    starts = [first] + [first if others is None else others] * (len(lines) - 1)
    return "".join(f"{start}{line}".rstrip() + "\n" for start, line in zip(starts, lines, strict=True))


def _tasks(stored: StoredRun, run: RunRecord, tasks: list[TaskRecord]) -> Iterator[str]:
    rows = list(_rows(stored.read, run, Insides(stored, run), tasks, ""))
    if rows:
        yield "\n" + "".join(f"{line}\n" for line in in_columns(rows))


def _rows(
    read: Recorded,
    run: RunRecord,
    insides: Insides,
    tasks: list[TaskRecord],
    indent: str,
    around: str | None = None,
) -> Iterator[tuple[str, ...]]:
    for task in tasks:
        told = note(read, run, task, around)
        yield standing(run, task.status), indent + task.name, took(task.seconds), told
        if task.is_group and not task.mapped and task.fan is not None:
            body = read.body(item_id(task.fan, 0))
            yield from _rows(read, run, insides, body, indent + "  ", task.tolerates(around))
        elif task.is_group and task.fan is not None:
            for inner in insides.remarkable(task):
                name = f"{indent}{'  ' * inner.depth}{inner.name}"
                yield standing(run, inner.status), name, "", inner.note


def _outputs(run: RunRecord) -> Iterator[str]:
    if run.outputs:
        yield "\noutputs:\n"
        for name, value in run.outputs.items():
            yield f"  {one_line(name)}: {_shown(value)}\n"


def _shown(value: Any) -> str:
    plain = isinstance(value, str) and "\n" not in value
    return one_line(value if plain else json.dumps(value, ensure_ascii=False))


def _notices(read: Recorded, run: RunRecord) -> Iterator[str]:
    notices = [notice.text for notice in read.notices(run)]
    if notices:
        yield "\n" + "".join(f"note: {one_line(text)}\n" for text in notices)
