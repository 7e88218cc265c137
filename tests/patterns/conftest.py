"""The plan's world serves these tests, too; the checks of the patterns say what they found."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from clusters import Cluster

sys.path.append(str(Path(__file__).parents[1] / "plan"))
pytest.register_assert_rewrite("patterns")


@pytest.fixture(scope="session")
def executors(request: pytest.FixtureRequest) -> list[str]:
    """Those that run commands side by side, each in its way; Dask, where it is installed."""
    ours = ["thread", "process", "concurrent.futures:ProcessPoolExecutor"]
    if find_spec("distributed") is None:
        return ours
    cluster: Cluster = request.getfixturevalue("dask")
    return [*ours, f"dask={cluster.address}"]
