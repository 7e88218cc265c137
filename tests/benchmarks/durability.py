"""What recording a run costs: trivial items with the store, synced as usual or at every commit, and without.

    python tests/benchmarks/durability.py [ITEMS] [RUNS]

The three go in turn, each a process of its own that runs the engine; ratios are medians over the turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

from runner import engine
from runner.loader import load
from runner.records import Event
from runner.starting.environment import look_around
from runner.store import Store

root = Path(__file__).parents[2]
WAYS = ("without", "process", "power")
FILE = 'tasks: {a: {map: {over: "{{ range(%d) }}"}, call: "lib.py:same", with: {value: "{{ item }}"}}}\n'


class Nothing:
    """Knows of nothing that was done: the workflow asks for nothing."""

    run_id, log_folder = "run", "logs"

    def __call__(self, events: list[Event]) -> None:
        """Forget the events."""


def perform(way: str) -> None:
    """Run the workflow of this folder, recorded in one way."""
    workflow = load("workflow.yml").workflow
    assert workflow is not None
    store = nullcontext(Nothing()) if way == "without" else Store.create(".runner", power_safe=way == "power")
    with store as record:
        settings = engine.Settings(
            run_id=record.run_id,
            start_folder=os.getcwd(),
            log_folder=str(record.log_folder),
            outside=look_around(workflow, os.environ),
        )
        for events in engine.run(workflow, settings, record):  # type: ignore[arg-type]  # it is asked nothing
            record(events)


def timed(way: str, folder: str) -> float:
    """Seconds that a process takes."""
    began = time.perf_counter()
    env = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run([sys.executable, __file__, way], cwd=folder, env=env, check=True)
    return time.perf_counter() - began


def main(items: int = 100_000, runs: int = 5) -> None:
    with TemporaryDirectory() as folder:
        Path(folder, "workflow.yml").write_text(FILE % items)
        Path(folder, "lib.py").write_text("def same(value):\n    return value\n")
        turns = [{way: timed(way, folder) for way in WAYS} for _ in range(runs)]
    for way in WAYS:
        seconds = statistics.median(turn[way] for turn in turns)
        ratio = statistics.median(turn[way] / turn["without"] for turn in turns)
        print(f"{way:>8}  {seconds:6.2f} s  {ratio:5.2f}x")


if __name__ == "__main__":
    if sys.argv[1:2] and sys.argv[1] in WAYS:
        perform(sys.argv[1])
    else:
        main(*map(int, sys.argv[1:]))
