"""A folder for each test, with the program in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from program import Program


@pytest.fixture
def runner(tmp_path: Path) -> Program:
    """`runner` in an empty folder."""
    return Program(tmp_path)
