"""What going item by item saves, and what a group over very many items needs.

    python tests/benchmarks/fan_out.py [ITEMS] [WORKERS] [GROUPS]

Three maps one behind the other, in which most items are brief and a few are long: item by item, and
with a barrier behind each map. No run can be shorter than all sleeps over the workers, nor than the
longest way of one item. Then the peak memory of a group with two trivial tasks over GROUPS items,
beside that over 10,000.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

root = Path(__file__).parents[2]

LIBRARY = """
import time

def rest(seconds):
    time.sleep(seconds)
    return seconds

def same(value):
    return value
"""
PIPELINE = """
params: {{sleeps: {{type: list, required: true}}}}
tasks:
  first: {{map: {{over: "{{{{ params.sleeps }}}}", as: sleep}}, call: lib.py:rest,
          with: {{seconds: "{{{{ sleep[0] }}}}"}}, result: "{{{{ sleep }}}}"}}
  second: {{map: {{over: "{{{{ tasks.first.results{barrier} }}}}", as: sleep}}, call: lib.py:rest,
           with: {{seconds: "{{{{ sleep[1] }}}}"}}, result: "{{{{ sleep }}}}"}}
  third: {{map: {{over: "{{{{ tasks.second.results{barrier} }}}}", as: sleep}}, call: lib.py:rest,
          with: {{seconds: "{{{{ sleep[2] }}}}"}}}}
"""
GROUP = """
params: {count: 10000}
tasks:
  each:
    map: {over: "{{ range(params.count) }}"}
    tasks:
      one: {call: lib.py:same, with: {value: "{{ item }}"}}
      two: {call: lib.py:same, with: {value: "{{ tasks.one.result }}"}}
    result: "{{ tasks.two.result }}"
"""


def run(folder: str, *arguments: str) -> int:
    """Run a workflow; the peak memory of its process in KB."""
    command = [sys.executable, "-m", "runner", "run", "--quiet", *arguments]
    env = {**os.environ, "PYTHONPATH": str(root)}
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, f"{' '.join(command)} failed"
    return used.ru_maxrss


def seconds_of(folder: str) -> float:
    """How long the run took that was reported last."""
    with Path(folder, "report.json").open() as report:
        return float(json.load(report)["run"]["seconds"])


def pipelines(folder: str, items: int, workers: int) -> None:
    """The pipeline item by item and with barriers, in turn, five times."""
    chance = random.Random(1)
    sleeps = [
        [round(chance.uniform(0.2, 0.5) if chance.random() < 0.02 else 0.01, 3) for _ in range(3)]
        for _ in range(items)
    ]
    Path(folder, "values.json").write_text(json.dumps({"sleeps": sleeps}))
    for name, barrier in (("items.yml", ""), ("barriers.yml", " | list")):
        Path(folder, name).write_text(PIPELINE.format(barrier=barrier))
    options = ("--params-file", "values.json", "-j", str(workers), "--report", "report.json")
    taken: dict[str, list[float]] = {"items.yml": [], "barriers.yml": []}
    for _ in range(5):
        for name, times in taken.items():
            run(folder, name, *options)
            times.append(seconds_of(folder))
    bound = max(sum(map(sum, sleeps)) / workers, *map(sum, sleeps))
    medians = {name: sorted(times)[2] for name, times in taken.items()}
    pairs = zip(taken["items.yml"], taken["barriers.yml"], strict=True)
    ratio = sorted(one / other for one, other in pairs)[2]
    print(f"three maps over {items:,} items, {workers} workers; lower bound {bound:.2f} s")
    print(f"{medians['items.yml']:7.2f} s  {medians['items.yml'] / bound:5.2f} x the bound  item by item")
    print(
        f"{medians['barriers.yml']:7.2f} s  {medians['barriers.yml'] / bound:5.2f} x the bound  with barriers"
    )
    print(f"item by item / with barriers: {ratio:.2f}")


def groups(folder: str, count: int) -> None:
    """The peak memory of a group over so many items, beside that over 10,000."""
    Path(folder, "group.yml").write_text(GROUP)
    memory_of_group(folder, 10)  # the first run validates the file, which takes more than the items do
    few, many = (memory_of_group(folder, items) for items in (10_000, count))
    print(f"a group with two tasks over 10,000 items: {few:.0f} MB; over {count:,}: {many:.0f} MB")


def memory_of_group(folder: str, count: int) -> float:
    """The peak memory in MB of a run whose report tells that it went through all items."""
    peak = run(folder, "group.yml", "-p", f"count={count}", "--report", "report.txt") / 1024
    report = Path(folder, "report.txt").read_text()
    assert f"  {count} items" in report, report
    print(f"a group over {count:,} items took: {report.splitlines()[-1]}; {peak:.1f} MB")
    return peak


def main(items: int = 1000, workers: int = 32, count: int = 1_000_000) -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder:
        Path(folder, "lib.py").write_text(LIBRARY)
        pipelines(folder, items, workers)
        groups(folder, count)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
