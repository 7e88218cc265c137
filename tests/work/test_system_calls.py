"""What a command costs, told by the system's own trace: a figure that no load on the machine changes."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from program import Program


def calls(runner: Program, names: str) -> list[str]:
    """The calls of these names in a run that succeeds, with two workers."""
    trace = runner.folder / "trace"
    done = subprocess.run(
        ["strace", "-f", "-o", trace, "-e", f"trace={names}", *runner.command("run", "-q", "-j", "2")],
        cwd=runner.folder,
        env=runner.environment,
        check=False,
        stdout=subprocess.DEVNULL,
    )
    assert done.returncode == 0
    return trace.read_text().splitlines()


traced = pytest.mark.skipif(shutil.which("strace") is None, reason="strace counts the calls")


@traced
@pytest.mark.parametrize("command", ['"true"', "[env]", "'echo {{ item }}'"])
def test_a_command_is_one_process_one_exec_and_one_session(runner: Program, command: str) -> None:
    runner.write(f'tasks: {{a: {{map: {{over: "{{{{ range(30) }}}}"}}, run: {command}}}}}')
    lines = calls(runner, "execve,setsid,fork,vfork,clone,clone3")
    assert sum("execve(" in line for line in lines) == 1 + 30
    assert sum("setsid(" in line for line in lines) == 30
    started = [
        line for line in lines if re.search(r"\b(v?fork|clone3?)\(", line) and "CLONE_THREAD" not in line
    ]
    assert len(started) == 2 + 30, "the two that watch, and the commands"


@traced
def test_commands_that_print_nothing_have_their_log_files_one_after_the_other(runner: Program) -> None:
    runner.write('tasks: {a: {map: {over: "{{ range(30) }}"}, run: ["true"]}}')
    made = [it for it in calls(runner, "open,openat") if re.search(r"/logs/\d+-\d+-1\..*O_CREAT", it)]
    assert 4 <= len(made) < 30, "an output and an errors file for each worker, and few of the other 56"
    assert list(runner.folder.glob(".runner/runs/*/logs/*")) == []
