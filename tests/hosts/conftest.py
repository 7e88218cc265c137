"""The services of continuous integration."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import Served


@pytest.fixture
def github(tmp_path: Path) -> Served:
    """A step of GitHub Actions."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    summary = tmp_path / "summary.md"
    summary.touch()
    served = Served(folder)
    served.environment |= {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder),
        "GITHUB_STEP_SUMMARY": str(summary),
    }
    return served


@pytest.fixture
def gitlab(tmp_path: Path) -> Served:
    """A job of GitLab."""
    served = Served(tmp_path)
    served.environment |= {"CI": "true", "GITLAB_CI": "true"}
    return served
