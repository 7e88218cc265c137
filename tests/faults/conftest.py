"""A folder where things go wrong, and a disk that can be made small."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty import NOBODY, Faulty


@pytest.fixture(scope="session")
def anybody_may_run_it() -> bool:
    command = Faulty(Path()).command("--version")
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def faulty(anybody_may_run_it: bool) -> Iterator[Faulty]:
    """In a folder of its own that anybody may use."""
    if not anybody_may_run_it:
        pytest.skip("the program cannot be run by an ordinary user here")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        yield Faulty(Path(folder))
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
