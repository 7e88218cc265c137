"""The executors that the program is held to, and reports without what differs from run to run."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

import pytest

MAKERS = """
def make_loky(workers):
    from loky import get_reusable_executor
    return get_reusable_executor(max_workers=workers)

def make_deadpool(workers):
    from deadpool import Deadpool
    return Deadpool(max_workers=workers)

def make_python(workers, way):
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context
    return ProcessPoolExecutor(workers, mp_context=get_context(way))

def make_spawned(workers):
    return make_python(workers, "spawn")

def make_served(workers):
    return make_python(workers, "forkserver")
"""
"""Functions that make executors of packages, and of Python in its other ways, in `makers.py`."""


def needs(package: str, *values: object) -> Any:
    """A parameter for tests, which are skipped where the package is not installed."""
    missing = find_spec(package) is None
    return pytest.param(*values, marks=pytest.mark.skipif(missing, reason=f"{package} IS NOT INSTALLED"))


FOREIGN = [
    needs("loky", "makers.py:make_loky"),
    needs("deadpool", "makers:make_deadpool"),
    pytest.param("concurrent.futures:ProcessPoolExecutor"),
]
"""Executors that are not ours, of processes."""

INTERPRETER = pytest.param(
    "interpreter",
    marks=pytest.mark.skipif(
        sys.version_info < (3, 14), reason="THIS PYTHON HAS NO INTERPRETERS OF THEIR OWN: 3.14 HAS"
    ),
)

STARTED = [*FOREIGN, pytest.param("makers.py:make_spawned"), pytest.param("makers.py:make_served")]
"""Those, in each way of starting a process."""


def there() -> list[str]:
    """Those of them whose packages are installed, for tests that go through all."""
    return [it.values[0] for it in [INTERPRETER, *FOREIGN] if not any(mark.args[0] for mark in it.marks)]


UNLIKE = {"id", "started", "seconds", "executor", "number", "start"}


def steady(value: Any) -> Any:
    """A report without times and what else differs from run to run."""
    if isinstance(value, dict):
        return {name: steady(inner) for name, inner in value.items() if name not in UNLIKE}
    return [steady(inner) for inner in value] if isinstance(value, list) else value
