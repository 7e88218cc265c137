"""What there is to say about a task in a line, besides its status and time: why, how many, what was odd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runner.display import items_in_words, one_line
from runner.records import Counts, FailureKind, Mark, Status
from runner.report.values import task_marks, task_reason
from runner.store.causes import OWN_ITEM
from runner.store.entries import OPAQUE, RUNNING, SECRET, Cause, RunRecord, TaskRecord
from runner.store.recorded import Recorded

MOST_REASONS = 3

_why_withheld = {
    OPAQUE: ("is more than JSON holds", "are more than JSON holds"),
    SECRET: ("holds a secret", "hold a secret"),
}
_told_by_counts = r"\d+ of \d+ items (?:failed|succeeded)(?:, )?"


def note(read: Recorded, run: RunRecord, task: TaskRecord, around: str | None = None) -> str:
    """All that is worth saying about a task; `around`: why its failure does not count, if not for itself."""
    marks = task_marks(task, around)
    reason = task_reason(task, around)
    words = []
    if task.mapped and task.fan is not None and _has_items(task):
        found = read.remarkable(task.fan)
        words.append(", ".join([_items(run, task), *marked(found.flaky, found.reused)]))
        words += _done_again(task, {OPAQUE: found.opaque, SECRET: found.secret})
    elif Mark.FLAKY in marks and task.item:
        words.append(f"flaky: {task.item.attempts} attempts")
        marks.remove(Mark.FLAKY)
    if reason and Mark.TOLERATED.value in reason:
        marks = [mark for mark in marks if mark != Mark.TOLERATED]
    why = reason or _inner_failure(task)
    if task.item and task.item.withheld:
        words += _done_again(task, {task.item.withheld: 1})
    words += [*marks, *([one_line(why)] if why else [])]
    if task.mapped and task.fan is not None and task.counts.skipped + task.counts.cancelled:
        words += causes_in_words(read.causes(task.fan, MOST_REASONS + 2), besides=[reason])
    return "; ".join(words)


def marked(flaky: int, reused: int) -> list[str]:
    """How many bear such a mark."""
    return [f"{number} {mark}" for number, mark in ((flaky, "flaky"), (reused, "reused")) if number]


def _done_again(task: TaskRecord, withheld: Mapping[str, int]) -> list[str]:
    """What `resume` does again though it succeeded, since its result is not recorded whole."""
    if task.kind not in ("run", "call"):
        return []
    found = [(withheld.get(cause, 0), *words) for cause, words in _why_withheld.items()]
    if not task.mapped:
        return [f"its result {one}: resume does it again" for number, one, _ in found if number]
    return [
        f"1 result {one}: resume does it again"
        if number == 1
        else f"{number} results {many}: resume does them again"
        for number, one, many in found
        if number
    ]


def causes_in_words(found: Sequence[Cause], besides: Sequence[str | None] = ()) -> list[str]:
    """Why some did not run; each with its number where there are several causes.

    `besides`: what has been said of all of them together.
    """
    others = [cause for cause in found if _in_words(cause.reason) not in besides]
    shown = [cause_in_words(cause, len(found) > 1) for cause in others[:MOST_REASONS]]
    more = ["…"] if len(others) > MOST_REASONS else []
    return [", ".join(shown + more)] if shown else []


def cause_in_words(cause: Cause, is_one_of_several: bool) -> str:
    """Why some did not run or do not count, with their number where there are other causes."""
    if cause.number == 1 or OWN_ITEM not in cause.reason:
        reason = cause.example if cause.number == 1 else cause.reason
        return one_line(reason) + (f" ({cause.number})" if is_one_of_several else "")
    return f"{cause.number} need their item of {one_line(_in_words(cause.reason).removeprefix('needs '))}"


def _in_words(cause: str) -> str:
    return cause.replace(OWN_ITEM, "")


def _has_items(task: TaskRecord) -> bool:
    """Whether something is known of its items, be it that there are none."""
    return bool(task.counts.total or task.under_way or task.not_begun or task.status is Status.SUCCEEDED)


def _items(run: RunRecord, task: TaskRecord) -> str:
    """How the items of a map ended, and why that is a failure where the numbers do not say it."""
    if not task.is_over and run.status == RUNNING:
        return f"{so_far(task.counts, task.total)} so far"
    words = items_in_words(task.counts, task.total, task.under_way)
    if task.is_uncounted:
        return f"{words}, the rest not counted"
    if task.failure is None:
        return words
    message = one_line(task.failure.message)
    if task.failure.kind is FailureKind.BUDGET:
        import re

        message = re.sub(_told_by_counts, "", message, count=1).strip()
    separator = " " if message.startswith("(") else "; "
    return words + separator + message if message else words


def so_far(counts: Counts, total: int | None) -> str:
    """`112 of 1000 items`, or `109 of 1000 items succeeded, 3 failed`, of a map that goes on."""
    if total is None:
        return items_in_words(counts)
    others = ((counts.failed, "failed"), (counts.skipped, "skipped"), (counts.cancelled, "cancelled"))
    told = [f"{number} {word}" for number, word in others if number]
    items = f"{counts.succeeded} of {total} item{'' if total == 1 else 's'}"
    return ", ".join([f"{items} succeeded", *told]) if told else items


def _inner_failure(task: TaskRecord) -> str | None:
    failure = task.failure
    return f"{failure.address} failed" if failure and failure.address is not None else None
