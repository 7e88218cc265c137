"""What calls cost on each executor, beside what they cost without this program.

    python tests/benchmarks/executors.py [CALLS] [WORKERS]

Calls that compute for 10 to 20 ms each, in processes, in threads, on a Dask cluster and with loky, beside
`ProcessPoolExecutor.map`; and CALLS trivial ones (100,000 if not given), beside `ProcessPoolExecutor.map` one
by one and in chunks of 500, and Dask's `Client.map`. All are whole programs, in turn, the start of their
workers and clusters included; the pools have as many workers as this machine has processors, if it is not
said otherwise. Then calls that only wait, and the memory of a worker that has done nothing yet.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sides import Side, runner, timed, turns

LIBRARY = """
import time

def compute(n):
    total = 0
    for number in range(260_000):
        total += number * n % 7
    return total

def same(n):
    return n

def wait(n):
    time.sleep(0.02)

def loky(workers):
    from loky import get_reusable_executor
    return get_reusable_executor(max_workers=workers)

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
RAW_DASK = """
import sys
from lib import compute, same

if __name__ == "__main__":
    from distributed import Client, LocalCluster
    function, count, workers = globals()[sys.argv[1]], *map(int, sys.argv[2:])
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0") as cluster:
        with Client(cluster) as client:
            print(len(client.gather(client.map(function, range(count)))))
"""
COMPUTING = 256
CHUNK = 500
TURNS = 3
WAITING = 32
"""Workers, where calls only wait."""


def compare(folder: Path, function: str, count: int, workers: int, runs: int) -> None:
    """The medians of all sides, and what those of this program are of the others."""
    (folder / f"{function}.yml").write_text(WORKFLOW.format(count=count, function=function))
    run = [*runner, "run", f"{function}.yml", "-q", "-j", str(workers), "--executor"]
    raw = [sys.executable, "raw.py", function, str(count), str(workers)]
    sides = {
        "process": Side([*run, "process"], [".runner"]),
        "thread": Side([*run, "thread"], [".runner"]),
        "loky": Side([*run, "lib.py:loky"], [".runner"]),
        "dask": Side([*run, "dask"], [".runner"]),
    }
    if function != "wait":
        sides["ProcessPoolExecutor.map"] = Side([*raw, "1"])
    if count > COMPUTING:
        sides[f"ProcessPoolExecutor.map by {CHUNK}"] = Side([*raw, str(CHUNK)])
    found = turns(sides, folder, runs)
    seconds = {name: statistics.median(found.seconds(name)) for name in sides}
    if function != "wait":  # once: it takes its time
        side = Side([sys.executable, "raw_dask.py", function, str(count), str(workers)])
        seconds["Dask's Client.map"] = timed(side, folder).seconds
    print(f"{count} calls of {function}, {workers} workers, medians of {runs} turns")
    for name, taken in seconds.items():
        of_one = 1e6 * taken / count
        print(f"  {name:30} {taken:8.2f} s   {of_one:8.0f} µs a call", flush=True)
    if function != "wait":
        process = seconds["process"] / seconds["ProcessPoolExecutor.map"]
        dask = seconds["dask"] / seconds["Dask's Client.map"]
        print(f"  process takes {process:.2f} of ProcessPoolExecutor.map, dask {dask:.2f} of Client.map")


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
        (folder / "raw_dask.py").write_text(RAW_DASK)
        compare(folder, "compute", COMPUTING, workers, TURNS)
        compare(folder, "same", calls, workers, TURNS)
        compare(folder, "wait", COMPUTING, WAITING, TURNS)
        memory(folder)


if __name__ == "__main__":
    main()
