"""The plan's world serves these tests, too; the checks of the patterns say what they found."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from clusters import Cluster

sys.path.append(str(Path(__file__).parents[1] / "plan"))
pytest.register_assert_rewrite("patterns")


@pytest.fixture(scope="session")
def executors(dask: Cluster) -> list[str]:
    """Those that run commands, each in its way."""
    return ["thread", "process", f"dask={dask.address}"]
