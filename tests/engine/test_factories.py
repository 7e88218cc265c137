"""Executors that functions of the user's make: of loky, of deadpool, and of Python itself."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from every_executor import FOREIGN, MAKERS
from program import Program
from watching import PATIENCE, ends, wait_for

LIBRARY = """
import os, threading, time

def same(n):
    return n

def leave(n):
    if n == 5:
        os._exit(3)
    return n

def leave_once(n):
    with open(f"tried{n}", "a") as tried:
        tried.write("x")
    if n == 5 and os.path.getsize(f"tried{n}") == 1:
        os._exit(1)
    return n

def lock(n):
    return threading.Lock() if n == 2 else n

def given_lock(lock):
    return 1

class Point:
    def __init__(self, x):
        self.x = x

def point(n):
    return Point(n)

def x_of(point):
    return point.x

def say(n):
    print("said", n, os.getpid())
    return n

def stay(n):
    if n == 1:
        with open("pids", "w") as pids:
            pids.write(f"{os.getpid()}\\n")
        while True:
            time.sleep(0.01)
    return n

def large(n):
    return "x" * 200_000 * n
"""

THIS = f"{sys.version_info.major}.{sys.version_info.minor}"

foreign = pytest.mark.parametrize("executor", FOREIGN)


@pytest.fixture
def called(runner: Program) -> Program:
    """With functions in `lib.py`, and makers of executors in `makers.py`."""
    runner.write(LIBRARY, "lib.py")
    runner.write(MAKERS, "makers.py")
    return runner


def mapped(function: str, count: int, more: str = "", workers: int = 1) -> str:
    over = f'map: {{over: "{{{{ range({count}) }}}}", max_failures: 1}}'
    task = f"m: {{{over}, call: 'lib.py:{function}', with: {{n: '{{{{ item }}}}'}}{more}}}"
    return f"pool: {{max_workers: {workers}}}\ntasks:\n  {task}\n"


def report(program: Program, text: str, executor: str) -> dict[str, Any]:
    program.write(text)
    return program.report("--executor", executor)


def error(task: dict[str, Any], item: int) -> tuple[str, str]:
    found = task["items"][item]["error"]
    return found["kind"], found["message"]


@foreign
def test_calls_run_in_its_workers_and_commands_beside_the_run(called: Program, executor: str) -> None:
    found = report(called, """
        pool: {max_workers: 2}
        tasks:
          m: {map: {over: "{{ range(300) }}"}, call: "lib.py:same", with: {n: "{{ item }}"}}
          sum: {run: "echo {{ tasks.m.results | sum }}", capture: json}
          large: {map: {over: [1, 2, 3]}, call: "lib.py:large", with: {n: "{{ item }}"}}
          opaque: {call: "lib.py:point", with: {n: 3}}
          inside: {call: "lib.py:x_of", with: {point: "{{ tasks.opaque.result }}"}}
          said: {call: "lib.py:say", with: {n: 1}}
        outputs: {sum: "{{ tasks.sum.result }}", x: "{{ tasks.inside.result }}"}
    """, executor)  # fmt: skip
    assert found["outputs"] == {"sum": sum(range(300)), "x": 3}
    assert [len(result) for result in found["tasks"]["large"]["results"]] == [200_000, 400_000, 600_000]
    assert found["notices"] == []
    logs = [path.read_text() for path in called.folder.glob(".runner/runs/*/logs/*-0-1.out")]
    (said,) = [text.split() for text in logs if text.startswith("said")]
    assert said[:2] == ["said", "1"] and ends(int(said[2]))


@foreign
def test_a_worker_that_dies_loses_its_item_and_another_goes_on(called: Program, executor: str) -> None:
    task = report(called, mapped("leave", 20), executor)["tasks"]["m"]
    assert task["results"] == [n for n in range(20) if n != 5]
    kind, message = error(task, 5)
    assert kind == "lost" and message.startswith("its worker was lost: ")


@foreign
def test_what_is_lost_is_tried_again(called: Program, executor: str) -> None:
    task = report(called, mapped("leave_once", 20, ", retry: {attempts: 2}"), executor)["tasks"]["m"]
    assert task["results"] == list(range(20))
    assert [item["attempts"] for item in task["items"]] == [1] * 5 + [2] + [1] * 14
    tried = {path.name: path.read_text() for path in called.folder.glob("tried*")}
    assert tried == {f"tried{n}": "xx" if n == 5 else "x" for n in range(20)}


@foreign
def test_what_does_not_pickle_is_the_failure_of_its_item_alone(called: Program, executor: str) -> None:
    task = report(called, mapped("lock", 5), executor)["tasks"]["m"]
    assert task["results"] == [0, 1, 3, 4]
    assert error(task, 2) == (
        "output",
        "its result, of type lock, cannot be pickled, and so cannot go from one process to another: "
        "TypeError: cannot pickle '_thread.lock' object",
    )


@foreign
def test_a_call_over_its_timeout_is_given_up_and_a_new_executor_goes_on(
    called: Program, executor: str
) -> None:
    found = report(called, mapped("stay", 4, ", timeout: 1s"), executor)
    assert found["tasks"]["m"]["results"] == [0, 2, 3]
    assert error(found["tasks"]["m"], 1) == ("timeout", "took longer than its timeout of 1s")
    assert found["notices"] == [
        "m[1] was still running when it was given up: the executor cannot end a call. "
        "Its late result is thrown away."
    ]
    assert ends(int((called.folder / "pids").read_text()))


@foreign
def test_a_signal_ends_the_run_and_the_workers(called: Program, executor: str) -> None:
    called.write(mapped("stay", 3))
    process = subprocess.Popen(
        called.command("run", "-q", "--executor", executor, "--report", "json=report.json"),
        cwd=called.folder,
        env=called.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    pid = int(wait_for(called.folder / "pids"))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert ends(pid)
    each = json.loads((called.folder / "report.json").read_text())["tasks"]["m"]
    assert Counter(item["status"] for item in each["items"]) == {"succeeded": 1, "cancelled": 1}
    assert each["not_begun"] == 1


def test_arguments_that_do_not_pickle_are_a_failure(called: Program) -> None:
    found = report(called, """
        tasks:
          lock: {call: "threading:Lock"}
          m: {call: "lib.py:given_lock", with: {lock: "{{ tasks.lock.result }}"}}
    """, "concurrent.futures:ProcessPoolExecutor")  # fmt: skip
    assert found["tasks"]["lock"]["error"]["kind"] == "output"


def test_a_file_names_its_executor_and_validate_looks_for_it(called: Program) -> None:
    text = "pool: {executor: 'makers.py:make'}\ntasks: {one: {call: 'lib.py:same', with: {n: 1}}}\n"
    called.write(text)
    ended = called("validate", "workflow.yml")
    assert (ended.code, ended.out) == (
        2,
        "workflow.yml:1:18: error: no function 'make' in 'makers.py' [unknown-callable]\n"
        "    1 | pool: {executor: 'makers.py:make'}\n"
        "      |                  ^^^^^^^^^^^^^^\n"
        "      = it has make_loky, make_deadpool, make_python, make_spawned, make_served\n"
        "1 error\n",
    )
    assert called("run").err == ended.out
    made = "from concurrent.futures import ThreadPoolExecutor\n"
    called.write(made + "def make(workers):\n    return ThreadPoolExecutor(workers)\n", "makers.py")
    assert called.report()["tasks"]["one"]["result"] == 1


@pytest.mark.parametrize(
    ("executor", "told"),
    [
        (
            "nowhere:make",
            "error: no module named 'nowhere'\n  = looked in the Python environment, {folder}\n",
        ),
        (
            "lib.py:same",
            "error: 'lib.py:same' gives no executor: it gave one of type int\n"
            "  = it is called with the number of workers, and gives a `concurrent.futures.Executor`\n",
        ),
        (
            "lib.py:x_of",
            "error: the executor 'lib.py:x_of' cannot be made: AttributeError: 'int' object has no attribute "
            "'x'\n  = raised in line 33 of {folder}/lib.py\n",
        ),
        (
            "dask=host:8786",
            "error: 'dask=host:8786' names no Dask cluster\n"
            "  = a cluster that is there is named by the address of its scheduler: `dask=tcp://host:8786`\n",
        ),
        (
            "interpreter",
            f"error: the executor 'interpreter' needs Python 3.14, and this is {THIS}\n"
            "  = `process` is the nearest to it that every Python has\n",
        ),
        ("dusk", "error: there is no executor 'dusk'\n  = did you mean 'dask'?\n"),
        (
            "celery",
            "error: there is no executor 'celery'\n"
            "  = there are thread, process, inline, interpreter, dask, `dask=ADDRESS`, and `module:factory` "
            "for one of your own\n",
        ),
    ],
)
def test_what_makes_no_executor_is_refused_before_anything_runs(
    called: Program, executor: str, told: str
) -> None:
    if executor == "interpreter" and sys.version_info >= (3, 14):
        pytest.skip("PYTHON HAS INTERPRETERS HERE")
    called.write("tasks: {first: {run: touch ran}, one: {call: 'lib.py:same', with: {n: 1}}}\n")
    ended = called("run", "--executor", executor)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == told.format(folder=called.folder)
    assert not Path(called.folder / "ran").exists()
