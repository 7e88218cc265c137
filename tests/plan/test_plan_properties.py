"""Random workflows, spelled as users do, with ends in any order: everything comes out as the oracle says.

`RUNNER_TEST_WORKFLOWS` is how many, `RUNNER_TEST_FIRST` the first seed.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import pytest
from census import table
from foretold import Prediction, Seen
from mutants import MUTANTS, Mutant
from playing import play
from running import RACY, run, run_program
from world import World, group, over, task, workflow
from writing import written

DEFAULT = 400
FIRST = int(os.environ.get("RUNNER_TEST_FIRST", "0"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("RUNNER_TEST_WORKFLOWS", DEFAULT)))
MANY = 2000
"""So many have everything, and are played in time by one process."""
ENOUGH = 400
"""Among so many workflows are some that show any of the mutants."""

played = lru_cache(maxsize=None)(play)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_workflow_ends_as_the_oracle_says_whatever_the_order(seed: int) -> None:
    assert played(seed)


@pytest.mark.parametrize("seed", SEEDS[::10])
def test_a_real_run_ends_as_the_oracle_says_inline_and_on_threads(seed: int) -> None:
    one_by_one, expected = run(seed, "inline")
    side_by_side, _ = run(seed, "thread")
    if not expected.chosen:
        assert _told(one_by_one, expected) == _told(side_by_side, expected)


@pytest.mark.parametrize("seed", [seed for seed in SEEDS[:40] if not RACY & written(seed).features][:4])
@pytest.mark.parametrize("executor", ["inline", "thread", "process"])
def test_the_report_of_the_program_says_what_the_oracle_says(
    seed: int, executor: str, tmp_path: Path
) -> None:
    run_program(seed, executor, tmp_path)


@pytest.mark.skipif(len(SEEDS) < DEFAULT, reason="so few workflows need not have everything")
def test_no_feature_is_absent_from_the_random_workflows() -> None:
    absent = [feature for number, feature in table(map(played, SEEDS[:MANY])) if not number]
    assert not absent


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_planner_with_a_mistake_is_found_out(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    assert any(_fails(seed) for seed in range(ENOUGH))


def _fails(seed: int) -> bool:
    try:
        play(seed)
    except Exception:  # a mistake may also end the planner
        return True
    return False


def _told(seen: Seen, expected: Prediction) -> dict[str, object]:
    """What a run told, less what a timeout cut short: how far that came is the clock's choice."""
    ends = (seen.tasks | seen.items).items()
    return {path: end.told() for path, end in ends if not path.startswith(tuple(expected.loose))}


def test_groups_nested_in_maps_end_on_one_worker() -> None:
    inner = task("inner", map=over(4), action=group(task("a"), task("b", ["a"])))
    outer = task("outer", map=over(50), action=group(inner))
    record = World(workflow(outer), workers=1).run()
    assert record.named("outer").counts.succeeded == 50
