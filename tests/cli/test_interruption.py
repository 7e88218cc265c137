"""Signals: the run ends in order, its reports are written, the exit code names the signal."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

import pytest
from program import Program, wait_until

endless = """
    tasks:
      one: {run: "echo $$ > pid; echo up; exec sleep 1000"}
      two: {needs: [one], run: [echo, never]}
    reports: [{to: report.json}]
"""


def start(runner: Program) -> subprocess.Popen[str]:
    """The program, once its first task is under way."""
    os.mkfifo(runner.folder / "ready")
    runner.write(endless.replace("echo up", "echo up > ready"))
    process = subprocess.Popen(
        runner.command("run", "-q"),
        cwd=runner.folder,
        env=runner.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with open(runner.folder / "ready", encoding="utf-8") as ready:
        assert ready.read() == "up\n"
    return process


def is_alive(folder: Path) -> bool:
    try:
        os.kill(int((folder / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_ends_the_run_with_a_report(runner: Program, number: signal.Signals, code: int) -> None:
    process = start(runner)
    process.send_signal(number)
    out, err = process.communicate()
    assert (process.returncode, err) == (code, "")
    assert out.startswith("workflow was cancelled (run ")
    report = json.loads((runner.folder / "report.json").read_text())
    assert (report["run"]["status"], report["run"]["exit_code"]) == ("cancelled", code)
    assert [task["status"] for task in report["tasks"].values()] == ["cancelled", "cancelled"]
    assert not is_alive(runner.folder)


@pytest.mark.parametrize("turn", range(6))  # at what moment a command is struck is chance
def test_commands_that_begin_and_end_while_a_signal_strikes_have_left_nothing(
    runner: Program, turn: int
) -> None:
    runner.write(f"""
        tasks:
          each:
            map: {{over: "{{{{ range(1000) }}}}"}}
            run: "sleep 0.005; test {{{{ item }}}} -ne {30 + turn} || kill -INT {{{{ params.program }}}}"
        params: {{program: {{type: int, required: true}}}}
    """)
    program = shlex.join(runner.command("run", "-q", "--format", "json", "-j", "8"))
    ended = runner.shell(f"exec {program} -p program=$$")
    assert (ended.code, ended.err) == (130, "")
    assert json.loads(ended.out)["notices"] == []


def test_a_callable_that_a_signal_ends_is_shown_with_the_time_it_took(runner: Program) -> None:
    begun = runner.folder / "begun"
    runner.write(
        "import time\n\ndef forever():\n    open('begun', 'w').close()\n    time.sleep(1000)\n", "lib.py"
    )
    runner.write("tasks: {one: {call: 'lib.py:forever'}}\nreports: [{to: report.json}]\n")
    process = subprocess.Popen(
        runner.command("run"),
        cwd=runner.folder,
        env=runner.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: begun.exists() and time.time() - begun.stat().st_mtime > 1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    line = next(line for line in err.splitlines() if "cancelled" in line and "one" in line)
    shown = re.search(r"(\d+\.\d)s\b", line)
    assert shown and float(shown[1]) >= 1, line
    report = json.loads((runner.folder / "report.json").read_text())
    assert report["tasks"]["one"]["seconds"] >= 1


def test_a_second_signal_costs_no_report(runner: Program) -> None:
    process = start(runner)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate()
    assert process.returncode in (130, 143)
    assert err == ""
    assert out.startswith("workflow was cancelled (run ")
    assert (runner.folder / "report.json").exists()
    assert not is_alive(runner.folder)


@pytest.mark.parametrize(
    ("number", "code", "name"),
    [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM"), (signal.SIGHUP, 129, "SIGHUP")],
)
def test_a_signal_before_anything_runs_is_told_and_leaves_nothing(
    runner: Program, number: signal.Signals, code: int, name: str
) -> None:
    os.mkfifo(runner.folder / "ready")
    runner.write(
        """
        import threading
        with open("ready", "w") as ready:
            ready.write("up")
        threading.Event().wait()
        def go(): pass
        """,
        "slow.py",
    )
    runner.write("tasks: {one: {call: 'slow.py:go'}}")
    process = subprocess.Popen(
        runner.command("run"),
        cwd=runner.folder,
        env=runner.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with open(runner.folder / "ready", encoding="utf-8") as ready:
        assert ready.read() == "up"
    process.send_signal(number)
    assert process.communicate() == ("", f"interrupted by {name} before anything began\n")
    assert process.returncode == code
    assert list(runner.folder.glob(".runner/runs/*")) == []


def test_a_key_that_is_held_down_costs_no_report(runner: Program) -> None:
    process = start(runner)
    for _ in range(6):
        process.send_signal(signal.SIGINT)
        # Otherwise several become one.
        time.sleep(0.03)
    out, err = process.communicate()
    assert (process.returncode, err) == (130, "")
    assert out.startswith("workflow was cancelled (run ")
    assert (runner.folder / "report.json").exists()
