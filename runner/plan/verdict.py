"""How fans and scopes end, and the words that say why: pure questions about their state."""

from __future__ import annotations

from runner.plan import reasons
from runner.plan.ends import Followed
from runner.plan.fan import Fan, Scope
from runner.records import NOT_SELECTED, Failure, FailureKind, Item, Mark, Status
from runner.struct import struct
from runner.workflow import Budget, Need, OnEmpty


@struct
class Verdict:
    """The final status of a fan, and why."""

    status: Status
    reason: str | None = None
    failure: Failure | None = None


def needs_reason(source: Fan) -> str:
    """Why what needs `source` does not start."""
    return reasons.needs(source.task.name, source.status, source.reason, source.task.position)


def needs_item_reason(source: Fan, followed: Followed) -> str:
    """Why an item of an item-wise map does not start."""
    address = f"{source.address}[{followed.item.key}]"
    return reasons.needs(address, followed.status, followed.reason, source.task.position)


def when_reason(fan: Fan) -> str:
    """Why a task or an item does not start whose `when` said no."""
    assert fan.task.when is not None
    text = " ".join(str(fan.task.when.value).split())
    broken = next((source for need, source in fan.needs if not _counts_as_success(need, source)), None)
    if broken is None or "success()" not in text:
        return reasons.asked(text, None)
    return reasons.asked(text, needs_reason(broken))


def success(fan: Fan) -> bool:
    """What `success()` means for `fan`, whose needs have all settled."""
    return all(_counts_as_success(need, source) for need, source in fan.needs)


def _counts_as_success(need: Need, source: Fan) -> bool:
    return source.fine or (need.implied and source.status is Status.SKIPPED)


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
        return share(budget.percent, ran)
    total = known_total(fan)
    most = float("inf") if total is None else total - fan.prospects.lost
    return share(budget.percent, most) if budget.percent else 0


def share(percent: float, of: float) -> float:
    """So many of a hundred. Rounded, since 9.2 % of 750 would be less than 69 by a hair."""
    return round(percent * of / 100, 9)


def known_total(fan: Fan) -> int | None:
    """How many items `fan` has or will have, where that is known: an item-wise map, as its source."""
    return fan.prospects.total if fan.total is None else fan.total


def sure_to_fail(fan: Fan) -> bool:
    """Whether `fan` must end as failed, whatever its other items do."""
    failing = fan.tally.failed + fan.prospects.doomed
    if fan.task.map is None:
        return failing > 0
    if fan.quorum is None:
        return failing > allowed_failures(fan)
    total = known_total(fan)
    if total == 0 and (fan.head or fan.task.map.on_empty):
        return False  # something else decides
    return total is not None and total - failing - fan.prospects.lost < fan.quorum


def quorum_in_words(fan: Fan) -> str:
    """`quorum: 2`, as the file has it, and why it is less where fewer items were asked for."""
    assert fan.task.map is not None
    said = fan.task.map.quorum
    return (
        f"quorum: {said}" if said == fan.quorum else f"quorum: {said}, lowered to the {fan.quorum} asked for,"
    )


def fail_fast_reason(fan: Fan, item: Item | None) -> str:
    """Why the `fail_fast` of a map ends it, now that `item`, if it is one, has settled."""
    assert fan.task.map is not None
    if fan.quorum is not None:
        return f"fail_fast: {quorum_in_words(fan)} cannot be reached any more"
    budget = _in_words(fan.task.map.budget)
    if budget:
        failing = fan.tally.failed + fan.prospects.doomed
        failed = "1 item" if failing == 1 else f"{failing} items"
        return f"fail_fast: {failed} failed ({budget})"
    assert item is not None, "without a budget one failure decides"
    return f"fail_fast: {fan.address}[{item.key}] failed"


