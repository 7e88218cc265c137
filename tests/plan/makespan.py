"""How long a run takes by the order in which its tasks start: played in a time of its own.

    python tests/plan/makespan.py [GRAPHS]

Each family of graphs is played by the plan, with the durations of earlier runs and without, and first come,
first served; all against a bound below which no order can be: for any `a` and `b`, what cannot start before
`a` and has at least `b` after it takes `a`, then the work shared by all workers, then `b`.
"""

from __future__ import annotations

import random
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from statistics import mean

from world import CONTEXT, Items, Record, over, task, workflow

from runner.plan import Plan, Ports, Start, Surroundings
from runner.records import Outcome, Pace


@dataclass
class Work:
    """A task: how long each of its items takes, and what it needs."""

    needs: Sequence[str] = ()
    seconds: float = 1.0
    items: int = 1


Graph = Mapping[str, Work]


# Graphs ----------------------------------------------------------------------------------------


def anything(chance: random.Random) -> Graph:
    """Up to three needs each, among the eight before."""
    graph: dict[str, Work] = {}
    for number in range(60):
        before = range(max(0, number - 8), number)
        needs = chance.sample(before, min(len(before), chance.randrange(4)))
        graph[f"t{number}"] = Work([f"t{need}" for need in needs], _seconds(chance))
    return graph


def forks(chance: random.Random) -> Graph:
    """Fork and join, some times in a row."""
    graph: dict[str, Work] = {"j0": Work((), _seconds(chance))}
    for stage in range(5):
        names = [f"f{stage}_{number}" for number in range(chance.randrange(4, 16))]
        graph |= {name: Work([f"j{stage}"], _seconds(chance)) for name in names}
        graph[f"j{stage + 1}"] = Work(names, _seconds(chance))
    return graph


def pipelines(chance: random.Random) -> Graph:
    """Deep chains of unequal lengths, side by side, and a summary."""
    graph: dict[str, Work] = {}
    ends = []
    for chain in range(8):
        length = chance.randrange(3, 20)
        for step in range(length):
            graph[f"c{chain}_{step}"] = Work([f"c{chain}_{step - 1}"] if step else [], _seconds(chance))
        ends.append(f"c{chain}_{length - 1}")
    graph["summary"] = Work(ends, _seconds(chance))
    return graph


def wide(chance: random.Random) -> Graph:
    """A wide map between a serial head and a serial tail, and smaller things beside it."""
    graph = {"head": Work((), _seconds(chance)), "map": Work(["head"], _seconds(chance), 100)}
    graph |= {f"tail{n}": Work([f"tail{n - 1}" if n else "map"], _seconds(chance)) for n in range(4)}
    for number in range(30):
        needs = ["head"] if chance.random() < 0.5 else []
        graph[f"side{number}"] = Work(needs, _seconds(chance))
    return graph


def _seconds(chance: random.Random) -> float:
    return chance.lognormvariate(0, 1) + 0.01


FAMILIES: dict[str, Callable[[random.Random], Graph]] = {
    each.__name__: each for each in (anything, forks, pipelines, wide)
}


# How long a graph takes --------------------------------------------------------------------------


def bound(graph: Graph, workers: int) -> float:
    """What no order can be quicker than."""
    before: dict[str, float] = {}
    for name, work in graph.items():
        before[name] = max((before[need] + graph[need].seconds for need in work.needs), default=0.0)
    after = dict.fromkeys(graph, 0.0)
    for name, work in reversed(graph.items()):
        for need in work.needs:
            after[need] = max(after[need], after[name] + work.seconds)
    found = max(before[name] + work.seconds + after[name] for name, work in graph.items())
    for least_after in set(after.values()):
        total = 0.0
        late = [name for name in graph if after[name] >= least_after]
        for name in sorted(late, key=lambda each: before[each], reverse=True):
            total += graph[name].seconds * graph[name].items
            found = max(found, before[name] + total / workers + least_after)
    return found


