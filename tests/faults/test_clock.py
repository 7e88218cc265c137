"""A clock that is set while a run goes on bends no duration, fires no timeout and delays no retry.

A library between the program and the system sets it for the program alone.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from program import Program

DAY = 86400
A_WHILE = 60
"""Seconds that nothing here takes on the slowest machine."""

CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *told) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, told);
    if (clock == CLOCK_REALTIME && getenv("STEP") && !access("stepped", F_OK))
        told->tv_sec += atol(getenv("STEP"));
    return failed;
}
"""

LIBRARY = """
import os, time

def step():
    before = time.time()
    open("stepped", "w").close()
    return time.time() - before

def fail_once():
    if not os.path.exists("failed"):
        open("failed", "w").close()
        raise ValueError
"""

text = """
    tasks:
      during: {run: "touch up; until test -e stepped; do sleep 0.01; done", timeout: 1m}
      early: {map: {over: [1, 2]}, run: "until test -e up; do sleep 0.01; done; echo {{ item }}"}
      step: {call: "lib.py:step", needs: [early], timeout: 1m}
      late: {map: {over: [1, 2]}, needs: [step], run: "echo {{ item }}", timeout: 1m}
      again: {call: "lib.py:fail_once", needs: [step], retry: {attempts: 2, delay: 10ms}, limit: some}
      mixed:
        needs: [early]
        map: {over: [a, b, c, d], max_parallel: 1}
        run: "test {{ item }} = a || until test -e stepped; do sleep 0.01; done"
      last: {run: test -e there, needs: [mixed, late]}
    limits: {some: {rate: 1000/s}}
"""


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library; its clock is set by as many seconds as STEP says once there is a file `stepped`."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler: the clock is not set")
    folder = tmp_path_factory.mktemp("clock")
    (folder / "clock.c").write_text(CLOCK)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", "clock.so", "clock.c", "-ldl"], cwd=folder, check=True)
    return folder / "clock.so"


def check(report: dict[str, Any]) -> None:
    """All durations are those of a run that took a moment, and all starts are within it."""
    parts = [report["run"], *report["tasks"].values()]
    parts += [item for task in report["tasks"].values() for item in task.get("items", ())]
    assert [part["seconds"] for part in parts if not 0 <= part["seconds"] < A_WHILE] == []
    starts = [datetime.fromisoformat(task["started"]) for task in report["tasks"].values()]
    assert (max(starts) - min(starts)).total_seconds() < A_WHILE


@pytest.mark.parametrize("step", [DAY, -DAY], ids=["forward", "back"])
def test_a_clock_that_is_set_bends_no_duration(runner: Program, clock: Path, step: int) -> None:
    runner.write(LIBRARY, "lib.py")
    runner.write(text)
    environment = {"LD_PRELOAD": str(clock), "STEP": str(step)}
    ended = runner("run", "--format", "json", environment=environment)
    assert ended.code == 1, ended.out + ended.err
    report = json.loads(ended.out)
    assert [name for name, task in report["tasks"].items() if task["status"] == "failed"] == ["last"]
    assert abs(report["tasks"]["step"]["result"] - step) < A_WHILE
    check(report)
    (runner.folder / "there").touch()
    ended = runner("resume", "--format", "json")
    assert ended.code == 0, ended.out + ended.err
    check(json.loads(ended.out))
