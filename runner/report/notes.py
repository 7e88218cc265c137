"""What there is to say about a task in a line, besides its status and time: why, how many, what was odd."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from runner.display import items_in_words, one_line
from runner.records import FailureKind, Mark, Status
from runner.report.values import task_marks, task_reason
from runner.store.entries import OPAQUE, SECRET, Inside, TaskRecord
from runner.store.recorded import Recorded

MOST_REASONS = 3

_causes = {
    OPAQUE: ("is more than JSON holds", "are more than JSON holds"),
    SECRET: ("holds a secret", "hold a secret"),
}
_told_by_counts = re.compile(r"\d+ of \d+ items (?:failed|succeeded)(?:, )?")


def note(read: Recorded, task: TaskRecord) -> str:
    """All that is worth saying about a task."""
    marks = task_marks(task)
    reason = task_reason(task)
    words = []
    if task.mapped and task.fan is not None and task.counts.total:
        found = read.remarkable(task.fan)
        marked = [(found.flaky, "flaky"), (found.reused, "reused")]
        words.append(", ".join([_items(task), *(f"{number} {mark}" for number, mark in marked if number)]))
        words += _done_again(task, {OPAQUE: found.opaque, SECRET: found.secret})
    elif Mark.FLAKY in marks and task.item:
        words.append(f"flaky: {task.item.attempts} attempts")
        marks.remove(Mark.FLAKY)
    if reason and reason.startswith(Mark.TOLERATED.value):
        marks = [mark for mark in marks if mark != Mark.TOLERATED]
    why = reason or _inner_failure(task)
    if task.item and task.item.withheld:
        words += _done_again(task, {task.item.withheld: 1})
    words += [*marks, *([one_line(why)] if why else [])]
    if not why and task.mapped and task.fan is not None and task.counts.skipped + task.counts.cancelled:
        words += _reasons(read.reasons(task.fan, MOST_REASONS + 1))
    return "; ".join(words)


def _done_again(task: TaskRecord, withheld: Mapping[str, int]) -> list[str]:
    """What `resume` does again though it succeeded, since its result is not recorded whole."""
    if task.kind not in ("run", "call"):
        return []
    found = [(withheld.get(cause, 0), *words) for cause, words in _causes.items()]
    if not task.mapped:
        return [f"its result {one}: resume does it again" for number, one, _ in found if number]
    return [f"{number} results {many}: resume does them again" for number, _, many in found if number]


def note_of_inside(task: Inside) -> str:
    """How a task inside a mapped group ended in the passes through its body."""
    counts = task.counts
    passes = [
        f"{number} {word}"
        for number, word in (
            (counts.succeeded, "succeeded"),
            (counts.failed, "failed"),
            (counts.skipped, "skipped"),
            (counts.cancelled, "cancelled"),
        )
        if number
    ]
    return "; ".join([", ".join(passes), *_reasons(task.reasons)])


def worst(task: Inside) -> Status | None:
    """The worst status that a task inside a mapped group had; None where it always succeeded."""
    for status in (Status.FAILED, Status.CANCELLED, Status.SKIPPED):
        if getattr(task.counts, status.value):
            return status
    return None


def _reasons(found: Sequence[tuple[str, int]]) -> list[str]:
    """Why some did not run; each with its number where there are several reasons."""
    shown = [
        one_line(reason) + (f" ({number})" if len(found) > 1 else "")
        for reason, number in found[:MOST_REASONS]
    ]
    more = ["…"] if len(found) > MOST_REASONS else []
    return [", ".join(shown + more)] if shown else []


def _items(task: TaskRecord) -> str:
    """How the items of a map ended, and why that is a failure where the numbers do not say it."""
    words = items_in_words(task.counts)
    if task.status is Status.RUNNING:
        return f"{words} so far"
    if task.failure is None:
        return words
    message = one_line(task.failure.message)
    if task.failure.kind is FailureKind.BUDGET:
        message = _told_by_counts.sub("", message, count=1).strip()
    separator = " " if message.startswith("(") else "; "
    return words + separator + message if message else words


def _inner_failure(task: TaskRecord) -> str | None:
    failure = task.failure
    return f"{failure.address} failed" if failure and failure.address is not None else None
