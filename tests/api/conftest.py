"""Programs that run workflows, each in an empty folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hosts import Folder, Script


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(tmp_path)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.chdir(tmp_path)
    return Folder(tmp_path)
