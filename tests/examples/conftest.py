"""What the tests of the workflows stand on."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from started import Program, root

sys.path.append(str(root / "tests" / "actions"))


@pytest.fixture
def workflows(tmp_path: Path) -> Path:
    """A copy of the folder of workflows, since some of them leave files beside themselves."""
    copy = tmp_path / "copy [v2] of 100% #1?" / "workflows"
    shutil.copytree(root / "workflows", copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """The folder in which the program is started."""
    folder = tmp_path / "here"
    folder.mkdir()
    return folder


@pytest.fixture
def program(here: Path) -> Program:
    """`program(*arguments)` runs `runner run …` in the folder `here`."""
    return Program(here)
