"""Random workflows, invented outcomes in any order: what must hold in every run."""

from __future__ import annotations

import os
import random
import zlib
from collections import defaultdict
from dataclasses import replace

import oracle
import pytest
from world import HERE, World, condition, fail, follow, group, over, succeed, task, value, workflow

from runner.records import Item, ItemSettled, Outcome, SliceStarted, Submission, TaskOpened, TaskSettled
from runner.workflow import Body, Budget, Group, Limit, Need, Retry, Task, Workflow

SEEDS = int(os.environ.get("RUNNER_TEST_WORKFLOWS", "300"))
LIMITS = {
    "two": Limit("two", concurrency=2),
    "three": Limit("three", concurrency=3),
    "slow": Limit("slow", starts=3, per=1.0),
}


def random_body(chance: random.Random, depth: int, outer: list[list[str]]) -> Body:
    """Tasks that need earlier ones of their body or of outer ones; then the order is shuffled."""
    names = [f"t{number}" for number in range(chance.randint(1, 6 if depth == 0 else 3))]
    tasks: list[Task] = []
    mapped: list[str] = []
    for place, name in enumerate(names):
        built = random_task(chance, name, names[:place], mapped, depth, outer)
        tasks.append(built)
        if built.map is not None:
            mapped.append(name)
    chance.shuffle(tasks)
    return Body({built.name: built for built in tasks})


def random_task(
    chance: random.Random,
    name: str,
    earlier: list[str],
    mapped: list[str],
    depth: int,
    outer: list[list[str]],
) -> Task:
    fields: dict[str, object] = {}
    needs = [other for other in earlier if chance.random() < 0.3]
    if mapped and chance.random() < 0.4:
        source = chance.choice(mapped)
        fields["map"] = follow(source)
        needs = [other for other in needs if other != source]
    elif chance.random() < 0.5:
        fields["map"] = over(chance.choice([0, 1, 2, 3, 5, 20]))
    if "map" in fields:
        fields["map"] = random_endings(chance, fields["map"])
    if chance.random() < 0.15:
        fields |= value(name)
    elif depth < 2 and chance.random() < 0.25:
        fields["action"] = Group(random_body(chance, depth + 1, [*outer, list(earlier)]))
        fields["retry"] = Retry(attempts=chance.choice([1, 1, 2]))
    else:
        fields["retry"] = Retry(attempts=chance.randint(1, 3), delay=chance.choice([0.0, 0.5]), jitter=True)
        if chance.random() < 0.3:
            fields["limits"] = {chance.choice(list(LIMITS)): 1}
        elif chance.random() < 0.1:
            fields["limits"] = {"two": 2, "three": 1}
    if depth and chance.random() < 0.2:
        up = chance.randint(1, depth)
        if outer[-up]:
            fields["edges"] = [Need(chance.choice(outer[-up]), up, HERE)]
    if chance.random() < 0.2:
        text = chance.choice(["success()", "failure()", "always()", "false"])
        fields |= {"when": condition(text), "watches": text != "false"}
    fields["allow_failure"] = chance.random() < 0.2
    return task(name, needs, **fields)


def random_endings(chance: random.Random, fan_map: object) -> object:
    return replace(
        fan_map,  # type: ignore[type-var]
        budget=chance.choice([Budget(), Budget(), Budget(2), Budget(percent=50.0)]),
        max_parallel=chance.choice([None, None, 1, 2]),
        on_empty=chance.choice(["succeed", "succeed", "skip", "fail"]),
    )


class Watch:
    """No limit and no cap is ever exceeded, and no more is under way than the workers can hold."""

    def __init__(self, flow: Workflow, workers: int) -> None:
        self.flow = flow
        self.workers = workers
        self.starts: list[float] = []
        self.seen = 0

    def __call__(self, world: World) -> None:
        units: dict[str, int] = defaultdict(int)
        for submission in world.under_way.values():
            for name, count in submission.shared.task.limits.items():
                units[name] += count
        assert units["two"] <= 2 and units["three"] <= 3
        assert len(world.under_way) <= self.workers * 2
        for now, submission in world.starts[self.seen :]:
            if "slow" in submission.shared.task.limits:
                self.starts.append(now)
        self.seen = len(world.starts)
        assert len([at for at in self.starts if at > world.now - 1.0]) <= 3


def check_order(flow: Workflow, events: list[object]) -> None:
    """Nothing started before what it needs had settled; all items of a task before the task."""
    opened: dict[int, TaskOpened] = {}
    settled: set[str] = set()
    items: dict[int, set[int]] = defaultdict(set)
    active: dict[int, set[int]] = defaultdict(set)
    for event in events:
        if isinstance(event, TaskOpened):
            opened[event.fan] = event
            settled.discard(event.address)
        elif isinstance(event, SliceStarted):
            declared = find(flow.body, opened[event.fan].address)
            prefix = opened[event.fan].address.rpartition(".")[0]
            for need in declared.needs:
                if need.up == 0:
                    assert (f"{prefix}." if prefix else "") + need.task in settled
            active[event.fan] |= {item.index for item in event.items}
            most = declared.map.max_parallel if declared.map else None
            assert most is None or len(active[event.fan]) <= most
        elif isinstance(event, ItemSettled):
            items[event.fan].add(event.item.index)
            active[event.fan].discard(event.item.index)
        elif isinstance(event, TaskSettled):
            settled.add(opened[event.fan].address)
            assert event.counts.total == len(items[event.fan])


def find(body: Body, address: str) -> Task:
    """The task declared at an address."""
    names = [part.partition("[")[0] for part in address.split(".")]
    for name in names[:-1]:
        action = body.tasks[name].action
        assert isinstance(action, Group)
        body = action.body
    return body.tasks[names[-1]]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_workflow_ends_as_the_oracle_says_whatever_the_order(seed: int) -> None:
    chance = random.Random(seed)
    flow = replace(workflow(), body=random_body(chance, 0, []), limits=LIMITS)

    def fails(address: str, key: str | None, attempt: int) -> bool:
        return zlib.crc32(f"{seed}/{address}/{key}/{attempt}".encode()) % 100 < 25

    def invent(submission: Submission, item: Item) -> Outcome:
        bad = fails(submission.shared.address, item.key, item.attempt)
        return fail(submission, item) if bad else succeed(submission, item, item.index)

    workers = chance.choice([1, 1, 2, 3, 8])
    world = World(flow, invent, workers=workers, chance=chance, lazy=chance.random() < 0.5, tails=True)
    record = world.run(Watch(flow, workers))
    assert not world.under_way
    assert record.statuses() == oracle.predict(flow.body, fails)
    check_order(flow, record.events)


def test_groups_nested_in_maps_end_on_one_worker() -> None:
    inner = task("inner", map=over(4), action=group(task("a"), task("b", ["a"])))
    outer = task("outer", map=over(50), action=group(inner))
    record = World(workflow(outer), workers=1).run()
    assert record.named("outer").counts.succeeded == 50
