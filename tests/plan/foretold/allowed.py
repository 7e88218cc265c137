"""The ends that may be where the contract leaves something to the order, and what was seen of them.

Which items reach a quorum, which were under way when `fail_fast` struck, who got the retries of a
shared budget: what was seen is held against all that may be, and then taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from foretold.ends import End, ItemEnd, Prediction


@dataclass
class Seen:
    """How everything ended in one run, by path."""

    tasks: dict[str, End] = field(default_factory=dict)
    items: dict[str, ItemEnd] = field(default_factory=dict)


@dataclass
class Choice:
    """What of a task leaves something to the order."""

    map: Mapping[str, Any]
    retry: Mapping[str, Any]
    in_order: bool
    """Its items start in the order of the input."""
    opens: bool
    """Its items are passes through a body."""


def over_budget(spelled: Mapping[str, Any], failed: int, of: int) -> bool:
    """Whether so many failures are more than may be, of so many items."""
    most = spelled.get("max_failures", 0)
    if isinstance(most, int):
        return failed > most
    return failed * 100 > Fraction(most.removesuffix("%")) * of


def chosen(seen: Seen, made: Prediction, path: str, choice: Choice, items: list[ItemEnd]) -> list[ItemEnd]:
    """The items of a map as they end, those that the order decides as they were seen."""
    found = [seen.items.get(f"{path}[{item.key}]") for item in items]
    if any(one is None for one in found):
        return items  # the map was cancelled before it came to them
    ended = [one for one in found if one is not None]
    if "quorum" in choice.map:
        stopped = _reaches_quorum(path, choice.map["quorum"], items, ended)
    elif choice.map.get("fail_fast"):
        stopped = _fails_fast(path, choice, items, ended)
    elif "budget" in choice.retry:
        return _shared_budget(made, path, choice.retry["budget"], items, ended)
    else:
        return items
    if not stopped:
        return items
    made.chosen = True
    if any(one.status == "cancelled" for one in ended):
        made.effects.add("map stopped early")
    return [_cut(made, path, choice, *pair) for pair in zip(items, ended, strict=True)]


def _cut(made: Prediction, path: str, choice: Choice, item: ItemEnd, found: ItemEnd) -> ItemEnd:
    """An item of a map that was stopped: as it would end, cancelled, or failed without another try."""
    if found.status == "cancelled":
        made.loose.append(f"{path}[{item.key}]~")
        return replace(item, status="cancelled", kind=None, attempts=found.attempts, item=found.item)
    if found.status != "failed":
        return item
    if choice.opens:
        made.loose.append(f"{path}[{item.key}]~")
        return replace(item, status="failed", kind=found.kind, attempts=found.attempts)
    return _after(item, found.attempts)


def _after(item: ItemEnd, attempts: int) -> ItemEnd:
    """An item as it ends if it gets no more than so many attempts."""
    if not item.tries:
        return item
    assert 1 <= attempts <= len(item.tries), f"item {item.key} has had {attempts} attempts"
    item = replace(item, attempts=attempts)
    item.take(item.tries[attempts - 1])
    return item


def _reaches_quorum(path: str, quorum: int, items: list[ItemEnd], ended: list[ItemEnd]) -> bool:
    may = sum(item.status == "succeeded" for item in items)
    did = sum(item.status == "succeeded" for item in ended)
    assert did == min(may, quorum), f"{path}: {did} items succeeded, {may} could, the quorum is {quorum}"
    return may >= quorum


def _fails_fast(path: str, choice: Choice, items: list[ItemEnd], ended: list[ItemEnd]) -> bool:
    statuses = [item.status for item in ended]
    if choice.map.get("max_parallel") == 1 and choice.in_order:
        assert statuses == _one_after_the_other(choice.map, items), f"{path}: not one after the other"
    return _is_decided(choice.map, statuses, len(items))


def _is_decided(spelled: Mapping[str, Any], statuses: list[str], items: int) -> bool:
    """Whether more items have failed than may, if all run that may yet run."""
    return over_budget(spelled, statuses.count("failed"), items - statuses.count("skipped"))


def _one_after_the_other(spelled: Mapping[str, Any], items: list[ItemEnd]) -> list[str]:
    statuses: list[str] = []
    for item in items:
        over = _is_decided(spelled, statuses, len(items))
        statuses.append("cancelled" if over else item.status)
    return statuses


def _shared_budget(
    made: Prediction, path: str, budget: int, items: list[ItemEnd], ended: list[ItemEnd]
) -> list[ItemEnd]:
    """The items as they end if only so many retries were to be had."""
    if sum(len(item.tries) - 1 for item in items if item.tries) <= budget:
        return items
    made.chosen = True
    made.effects.add("budget of retries used up")
    used = sum(found.attempts - 1 for item, found in zip(items, ended, strict=True) if item.tries)
    assert used == budget, f"{path}: {used} retries, the budget is {budget}"
    return [_after(item, found.attempts) for item, found in zip(items, ended, strict=True)]


def after_a_strike(seen: Seen, made: Prediction, name: str, end: End, opens: bool) -> End:
    """A root task as it ends when `--fail-fast` has struck at some moment: as it would, or cut short.

    `opens`: it has a body, in which something may have been cut short.
    """
    found = seen.tasks[name]
    made.chosen = True
    made.loose += [name, f"{name}[", f"{name}~"]
    if found.told() == end.told() and not _tried_less(end, found):
        return end
    less = opens or found.mapped or _tried_less(end, found)
    cut = found.status == "cancelled" or (found.status in ("failed", end.status) and less)
    assert cut, f"{name} ended {found.status} after a strike, without it {end.status}"
    tolerated = end.tolerated if end.status == found.status else found.tolerated
    return replace(
        end, status=found.status, kind=found.kind, items=found.items, outward=0, tolerated=tolerated
    )


def after_a_timeout(seen: Seen, made: Prediction, at: str) -> None:
    """What is in a body whose time is over was cancelled; an attempt under way may yet have failed."""
    made.loose.append(at)
    for path, found in seen.tasks.items():
        if path.startswith(at):
            failed = found.status == "failed" and found.items[0].attempts == 1
            assert failed or found.status == "cancelled", f"{path} ended {found.status} after a timeout"


def _tried_less(end: End, found: End) -> bool:
    """Whether an attempt failed that another would have followed."""
    return any(len(would.tries) > did.attempts for would, did in zip(end.items, found.items, strict=True))


def compare(made: Prediction, seen: Seen, tidies: Callable[[str], bool]) -> None:
    """What was seen is what was predicted, to the letter where nothing was cancelled.

    `tidies`: whether a path leads to what cleans up in a group, and so may see that others were cut short.
    """
    loose = tuple(made.loose)
    for path in made.tasks.keys() | seen.tasks.keys():
        if path.startswith(loose) and loose:
            continue
        assert path in seen.tasks, f"{path} never was"
        assert path in made.tasks, f"{path} should not be"
        _compare_tasks(path, made.tasks[path], seen.tasks[path])
    for path in made.items.keys() | seen.items.keys():
        if path.startswith(loose) and loose:
            if not tidies(path) and not _cut_short_inside(made, seen, path):
                _compare_loosely(path, made.items.get(path), seen.items.get(path))
            continue
        assert path in seen.items, f"{path} has no end"
        assert path in made.items, f"{path} should not be"
        expected, found = made.items[path].told(), seen.items[path].told()
        assert found == expected, f"{path} ended {found}, not {expected}"


def _cut_short_inside(made: Prediction, seen: Seen, path: str) -> bool:
    """Whether something in the body of an item was not tried again when all was cancelled, as it may fail."""
    inside = [each for each in seen.items if each.startswith(f"{path}~") and each in made.items]
    return any(seen.items[each].attempts < len(made.items[each].tries) for each in inside)


def _compare_tasks(path: str, expected: End, found: End) -> None:
    assert found.told() == expected.told(), f"{path} ended {found.told()}, not {expected.told()}"
    if expected.status == "skipped":
        assert found.why & expected.why, f"{path} was skipped for {found.why}, not {expected.why}"


def _compare_loosely(path: str, expected: ItemEnd | None, found: ItemEnd | None) -> None:
    """What succeeded before all was cancelled is what would have come out, too."""
    if found is None or found.status != "succeeded":
        return
    assert expected is not None and expected.status == "succeeded", f"{path} should not have succeeded"
    assert found.result == expected.result, f"{path} gave {found.result}, not {expected.result}"
