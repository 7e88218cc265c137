"""Runs whose workers are killed at random moments: every item settles once, and the results are right.

    python tests/engine/killing_workers.py [KILLS] [SEED] [process|dask]

A map of calls, some of them brief, is retried until all of its items have succeeded. What is killed is a
worker, by KILL, as often as is asked for; then the run is left alone. Of a Dask cluster these are its own
workers, which it starts again: one is killed whenever there is another one that has something to do.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from runner.processes import living

LIBRARY = """
import os, time

def act(n):
    if not n:
        open("begun", "w").close()
    time.sleep(0.02 if n % 5 == 0 else 0.001)
    return [n, n * n]
"""

WORKFLOW = """
tasks:
  each:
    map: {{over: "{{{{ range({items}) }}}}"}}
    call: lib.py:act
    with: {{n: "{{{{ item }}}}"}}
    retry: {{attempts: 100}}
"""

ITEMS_A_KILL = {"process": 100, "dask": 4000}
"""So many items keep a run going until the next kill."""


def run(folder: Path, kills: int, seed: int, executor: str = "process") -> tuple[int, list[dict[str, Any]]]:
    """How many workers were killed, and the records of all items, each of which has the right result."""
    count = kills * ITEMS_A_KILL[executor]
    (folder / "lib.py").write_text(LIBRARY)
    (folder / "workflow.yml").write_text(WORKFLOW.format(items=count))
    command = [sys.executable, "-m", "runner", "run", "-q", "--executor", executor, "-j", "4"]
    process = subprocess.Popen([*command, "--report", "json=report.json"], cwd=folder)
    killed = 0
    chance = random.Random(seed)
    while process.poll() is None and killed < kills:
        time.sleep(chance.uniform(0.005, 0.1))
        if (folder / "begun").exists() and (found := _find[executor](process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(found), signal.SIGKILL)
                killed += 1
    assert process.wait() == 0, "the run failed"
    items: list[dict[str, Any]] = json.loads((folder / "report.json").read_text())["tasks"]["each"]["items"]
    assert [item["index"] for item in items] == list(range(count)), "an item is missing, or there twice"
    assert [item["result"] for item in items] == [[n, n * n] for n in range(count)], "a result is wrong"
    return killed, items


def workers_below(program: int) -> list[int]:
    """The workers of a program: what is below who starts them, which leads a session below the runner."""
    table = living()
    depth = {program: 0}
    for pid in sorted(table, key=lambda pid: table[pid].started):
        if table[pid].parent in depth and pid not in depth:
            depth[pid] = depth[table[pid].parent] + 1
    return [pid for pid, far in depth.items() if far == 4]


def cluster_workers_below(program: int) -> list[int]:
    """Those of a Dask cluster that have something to do, if they are several: a process is beside each."""
    table = living()
    beside = {it for it in table if b"runner.engine.outpost" in _command(it)}
    found = {table[pid].parent for pid in beside} - beside
    below = {program}
    for pid, process in sorted(table.items(), key=lambda pair: pair[1].started):
        if process.parent in below:
            below.add(pid)
    working = [pid for pid in found & below if _is_of_dask(_command(pid))]  # not who adopts orphans
    return working if len(working) > 1 else []


def _is_of_dask(command: bytes) -> bool:
    return b"spawn_main" in command or command.startswith(b"dask worker")


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


_find = {"process": workers_below, "dask": cluster_workers_below}


def main() -> None:
    """Kill so many, and say how it went."""
    usual = ["50", "1", "process"]
    kills, seed, executor = [*sys.argv[1:], *usual[len(sys.argv) - 1 :]]
    with TemporaryDirectory() as folder:
        killed, items = run(Path(folder), int(kills), int(seed), executor)
    again = sum(item["attempts"] - 1 for item in items)
    print(f"{killed} workers killed, {len(items)} items settled once each, {again} attempts were lost")


if __name__ == "__main__":
    main()
