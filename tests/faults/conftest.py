"""Workflows whose tasks say in a witness file that they acted, in a folder where things go wrong."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
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


@pytest.fixture
def faulty() -> Iterator[Faulty]:
    """In a folder of its own that anybody may use."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        program = Faulty(Path(folder))
        probe = subprocess.run(program.command("--version"), capture_output=True, check=False)
        if probe.returncode:
            pytest.skip("the program cannot be run by an ordinary user here")
        yield program
        for path, _, _ in os.walk(folder):
            os.chmod(path, 0o777)


@pytest.fixture
def small(faulty: Faulty) -> Iterator[Path]:
    """A file system of its own at `.runner`, which can be made small or read-only by mounting it again."""
    state = faulty.folder / ".runner"
    state.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size=20m,mode=700,uid={NOBODY}", "tmpfs", str(state)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    yield state
    subprocess.run(["umount", str(state)], check=True)


def remount(folder: Path, options: str) -> None:
    """Mount a file system again, with other options."""
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)
