"""Whatever never returns keeps no program from ending: the first signal is enough, or the second."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from program import Program
from watching import PATIENCE, ends, wait_for

LIBRARY = """
import ctypes, re, time

def begin():
    with open("begun", "w") as file:
        file.write("yes\\n")

def spin():
    begin()
    while True:
        pass

def sleep():
    begin()
    time.sleep(1000)

def block():
    begin()
    while True:
        ctypes.CDLL(None).pause()

def swallow():
    begin()
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            pass

def lock_twice(library):
    "Wait in C for what never comes, without a signal that ends it and without a processor."
    mutex = ctypes.create_string_buffer(256)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)

def hold():
    "No other thread of Python runs any more, and no handler of a signal."
    begin()
    lock_twice(ctypes.PyDLL(None))

def match():
    "Looks for signals now and then, but only in the main thread."
    begin()
    re.match("(a+)+$", "a" * 40 + "b")

def wait():
    "Other threads run, but the main thread does not come to handle a signal."
    begin()
    lock_twice(ctypes.CDLL(None))
"""

MARGIN = 3.0
"""Seconds for a busy machine."""

KILLED = "error: the run did not end when it was told to, and was killed: `runner resume` goes on with it\n"


class Run:
    """A run whose callable never returns, once that has begun."""

    def __init__(self, runner: Program, callable: str, executor: str) -> None:
        runner.write(LIBRARY, "lib.py")
        runner.write(
            f"""
            tasks:
              before: {{run: 'echo >>witness; echo $PPID >runner'}}
              never: {{needs: [before], call: "lib.py:{callable}"}}
            reports: [{{to: report.json}}]
            """
        )
        self.folder = runner.folder
        self.process = subprocess.Popen(
            runner.command("run", "-q", "--executor", executor),
            cwd=runner.folder,
            env=runner.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        wait_for(runner.folder / "begun")

    def ended_by(self, *numbers: int) -> tuple[int, str]:
        """The exit code, and what was said of it."""
        for number in numbers:
            self.process.send_signal(number)
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err

    def reported(self) -> list[str]:
        report = json.loads((self.folder / "report.json").read_text())
        return [task["status"] for task in report["tasks"].values()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(
    ("executor", "callable"),
    [
        *(("thread", callable) for callable in ("spin", "sleep", "block", "swallow")),
        *(("inline", callable) for callable in ("spin", "sleep", "block")),
    ],
)
def test_the_first_signal_is_enough(runner: Program, executor: str, callable: str, number: int) -> None:
    run = Run(runner, callable, executor)
    assert run.ended_by(number) == (128 + number, "")
    assert run.reported() == ["succeeded", "cancelled"]


@pytest.mark.parametrize("numbers", [(signal.SIGINT,), (signal.SIGINT, signal.SIGTERM)])
def test_inline_what_lets_no_signal_through_is_killed_some_time_later(
    runner: Program, numbers: tuple[int, ...]
) -> None:
    run = Run(runner, "swallow", "inline")
    code, err = run.ended_by(*numbers)
    assert (code in (130, 143), err) == (True, KILLED)
    resume_does_the_rest(runner, run.folder)


@pytest.mark.parametrize(
    ("executor", "callable", "number"),
    [
        ("thread", "hold", signal.SIGINT),
        ("thread", "match", signal.SIGTERM),
        ("inline", "hold", signal.SIGHUP),
        ("inline", "wait", signal.SIGTERM),
    ],
)
def test_what_keeps_the_program_from_hearing_of_a_signal_is_killed_after_the_time_of_commands(
    runner: Program, executor: str, callable: str, number: int
) -> None:
    run = Run(runner, callable, executor)
    began = time.monotonic()
    assert run.ended_by(number) == (128 + number, KILLED)
    assert 5 <= time.monotonic() - began < 5.5 + MARGIN
    resume_does_the_rest(runner, run.folder)


def test_who_is_stopped_is_not_taken_for_held_up(runner: Program) -> None:
    run = Run(runner, "sleep", "thread")
    pid = int(wait_for(runner.folder / "runner"))
    os.kill(pid, signal.SIGSTOP)
    run.process.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        run.process.wait(6)
    os.kill(pid, signal.SIGCONT)
    assert run.ended_by() == (143, "")
    assert run.reported() == ["succeeded", "cancelled"]


def test_of_a_run_that_was_killed_before_it_began_nothing_can_be_gone_on_with(runner: Program) -> None:
    runner.write(LIBRARY + "hold()\n", "lib.py")
    runner.write("tasks: {a: {call: 'lib.py:begin'}}")
    process = subprocess.Popen(
        runner.command("run", "-q"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(runner.folder / "begun")
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=PATIENCE) == (
        "",
        "error: the run did not end when it was told to, and was killed before it began\n",
    )
    assert process.returncode == 143
    assert "no run is recorded" in runner("resume").err


@pytest.mark.parametrize("executor", ["thread", "inline"])
def test_and_soon_after_a_third(runner: Program, executor: str) -> None:
    run = Run(runner, "hold", executor)
    code, err = run.ended_by(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    assert (code in (129, 130, 143), err) == (True, KILLED)
    resume_does_the_rest(runner, run.folder)


def test_after_a_second_signal_commands_beside_it_have_no_more_time_either(runner: Program) -> None:
    runner.write(LIBRARY, "lib.py")
    runner.write(
        """
        tasks:
          stubborn: {run: "trap '' TERM INT; echo $$ >stubborn; while :; do sleep 0.05; done"}
          waiting:
            run: "until [ -s stubborn ]; do sleep 0.01; done"
          held: {needs: [waiting], call: "lib.py:hold"}
        """
    )
    process = subprocess.Popen(
        runner.command("run", "-q"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(runner.folder / "begun")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode in (130, 143), err) == (True, KILLED)
    assert time.monotonic() - began < 1 + MARGIN
    assert ends(int(wait_for(runner.folder / "stubborn")))


@pytest.mark.parametrize("callable", ["hold", "match"])
def test_commands_beside_it_have_the_time_that_they_always_have(runner: Program, callable: str) -> None:
    runner.write(LIBRARY, "lib.py")
    runner.write(
        f"""
        tasks:
          stubborn: {{run: "trap 'echo told >>told' TERM; echo $$ >stubborn; while :; do sleep 0.05; done"}}
          waiting: {{run: "until [ -s stubborn ]; do sleep 0.01; done"}}
          held: {{needs: [waiting], call: "lib.py:{callable}"}}
        """
    )
    process = subprocess.Popen(
        runner.command("run", "-q"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(runner.folder / "begun")
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    wait_for(runner.folder / "told")
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (143, KILLED)
    assert 5 <= time.monotonic() - began < 5.5 + MARGIN
    assert ends(int(wait_for(runner.folder / "stubborn")))
    assert (runner.folder / "told").read_text().startswith("told\n")


def resume_does_the_rest(runner: Program, folder: Path) -> None:
    runner.write(LIBRARY + "def swallow(): pass\nhold = match = wait = swallow\n", "lib.py")
    ended = runner("resume", "-q")
    assert ended.code == 0, ended.err
    assert (folder / "witness").read_text() == "\n"


def test_a_command_that_ignores_the_first_signal_is_killed_after_its_grace(runner: Program) -> None:
    runner.write(
        """
        tasks: {a: {run: "trap '' TERM INT HUP; echo $$ >pid; while :; do sleep 0.05; done"}}
        """
    )
    process = subprocess.Popen(
        runner.command("run", "-q"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    pid = int(wait_for(runner.folder / "pid"))
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (130, "")
    assert out.startswith("workflow was cancelled")
    assert ends(pid)
