"""Random workflows on their way through many sessions. The scripts behind this take larger numbers."""

from __future__ import annotations

import changing
import pytest
import wandering


@pytest.mark.parametrize("seed", [2, 4])
def test_whatever_happens_on_the_way_nothing_recorded_is_done_again_or_untold(seed: int) -> None:
    assert len(wandering.wander(seed)) > 2


@pytest.mark.parametrize("seed", [3, 5, 6])
def test_a_change_has_just_that_done_again_which_follows_from_it(seed: int) -> None:
    expected, found = changing.change(seed)
    assert found == sorted(expected)