def of_fan(fan: Fan) -> Verdict:
    """How a fan ends that has nothing left to give and nothing under way."""
    if fan.left and not fan.stopped:
        return Verdict(fan.left.status or Status.CANCELLED, fan.left.reason, fan.left.failure)
    if fan.failure is not None:
        return Verdict(Status.FAILED, failure=fan.failure)
    if fan.missing is not None:
        return Verdict(Status.FAILED, failure=fan.missing)
    if fan.task.map is None:
        return _of_plain(fan)
    if fan.found_nothing and fan.went_over_all:
        return Verdict(Status.SKIPPED, NOT_SELECTED)
    if fan.head and not fan.head.source.fine and (fan.decided or not _is_broken_off(fan)):
        return _of_follower(fan, fan.head.source)
    end = _of_map(fan)
    if fan.outer_reason and end.status is Status.SUCCEEDED and fan.quorum is None:
        return Verdict(Status.SKIPPED, fan.outer_reason)
    return end


def _is_broken_off(fan: Fan) -> bool:
    """Whether a map was stopped before all of its items, or those that it follows, had come to an end."""
    follows_stopped = fan.head is not None and fan.head.source.status is Status.CANCELLED
    return fan.stopped is not None and (fan.cut_short or bool(fan.tally.cancelled) or follows_stopped)


def _of_plain(fan: Fan) -> Verdict:
    tally = fan.tally
    if tally.failed:
        return Verdict(Status.FAILED, failure=fan.last.error if fan.last else None)
    if tally.succeeded:
        return Verdict(Status.SUCCEEDED)
    if tally.skipped:
        return Verdict(Status.SKIPPED, fan.reason)
    return Verdict(Status.CANCELLED, fan.stopped or fan.reason)


def _of_follower(fan: Fan, source: Fan) -> Verdict:
    """How an item-wise map ends whose source did not succeed; that may have been ended for its sake."""
    own = _of_map(fan)
    for_its_sake = fan.decided and source.status is not Status.SKIPPED and not source.tainted
    if own.status is Status.FAILED and for_its_sake:
        return own
    return Verdict(Status.SKIPPED, needs_reason(source))


def _of_map(fan: Fan) -> Verdict:
    assert fan.task.map is not None
    tally, quorum = fan.tally, fan.quorum
    if fan.task.map.on_empty and not tally.settled and not _is_broken_off(fan):
        return _of_empty(fan.task.map.on_empty)
    if quorum is not None:
        if tally.succeeded >= quorum:
            return Verdict(Status.SUCCEEDED, f"{quorum_in_words(fan)} is reached")
        if not fan.decided and _is_broken_off(fan):
            return Verdict(Status.CANCELLED, fan.stopped)
        words = (
            f"{tally.succeeded} of {tally.settled} items succeeded ({quorum_in_words(fan).removesuffix(',')})"
        )
        return Verdict(Status.FAILED, failure=Failure(FailureKind.BUDGET, words))
    broken_off = _is_broken_off(fan)
    may_have_done = broken_off and not fan.decided and fan.task.map.budget.percent is not None
    if tally.failed > allowed_failures(fan) and not may_have_done:
        return Verdict(Status.FAILED, failure=Failure(FailureKind.BUDGET, _over_budget(fan)))
    if broken_off:
        return Verdict(Status.CANCELLED, fan.stopped)
    if tally.failed:
        return Verdict(Status.SUCCEEDED, f"{reasons.TOLERATED_BY} {_in_words(fan.task.map.budget)}")
    return Verdict(Status.SUCCEEDED)


def _of_empty(on_empty: OnEmpty) -> Verdict:
    match on_empty:
        case "succeed":
            return Verdict(Status.SUCCEEDED)
        case "skip":
            return Verdict(Status.SKIPPED, reasons.empty("skip"))
        case _:
            return Verdict(Status.FAILED, failure=Failure(FailureKind.ITEMS, reasons.empty("fail")))


def _over_budget(fan: Fan) -> str:
    assert fan.task.map is not None
    tally, budget = fan.tally, fan.task.map.budget
    those = tally.settled if budget.percent is None else tally.succeeded + tally.failed
    words = f"{tally.failed} of {those} items failed"
    return f"{words} ({_in_words(budget)})" if _in_words(budget) else words


def _in_words(budget: Budget) -> str:
    """The budget as the file has it; nothing for the default."""
    if budget.percent is not None:
        return f"max_failures: {budget.percent:g}%"
    return f"max_failures: {budget.count}" if budget.count else ""


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
    tolerated = status is Status.FAILED and fan.task.allow_failure and not fan.missing
    return (*fan.marks, Mark.TOLERATED) if tolerated else fan.marks
