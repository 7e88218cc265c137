"""Executors of others that take long, or do not do what is submitted: told before anything runs."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest
from program import Program
from watching import PATIENCE, wait_for

ODD = """
import os, time
from concurrent.futures import Executor, Future, ThreadPoolExecutor

def began():
    with open("began", "w") as file:
        file.write("yes\\n")

def hangs(workers):
    began()
    time.sleep(1000)

def slow(workers):
    while not os.path.exists("go"):
        time.sleep(0.01)
    return ThreadPoolExecutor(workers)

class Odd(Executor):
    def __init__(self, workers):
        pass

class Blocks(Odd):
    def submit(self, *what):
        began()
        time.sleep(1000)

class Forgets(Odd):
    def submit(self, *what):
        began()
        return Future()

class Numbers(Odd):
    def submit(self, *what):
        return 42

class Words(Odd):
    def submit(self, *what):
        future = Future()
        future.set_result("done")
        return future

class Cancels(Odd):
    def submit(self, *what):
        future = Future()
        future.cancel()
        return future

class CancelsLater(Odd):
    def __init__(self, workers):
        self.given = 0

    def submit(self, what, *given):
        future = Future()
        self.given += 1
        if self.given == 1:
            future.set_result(what(*given))
        else:
            future.cancel()
        return future

made = 0

def hangs_then(workers):
    global made
    made += 1
    if made == 2:
        began()
        slow(workers)
    return ThreadPoolExecutor(workers)

class Bare:
    def __init__(self, workers):
        pass

    def submit(self, *what):
        pass

    def shutdown(self, wait=True):
        pass
"""


@pytest.fixture
def odd(runner: Program) -> Program:
    """With executors in `odd.py`, and a workflow."""
    runner.write(ODD, "odd.py")
    runner.write("def one(): return 1\n", "lib.py")
    runner.write("tasks: {first: {run: touch ran}, one: {call: 'lib.py:one'}}")
    return runner


def started(program: Program, executor: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        program.command("run", "-q", "--executor", executor),
        cwd=program.folder,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("executor", ["odd.py:hangs", "odd.py:Blocks", "odd.py:Forgets"])
def test_a_signal_ends_the_wait_for_an_executor(odd: Program, executor: str, number: signal.Signals) -> None:
    by = "Ctrl-C" if number == signal.SIGINT else number.name
    process = started(odd, executor)
    wait_for(odd.folder / "began")
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (128 + number, "")
    assert err == f"interrupted by {by} before anything began\n"
    assert not (odd.folder / "ran").exists()


def test_after_some_seconds_it_is_told_what_is_waited_for(odd: Program) -> None:
    process = started(odd, "odd.py:slow")
    assert process.stderr is not None
    told = process.stderr.readline()
    assert told == "note: the executor 'odd.py:slow' has not answered for 5 s: it is waited for\n"
    (odd.folder / "go").touch()
    assert process.communicate(timeout=PATIENCE)[1] == ""
    assert process.returncode == 0


AGAIN = """
    pool: {executor: "odd.py:hangs_then", max_workers: 2}
    tasks:
      late: {call: "lib.py:sleep", timeout: 100ms, allow_failure: true}
      each: {needs: [late], map: {over: [1, 2, 3]}, call: "lib.py:one"}
"""
WAITS = "the executor 'odd.py:hangs_then' has not answered for 5 s: it is waited for"


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_factory_that_hangs_when_it_is_called_again_is_told_of_and_no_call_has_begun(
    odd: Program, goes_on: bool
) -> None:
    odd.write(f"import time\ndef sleep(): time.sleep({PATIENCE})\ndef one(): return 1\n", "lib.py")
    odd.write(AGAIN)
    command = odd.command("run", "--no-progress", "--report", "json=report.json")
    process = subprocess.Popen(
        command,
        cwd=odd.folder,
        env=odd.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while WAITS not in process.stderr.readline():
        assert process.poll() is None
    assert (odd.folder / "began").exists()
    if goes_on:
        (odd.folder / "go").touch()
    else:
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    found = json.loads((odd.folder / "report.json").read_text())
    late, waits = found["notices"]
    assert (late.partition(":")[0], waits) == ("late was still running when it was given up", WAITS)
    each = found["tasks"]["each"]
    if goes_on:
        assert (process.returncode, each["results"]) == (0, [1, 1, 1])
    else:
        assert (process.returncode, each["status"], each["reason"]) == (130, "cancelled", "stopped by SIGINT")
        assert (each["items"], each["not_begun"]) == ([], 3)


def test_calls_that_the_executor_cancels_fail_in_the_end(odd: Program) -> None:
    tasks = odd.report("--executor", "odd.py:CancelsLater")["tasks"]
    error = tasks["one"]["error"]
    assert (error["kind"], error["message"]) == ("start", "the executor has cancelled it")


@pytest.mark.parametrize(
    ("executor", "told"),
    [
        (
            "odd.py:Numbers",
            "error: the executor does not do what is submitted: `submit` gave no future, but one of type "
            "int\n",
        ),
        (
            "odd.py:Words",
            "error: the executor does not do what is submitted: a future holds another result, of type str\n",
        ),
        (
            "odd.py:Cancels",
            "error: the executor does not do what is submitted: it has cancelled it\n",
        ),
        (
            "odd.py:Bare",
            "error: 'odd.py:Bare' gives no executor: it gave one of type Bare\n"
            "  = it is called with the number of workers, and gives a `concurrent.futures.Executor`\n",
        ),
    ],
)
def test_what_does_not_do_as_an_executor_does_is_told(odd: Program, executor: str, told: str) -> None:
    ended = odd("run", "--executor", executor)
    assert (ended.code, ended.out, ended.err) == (2, "", told)
    assert not (odd.folder / "ran").exists()
