"""A small world around a plan: invented outcomes in any order, and a record made from events."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from event_streams import each_alone

from runner.exact import normalise
from runner.expression import Template
from runner.plan import Cancel, Plan, Ports, Start, Surroundings, read
from runner.plan.views import SettledRow
from runner.position import Position
from runner.records import (
    Event,
    Failure,
    FailureKind,
    Item,
    ItemSettled,
    Outcome,
    RunContext,
    SliceStarted,
    Status,
    Submission,
    TaskOpened,
    TaskSettled,
)
from runner.struct import replace
from runner.workflow import (
    Body,
    Call,
    Group,
    Limit,
    Map,
    Need,
    Over,
    Task,
    TaskReference,
    Value,
    Workflow,
)

HERE = Position("flow.yml", 1, 1)
NOTHING = Template({})
CONTEXT = RunContext("run", "/", "/")


def call() -> Call:
    """An action whose outcome the test invents."""
    return Call("module:function", NOTHING, "/")


def task(name: str, needs: Iterable[str] = (), **fields: Any) -> Task:
    """A task that needs tasks of its own body."""
    fields.setdefault("action", call())
    edges = tuple(Need(other, 0, HERE) for other in needs)
    return Task(name=name, position=HERE, needs=edges + tuple(fields.pop("edges", ())), **fields)


def over(count: int, **fields: Any) -> Map:
    """A map over `count` numbers."""
    return Map(Over(Template(list(range(count)))), HERE, **fields)


def follow(name: str, **fields: Any) -> Map:
    """An item-wise map over the results of `name`."""
    template = Template(f"{{{{ tasks.{name}.results }}}}")
    return Map(Over(template), HERE, follows=Need(name, 0, HERE), **fields)


def condition(text: str) -> Template:
    """A `when`."""
    return Template(text, condition=True)


def group(*tasks: Task) -> Group:
    """A body of tasks."""
    return Group(Body({inner.name: inner for inner in tasks}))


def workflow(*tasks: Task, **fields: Any) -> Workflow:
    """A whole file."""
    body = Body({inner.name: inner for inner in tasks})
    return Workflow("flow", "/flow.yml", "/", HERE, body, **fields)


class Items:
    """A lazy source: the length of what it gives is known only where it is a list."""

    def __init__(self, value: Any, lazy: bool = False) -> None:
        self.value = value
        self.total = None if lazy else len(value)

    def __iter__(self) -> Iterator[Item]:
        for index, value in enumerate(self.value):
            yield Item(index, str(value), value)


class Record:
    """What a store would know, from the events alone."""

    def __init__(self) -> None:
        self.fans: dict[int, TaskOpened] = {}
        self.items_of: dict[int, list[ItemSettled]] = {}
        self.ends: dict[int, TaskSettled] = {}
        self.seen: dict[int, set[int]] = {}
        self.events: list[Event] = []

    def hear(self, events: Iterable[Event]) -> None:
        for event in each_alone(events):
            self.events.append(event)
            if isinstance(event, TaskOpened):
                assert event.fan not in self.fans
                self.fans[event.fan] = event
                self.items_of[event.fan] = []
                self.seen[event.fan] = set()
            elif isinstance(event, ItemSettled):
                assert event.fan not in self.ends, "an item settled after its task"
                assert event.item.index not in self.seen[event.fan], "an item settled twice"
                self.seen[event.fan].add(event.item.index)
                self.items_of[event.fan].append(event)
            elif isinstance(event, TaskSettled):
                assert event.fan not in self.ends, "a task settled twice"
                self.ends[event.fan] = event
            elif isinstance(event, SliceStarted):
                assert event.fan not in self.ends, "a slice of a settled task started"

    def _sorted(self, fan: int) -> list[ItemSettled]:
        return sorted(self.items_of[fan], key=lambda event: event.item.index)

    def results(self, fan: int) -> list[Any]:
        return [e.outcome.result for e in self._sorted(fan) if e.status is Status.SUCCEEDED and e.outcome]

    def items(self, fan: int) -> list[dict[str, Any]]:
        return [_record(event) for event in self._sorted(fan)]

    def failures(self, fan: int) -> list[dict[str, Any]]:
        return [record for record in self.items(fan) if record["status"] == "failed"]

    def by_key(self, fan: int) -> dict[str, dict[str, Any]]:
        return {record["key"]: record for record in self.items(fan)}

    def run_failures(self) -> list[dict[str, Any]]:
        return []

    def settled(self, fan: int, after: int, most: int) -> list[SettledRow]:
        rows = self.items_of[fan][after : after + most]
        return [
            (
                e.item.index,
                e.item.key,
                e.status.value,
                e.outcome.result if e.outcome else None,
                e.made,
                e.reason,
            )
            for e in rows
        ]

    def named(self, address: str) -> TaskSettled:
        """How the task of that address ended."""
        return next(self.ends[fan] for fan, opened in self.fans.items() if opened.address == address)

    def unsettled(self) -> list[str]:
        """The tasks that have not settled."""
        return [opened.address for fan, opened in self.fans.items() if fan not in self.ends]

    def statuses(self) -> dict[str, str]:
        """The final status of every task and every item, by address."""
        found = {}
        for fan, opened in self.fans.items():
            found[opened.address] = self.ends[fan].status.value
            if opened.mapped:
                for event in self.items_of[fan]:
                    found[f"{opened.address}[{event.item.key}]"] = event.status.value
        return found


def _record(event: ItemSettled) -> dict[str, Any]:
    item, outcome, failure = event.item, event.outcome, event.failure
    return {
        "index": item.index,
        "key": item.key,
        "item": item.value,
        "status": event.status.value,
        "result": outcome.result if outcome and event.status is Status.SUCCEEDED else None,
        "error": failure
        and {"kind": failure.kind.value, "message": failure.message, "address": failure.address},
        "attempts": event.attempts,
        "seconds": event.seconds,
    }


Invent = Callable[[Submission, Item], Outcome]
Source = Callable[[Map, Mapping[str, Any]], Iterable[Item]]


class Deadlock(AssertionError):
    """Nothing can come back and nothing is due, though something has not settled."""


def succeed(submission: Submission, item: Item, result: Any = None) -> Outcome:
    """A success."""
    value, encoded = normalise(result)
    return Outcome(item.index, item.attempt, 0.0, 0.0, result=value, encoded=encoded)


def fail(submission: Submission, item: Item) -> Outcome:
    """A failure that may be tried again."""
    failure = Failure(FailureKind.EXIT, "exit code 1", exit_code=1)
    return Outcome(item.index, item.attempt, 0.0, 0.0, failure=failure)


def address_of(submission: Submission, item: Item) -> str:
    """How a submission's item is called in the run."""
    address = submission.shared.address
    return address if item.key is None else f"{address}[{item.key}]"


