"""The program without the power to do everything; its tasks say in a witness file that they acted."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from program import Ended, Program

NOBODY = 65534


class Faulty(Program):
    """A program that runs without the power to do everything, and whose tasks write what they do."""

    def command(self, *arguments: str) -> list[str]:
        line = super().command(*arguments)
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
