"""What expressions see of settled tasks (`tasks.fetch.results`), and what a task's items share."""

from __future__ import annotations

from collections.abc import Mapping

from runner.expression import EvaluationError
from runner.hints import Any, Protocol, TypeAlias
from runner.plan.fan import Fan, Scope
from runner.records import Failure, Item, Status
from runner.workflow import Task

SettledRow: TypeAlias = "tuple[int, str | None, str, Any, int, str | None]"
"""`index, key, status, result, made, reason` of an item."""

recorded_attributes = frozenset({"results", "items", "failures", "by_key"})


class Recorded(Protocol):
    """What the record knows of maps whose items have settled; `fan` is the fan's number."""

    def results(self, fan: int) -> list[Any]:
        """Results of the items that succeeded, in input order."""
        ...

    def items(self, fan: int) -> list[dict[str, Any]]:
        """One record for every item, in input order."""
        ...

    def failures(self, fan: int) -> list[dict[str, Any]]:
        """The failed records, in input order."""
        ...

    def by_key(self, fan: int) -> dict[str, dict[str, Any]]:
        """The records by key."""
        ...

    def run_failures(self) -> list[dict[str, Any]]:
        """`address`, `kind` and `message` of every failure so far that nothing tolerates."""
        ...

    def settled(self, fan: int, after: int, most: int) -> list[SettledRow]:
        """The items of a fan in the order in which they settled."""
        ...


def reads_record(scope: Scope, fan: Fan) -> list[Fan]:
    """The maps of which `fan` reads the record."""
    return [
        scope.find(reference.task, reference.up)
        for reference in fan.task.references
        if reference.attribute in recorded_attributes
    ]


def attribute_of(fan: Fan, attribute: str, recorded: Recorded) -> Any:
    """`tasks.<fan>.<attribute>`; raises `EvaluationError` for a result that was too large to keep."""
    match attribute:
        case "status":
            return fan.status.value if fan.status else Status.WAITING.value
        case "failed":
            return fan.status is Status.FAILED
        case "error":
            return failure_view(fan.failure)
        case "seconds":
            return seconds_of(fan)
        case "counts":
            counts = fan.tally
            return {
                "succeeded": counts.succeeded,
                "failed": counts.failed,
                "skipped": counts.skipped,
                "cancelled": counts.cancelled,
            }
        case "results":
            for log in fan.truncated.values():
                raise truncated(f"one of tasks.{fan.task.name}.results", log)
            return recorded.results(fan.number)
        case "items":
            return recorded.items(fan.number)
        case "failures":
            return recorded.failures(fan.number)
        case "by_key":
            return recorded.by_key(fan.number)
        case "result":
            return _result(fan)
    if fan.last is None:
        return {"attempts": 0, "log": None}.get(attribute)
    if attribute == "log":
        return fan.last.log[0] if fan.last.log else None
    return getattr(fan.last, attribute)


def tasks_view(scope: Scope, fan: Fan, recorded: Recorded) -> dict[str, dict[str, Any]]:
    """The `tasks` that the expressions of `fan` may name, each with the attributes they name."""
    view: dict[str, dict[str, Any]] = {}
    for reference in fan.task.references:
        source = scope.find(reference.task, reference.up)
        if fan.head and source is fan.head.source:
            continue
        view.setdefault(reference.task, {})[reference.attribute] = attribute_of(
            source, reference.attribute, recorded
        )
    return view


def names_view(fan: Fan, recorded: Recorded) -> dict[str, Any]:
    """All names that the expressions of `fan` may see, but for its items' own."""
    scope = fan.scope
    names: Mapping[str, Any] = scope.surroundings.names
    used = fan.task.names
    view = {name: value for name, value in names.items() if name in used or name.startswith("__")}
    if fan.task.references:
        view["tasks"] = tasks_view(scope, fan, recorded)
    if fan.task.watches and "run" in used:
        failures = recorded.run_failures()
        status = Status.FAILED if failures else Status.SUCCEEDED
        view["run"] = {**names["run"], "status": status.value, "failures": failures}
    return view


def item_names(task: Task, item: Item) -> dict[str, Any]:
    """The names that stand for one item of `task`."""
    names: dict[str, Any] = {"attempt": item.attempt}
    if task.map is not None:
        names |= {task.map.name: item.value, "index": item.index, "key": item.key}
    return names


def names_of_item(fan: Fan, item: Item) -> dict[str, Any]:
    """All names that the expressions of a group may see at one of its items."""
    assert fan.shared is not None
    return {**fan.scope.surroundings.names, **fan.shared.values, **item_names(fan.task, item)}


def truncated(what: str, log: str) -> EvaluationError:
    """Why a result cannot be had that its task has."""
    return EvaluationError(f"{what} was not kept, since it is larger than 1 MiB: read it from {log}")


def failure_view(failure: Failure | None) -> dict[str, str | None] | None:
    """A failure as expressions see it."""
    if failure is None:
        return None
    return {"kind": failure.kind.value, "message": failure.message, "address": failure.address}


def seconds_of(fan: Fan) -> float | None:
    """From its first start to its end."""
    if fan.started is None or fan.ended is None:
        return None
    return fan.ended - fan.started


def _result(fan: Fan) -> Any:
    if fan.last is None or fan.status is not Status.SUCCEEDED:
        return None
    for log in fan.truncated.values():
        raise truncated(f"tasks.{fan.task.name}.result", log)
    return fan.last.result
