"""Running the program as its users do, and reading what it reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

root = Path(__file__).parents[2]


@dataclass(frozen=True)
class Ended:
    """How a run of the program ended; `report` is its JSON report."""

    code: int
    out: str
    err: str
    report: dict[str, Any]

    @property
    def outputs(self) -> dict[str, Any]:
        """The workflow's outputs."""
        outputs: dict[str, Any] = self.report["outputs"]
        return outputs


@dataclass(frozen=True)
class Program:
    """The program in the folder `here`."""

    here: Path

    def __call__(self, *arguments: str | Path) -> Ended:
        """`runner run …`, and its JSON report."""
        done = self.command("run", *arguments, "--report", "report.json")
        path = self.here / "report.json"
        assert path.exists(), f"no report; exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
        report = json.loads(path.read_text())
        path.unlink()
        return Ended(done.returncode, done.stdout, done.stderr, report)

    def command(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """`runner …`, until it ends."""
        process = self.start(*arguments)
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """`runner …`: this checkout, the loopback without proxies, no colours."""
        loopback = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        return subprocess.Popen(
            [sys.executable, "-m", "runner", *map(str, arguments)],
            cwd=self.here,
            env={**os.environ, **loopback, "PYTHONPATH": str(root), "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
