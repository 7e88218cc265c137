"""A program that runs workflows: this process in a folder of its own, or a script."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from program import Ended, Program

from runner.processes import living

SLOW = """
    tasks:
      a: {run: "touch begun; sleep 600"}
      b: {needs: [a], run: echo b}
      clean: {when: always(), run: echo clean}
"""
"""A command that is ended or goes on for long, and what would come after it."""


def sleepers(folder: Path) -> list[str]:
    """The commands that go on in a folder."""
    found = []
    for process in living().values():
        with contextlib.suppress(OSError):
            if process.name == "sleep" and os.readlink(f"/proc/{process.pid}/cwd") == str(folder):
                found.append(str(process))
    return found


class Script(Program):
    """A program of somebody's that uses the package, in its own folder."""

    def run(self, text: str, *arguments: str) -> Ended:
        """Run a script to its end, by an interpreter that lets no warning pass."""
        done = subprocess.run(
            self.python(text, *arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, text: str) -> subprocess.Popen[bytes]:
        """Start a script, whose output can be read."""
        return subprocess.Popen(
            self.python(text),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def python(self, text: str, *arguments: str) -> list[str]:
        self.write(text, "script.py")
        return [sys.executable, "-u", "-W", "error", "script.py", *arguments]


class Folder:
    """The current folder of this process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, text: str, name: str = "workflow.yml") -> str:
        (self.path / name).write_text(dedent(text), encoding="utf-8")
        return name

    def runs(self) -> list[str]:
        """What is kept of runs."""
        kept = self.path / ".runner" / "runs"
        return sorted(path.name for path in kept.iterdir()) if kept.exists() else []
