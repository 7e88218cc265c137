"""The processes of executors that functions of the user's make: what reaches them, and their end."""

from __future__ import annotations

import os
import re
import signal
import subprocess

import pytest
from every_executor import MAKERS, STARTED
from program import Program
from terminal import Terminal
from watching import child, ends, gone, wait_for

LIBRARY = """
import os, signal, subprocess, time

def linger(n):
    if n and not os.path.exists("again"):
        program = subprocess.Popen(["sleep", "1000"])
        with open(f"began{n}", "w") as file:
            file.write(f"{os.getpid()} {program.pid}\\n")
        try:
            program.wait()
            raise RuntimeError(f"it was ended: {program.returncode}")
        except KeyboardInterrupt:
            open("interrupted", "w").close()
    return n

def stay(n):
    if n:
        time.sleep(1000)

def around():
    return sorted(name for name in os.environ if name.startswith("RUNNER"))

def interrupt():
    program = subprocess.Popen(["sleep", "1000"])
    program.send_signal(signal.SIGINT)
    return program.wait()

def ways():
    caught = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
    return [getattr(signal.getsignal(number), "__name__", signal.getsignal(number)) for number in caught]
"""
LINGERS = """
    pool: {max_workers: 3}
    tasks:
      m:
        map: {over: "{{ range(3) }}", max_failures: 50%}
        call: lib.py:linger
        with: {n: "{{ item }}"}
        retry: {attempts: 2}
    outputs: {m: "{{ tasks.m.results }}"}
"""

started = pytest.mark.parametrize("executor", STARTED)


@pytest.fixture
def called(runner: Program) -> Program:
    """With functions in `lib.py`, and makers of executors in `makers.py`."""
    runner.write(LIBRARY, "lib.py")
    runner.write(MAKERS, "makers.py")
    return runner


def lingering(program: Program) -> list[int]:
    """The workers that stay, and what they have started."""
    return [int(pid) for n in (1, 2) for pid in wait_for(program.folder / f"began{n}").split()]


def resumed(program: Program) -> str:
    """What is said while the run is brought to its end by workers of ours."""
    (program.folder / "again").touch()
    ended = program("resume", "--executor", "process")
    assert ended.code == 0, ended.err
    assert "m: [0, 1, 2]" in ended.out
    return ended.err


@started
def test_ctrl_c_at_a_terminal_cancels_calls_and_resume_makes_them(called: Program, executor: str) -> None:
    called.write(LINGERS)
    terminal = Terminal(called, f"trap : INT; runner run --executor {executor}; echo code $?")
    pids = lingering(called)
    terminal.type(b"\x03")
    shown = terminal.shown()
    assert "code 130" in shown, shown
    assert re.search(r"items succeeded, [23] cancelled(, 1 not begun)?; stopped by SIGINT", shown), shown
    assert "Traceback" not in shown and "failed" not in shown.replace("what failed or never ran", "")
    assert not (called.folder / "interrupted").exists()
    assert all(ends(pid) for pid in pids)
    assert "ended what run" not in resumed(called)


@started
def test_resume_ends_the_workers_of_a_run_whose_processes_were_all_killed(
    called: Program, executor: str
) -> None:
    called.write(LINGERS)
    process = subprocess.Popen(
        called.command("run", "-q", "--executor", executor),
        cwd=called.folder,
        env=called.environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    pids = lingering(called)
    inner = child(process.pid)
    above = [process.pid, inner, child(inner)]
    for number in (signal.SIGSTOP, signal.SIGKILL):  # none sees another one end
        for pid in above:
            os.kill(pid, number)
    process.wait()
    told = resumed(called)
    assert all(gone(pid) for pid in pids[::2])
    if "deadpool" not in executor:  # its workers end by themselves
        assert "had left running: " in told
        assert all(f"{pid} python" in told for pid in pids[::2])


@started
def test_callables_see_the_environment_of_the_run(called: Program, executor: str) -> None:
    called.write("tasks: {one: {call: 'lib.py:around'}}")
    assert called.report("--executor", executor)["tasks"]["one"]["result"] == []


@started
def test_a_program_that_a_callable_has_started_can_be_interrupted(called: Program, executor: str) -> None:
    called.write("tasks: {one: {call: 'lib.py:interrupt'}}")
    assert called.report("--executor", executor)["tasks"]["one"]["result"] == -signal.SIGINT


@started
def test_signals_have_their_usual_ways_in_workers(called: Program, executor: str) -> None:
    called.write("tasks: {one: {call: 'lib.py:ways'}}")
    result = called.report("--executor", executor)["tasks"]["one"]["result"]
    assert result == ["default_int_handler", signal.SIG_DFL, signal.SIG_DFL]


@started
def test_calls_that_were_given_up_leave_nothing_to_be_told_of(called: Program, executor: str) -> None:
    called.write("""
        pool: {max_workers: 3}
        timeout: 2s
        tasks: {m: {map: {over: "{{ range(3) }}"}, call: "lib.py:stay", with: {n: "{{ item }}"}}}
    """)
    ended = called("run", "-q", "--executor", executor)
    assert ended.code == 1
    assert "Traceback" not in ended.err
    assert "left running" not in ended.out