@dataclass
class _Pool:
    """Workers in a time of its own."""

    now: float = 0.0
    ends: list[tuple[float, int]] = field(default_factory=list)

    def start(self, number: int, seconds: float) -> None:
        heappush(self.ends, (self.now + seconds, number))

    def next(self) -> int:
        self.now, number = heappop(self.ends)
        return number


def planned(graph: Graph, workers: int, paces: Mapping[str, Pace]) -> float:
    """How long the plan takes, that knows how long things took before."""
    tasks = [
        task(name, work.needs, **({"map": over(work.items)} if work.items > 1 else {}))
        for name, work in graph.items()
    ]
    record, pool = Record(), _Pool()
    ports = Ports(
        evaluate=lambda template, names: template.evaluate(names),
        open_items=lambda map, values: Items(map.items.template.evaluate(values)),  # type: ignore[union-attr]
        enter=lambda around, action, names: around,
        recorded=record,
        chance=lambda: 0.0,
        paces=lambda: paces,
    )
    plan = Plan(workflow(*tasks), ports, Surroundings({}, {}, None, CONTEXT), workers=workers)
    plan.begin(0.0)
    under_way: dict[int, Outcome] = {}
    while not plan.finished:
        moves = plan.take(pool.now)
        record.hear(plan.drain())
        for move in moves:
            assert isinstance(move, Start)
            (item,) = move.submission.items
            seconds = graph[move.submission.shared.address].seconds
            under_way[move.submission.number] = Outcome(item.index, 1, pool.now, seconds)
            pool.start(move.submission.number, seconds)
        due = plan.next_due()
        if pool.ends and (due is None or due > pool.now):
            number = pool.next()
            plan.settle(number, [under_way.pop(number)], pool.now)
    return pool.now


def first_come(graph: Graph, workers: int) -> float:
    """How long it takes if what may start first starts first."""
    pool, waiting, free = _Pool(), deque[str](), workers
    unmet = {name: len(work.needs) for name, work in graph.items()}
    items = {name: work.items for name, work in graph.items()}
    names = dict(enumerate(graph))
    numbers = {name: number for number, name in names.items()}

    def ready(found: Iterable[str]) -> None:
        for name in found:
            waiting.extend([name] * graph[name].items)

    ready(name for name, needs in unmet.items() if not needs)
    while waiting or pool.ends:
        while waiting and free:
            name = waiting.popleft()
            pool.start(numbers[name], graph[name].seconds)
            free -= 1
        name = names[pool.next()]
        free += 1
        items[name] -= 1
        if not items[name]:
            dependents = [other for other, work in graph.items() if name in work.needs]
            for other in dependents:
                unmet[other] -= 1
            ready(other for other in dependents if not unmet[other])
    return pool.now


@dataclass
class Ratios:
    """Averages over many graphs: of the plan to the bound, with durations and without, and to first come."""

    known: float
    unknown: float
    to_first_come: float


def ratios(family: str, workers: int, graphs: int) -> Ratios:
    """Play so many graphs of a family."""
    known, unknown, to_first_come = [], [], []
    for seed in range(graphs):
        graph = FAMILIES[family](random.Random(f"{family} {seed}"))
        least = bound(graph, workers)
        paces = {name: Pace(work.seconds, work.items) for name, work in graph.items()}
        took = planned(graph, workers, paces)
        known.append(took / least)
        unknown.append(planned(graph, workers, {}) / least)
        to_first_come.append(took / first_come(graph, workers))
    return Ratios(mean(known), mean(unknown), mean(to_first_come))


if __name__ == "__main__":
    graphs = int(dict(enumerate(sys.argv[1:])).get(0, "100"))
    print("family, workers; to the bound with durations, without, and to first come")
    for family in FAMILIES:
        for workers in (4, 16):
            found = ratios(family, workers, graphs)
            figures = (found.known, found.unknown, found.to_first_come)
            print(f"{family:10}  {workers:7}  " + "  ".join(f"{figure:.3f}" for figure in figures))
