"""What takes long is told while it still runs, at twice the time each time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from event_streams import exit_failure

from runner.records import Item, Pace, Usual

Tell = Callable[..., Any]
ONE = Item(0, None, None)


def pass_time(told: Any, seconds: int) -> None:
    """Let so many seconds go by, and something look at each."""
    for _ in range(seconds):
        told.clock.now += 1
        told.progress.look()


def begun(told: Any, *names: str) -> list[int]:
    """Plain tasks that have been given to workers, of which there are four."""
    told.run.begin(*names)
    fans = [told.run.open(name) for name in names]
    for fan in fans:
        told.run.start(fan, ONE)
    told.progress.look()
    return fans


def test_what_runs_for_long_is_told_at_half_a_minute_and_whenever_that_has_doubled(tell: Tell) -> None:
    told = tell()
    (fan,) = begun(told, "a")
    pass_time(told, 29)
    assert told.lines == []
    pass_time(told, 300)
    told.run.settle(fan, ONE, seconds=329.0)
    assert told.lines == [
        "        SLOW [> 30.0s] a",
        "        SLOW [>1m 00s] a",
        "        SLOW [>2m 00s] a",
        "        SLOW [>4m 00s] a",
        "   succeeded [ 5m 29s] a",
    ]


def test_what_took_long_before_is_slow_at_three_times_that(tell: Tell) -> None:
    told = tell(usual=lambda: Usual({"long": Pace(20.0, 1), "short": Pace(1.0, 1)}))
    begun(told, "long", "short")
    pass_time(told, 59)
    assert told.lines == ["        SLOW [> 30.0s] short"]
    pass_time(told, 2)
    assert told.lines[1:] == ["        SLOW [>1m 00s] long", "        SLOW [>1m 00s] short"]


def test_what_waits_for_a_worker_is_not_slow(tell: Tell) -> None:
    told = tell()
    first, *_ = begun(told, "a", "b", "c", "d", "waits")
    pass_time(told, 31)
    assert [line.split()[-1] for line in told.lines] == ["a", "b", "c", "d"]
    told.run.settle(first, ONE)
    told.run.end(first)
    pass_time(told, 20)
    assert "waits" not in told.text
    pass_time(told, 20)
    assert told.lines[-1] == "        SLOW [> 30.0s] waits"


def test_each_attempt_has_its_own_time(tell: Tell) -> None:
    told = tell()
    (fan,) = begun(told, "a")
    pass_time(told, 20)
    told.run.retry(fan, ONE, exit_failure(2), seconds=20.0)
    told.run.start(fan, Item(0, None, None, attempt=2))
    pass_time(told, 29)
    assert len(told.lines) == 1
    pass_time(told, 2)
    assert told.lines[1:] == ["        SLOW [> 30.0s] a"]


def test_of_a_map_whose_items_all_are_slow_the_first_are_told(tell: Tell) -> None:
    told = tell()
    told.run.begin("m")
    fan = told.run.open("m", mapped=True)
    for index in range(15):
        told.run.start(fan, Item(index, str(index), index))
        pass_time(told, 31)
        told.run.settle(fan, Item(index, str(index), index), seconds=31.0)
    slow = [line for line in told.lines if "SLOW" in line]
    assert slow == [f"        SLOW [> 30.0s] m[{index}]" for index in range(10)]


def test_verbose_tells_of_every_slow_item(tell: Tell) -> None:
    told = tell(verbose=True)
    told.run.begin("m")
    fan = told.run.open("m", mapped=True)
    for index in range(15):
        told.run.start(fan, Item(index, str(index), index))
        pass_time(told, 31)
        told.run.settle(fan, Item(index, str(index), index))
    assert told.text.count("SLOW") == 15


def test_a_large_map_of_slow_items_is_counted_though_nothing_happens(tell: Tell) -> None:
    told = tell()
    told.run.begin("m")
    fan = told.run.open("m", mapped=True, total=20)
    for index in range(12):
        told.run.start(fan, Item(index, str(index), index))
        told.run.settle(fan, Item(index, str(index), index))
    told.run.start(fan, Item(12, "12", 12))
    pass_time(told, 12)
    assert told.lines[10:] == [
        "     running [   5.0s] m: 12 of 20 items, about 3s left",
        "     running [  10.0s] m: 12 of 20 items, about 7s left",
    ]
