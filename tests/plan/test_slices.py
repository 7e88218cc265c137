"""How many items travel together: as many as take a few milliseconds, and at the end each worker has some."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from runner.plan.sizing import BRIEF, LARGEST, LONG, Sizing
from runner.records import Outcome


def outcomes(seconds: Iterable[float]) -> list[Outcome]:
    return [Outcome(index, 1, 0.0, each) for index, each in enumerate(seconds)]


def sized(seconds: float, slices: int = 32) -> Sizing:
    """After so many slices of items that took so long each."""
    sizing = Sizing()
    for _ in range(slices):
        sizing.learn(outcomes([seconds] * sizing.size))
    return sizing


def test_the_first_slice_is_one_item_and_the_next_are_at_most_twice_as_large() -> None:
    sizing, sizes = Sizing(), []
    for _ in range(12):
        sizes.append(sizing.size)
        sizing.learn(outcomes([0.0] * sizing.size))
    assert sizes == [1, 2, 4, 8, 16, 32, 64, 128, 256, LARGEST, LARGEST, LARGEST]


@pytest.mark.parametrize("seconds", [1e-6, 2e-5, 1e-4, 5e-4, 1e-3, 2e-3])
def test_a_slice_takes_a_few_milliseconds_where_items_are_brief(seconds: float) -> None:
    size = sized(seconds).size
    assert size == LARGEST or LONG - 2 * seconds < size * seconds <= LONG


@pytest.mark.parametrize("seconds", [LONG, 0.02, 1.0, 3600.0])
def test_items_that_take_longer_travel_alone(seconds: float) -> None:
    assert sized(seconds).size == 1


def test_a_rare_slow_item_does_not_make_each_item_a_slice() -> None:
    sizing = sized(0.0)
    for _ in range(20):
        sizing.learn(outcomes([0.0] * 99 + [0.02]))
    assert sizing.size > 10


def test_items_that_become_slow_travel_alone_after_some_of_them() -> None:
    sizing, slow = sized(1e-5), 0
    while sizing.size > 1:
        slow += sizing.size
        sizing.learn(outcomes([0.05] * sizing.size))
    assert slow <= LARGEST * 2


@pytest.mark.parametrize("left", [1, 2, 7, 8, 9, 100, 512, 5000])
def test_no_worker_is_without_an_item_at_the_end_unless_they_are_brief(left: int) -> None:
    workers, seconds = 8, 2e-4
    size = sized(seconds).of_the_last(left, workers)
    assert size == max(1, min(sized(seconds).size, max(left // workers, int(BRIEF / seconds + 1e-9))))
    assert size * workers <= max(left, workers * int(BRIEF / seconds + 1e-9))
