"""The program without the power to do everything; its tasks say in a witness file that they acted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from program import Ended, Program

NOBODY = 65534
WITHOUT_FORKS = """
from resource import RLIMIT_NPROC, setrlimit
from runner.__main__ import main
setrlimit(RLIMIT_NPROC, (1, 1))
main()
"""


class Faulty(Program):
    """A program that runs without the power to do everything, and whose tasks write what they do."""

    def command(self, *arguments: str) -> list[str]:
        return self._by_nobody(super().command(*arguments))

    def without_forks(self, *arguments: str) -> Ended:
        """The same in a process that may not start another, once it has begun."""
        done = subprocess.run(
            self._by_nobody([sys.executable, "-c", WITHOUT_FORKS, *arguments]),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def _by_nobody(self, line: list[str]) -> list[str]:
        drop = [f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
        return ["setpriv", *drop, *line] if os.geteuid() == 0 else line

    def acted(self) -> list[str]:
        """What has been done so far, each thing as often as it was done."""
        path = self.folder / "witness"
        return sorted(path.read_text().split()) if path.exists() else []

    def run_folder(self) -> Path:
        (folder,) = self.folder.glob(".runner/runs/*")
        return folder

    def goes_on(self, expected: list[str]) -> Ended:
        """Resume once the cause is gone: all is done in the end."""
        ended = self("resume", "-q")
        assert (ended.code, ended.err) == (0, ""), ended.out
        assert self.acted() == sorted(expected)
        return ended


def remount(folder: Path, options: str) -> None:
    """Mount a file system again, with other options."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)
