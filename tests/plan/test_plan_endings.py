"""How maps, groups and runs end together: budgets, quorums, stops, timeouts, retries, limits."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from world import HERE, Invent, World, condition, fail, follow, group, over, succeed, task, value, workflow

from runner.expression import Template
from runner.plan import select
from runner.records import AttemptFailed, Item, ItemSettled, Mark, Outcome, Status, Submission
from runner.workflow import Budget, Limit, Map, Need, Over, Retry


def failing(*indices: int, of: str = "all") -> Invent:
    """Invent failures for these items of the task `of`, successes for all others."""

    def invent(submission: Submission, item: Item) -> Outcome:
        bad = item.index in indices and submission.shared.task.name == of
        return fail(submission, item) if bad else succeed(submission, item, item.index)

    return invent


@pytest.mark.parametrize("seed", range(40))
def test_a_quorum_is_reached_by_exactly_that_many_items(seed: int) -> None:
    flow = workflow(task("race", map=over(20, quorum=3)), task("after", ["race"]))
    world = World(flow, failing(0, 1, 5, of="race"), workers=4, chance=random.Random(seed))
    record = world.run()
    end = record.named("race")
    assert end.status is Status.SUCCEEDED
    assert end.counts.succeeded == 3
    assert record.named("after").status is Status.SUCCEEDED


def test_a_quorum_that_too_few_items_can_reach_fails_the_map() -> None:
    record = World(workflow(task("race", map=over(4, quorum=3))), failing(0, 1, of="race")).run()
    end = record.named("race")
    assert end.status is Status.FAILED
    assert end.failure and end.failure.message == "2 of 4 items succeeded (quorum: 3)"


def test_fail_fast_starts_nothing_more_in_the_map_and_cancels_what_runs() -> None:
    flow = workflow(task("all", map=over(100, fail_fast=True, max_parallel=2)))
    world = World(flow, failing(*range(100)), workers=8)
    end = world.run().named("all")
    assert end.status is Status.FAILED
    assert end.counts.failed <= 2
    assert end.counts.total == 100
    assert len(world.starts) <= 2


def test_fail_fast_waits_until_the_budget_is_exceeded_for_sure() -> None:
    flow = workflow(task("all", map=over(10, fail_fast=True, max_parallel=1, budget=Budget(percent=50))))
    end = World(flow, failing(*range(10))).run().named("all")
    assert end.counts.failed == 6
    assert end.counts.succeeded == 0


@pytest.mark.parametrize(("bad", "status"), [(2, "succeeded"), (3, "failed")])
def test_a_percentage_is_judged_by_the_items_that_ran(bad: int, status: str) -> None:
    flow = workflow(task("all", map=over(10, budget=Budget(percent=20))))
    assert World(flow, failing(*range(bad))).run().named("all").status.value == status


def test_a_share_of_the_items_that_is_a_whole_number_may_fail_to_the_last_item() -> None:
    flow = workflow(task("all", map=over(750, budget=Budget(percent=9.2))))
    assert World(flow, failing(*range(69))).run().named("all").status is Status.SUCCEEDED


def test_a_failed_map_says_how_many_items_failed() -> None:
    end = World(workflow(task("all", map=over(5, budget=Budget(1)))), failing(0, 1, 2)).run().named("all")
    assert end.failure and end.failure.message == "3 of 5 items failed (max_failures: 1)"


@pytest.mark.parametrize("seed", range(60))
def test_a_stop_at_any_moment_ends_everything_and_starts_nothing_more(seed: int) -> None:
    chance = random.Random(seed)
    inner = group(task("x"), task("y", ["x"], map=over(3)))
    flow = workflow(
        task("first", map=over(30)),
        task("second", map=follow("first")),
        task("third", map=over(5), action=inner, retry=Retry(attempts=2)),
        task("last", ["second", "third"]),
        task("clean", when=condition("always()"), watches=True, edges=()),
    )
    world = World(flow, failing(3, of="first"), workers=3, chance=chance, tails=True)
    for _ in range(chance.randrange(1, 12)):
        world.turn()
        if world.under_way:
            world.come_back()
    started = len(world.starts)
    world.plan.stop("stopped by SIGINT", world.now)
    record = world.run()
    assert len(world.starts) == started
    assert world.plan.status() is Status.CANCELLED
    assert record.named("last").status is Status.CANCELLED
    assert record.named("last").reason == "stopped by SIGINT"


class Slow(World):
    """A world in which reading the items of a map takes the rest of a turn."""

    def read(self, source: Iterator[Item | None], most: int, items: list[Item]) -> bool:
        self.evaluated += 0.03
        return super().read(source, most, items)


def test_a_map_that_is_stopped_when_it_has_turned_out_to_be_empty_ends_as_that_says() -> None:
    world = Slow(workflow(task("empty", map=over(0, on_empty="fail"))))
    world.turn()
    world.plan.stop("stopped by SIGINT", world.now)
    assert world.run().named("empty").status is Status.FAILED


def test_the_run_fail_fast_lets_only_clean_up_start() -> None:
    flow = workflow(
        task("bad"),
        task("slow", map=over(50)),
        task("later", ["slow"]),
        task("clean", ["bad"], when=condition("failure()"), watches=True, cleans_up=True),
    )

    def invent(submission: Submission, item: Item) -> Outcome:
        return fail(submission, item) if submission.shared.address == "bad" else succeed(submission, item)

    record = World(flow, invent, workers=1, fail_fast=True).run()
    assert record.named("clean").status is Status.SUCCEEDED
    assert record.named("later").status is Status.CANCELLED
    assert record.named("later").reason == "fail-fast: bad failed"


def test_a_retry_waits_by_the_clock_and_marks_success_as_flaky() -> None:
    def invent(submission: Submission, item: Item) -> Outcome:
        return fail(submission, item) if item.attempt < 3 else succeed(submission, item)

    retry = Retry(attempts=3, delay=10.0, backoff=2.0)
    world = World(workflow(task("flaky", retry=retry)), invent)
    record = world.run()
    waits = [event.wait for event in record.events if isinstance(event, AttemptFailed)]
    assert waits == [10.0, 20.0]
    starts = [at for at, _ in world.starts]
    assert starts[1] - starts[0] >= 10.0 and starts[2] - starts[1] >= 20.0
    assert record.named("flaky").marks == (Mark.FLAKY,)


def test_a_retry_budget_is_shared_by_all_items() -> None:
    flow = workflow(task("all", map=over(10), retry=Retry(attempts=5, budget=4)))
    record = World(flow, failing(*range(10))).run()
    assert sum(isinstance(event, AttemptFailed) for event in record.events) == 4


def test_an_item_of_a_map_with_max_parallel_one_settles_before_the_next_starts() -> None:
    def invent(submission: Submission, item: Item) -> Outcome:
        return fail(submission, item) if item.attempt == 1 else succeed(submission, item)

    flow = workflow(task("all", map=over(5, max_parallel=1), retry=Retry(attempts=2, delay=1.0)))
    world = World(flow, invent, workers=4)
    world.run()
    order = [item.index for _, submission in world.starts for item in submission.items]
    assert order == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_a_group_that_takes_longer_than_its_timeout_fails_and_its_body_is_cancelled() -> None:
    inner = group(task("x", retry=Retry(attempts=2, delay=100.0)))
    flow = workflow(task("outer", action=inner, timeout=5.0))
    record = World(flow, failing(0, of="x")).run()
    end = record.named("outer")
    assert end.status is Status.FAILED
    assert end.failure and end.failure.message == "outer took longer than its timeout of 5s at flow.yml:1"
    assert record.named("outer.x").status is Status.CANCELLED


def test_a_run_that_takes_longer_than_its_timeout_fails() -> None:
    flow = workflow(task("x", retry=Retry(attempts=2, delay=100.0)), timeout=5.0)
    world = World(flow, failing(0, of="x"))
    record = world.run()
    assert world.plan.status() is Status.FAILED
    assert record.named("x").reason == "the run took longer than its timeout of 5s at flow.yml:1"


def test_a_group_retried_opens_a_fresh_body() -> None:
    tries: list[str] = []

    def invent(submission: Submission, item: Item) -> Outcome:
        tries.append(submission.shared.address)
        return fail(submission, item) if len(tries) == 1 else succeed(submission, item)

    flow = workflow(task("outer", action=group(task("x"), task("y", ["x"])), retry=Retry(attempts=2)))
    record = World(flow, invent, workers=1).run()
    assert tries == ["outer.x", "outer.x", "outer.y"]
    ends = [event for event in record.events if isinstance(event, ItemSettled)]
    assert ends[-1].status is Status.SUCCEEDED and ends[-1].attempts == 2


def test_a_failed_group_names_the_first_failure_inside_with_its_address() -> None:
    flow = workflow(task("country", map=over(2), action=group(task("parse", map=over(2)))))
    record = World(flow, failing(1, of="parse")).run()
    settled = [event for event in record.events if isinstance(event, ItemSettled)]
    passes = [event for event in settled if record.fans[event.fan].address == "country"]
    assert {end.failure and end.failure.address for end in passes} == {
        "country[0].parse",
        "country[1].parse",
    }


def test_open_bodies_stay_bounded_in_a_group_over_many_items() -> None:
    flow = workflow(task("outer", map=over(3000), action=group(task("x"), task("y", ["x"]))))
    most = 0

    def watch(world: World) -> None:
        nonlocal most
        most = max(most, len(world.plan.root.fans["outer"].scopes))

    record = World(flow, workers=2).run(watch)
    assert record.named("outer").counts.succeeded == 3000
    assert most <= 5


def test_an_item_wise_map_reads_from_the_record_what_its_bounded_head_cannot_hold() -> None:
    flow = workflow(
        task("fetch", map=over(5000)),
        task("shrink", map=follow("fetch"), limits={"one": 1}),
        limits={"one": Limit("one", concurrency=1)},
    )
    seen: dict[int, object] = {}

    def invent(submission: Submission, item: Item) -> Outcome:
        if submission.shared.address == "shrink":
            seen[item.index] = item.value
        return succeed(submission, item, f"picture {item.index}")

    record = World(flow, invent, workers=3).run()
    assert record.named("shrink").counts.succeeded == 5000
    assert seen == {index: f"picture {index}" for index in range(5000)}


def test_value_tasks_take_no_worker_and_a_long_chain_of_them_ends() -> None:
    first = task("v0", **value(0))
    chain = [task(f"v{n}", [f"v{n - 1}"], **value(n)) for n in range(1, 3000)]
    world = World(workflow(first, *chain))
    record = world.run()
    assert not world.starts
    assert record.named("v2999").status is Status.SUCCEEDED


def test_a_map_within_its_budget_has_succeeded() -> None:
    flow = workflow(task("all", map=over(5, budget=Budget(2))), task("after", ["all"]))
    record = World(flow, failing(0, 1)).run()
    assert record.named("all").status is Status.SUCCEEDED
    assert record.named("after").status is Status.SUCCEEDED


def test_tasks_left_out_are_skipped_as_not_selected() -> None:
    flow = workflow(task("a"), task("b", ["a"]), task("c"))
    record = World(flow, selection=select(flow, [[("b", None)]])).run()
    assert record.statuses() == {"a": "succeeded", "b": "succeeded", "c": "skipped"}
    assert record.named("c").reason == "not selected"


@pytest.mark.parametrize("seed", range(12))
def test_a_map_that_stops_early_has_a_record_for_every_item_and_so_have_those_that_follow(seed: int) -> None:
    flow = workflow(
        task("all", map=over(9000, fail_fast=True, max_parallel=3), allow_failure=True),
        task("next", map=follow("all", quorum=2)),
        task("last", map=follow("next")),
    )
    world = World(flow, failing(5), workers=4, chance=random.Random(seed), lazy=seed % 2 == 0)
    record = world.run()
    assert {name: record.named(name).counts.total for name in ("all", "next", "last")} == {
        "all": 9000,
        "next": 9000,
        "last": 9000,
    }


def test_after_fail_fast_a_clean_up_group_runs_and_clean_up_is_tried_again() -> None:
    def invent(submission: Submission, item: Item) -> Outcome:
        bad = submission.shared.address == "bad" or item.attempt == 1
        return fail(submission, item) if bad else succeed(submission, item)

    always = {"when": condition("always()"), "watches": True, "cleans_up": True}
    twice = Retry(attempts=2)
    flow = workflow(
        task("bad", retry=twice),
        task("sweep", ["bad"], action=group(task("x", retry=twice), task("y", ["x"], retry=twice)), **always),
        task("tell", ["bad"], retry=twice, **always),
    )
    record = World(flow, invent, fail_fast=True).run()
    assert {name: status for name, status in record.statuses().items() if name != "bad"} == {
        "sweep": "succeeded",
        "sweep.x": "succeeded",
        "sweep.y": "succeeded",
        "tell": "succeeded",
    }


def test_after_fail_fast_failure_is_true_for_what_comes_after_a_task_that_was_cancelled() -> None:
    flow = workflow(
        task("build"),
        task("deploy", ["build"]),
        task("tell", ["deploy"], when=condition("failure()"), watches=True, cleans_up=True),
    )
    record = World(flow, failing(0, of="build"), fail_fast=True).run()
    assert record.named("deploy").status is Status.CANCELLED
    assert record.named("tell").status is Status.SUCCEEDED


def test_fail_fast_does_not_strike_for_a_map_that_may_fail_before_its_first_item() -> None:
    gone = Map(Over(Template("{{ params.gone }}")), HERE)
    flow = workflow(task("none", map=gone, allow_failure=True), task("after", ["none"]))
    record = World(flow, fail_fast=True).run()
    assert record.named("none").status is Status.FAILED
    assert record.named("after").status is Status.SUCCEEDED


def test_failure_is_true_downstream_of_a_group_whose_body_needs_what_failed() -> None:
    inner = task("x", edges=[Need("bad", 1, HERE)])
    flow = workflow(
        task("bad"),
        task("outer", action=group(inner)),
        task("tell", ["outer"], when=condition("failure()"), watches=True),
    )
    record = World(flow, failing(0, of="bad")).run()
    assert record.named("outer").status is Status.SKIPPED
    assert record.named("tell").status is Status.SUCCEEDED


@pytest.mark.parametrize("ending", [{"quorum": 1}, {"fail_fast": True}])
def test_an_item_wise_map_over_one_that_failed_is_skipped_however_it_came_to_its_end(
    ending: dict[str, object],
) -> None:
    flow = workflow(task("fetch", map=over(3)), task("shrink", map=follow("fetch", **ending)))

    def invent(submission: Submission, item: Item) -> Outcome:
        bad = (submission.shared.address, item.index) in {("fetch", 2), ("shrink", 1)}
        return fail(submission, item) if bad else succeed(submission, item)

    record = World(flow, invent, workers=1).run()
    assert record.named("shrink").status is Status.SKIPPED
    assert record.named("shrink").counts.total == 3


def test_the_timeout_of_a_group_counts_from_the_first_start_in_it() -> None:
    inner = group(task("late", edges=[Need("slow", 1, HERE)]), task("later", ["late"]))
    world = World(workflow(task("slow"), task("group", action=inner, timeout=5.0)))
    for _ in range(2):  # while `slow` goes on, nothing in the group has started
        world.turn()
        world.now += 60
    world.come_back()
    world.turn()
    world.now += 4
    world.come_back()
    world.turn()
    assert world.plan.next_due() == world.now + 1
    world.now += 1
    world.turn()
    assert world.cancelled == set(world.under_way)
    world.come_back()
    world.turn()
    world.turn()
    assert world.record.named("group").status is Status.FAILED
    assert world.record.named("group.late").status is Status.SUCCEEDED


def test_deadlines_of_bodies_that_have_closed_are_forgotten() -> None:
    each = task("each", map=over(5000), action=group(task("one")), timeout=3600.0)
    world = World(workflow(each), workers=4)
    world.run(lambda world: None)
    assert len(world.plan._state.deadlines) <= 2048


def test_once_a_map_fails_fast_no_other_item_is_asked_whether_it_starts() -> None:
    flow = workflow(task("all", map=over(9, fail_fast=True), when=condition("index"), when_each=True))
    end = World(flow).run().named("all")
    assert (end.counts.failed, end.counts.cancelled) == (1, 8)


def test_what_is_cancelled_while_it_waits_for_a_retry_has_had_its_attempts() -> None:
    world = World(workflow(task("x", retry=Retry(attempts=3, delay=100.0))), failing(0, of="x"))
    world.turn()
    world.come_back()
    world.plan.stop("stopped by SIGINT", world.now)
    world.run()
    assert world.plan.output(Template("{{ tasks.x.attempts }}")) == 1
