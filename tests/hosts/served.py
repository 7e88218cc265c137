"""`runner` as a service of continuous integration starts it."""

from __future__ import annotations

import re
from pathlib import Path

from program import Program


class Served(Program):
    """In a folder of a workspace; what it prints has neither times nor ids."""

    @property
    def summary(self) -> Path:
        """What it tells beside its log."""
        return Path(self.environment["GITHUB_STEP_SUMMARY"])

    def said(self, *arguments: str, code: int = 0, **environment: str) -> str:
        """What a run of it tells on standard error."""
        ended = self("run", *arguments, environment=environment)
        assert ended.code == code, ended.err
        return unvaried(ended.err)


def unvaried(text: str) -> str:
    """A log without what differs from run to run."""
    text = re.sub(r"\[ *[\d.]+m?s\]", "[TIME]", text)
    text = re.sub(r"section_(start|end):\d+:runner_", r"section_\1:NOW:runner_", text)
    return re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "ID", text)
