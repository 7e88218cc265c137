"""A folder for each test, with the program in it."""

from __future__ import annotations

import compileall
import gc
import os
import signal
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from clusters import Cluster, cluster
from program import Program

import runner as the_program

# A suite that is started in the background is told to ignore them, and so would be all that it starts.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

# Where the suite runs is nothing to the programs that it starts.
for name in list(os.environ):
    if name == "CI" or name.startswith(("GITHUB_", "GITLAB_")):
        del os.environ[name]
# Nor whether Python keeps what it has compiled: where it does not, each program compiles all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
if "PYTEST_XDIST_WORKER" in os.environ:  # the other processes of the suite have yet to read it
    os.environ.pop("PYTEST_ADDOPTS", None)


def pytest_configure(config: pytest.Config) -> None:
    """Compile the program as its installation does, once for all the processes that will start it."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(Path(the_program.__file__).parent, quiet=2)


def pytest_collection_finish() -> None:
    """Ten thousand tests stay to the end: nobody is to look for garbage among them again and again."""
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """Two for each processor: a test now and then waits for a process that takes its time to end."""
    return (os.cpu_count() or 1) * 2


@pytest.fixture(scope="session")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers, for all tests that leave them as they were."""
    if find_spec("distributed") is None:
        pytest.skip("DASK IS NOT INSTALLED: pip install 'runwright[dask]'")
    with cluster(tmp_path_factory.mktemp("cluster")) as started:
        yield started


@pytest.fixture
def runner(tmp_path: Path) -> Program:
    """`runner` in an empty folder."""
    return Program(tmp_path)
