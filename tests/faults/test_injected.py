"""What the system refuses in the middle of something, here at a few places; `injecting.py` knows many."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from injecting import campaign
from program import Program
from watching import PATIENCE, wait_for


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace refuses the calls")
@pytest.mark.parametrize(
    ("kind", "points"),
    [
        ("fork", range(2, 4)),
        ("full", range(20, 61, 40)),
        ("failing", range(20, 21)),
        ("descriptors", range(700, 701)),
    ],
)
def test_whatever_is_refused_is_said_and_what_is_left_is_done_later(kind: str, points: range) -> None:
    assert campaign(kind, points) == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace refuses the calls")
def test_two_do_not_perform_one_run_where_the_file_system_knows_no_locks(runner: Program) -> None:
    no_locks = ["strace", "-f", "-o", "/dev/null", "-e", "trace=flock", "-e", "inject=flock:error=ENOLCK"]
    runner.write("tasks: {a: {run: 'echo up >up; until [ -e go ]; do sleep 0.01; done'}}")
    command = [*no_locks, *runner.command("run", "-q")]
    first = subprocess.Popen(command, cwd=runner.folder, env=runner.environment, stdout=subprocess.PIPE)
    wait_for(runner.folder / "up")
    (run,) = runner.folder.glob(".runner/runs/*")
    second = subprocess.run(
        [*no_locks, *runner.command("resume", run.name)],
        cwd=runner.folder,
        env=runner.environment,
        capture_output=True,
        check=False,
        text=True,
    )
    (runner.folder / "go").touch()
    assert b"workflow succeeded" in first.communicate(timeout=PATIENCE)[0]
    assert second.returncode == 2
    assert re.fullmatch(rf"error: run {run.name} is still going on: process \d+ performs it\n", second.stderr)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace refuses the calls")
def test_a_record_that_cannot_be_brought_to_the_disk_is_warned_of(runner: Program) -> None:
    refused = ["-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=2+"]
    runner.write("tasks: {a: {map: {over: [1, 2, 3]}, run: sleep 0.2}}")
    done = subprocess.run(
        ["strace", "-f", "-o", "/dev/null", *refused, *runner.command("run", "-q")],
        cwd=runner.folder,
        env=runner.environment,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (
        0,
        "warning: a power cut may cost what was recorded of this run: input/output error\n",
    )
