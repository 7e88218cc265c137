"""How fans and scopes end, and the words that say why: pure questions about their state."""

from __future__ import annotations

from dataclasses import dataclass

from runner.plan.fan import Fan, Followed, Scope
from runner.records import Failure, FailureKind, Mark, Status
from runner.source import Position
from runner.workflow import Task

NOT_SELECTED = "not selected"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The final status of a fan, and why."""

    status: Status
    reason: str | None = None
    failure: Failure | None = None


def place(position: Position) -> str:
    """`flow.yml:14`."""
    return f"{position.file}:{position.line}"


def needs_reason(source: Fan) -> str:
    """Why what needs `source` does not start."""
    name = source.task.name
    match source.status:
        case Status.FAILED:
            return f"needs {name}, which failed at {place(source.task.position)}"
        case Status.SKIPPED:
            return f"needs {name}, which was skipped"
        case _:
            return f"needs {name}, which was cancelled"


def needs_item_reason(source: Fan, followed: Followed) -> str:
    """Why an item of an item-wise map does not start."""
    how = "failed" if followed.status is Status.FAILED else f"was {followed.status.value}"
    return f"needs {source.address}[{followed.item.key}], which {how}"


def when_reason(task: Task) -> str:
    """Why a task or an item does not start whose `when` said no."""
    assert task.when is not None
    return f"when: {task.when.value}"


def success(fan: Fan) -> bool:
    """What `success()` means for `fan`, whose needs have all settled."""
    return all(
        source.fine or (need.implied and source.status is Status.SKIPPED) for need, source in fan.needs
    )


def failure(fan: Fan) -> bool:
    """What `failure()` means for `fan`: something upstream failed untolerated."""
    return any(source.tainted for _, source in fan.needs)


def allowed_failures(fan: Fan) -> float:
    """How many of its items may fail, by what is known now."""
    assert fan.task.map is not None
    budget = fan.task.map.budget
    if budget.percent is None:
        return budget.count
    ran = fan.tally.succeeded + fan.tally.failed
    if fan.exhausted and fan.idle:
        return ran * budget.percent / 100
    most = float("inf") if fan.total is None else fan.total
    return most * budget.percent / 100 if budget.percent else 0


def sure_to_fail(fan: Fan) -> bool:
    """Whether `fan` must end as failed, whatever its other items do."""
    if fan.task.map is None:
        return fan.tally.failed > 0
    if fan.task.map.quorum is None:
        return fan.tally.failed > allowed_failures(fan)
    if fan.total is None:
        return False
    lost = fan.tally.failed + fan.tally.skipped + fan.tally.cancelled
    return fan.total - lost < fan.task.map.quorum


def of_fan(fan: Fan) -> Verdict:
    """How a fan ends that has nothing left to give and nothing under way."""
    if fan.failure is not None:
        return Verdict(Status.FAILED, failure=fan.failure)
    if fan.sought and not fan.stopped:
        missing = ", ".join(f"'{key}'" for key in sorted(fan.sought))
        return Verdict(Status.FAILED, failure=Failure(FailureKind.ITEMS, f"it has no item {missing}"))
    if fan.task.map is None:
        return _of_plain(fan)
    if fan.head and not fan.head.source.fine and (fan.decided or not fan.stopped):
        return Verdict(Status.SKIPPED, needs_reason(fan.head.source))
    return _of_map(fan)


def _of_plain(fan: Fan) -> Verdict:
    tally = fan.tally
    if tally.failed:
        return Verdict(Status.FAILED, failure=fan.last.error if fan.last else None)
    if tally.succeeded:
        return Verdict(Status.SUCCEEDED)
    if tally.skipped:
        return Verdict(Status.SKIPPED, fan.reason)
    return Verdict(Status.CANCELLED, fan.stopped or fan.reason)


def _of_map(fan: Fan) -> Verdict:
    assert fan.task.map is not None
    tally, quorum = fan.tally, fan.task.map.quorum
    if quorum is not None:
        if tally.succeeded >= quorum:
            return Verdict(Status.SUCCEEDED)
        if fan.cut_short:
            return Verdict(Status.CANCELLED, fan.stopped)
        words = f"{tally.succeeded} of {tally.settled} items succeeded, the quorum is {quorum}"
        return Verdict(Status.FAILED, failure=Failure(FailureKind.BUDGET, words))
    if not tally.settled and not fan.stopped:
        return _of_empty(fan)
    if tally.failed > allowed_failures(fan):
        return Verdict(Status.FAILED, failure=Failure(FailureKind.BUDGET, _over_budget(fan)))
    if fan.stopped and (fan.cut_short or tally.cancelled):
        return Verdict(Status.CANCELLED, fan.stopped)
    return Verdict(Status.SUCCEEDED)


def _of_empty(fan: Fan) -> Verdict:
    assert fan.task.map is not None
    match fan.task.map.on_empty:
        case "succeed":
            return Verdict(Status.SUCCEEDED)
        case "skip":
            return Verdict(Status.SKIPPED, "its map has no items (on_empty: skip)")
        case _:
            words = "its map has no items (on_empty: fail)"
            return Verdict(Status.FAILED, failure=Failure(FailureKind.ITEMS, words))


def _over_budget(fan: Fan) -> str:
    assert fan.task.map is not None
    tally, budget = fan.tally, fan.task.map.budget
    ran = tally.succeeded + tally.failed
    words = f"{tally.failed} of {ran} items failed"
    if budget.percent is not None:
        return f"{words} (max_failures: {budget.percent:g}%)"
    return f"{words} (max_failures: {budget.count})" if budget.count else words


def of_scope(scope: Scope) -> Verdict:
    """How a pass through a body ends in which everything has settled."""
    if scope.timed_out:
        return Verdict(Status.FAILED, failure=Failure(FailureKind.TIMEOUT, scope.stopped or ""))
    fans = scope.fans.values()
    for fan in fans:
        if fan.failed_for_good:
            return Verdict(Status.FAILED, failure=inner_failure(fan))
    if scope.stopped and any(fan.status is Status.CANCELLED for fan in fans):
        return Verdict(Status.CANCELLED, scope.stopped)
    for fan in fans:
        if fan.outer_skip and fan.status is Status.SKIPPED:
            return Verdict(Status.SKIPPED, fan.reason)
    if any(fan.status is Status.CANCELLED for fan in fans):
        return Verdict(Status.CANCELLED, next(f.reason for f in fans if f.status is Status.CANCELLED))
    return Verdict(Status.SUCCEEDED)


def inner_failure(fan: Fan) -> Failure:
    """The failure of `fan` as that of the group around it, with its address."""
    inner = fan.failure or Failure(FailureKind.EXCEPTION, "failed")
    return Failure(
        inner.kind,
        inner.message,
        exit_code=inner.exit_code,
        traceback=inner.traceback,
        command=inner.command,
        output=inner.output,
        exception=inner.exception,
        address=inner.address or fan.address,
    )


def marks_of(fan: Fan, status: Status) -> tuple[Mark, ...]:
    """What is worth knowing of a fan that ends with `status`."""
    tolerated = status is Status.FAILED and fan.task.allow_failure
    return (*fan.marks, Mark.TOLERATED) if tolerated else fan.marks
