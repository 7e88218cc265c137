"""Limits and rates that tasks share: what is taken together, who waits, and who is called."""

from __future__ import annotations

import random

from world import World, fail, over, succeed, task, workflow

from runner.records import Item, Outcome, Status, Submission
from runner.workflow import Limit, Retry


def test_a_waiting_retry_holds_no_worker_and_no_limit() -> None:
    def invent(submission: Submission, item: Item) -> Outcome:
        bad = submission.shared.address == "flaky" and item.attempt == 1
        return fail(submission, item) if bad else succeed(submission, item)

    one = {"one": Limit("one", concurrency=1)}
    flow = workflow(
        task("flaky", retry=Retry(attempts=2, delay=100.0), limits={"one": 1}),
        task("other", map=over(20), limits={"one": 1}),
        limits=one,
    )
    world = World(flow, invent, workers=1)
    record = world.run()
    order = [submission.shared.address for _, submission in world.starts]
    first, second = (place for place, address in enumerate(order) if address == "flaky")
    assert "other" in order[first:second]
    assert record.named("flaky").status is Status.SUCCEEDED


def test_a_rate_lets_so_many_attempts_start_in_any_period() -> None:
    flow = workflow(
        task("all", map=over(30), limits={"api": 1}), limits={"api": Limit("api", starts=10, per=1.0)}
    )
    world = World(flow, workers=8)
    world.run()
    starts = sorted(at for at, _ in world.starts)
    assert all(later - earlier > 1.0 for earlier, later in zip(starts, starts[10:], strict=False))


def test_a_rate_counts_from_when_workers_have_begun() -> None:
    flow = workflow(
        task("all", map=over(6), limits={"api": 1}), limits={"api": Limit("api", starts=2, per=1.0)}
    )
    world = World(flow, workers=8)
    world.turn()
    begun = world.now + 0.5
    for number in world.plan.unsure:
        world.plan.began(number, begun)
    world.now = begun + 0.9
    world.turn()
    assert len(world.under_way) == 2
    world.now = begun + 1.1
    world.turn()
    assert len(world.under_way) == 4
    world.now += 60  # nobody tells that they have begun: they may yet do so
    world.turn()
    assert len(world.under_way) == 4
    due = world.plan.next_due()
    assert due is not None and world.now < due < world.now + 1


def test_an_attempt_takes_its_units_together_and_alone_if_it_needs_all() -> None:
    big = task("big", limits={"cores": 4})
    small = task("small", map=over(200), limits={"cores": 1})
    flow = workflow(small, big, limits={"cores": Limit("cores", concurrency=4)})

    def watch(world: World) -> None:
        names = [submission.shared.address for submission in world.under_way.values()]
        assert "big" not in names or names == ["big"]

    record = World(flow, workers=4).run(watch)
    assert record.named("big").status is Status.SUCCEEDED
    assert record.named("small").counts.succeeded == 200


def test_who_stood_behind_one_that_wants_no_more_is_called_from_the_line_of_a_limit() -> None:
    race = task("race", map=over(3, quorum=1), limits={"slow": 1})
    flow = workflow(race, task("late", limits={"slow": 1}), limits={"slow": Limit("slow", starts=1, per=5.0)})
    for seed in range(20):
        record = World(flow, workers=2, chance=random.Random(seed)).run()
        assert record.named("late").status is Status.SUCCEEDED


def test_nothing_is_due_while_those_in_line_lack_units_that_others_hold() -> None:
    both = Limit("both", concurrency=1, starts=1, per=0.5)
    flow = workflow(task("a", map=over(2), limits={"both": 1}), limits={"both": both})
    world = World(flow, workers=2)
    world.turn()
    world.now += 10
    world.turn()
    assert len(world.under_way) == 1
    assert world.plan.next_due() is None
