"""What reports tell of a run, as values that JSON holds. It knows no format and writes nothing."""

from __future__ import annotations

from runner.dates import iso
from runner.hints import Any
from runner.position import Position
from runner.records import Failure, Mark, Status
from runner.store.entries import RUNNING, ItemRecord, RunRecord, TaskRecord
from runner.store.recorded import Recorded


def run_values(run: RunRecord) -> dict[str, Any]:
    """The run as a whole."""
    return {
        "id": run.id,
        "status": run.status,
        "started": moment(run.started),
        "seconds": duration(run.seconds),
        "exit_code": run.exit_code,
    }


def workflow_values(run: RunRecord) -> dict[str, Any]:
    """The file that was run."""
    return {"name": run.workflow, "file": run.file}


def problems_values(run: RunRecord) -> list[dict[str, Any] | None]:
    """What failed besides tasks: outputs, and the run's own timeout."""
    return [error_values(problem, None) for problem in run.problems]


def notices_values(read: Recorded, run: RunRecord) -> list[str]:
    """What is worth hearing besides outcomes."""
    return [notice.text for notice in read.notices(run)]


def error_values(failure: Failure | None, position: Position | None) -> dict[str, Any] | None:
    """A failure, with the place of its task in the file."""
    if failure is None:
        return None
    return {
        "kind": failure.kind.value,
        "message": failure.message,
        "traceback": failure.traceback,
        "exit_code": failure.exit_code,
        "command": failure.command,
        "output": failure.output,
        "position": failure.position if position is None else str(position),
        "address": failure.address,
    }


def item_marks(item: ItemRecord, task: TaskRecord, around: str | None) -> list[str]:
    """The marks of an item; its failure is tolerated by its map or, as `around` says, further out."""
    return _with_mark([*item.marks], _tolerance_of_item(item, task, around))


def item_reason(item: ItemRecord, task: TaskRecord, around: str | None) -> str | None:
    """Why an item was skipped or cancelled, or its failure does not count."""
    return _with_tolerance(item.reason, _tolerance_of_item(item, task, around))


def _tolerance_of_item(item: ItemRecord, task: TaskRecord, around: str | None) -> str | None:
    """By its map's budget or by what is around; `allow_failure` tolerates a map, not its items."""
    own = None if task.mapped and Mark.TOLERATED in task.marks else task.tolerance
    return own or around if item.status == Status.FAILED else None


def item_values(item: ItemRecord, task: TaskRecord, around: str | None) -> dict[str, Any]:
    """One item of a map; `around`: why failures do not count, if something around the map says so."""
    return {
        "index": item.index,
        "key": item.key,
        "item": item.value,
        "status": item.status,
        "reason": item_reason(item, task, around),
        "result": item.result,
        "error": error_values(item.failure, task.position),
        "attempts": item.attempts,
        "seconds": duration(item.seconds),
        "marks": item_marks(item, task, around),
    } | withheld_values(item)


def withheld_values(item: ItemRecord | None) -> dict[str, str]:
    """Why the result is not recorded whole, where it is not."""
    return {"withheld": item.withheld} if item and item.withheld else {}


def counted_values(task: TaskRecord) -> dict[str, int | None]:
    """How many items a map has, and how many of them never began, where that is known."""
    known = task.total is not None
    return {"items_total": task.total, "not_begun": task.not_begun if known else None}


_after_the_end = {Status.RUNNING: "broke off", Status.WAITING: "not begun"}


def standing(run: RunRecord, status: Status) -> str:
    """How something stands: nothing runs or waits in a run that is over, or has died."""
    return status.value if run.status == RUNNING else _after_the_end.get(status, status.value)


def task_failure(task: TaskRecord) -> Failure | None:
    """Why a task failed."""
    return task.failure or (task.item.failure if task.item else None)


def task_reason(task: TaskRecord, around: str | None) -> str | None:
    """Why a task was skipped or cancelled, or its failure does not count.

    `around`: why no failure counts where it stands, if something around it says so.
    """
    reason = task.reason or (task.item.reason if task.item else None)
    return _with_tolerance(reason, _tolerance_of_task(task, around))


def task_marks(task: TaskRecord, around: str | None) -> list[str]:
    """The marks of a task, and of its item where it has but one."""
    marks = [*task.marks, *(task.item.marks if task.item else ())]
    return _with_mark(marks, _tolerance_of_task(task, around))


def _tolerance_of_task(task: TaskRecord, around: str | None) -> str | None:
    return task.tolerance or around if task.status is Status.FAILED else None


def _with_mark(marks: list[Mark], tolerance: str | None) -> list[str]:
    tolerated = [Mark.TOLERATED] if tolerance else []
    return [mark.value for mark in dict.fromkeys([*marks, *tolerated])]


def _with_tolerance(reason: str | None, tolerance: str | None) -> str | None:
    """Both that something was not tried again, say, and that this does not count."""
    if tolerance is None or tolerance == Mark.TOLERATED or reason == tolerance:
        return reason
    return f"{reason}; {tolerance}" if reason else tolerance


def moment(seconds: float | None) -> str | None:
    """A time as ISO 8601 with its zone."""
    return None if seconds is None else iso(seconds, 3)


def duration(seconds: float | None) -> float | None:
    """Seconds to the microsecond."""
    return None if seconds is None else round(seconds, 6)
