"""What a command costs, told by the system's own trace: a figure that no load on the machine changes."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from program import Program


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace counts the calls")
@pytest.mark.parametrize("command", ['"true"', "[env]", "'echo {{ item }}'"])
def test_a_command_is_one_process_one_exec_and_one_session(runner: Program, command: str) -> None:
    runner.write(f'tasks: {{a: {{map: {{over: "{{{{ range(30) }}}}"}}, run: {command}}}}}')
    trace = runner.folder / "trace"
    calls = "trace=execve,setsid,fork,vfork,clone,clone3"
    done = subprocess.run(
        ["strace", "-f", "-o", trace, "-e", calls, *runner.command("run", "-q", "-j", "2")],
        cwd=runner.folder,
        env=runner.environment,
        check=False,
        stdout=subprocess.DEVNULL,
    )
    assert done.returncode == 0
    lines = trace.read_text().splitlines()
    assert sum("execve(" in line for line in lines) == 1 + 30
    assert sum("setsid(" in line for line in lines) == 30
    started = [
        line for line in lines if re.search(r"\b(v?fork|clone3?)\(", line) and "CLONE_THREAD" not in line
    ]
    assert len(started) == 2 + 30, "the two that watch, and the commands"
