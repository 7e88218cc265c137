"""The figures that are the same on every machine: memory, and how much of Python an item takes."""

from __future__ import annotations

import cProfile
import subprocess
import sys
from pathlib import Path

import pytest
from program import Program

from runner import engine
from runner.engine.settings import Settings
from runner.loader import load
from runner.starting.environment import look_around
from runner.store import Store

LIBRARY = "def same(x):\n    return x\n"
FLOW = """
params: {count: 1000}
pool: {max_workers: 8}
tasks: {each: {map: {over: "{{ range(params.count) }}"}, call: "lib.py:same", with: {x: "{{ item }}"}}}
"""

PEAK = """
import os, sys
child = os.fork()
if not child:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execv(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""

MOST_CALLS = 60
"""Of Python and C functions, for an item of a map that calls one that does nothing."""


@pytest.fixture
def flow(runner: Program) -> Program:
    runner.write(LIBRARY, "lib.py")
    runner.write(FLOW)
    return runner


def mebibytes(runner: Program, *arguments: str) -> float:
    """The peak memory of the program."""
    command = [sys.executable, "-c", PEAK, *runner.command(*arguments)]
    said = subprocess.run(
        command, cwd=runner.folder, env=runner.environment, capture_output=True, check=True, text=True
    )
    code, kibibytes = map(int, said.stdout.split())
    assert code == 0
    return kibibytes / 1024


def test_many_items_take_no_more_memory_than_few(flow: Program) -> None:
    few = mebibytes(flow, "run", "-q", "-p", "count=10000")
    many = mebibytes(flow, "run", "-q", "-p", "count=200000")
    assert many <= 1.2 * few


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_report_of_many_items_takes_little_memory(flow: Program, form: str) -> None:
    assert flow("run", "-q", "-p", "count=200000").code == 0
    assert mebibytes(flow, "report", "--format", form) <= 60


def calls(folder: Path, count: int) -> int:
    """How many functions are called in a run over so many items, in one thread."""
    found = load(str(folder / "workflow.yml"))
    assert found.workflow is not None
    profile = cProfile.Profile()
    with Store.create(folder / f"state{count}") as store:
        settings = Settings(
            store.run_id,
            str(folder),
            str(store.log_folder),
            params={"count": count},
            outside=look_around(found.workflow, {}),
            executor="inline",
        )
        with profile:
            for events in engine.run(found.workflow, settings, store):
                store(events)
    return sum(entry.callcount for entry in profile.getstats())


def test_an_item_takes_few_calls_of_functions(flow: Program) -> None:
    few, many = calls(flow.folder, 4_000), calls(flow.folder, 12_000)
    assert (many - few) / 8_000 <= MOST_CALLS