class World:
    """A plan, its record, and what is under way. `chance` decides every order.

    What `holds` names does not come back by itself, or not yet: it must be cancelled, or wait.
    """

    pace = 0.1
    """Seconds that pass at the most until the next submission comes back."""
    patience = float("inf")
    """A longer wait shows that nothing would ever come."""
    longest = 200_000
    """So many turns are enough for any workflow."""

    def __init__(
        self,
        flow: Workflow,
        invent: Invent = succeed,
        *,
        workers: int = 2,
        chance: random.Random | None = None,
        lazy: bool = False,
        tails: bool = False,
        holds: Callable[[World, Submission], bool] = lambda world, submission: False,
        source: Source | None = None,
        **options: Any,
    ) -> None:
        self.flow = flow
        self.invent = invent
        self.holds = holds
        self.source = source
        self.chance = chance or random.Random(0)
        self.tails = tails
        self.record = Record()
        self.waited = 1000.0
        """Seconds that have passed, but for what evaluating has taken."""
        self.evaluated = 0.0
        """Seconds that evaluating has taken."""
        self.under_way: dict[int, Submission] = {}
        self.cancelled: set[int] = set()
        self.starts: list[tuple[float, Submission]] = []

        self.plan = self.open_plan(workers, lazy, options)
        self.plan.begin(self.now)
        self.record.hear(self.plan.drain())

    def open_plan(self, workers: int, lazy: bool, options: dict[str, Any]) -> Plan:
        """A plan of the workflow, with a small outside."""

        def open_items(fan_map: Map, names: Mapping[str, Any]) -> Items:
            assert isinstance(fan_map.items, Over)
            return Items(fan_map.items.template.evaluate(names), lazy)

        ports = Ports(
            self.evaluate,
            self.source or open_items,
            lambda around, action, names: Surroundings(
                {key: value for key, value in names.items() if key != "tasks"},
                around.env,
                None,
                around.context,
            ),
            self.record,
            self.chance.random,
            read=self.read,
            evaluated=lambda: self.evaluated,
        )
        params = {name: param.default for name, param in self.flow.params.items()}
        around = Surroundings({"params": params, "run": {}}, {}, None, CONTEXT)
        return Plan(self.flow, ports, around, workers=workers, **options)

    @property
    def now(self) -> float:
        """The time that it is."""
        return self.waited + self.evaluated

    @now.setter
    def now(self, at: float) -> None:
        self.waited = at - self.evaluated

    def evaluate(self, template: Template, names: Mapping[str, Any]) -> Any:
        """The value of an expression."""
        return template.evaluate(names)

    def read(self, source: Iterator[Item | None], most: int, items: list[Item]) -> bool:
        """The next items of a map."""
        return read(source, most, items)

    def turn(self) -> None:
        """Take once, and record."""
        moves = self.plan.take(self.now)
        self.record.hear(self.plan.drain())
        for move in moves:
            if isinstance(move, Cancel):
                self.cancelled.add(move.number)
            else:
                assert isinstance(move, Start)
                self.under_way[move.submission.number] = move.submission
                self.starts.append((self.now, move.submission))
        if self.tails and self.under_way and self.chance.random() < 0.2:
            self.take_back()
        if self.tails and self.under_way and self.chance.random() < 0.2:
            self.take_first()

    def take_back(self) -> None:
        """Another worker may have what one submission has not begun."""
        number, submission = self.chance.choice(list(self.under_way.items()))
        count = self.chance.randrange(len(submission.items))
        if count and not submission.binds:
            self.under_way[number] = replace(submission, items=submission.items[:-count])
            self.plan.take_back(number, count, self.now)

    def take_first(self) -> None:
        """Some items of one submission have ended, and it goes on with the others."""
        number, submission = self.chance.choice(list(self.under_way.items()))
        count = self.chance.randrange(len(submission.items))
        if count and not submission.binds:
            items, rest = submission.items[:count], submission.items[count:]
            self.under_way[number] = replace(submission, items=rest)
            self.plan.settle_first(number, [self.invent(submission, item) for item in items], self.now)

    def able_to_come_back(self) -> list[int]:
        """The submissions that have been cancelled, or that nothing holds."""
        return sorted(
            number
            for number, submission in self.under_way.items()
            if number in self.cancelled or not self.holds(self, submission)
        )

    def come_back(self) -> None:
        """One submission comes back, perhaps with a tail that it did not begin."""
        number = self.chance.choice(self.able_to_come_back())
        submission = self.under_way.pop(number)
        items = list(submission.items)
        if number in self.cancelled:
            done = 0 if self.holds(self, submission) else self.chance.randrange(len(items) + 1)
            outcomes = [self.invent(submission, item) for item in items[:done]]
            if done < len(items):
                ended = replace(succeed(submission, items[done]), cancelled=True)
                outcomes.append(ended)
        else:
            done = self.chance.randrange(1, len(items) + 1) if self.tails else len(items)
            outcomes = [self.invent(submission, item) for item in items[:done]]
        self.plan.settle(number, outcomes, self.now)

    def run(self, watch: Callable[[World], None] = lambda world: None) -> Record:
        """To the end."""
        for _ in range(self.longest):
            self.turn()
            watch(self)
            if self.plan.finished:
                self.record.hear(self.plan.drain())
                return self.record
            due = self.plan.next_due()
            if due is not None and due <= self.now:
                continue
            far = due is None or due - self.now > self.patience
            if self.able_to_come_back() and (far or self.chance.random() < 0.7):
                self.now += self.chance.random() * self.pace
                self.come_back()
            elif due is None or far:
                raise Deadlock(f"not settled: {self.record.unsettled()}")
            else:
                self.now = max(self.now, due)
        raise AssertionError("it never ends")


def value(result: Any) -> dict[str, Any]:
    """The fields of a task without action."""
    return {"action": Value(), "result": Template(result)}


def reference(name: str, attribute: str, up: int = 0) -> TaskReference:
    """`tasks.name.attribute`."""
    return TaskReference(name, attribute, up)


__all__ = [
    "HERE",
    "Limit",
    "World",
    "call",
    "condition",
    "fail",
    "follow",
    "group",
    "over",
    "succeed",
    "task",
    "value",
    "workflow",
]
