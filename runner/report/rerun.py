"""The command lines that do again what a report tells of, to be pasted into a shell."""

from __future__ import annotations

import os
import shlex
from typing import Any

from runner.display import as_argument, visible
from runner.store.entries import RunRecord
from runner.store.stored_run import StoredRun


class Rerun:
    """They go in the folder in which the run was started; one that cannot be pasted as it is is none."""

    def __init__(self, stored: StoredRun, run: RunRecord) -> None:
        self._run = run
        self._options: dict[str, Any] = run.options
        self.folder: str | None = run.options.get("start")
        state = os.path.realpath(stored.folder.parent.parent)
        usual = os.path.realpath(os.path.join(self.folder or os.curdir, ".runner"))
        self._state = [] if state == usual else ["--state-dir", state]

    def all(self) -> str:
        """Goes on with the run: does what failed or never ran, and keeps the rest."""
        return shlex.join(["runner", "resume", self._run.id, *self._state])

    def only(self, address: str) -> str | None:
        """Does one task or item again, and what it needs, in a run of its own, with the same params."""
        file = self._run.file
        if file == "-" or self._options.get("withheld") or visible(address) != address:
            return None
        if self.folder and file.startswith(f"{self.folder.rstrip('/')}/"):
            file = file[len(self.folder.rstrip("/")) + 1 :]
        words = ["--only", address]
        for assignment in self._options.get("assignments") or ():
            words += ["-p", assignment]
        for given in self._options.get("params_files") or ():
            words += ["--params-file", given]
        line = f"runner run {as_argument(file)} {shlex.join([*words, *self._state])}"
        return line if visible(line) == line else None
