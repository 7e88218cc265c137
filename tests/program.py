"""The program as its users have it: a process with arguments, files, and what comes out of it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

CACHE = tempfile.mkdtemp(prefix="runner-tests-")
atexit.register(shutil.rmtree, CACHE, ignore_errors=True)


def wait_until(seen: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that will be seen soon; a test that waits in vain fails."""
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)


def steady(text: str) -> str:
    """A report without what differs from run to run: ids, times, and the columns that they widen."""
    text = re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "ID", text)
    text = re.sub(r"\b\d+(\.\d+)?(ms|s)\b", "TIME", text)
    return re.sub(r"(?<=\S) {2,}", "  ", text)


@dataclass(frozen=True)
class Ended:
    """How a process ended, and what it said."""

    code: int
    out: str
    err: str


class Program:
    """`runner` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("RUNNER_", "COV"))}
        self.environment = {
            **kept,
            "NO_COLOR": "1",
            "TERM": "dumb",
            "COLUMNS": "100",
            "XDG_CACHE_HOME": CACHE,
        }

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "runner", *arguments]

    def __call__(
        self, *arguments: str, stdin: str | None = None, environment: Mapping[str, str] | None = None
    ) -> Ended:
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            input=None if stdin is None else stdin.encode(),
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def in_a_terminal(self, *arguments: str) -> Ended:
        """Both stdout and stderr are a terminal's; what it shows is `out`."""
        ours, theirs = os.openpty()
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        # A terminal that its last program has left answers with an error, not with an end of file.
        with contextlib.suppress(OSError):
            while data := os.read(ours, 1 << 16):
                shown += data
        os.close(ours)
        return Ended(process.wait(), shown.decode(), "")

    def shell(self, line: str) -> Ended:
        """A line of bash in which `runner` is the program; a pipe fails if any of its commands does."""
        command = " ".join(f"'{word}'" for word in self.command())
        done = subprocess.run(
            ["bash", "-c", f'set -o pipefail; runner() {{ {command} "$@"; }}; {line}'],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def report(self, *arguments: str) -> dict[str, Any]:
        """The JSON report of a run of `workflow.yml`."""
        ended = self("run", "--format", "json", *arguments)
        assert ended.out, ended.err
        report: dict[str, Any] = json.loads(ended.out)
        return report

    def write(self, text: str, name: str = "workflow.yml") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path
