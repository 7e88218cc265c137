"""A slice of calls that is bound: what is called with what, for a worker that has nothing else of the run.

It pickles wherever the arguments do; what they are is known where they were bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runner.callables.tracebacks import message_of
from runner.exact import lent
from runner.masks import mask_of
from runner.records import Failure, FailureKind, Item, Outcome
from runner.struct import replace, struct
from runner.work.attempting import Act, attempt_each
from runner.work.calling import call, imported
from runner.work.halt import Halt
from runner.work.logs import Log, Logs
from runner.work.pickles import Unpicklable, pickled, unpickled


@struct(eq=False)
class Calls:
    """Calls of one callable, those of one slice of the items of a fan.

    `items` are the index and the attempt of each. `arguments` are by name; a `Failure` where an item has
    none, and bytes where they were pickled one by one. `secrets` are masked in the logs.
    """

    reference: str
    folder: str
    fan: int
    log_folder: str
    secrets: Mapping[str, str]
    items: tuple[tuple[int, int], ...]
    arguments: Sequence[Any]
    timeout: float | None = None
    """Of each, in seconds, if it has one: who waits is told then when it begins."""

    def one(self, number: int) -> Calls:
        """Only that of one item."""
        return replace(self, items=(self.items[number],), arguments=(self.arguments[number],))

    @property
    def logs(self) -> Logs:
        """Where their logs lie."""
        return Logs(self.log_folder, self.fan, mask_of(self.secrets))


def attempt(
    calls: Calls, halt: Halt, begin: Callable[[int, float], None], keep: Callable[[Outcome], None]
) -> None:
    """Calls in order, as long as there is time; says of each when it begins, and how it went."""
    items = [Item(index, None, None, attempt) for index, attempt in calls.items]
    attempt_each(items, calls.logs, _act(calls, halt, begin), halt, keep, lambda number: None)


def _act(calls: Calls, halt: Halt, begin: Callable[[int, float], None]) -> Act:
    function = imported(calls.reference, calls.folder, halt)
    name = calls.reference.removeprefix(calls.folder.rstrip("/") + "/")

    def act(number: int, outcome: Outcome, _log: Log) -> None:
        begin(number, outcome.started)
        given = calls.arguments[number]
        if isinstance(function, Failure):
            outcome.failure = function
            return
        if type(given) is bytes:
            given = _opened(given)
        if isinstance(given, Failure):
            outcome.failure = given
            return
        call(function, lent(given), halt, calls.timeout, outcome, name)

    return act


# On their way to a worker ---------------------------------------------------------------------------


def packed(calls: Calls) -> bytes:
    """Their bytes; an item whose arguments have none fails for itself."""
    try:
        return pickled(calls)
    except Unpicklable:
        return packed_one_by_one(calls)


def packed_one_by_one(calls: Calls) -> bytes:
    """The same with the arguments of each item by themselves: what cannot be read spoils no other item."""
    return pickled(replace(calls, arguments=tuple(map(_closed, calls.arguments))))


def _closed(arguments: Any) -> bytes | Failure:
    if isinstance(arguments, Failure):
        return arguments
    try:
        return pickled(arguments)
    except Unpicklable as error:
        for name, value in arguments.items():
            try:
                pickled(value)
            except Unpicklable as found:
                return not_carried(f"its argument '{name}'", value, found)
        return not_carried("the mapping of its arguments", arguments, error)


def _opened(arguments: bytes) -> Any:
    try:
        return unpickled(arguments)
    except Unpicklable as error:
        message = f"its arguments cannot be unpickled, and so cannot go from one process to another: {error}"
        return Failure(FailureKind.OUTPUT, message)


def not_carried(what: str, value: Any, why: Unpicklable) -> Failure:
    """The failure of an item with a value that does not go from one process to another."""
    kind = _type_name(value)
    message = (
        f"{what}, of type {kind}, cannot be pickled, and so cannot go from one process to another: {why}"
    )
    return Failure(FailureKind.OUTPUT, message)


def _type_name(value: Any) -> str:
    try:
        return str.__str__(type(value).__qualname__)
    except BaseException as error:  # a metaclass of the user's
        return message_of(error)
