"""Whether packages can be installed here, as those do who use the program elsewhere."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

root = Path(__file__).parents[2]
PARTS = ("runner", ".github", "README.md", "LICENSE", "pyproject.toml", ".pre-commit-hooks.yaml")


@cache
def fault(folder: Path) -> str:
    """Why the first package that an installation needs cannot be had; nothing, if it can."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries", "0"]
    done = subprocess.run(
        [*command, "--timeout", "20", "--dest", str(folder), "hatchling>=1.26"],
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stderr.strip() or "no reason given").splitlines()[-1] if done.returncode else ""


def need_packages(folder: Path) -> None:
    """Pass over a test, and say so, where no index of packages answers."""
    if told := fault(folder):
        pytest.skip(f"NOT TESTED, since no packages can be installed here: {told}")


def repository(folder: Path) -> Path:
    """This repository as others get it, with what has not been committed yet."""
    clone = folder / "repository"
    for part in PARTS:
        place = clone / part
        place.parent.mkdir(parents=True, exist_ok=True)
        if (root / part).is_dir():
            copytree(root / part, place, ignore=ignore_patterns("__pycache__"))
        else:
            place.write_bytes((root / part).read_bytes())
    return clone
