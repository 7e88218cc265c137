"""The report as plain text, for the terminal: the verdict, what failed and why, every task, the time."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property

from runner.display import as_argument, in_columns, one_line, took, visible
from runner.hints import TYPE_CHECKING, Any
from runner.records import Mark, Status
from runner.report.failing import MOST, shown
from runner.report.notes import note
from runner.report.values import standing
from runner.store.entries import RunRecord, TaskRecord
from runner.store.history import state_of
from runner.store.recorded import Recorded
from runner.store.stored_run import StoredRun
from runner.store.tables import item_id

if TYPE_CHECKING:
    from runner.report.insides import Insides

verdicts = {
    "running": "is still running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "was cancelled",
    "died": "died before its end",
}


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
        from runner.report.failure_text import failure_in_a_line, failure_text
        from runner.report.which import which_items

        count += 1
        items = which_items(stored.read, each.found.task, each.found.item, each.found.failure)
        yield failure_in_a_line(each.found, items) if each.brief else "\n" + failure_text(each.found, items)
        if each.more:
            yield f"… and {each.more} more of {visible(each.found.task.address)}: {_all_of(stored, run)}\n"
    if count == MOST:
        yield f"\n… and more failures: {_all_of(stored, run)}\n"
    for problem in run.problems:
        from runner.report.failure_text import problem_text

        yield "\n" + problem_text(problem)


def _all_of(stored: StoredRun, run: RunRecord) -> str:
    """The command that shows all that was recorded, to be pasted where this is read first."""
    state = os.path.realpath(state_of(stored.folder))
    elsewhere = "" if state == os.path.realpath(".runner") else f" --state-dir {as_argument(state)}"
    return f"runner report {run.id} --format json{elsewhere}"


def _tasks(stored: StoredRun, run: RunRecord, tasks: list[TaskRecord]) -> Iterator[str]:
    rows = list(_rows(stored.read, run, _Insides(stored, run), tasks, ""))
    if rows:
        yield "\n" + "".join(f"{line}\n" for line in in_columns(rows))


class _Insides:
    """What there is to say of mapped groups, if there are any."""

    def __init__(self, stored: StoredRun, run: RunRecord) -> None:
        self._of = stored, run

    @cached_property
    def known(self) -> Insides:
        """All of it."""
        from runner.report.insides import Insides

        return Insides(*self._of)


def _rows(
    read: Recorded,
    run: RunRecord,
    insides: _Insides,
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
            for inner in insides.known.remarkable(task):
                name = f"{indent}{'  ' * inner.depth}{inner.name}"
                yield standing(run, inner.status), name, "", inner.note


def _outputs(run: RunRecord) -> Iterator[str]:
    if run.outputs:
        yield "\noutputs:\n"
        for name, value in run.outputs.items():
            yield f"  {one_line(name)}: {_shown(value)}\n"


def _shown(value: Any) -> str:
    if isinstance(value, str) and "\n" not in value:
        return one_line(value)
    import json

    return one_line(json.dumps(value, ensure_ascii=False))


def _notices(read: Recorded, run: RunRecord) -> Iterator[str]:
    notices = [notice.text for notice in read.notices(run)]
    if notices:
        yield "\n" + "".join(f"note: {one_line(text)}\n" for text in notices)
