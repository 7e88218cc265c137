"""The patterns: what the commands of each do, what must be seen of it, and which wrong planners that tells.

A wrong planner is told by what is seen (`CHECK`), or because what can only end by its doing never does
(`DEADLOCK`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from acts import Acts
from mutations import (
    Mutation,
    allows_one_failure_less,
    closes_a_body_early,
    does_one_thing_at_a_time,
    drops_a_need,
    ends_with_the_first_way,
    forgets_the_last_item,
    gives_up_at_the_first_failure,
    goes_on_giving,
    ignores_cancels,
    ignores_limits,
    joins_at_the_first_need,
    lets_start_what_waits,
    lets_what_comes_late_succeed,
    needs_one_item_only,
    polls_once,
    skips_after_any_skipped_need,
    stops_all_around,
    takes_every_condition_for_true,
    takes_one_less_than_the_quorum,
    takes_one_more_than_the_quorum,
)
from traces import Trace

CHECK = "check"
DEADLOCK = "deadlock"
NOTHING_SPECIAL = Acts()
Check = Callable[[Trace], None]


@dataclass(frozen=True)
class Pattern:
    """A workflow file of this folder, and all that is known of it."""

    name: str
    check: Check
    acts: Acts
    told: Mapping[Mutation, str] = field(default_factory=dict)
    """The mutations that must not pass, and how each is told."""

    @property
    def file(self) -> Path:
        """The workflow."""
        return Path(__file__).with_name(f"{self.name}.yml")


patterns: list[Pattern] = []


def pattern(told: Mapping[Mutation, str], acts: Acts = NOTHING_SPECIAL) -> Callable[[Check], Check]:
    """Make a check that of the pattern with its name."""

    def keep(check: Check) -> Check:
        patterns.append(Pattern(check.__name__, check, acts, told))
        return check

    return keep


# One after another, side by side ------------------------------------------------------------------


@pattern({drops_a_need: CHECK})
def sequence(trace: Trace) -> None:
    assert trace.in_turn("fetch", "clean", "load")
    assert trace.all("succeeded", "fetch", "clean", "load")


@pattern({does_one_thing_at_a_time: DEADLOCK, drops_a_need: CHECK}, Acts(meet=[("lint", "types", "tests")]))
def parallel_split(trace: Trace) -> None:
    assert all(trace.in_turn("checkout", branch) for branch in ("lint", "types", "tests"))
    assert trace.side_by_side("lint", "types", "tests")


@pattern({joins_at_the_first_need: CHECK}, Acts(meet=[("orders", "returns", "stock")]))
def synchronisation(trace: Trace) -> None:
    assert trace.side_by_side("orders", "returns", "stock")
    assert all(trace.in_turn(branch, "balance") for branch in ("orders", "returns", "stock"))
    assert len(trace.tries("balance")) == 1


@pattern({ends_with_the_first_way: CHECK})
def implicit_termination(trace: Trace) -> None:
    assert trace.in_turn("dump", "upload")
    assert trace.all("succeeded", "dump", "upload", "logs")
    assert trace.run == "succeeded"


# Choices and merges -------------------------------------------------------------------------------


@pattern({takes_every_condition_for_true: CHECK}, Acts(give={"measure": [640]}))
def exclusive_choice(trace: Trace) -> None:
    assert trace.in_turn("measure", "keep")
    assert trace.never_started("shrink")
    assert trace.status("shrink") == "skipped"


@pattern(
    {joins_at_the_first_need: CHECK, skips_after_any_skipped_need: CHECK},
    Acts(give={"measure": [1280]}),
)
def simple_merge(trace: Trace) -> None:
    assert trace.in_turn("measure", "shrink", "publish")
    assert trace.never_started("keep")
    assert len(trace.tries("publish")) == 1


@pattern(
    {takes_every_condition_for_true: CHECK, does_one_thing_at_a_time: DEADLOCK}, Acts(meet=[("mail", "chat")])
)
def multi_choice(trace: Trace) -> None:
    assert trace.side_by_side("mail", "chat")
    assert trace.never_started("letter")


@pattern(
    {joins_at_the_first_need: CHECK, skips_after_any_skipped_need: CHECK},
    Acts(meet=[("label", "declare")]),
)
def synchronising_merge(trace: Trace) -> None:
    assert trace.in_turn("pack", "label", "ship")
    assert trace.in_turn("declare", "ship")
    assert trace.side_by_side("label", "declare")
    assert trace.never_started("wrap", "card")


@pattern(
    {closes_a_body_early: CHECK},
    Acts(meet=[("publish.html", "publish.pdf")]),
)
def structured_synchronising_merge(trace: Trace) -> None:
    assert trace.side_by_side("publish.html", "publish.pdf")
    assert trace.in_turn("publish.html", "announce")
    assert trace.in_turn("publish.pdf", "announce")
    assert trace.never_started("publish.epub")


# Multiple instances -------------------------------------------------------------------------------


@pattern(
    {does_one_thing_at_a_time: DEADLOCK, forgets_the_last_item: DEADLOCK, needs_one_item_only: CHECK},
    Acts(meet=[("build[linux]", "build[mac]", "build[windows]")]),
)
def multiple_instances_with_design_time_knowledge(trace: Trace) -> None:
    instances = ("build[linux]", "build[mac]", "build[windows]")
    assert trace.side_by_side(*instances)
    assert all(trace.in_turn(instance, "release") for instance in instances)
    assert trace.count("succeeded", "build") == 3


@pattern(
    {forgets_the_last_item: CHECK, needs_one_item_only: CHECK},
    Acts(give={"list": [["one", "two", "three"]]}, meet=[("scan[one]", "scan[two]")]),
)
def multiple_instances_with_run_time_knowledge(trace: Trace) -> None:
    instances = ("scan[one]", "scan[two]", "scan[three]")
    assert all(trace.in_turn("list", instance, "bind") for instance in instances)
    assert trace.side_by_side("scan[one]", "scan[two]")
    assert trace.count("succeeded", "scan") == 3


@pattern(
    {allows_one_failure_less: CHECK, gives_up_at_the_first_failure: CHECK, needs_one_item_only: CHECK},
    Acts(fail=["read[roof]", "read[cellar]"], meet=[("read[roof]", "read[garden]")]),
)
def static_partial_join_for_multiple_instances(trace: Trace) -> None:
    sensors = ("read[roof]", "read[cellar]", "read[garden]", "read[garage]")
    assert all(trace.in_turn(sensor, "average") for sensor in sensors)
    assert (trace.count("failed", "read"), trace.count("succeeded", "read")) == (2, 2)
    assert trace.all("succeeded", "read", "average")


@pattern(
    {
        takes_one_more_than_the_quorum: DEADLOCK,
        takes_one_less_than_the_quorum: CHECK,
        ignores_cancels: DEADLOCK,
    },
    Acts(endless=["sample[2]", "sample[3]", "sample[4]"], meet=[("sample[1]", "sample[2]")]),
)
def cancelling_partial_join_for_multiple_instances(trace: Trace) -> None:
    assert trace.all("succeeded", "sample[0]", "sample[1]", "sample", "estimate")
    assert trace.all("cancelled", "sample[2]", "sample[3]", "sample[4]")
    assert trace.side_by_side("sample[1]", "sample[2]")
    assert all(trace.in_turn(f"sample[{number}]", "estimate") for number in range(3))


# Cancelling joins ---------------------------------------------------------------------------------


@pattern(
    {
        takes_one_more_than_the_quorum: CHECK,
        lets_what_comes_late_succeed: CHECK,
        ignores_cancels: DEADLOCK,
    },
    Acts(meet=[("fetch[europe]", "fetch[america]", "fetch[asia]")], endless=["fetch[asia]"]),
)
def cancelling_discriminator(trace: Trace) -> None:
    mirrors = ("fetch[europe]", "fetch[america]", "fetch[asia]")
    assert trace.side_by_side(*mirrors)
    assert (trace.count("succeeded", "fetch"), trace.count("cancelled", "fetch")) == (1, 2)
    assert all(trace.in_turn(mirror, "unpack") for mirror in mirrors)
    assert len(trace.tries("unpack")) == 1


@pattern(
    {
        takes_one_less_than_the_quorum: CHECK,
        takes_one_more_than_the_quorum: DEADLOCK,
        ignores_cancels: DEADLOCK,
    },
    Acts(endless=["checks[identity].ask"], meet=[("checks[fraud].judge", "checks[identity].ask")]),
)
def cancelling_partial_join(trace: Trace) -> None:
    for way in ("checks[credit]", "checks[fraud]"):
        assert trace.in_turn(f"{way}.ask", f"{way}.judge", "accept")
        assert trace.status(way) == "succeeded"
    assert trace.in_turn("checks[identity].ask", "accept")
    assert trace.never_started("checks[identity].judge")
    assert trace.all("cancelled", "checks[identity]", "checks[identity].ask", "checks[identity].judge")


# Giving up ----------------------------------------------------------------------------------------


@pattern(
    {goes_on_giving: CHECK, takes_one_more_than_the_quorum: CHECK, ignores_cancels: DEADLOCK},
    Acts(
        endless=["session[record]", "session[subtitle]"],
        meet=[("session[record]", "session[subtitle]", "session[bell]")],
    ),
)
def explicit_termination(trace: Trace) -> None:
    assert trace.side_by_side("session[record]", "session[subtitle]", "session[bell]")
    assert trace.all("cancelled", "session[record]", "session[subtitle]", "session[archive]")
    assert trace.never_started("session[archive]")
    assert trace.run == "succeeded"


@pattern(
    {ignores_cancels: DEADLOCK, stops_all_around: CHECK},
    Acts(
        endless=["publish[upload]"],
        meet=[("publish[upload]", "publish[withdrawn]", "backup"), ("backup", "notify")],
    ),
)
def cancel_task(trace: Trace) -> None:
    assert trace.side_by_side("publish[upload]", "publish[withdrawn]", "backup")
    assert trace.status("publish[upload]") == "cancelled"
    assert trace.in_turn("publish[upload]", "notify")
    assert trace.side_by_side("backup", "notify")
    assert trace.all("succeeded", "publish", "notify", "backup")


@pattern(
    {lets_start_what_waits: CHECK, ignores_cancels: DEADLOCK},
    Acts(
        endless=["simulate[calm]", "simulate[storm]"],
        interrupt_after=["simulate[calm]", "simulate[storm]"],
    ),
)
def cancel_case(trace: Trace) -> None:
    assert trace.side_by_side("simulate[calm]", "simulate[storm]")
    assert trace.never_started("draw", "tidy")
    assert trace.all("cancelled", "simulate[calm]", "simulate[storm]", "simulate", "draw", "tidy")
    assert trace.run == "cancelled"


@pattern(
    {ignores_cancels: DEADLOCK, stops_all_around: CHECK, lets_start_what_waits: CHECK},
    Acts(
        fail=["shops[north].count"],
        endless=["shops[south].count"],
        meet=[("shops[north].count", "shops[south].count", "prices"), ("prices", "summary")],
    ),
)
def cancel_region(trace: Trace) -> None:
    assert trace.side_by_side("shops[north].count", "shops[south].count", "prices")
    assert trace.never_started("shops[north].order", "shops[south].order")
    assert trace.all("cancelled", "shops[south]", "shops[south].count", "shops[south].order")
    assert trace.in_turn("shops[south].count", "summary")
    assert trace.side_by_side("prices", "summary")
    assert trace.all("succeeded", "prices", "summary")


@pattern(
    {ignores_cancels: DEADLOCK, goes_on_giving: CHECK},
    Acts(fail=["train[small]"], endless=["train[large]"], meet=[("train[small]", "train[large]")]),
)
def cancel_multiple_instances(trace: Trace) -> None:
    assert trace.in_turn("train[tiny]", "train[large]")
    assert trace.side_by_side("train[small]", "train[large]")
    assert trace.never_started("train[huge]")
    assert [trace.status(f"train[{size}]") for size in ("tiny", "small", "large", "huge")] == [
        "succeeded",
        "failed",
        "cancelled",
        "cancelled",
    ]


# Again, and one at a time -------------------------------------------------------------------------


@pattern({polls_once: CHECK}, Acts(give={"refine.measure": [0.4, 0.2, 0.05]}))
def structured_loop(trace: Trace) -> None:
    assert [it.address for it in trace.tries("refine.improve", "refine.measure", "publish")] == [
        *("refine.improve", "refine.measure") * 3,
        "publish",
    ]
    assert trace.one_at_a_time("refine.improve", "refine.measure", "publish")
    assert len(trace.tries("refine")) == 3
    assert trace.all("succeeded", "refine", "publish")


@pattern({ignores_limits: CHECK}, Acts(meet=[("rates", "deposit[3]"), ("rates", "withdraw")]))
def critical_section(trace: Trace) -> None:
    assert trace.one_at_a_time("deposit[3]", "deposit[5]", "deposit[8]", "withdraw")
    assert trace.side_by_side("rates", "deposit[3]")
    assert trace.side_by_side("rates", "withdraw")
    assert trace.run == "succeeded"
