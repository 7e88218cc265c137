"""What a session of a run did, as its tasks note it in `witness`, and what is reported of the run."""

from __future__ import annotations

import json
from typing import Any

from program import Program


def acted(runner: Program) -> list[str]:
    """What has been done since this was asked last."""
    path = runner.folder / "witness"
    lines = sorted(path.read_text().splitlines()) if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def report(runner: Program) -> dict[str, Any]:
    """The JSON report of the newest run."""
    found: dict[str, Any] = json.loads(runner("report", "--format", "json").out)
    return found
