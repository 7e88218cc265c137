"""Runs that are killed, and resumed until they are done. The scripts behind this take larger numbers."""

from __future__ import annotations

import shutil

import killing
import points
import pytest
from killing import Campaign

STRIDES = {"before-commit": 10, "after-commit": 10, "write": 150}
"""There are fewer commits than actions: what comes in bursts is committed at once."""


def nothing_wrong(found: Campaign) -> bool:
    return (found.lost, found.repeated, found.left) == ([], [], 0)


@pytest.mark.parametrize("killed", ["runner", "inner", "outer", "both", "all", "stop"])
def test_nothing_recorded_is_lost_or_done_again_or_left_when_runs_are_killed(killed: str) -> None:
    found = killing.campaign(4, seed=3, tasks=100, killed=killed)
    assert found.kills == 4
    assert nothing_wrong(found), found
    assert not found.untold


@pytest.mark.parametrize("point", [it for it in points.POINTS if it != "write" or shutil.which("strace")])
def test_nor_when_a_run_and_its_resume_die_at_a_named_point(point: str) -> None:
    found = points.campaign(point, STRIDES.get(point, 30), first=3)
    assert found.kills > 1
    assert nothing_wrong(found), found
