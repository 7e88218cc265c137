"""What calls cost on each executor, beside what they cost without this program.

    python tests/benchmarks/executors.py [CALLS] [WORKERS]

Calls that compute for some 20 ms each, in processes and in threads, beside `ProcessPoolExecutor.map`; and
CALLS trivial ones (100,000 if not given) in processes and in threads, beside `ProcessPoolExecutor.map` one
by one and in chunks of 500. All are whole programs, in turn; the pools have as many workers as this machine
has processors, if it is not said otherwise. Then the memory of a worker that has done nothing yet.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sides import Side, runner, turns

LIBRARY = """
def compute(n):
    total = 0
    for number in range(260_000):
        total += number * n % 7
    return total

def same(n):
    return n

def memory():
    with open("/proc/self/smaps_rollup") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
"""
WORKFLOW = """
tasks:
  m:
    map: {{over: "{{{{ range({count}) }}}}"}}
    call: lib.py:{function}
    with: {{n: "{{{{ item }}}}"}}
"""
MEMORY = "tasks: {m: {call: 'lib.py:memory'}}\noutputs: {it: '{{ tasks.m.result }}'}\n"
RAW = """
import sys
from concurrent.futures import ProcessPoolExecutor
from lib import compute, same

if __name__ == "__main__":
    function, count, workers, chunk = globals()[sys.argv[1]], *map(int, sys.argv[2:])
    with ProcessPoolExecutor(workers) as pool:
        print(sum(1 for _ in pool.map(function, range(count), chunksize=chunk)))
"""
COMPUTING = 256
CHUNK = 500


def compare(folder: Path, function: str, count: int, workers: int, runs: int) -> None:
    """The medians of all sides, and what those of this program are of the others."""
    (folder / f"{function}.yml").write_text(WORKFLOW.format(count=count, function=function))
    run = [*runner, "run", f"{function}.yml", "-q", "-j", str(workers), "--executor"]
    raw = [sys.executable, "raw.py", function, str(count), str(workers)]
    sides = {
        "process": Side([*run, "process"], [".runner"]),
        "thread": Side([*run, "thread"], [".runner"]),
        "ProcessPoolExecutor.map": Side([*raw, "1"]),
    }
    if count > COMPUTING:
        sides[f"the same in chunks of {CHUNK}"] = Side([*raw, str(CHUNK)])
    found = turns(sides, folder, runs)
    seconds = {name: statistics.median(found.seconds(name)) for name in sides}
    print(f"{count} calls of {function}, {workers} workers, medians of {runs} turns")
    for name, taken in seconds.items():
        print(f"  {name:30} {taken:8.2f} s   process takes {seconds['process'] / taken:5.2f} of it")


def memory(folder: Path) -> None:
    """The share of a worker in the machine's memory."""
    (folder / "memory.yml").write_text(MEMORY)
    command = [*runner, "run", "memory.yml", "--executor", "process", "--no-progress"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    used = next(line for line in done.stdout.splitlines() if line.startswith("  it:"))
    print(f"a worker: {int(used.split()[1]) / 1024:.0f} MiB that are its own (PSS)")


def main() -> None:
    """Compare, and print."""
    usual = ["100000", str(os.cpu_count())]
    calls, workers = map(int, [*sys.argv[1:], *usual[len(sys.argv) - 1 :]])
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "lib.py").write_text(LIBRARY)
        (folder / "raw.py").write_text(RAW)
        compare(folder, "compute", COMPUTING, workers, 3)
        compare(folder, "same", calls, workers, 3)
        memory(folder)


if __name__ == "__main__":
    main()
