"""What starts first is what most depends on, by how long it took before; see `makespan.py`."""

from __future__ import annotations

from statistics import mean

import pytest
from makespan import FAMILIES, Work, planned, ratios

from runner.records import Pace


@pytest.mark.parametrize(("workers", "most"), [(4, 1.03), (16, 1.05)])
def test_runs_take_hardly_longer_than_the_best_order_could(workers: int, most: float) -> None:
    found = {family: ratios(family, workers, 25) for family in FAMILIES}
    assert mean(each.known for each in found.values()) <= most, found
    assert mean(each.known for each in found.values()) < mean(each.unknown for each in found.values())
    assert all(each.to_first_come <= 1.02 for each in found.values()), found


def test_a_map_of_which_little_is_left_goes_after_a_chain_that_has_longer_to_go() -> None:
    graph = {"a": Work((), 1.5), "b": Work(["a"], 3.0), "m": Work((), 1.01, 12)}
    paces = {name: Pace(work.seconds, work.items) for name, work in graph.items()}
    assert planned(graph, 4, paces) == 4.5
