"""What started and ended in a run, and in which order: of a real run, or of a plan in its world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import inf
from pathlib import Path

from world import World

from runner.records import AttemptFailed, Item, ItemSettled, SliceStarted, TaskSettled
from runner.store.database import Database
from runner.store.tables import VERSION


@dataclass(frozen=True)
class Try:
    """One attempt at a task or an item. `ended` is infinite if nobody heard of its end."""

    address: str
    began: float
    ended: float = inf


class Trace:
    """The tries of a run, and how everything stood at its end. `run` is the status of the run."""

    def __init__(self, run: str, statuses: Mapping[str, str], tries: Iterable[Try]) -> None:
        self.run = run
        self._statuses = statuses
        self._tries = sorted(tries, key=lambda it: it.began)

    def __repr__(self) -> str:
        return f"{self.run}: {self._statuses}, {self._tries}"

    def tries(self, *addresses: str) -> list[Try]:
        """The attempts at these, in the order in which they began."""
        return [it for it in self._tries if it.address in addresses]

    def status(self, address: str) -> str:
        """How a task or an item ended."""
        return self._statuses.get(address, "waiting")

    def all(self, status: str, *addresses: str) -> bool:
        """Whether each of these ended so."""
        return all(self.status(address) == status for address in addresses)

    def count(self, status: str, task: str) -> int:
        """How many items of a map ended so."""
        return sum(its == status for address, its in self._statuses.items() if address.startswith(f"{task}["))

    def started(self, *addresses: str) -> bool:
        """Whether each of these was tried."""
        return all(self.tries(address) for address in addresses)

    def never_started(self, *addresses: str) -> bool:
        """Whether none of these was tried, though all are known."""
        return not self.tries(*addresses) and all(address in self._statuses for address in addresses)

    def in_turn(self, *addresses: str) -> bool:
        """Whether each of these had ended for good before the next one began."""
        return self.started(*addresses) and all(
            self.tries(earlier)[-1].ended <= self.tries(later)[0].began
            for earlier, later in pairwise(addresses)
        )

    def side_by_side(self, *addresses: str) -> bool:
        """Whether at some moment all of these were under way."""
        tries = self.tries(*addresses)
        together = max(it.began for it in tries) < min(it.ended for it in tries)
        return self.started(*addresses) and together

    def one_at_a_time(self, *addresses: str) -> bool:
        """Whether no two of these were ever under way together."""
        return self.started(*addresses) and all(
            earlier.ended <= later.began for earlier, later in combinations(self.tries(*addresses), 2)
        )


def trace_of_world(world: World) -> Trace:
    """The trace of a plan, from its events: their places are the time."""
    under_way: dict[tuple[int, int], Try] = {}
    ended: list[Try] = []
    statuses: dict[str, str] = {}
    record = world.record

    def address_of(fan: int, item: Item) -> str:
        opened = record.fans[fan]
        return f"{opened.address}[{item.key}]" if opened.mapped else opened.address

    for place, event in enumerate(record.events):
        match event:
            case SliceStarted():
                for item in event.items:
                    under_way[event.fan, item.index] = Try(address_of(event.fan, item), place)
            case AttemptFailed() | ItemSettled():
                if begun := under_way.pop((event.fan, event.item.index), None):
                    ended.append(replace(begun, ended=place))
                if isinstance(event, ItemSettled):
                    statuses[address_of(event.fan, event.item)] = event.status.value
            case TaskSettled():
                statuses[record.fans[event.fan].address] = event.status.value
    return Trace(world.plan.status().value, statuses, [*ended, *under_way.values()])


ITEMS = """
SELECT fan.address, task.mapped, item.key, item.status, attempt.number,
    coalesce(attempt.started, item.started), coalesce(attempt.seconds, item.seconds)
FROM item JOIN fan ON fan.id = item.fan JOIN task ON task.id = fan.task
LEFT JOIN attempt ON attempt.item = item.id
ORDER BY item.id, attempt.number
"""


def trace_of_run(folder: Path) -> Trace:
    """The trace of the one run that was started in `folder`, from what it recorded."""
    (file,) = folder.glob(".runner/runs/*/run.sqlite")
    database = Database.read(file, VERSION)
    statuses = dict[str, str](database.rows("SELECT address, status FROM fan"))
    tries = []
    for address, mapped, key, status, _, began, seconds in database.rows(ITEMS):
        whole = f"{address}[{key}]" if mapped else address
        statuses[whole] = status
        if began is not None:
            tries.append(Try(whole, began, began + seconds))
    ((run,),) = database.rows("SELECT status FROM session")
    database.close()
    return Trace(run, statuses, tries)
