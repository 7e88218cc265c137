"""The command lines that do again what a report tells of, to be pasted into a shell."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from typing import Any

from runner.display import as_argument, visible
from runner.store.entries import RunRecord
from runner.store.history import state_of
from runner.store.stored_run import StoredRun


class Rerun:
    """They go in the folder in which the run was started; one that cannot be pasted as it is is none."""

    def __init__(self, stored: StoredRun, run: RunRecord) -> None:
        self._run = run
        self._options: dict[str, Any] = run.options
        self.folder: str | None = run.options.get("start")
        state = os.path.realpath(state_of(stored.folder))
        usual = os.path.realpath(os.path.join(self.folder or os.curdir, ".runner"))
        self._state = [] if state == usual else ["--state-dir", state]

    def all(self) -> str:
        """Goes on with the run: does what failed or never ran, and keeps the rest."""
        return shlex.join(["runner", "resume", self._run.id, *self._given_again, *self._state])

    def only(self, address: str) -> str | None:
        """Does one task or item again, and what it needs, in a run of its own, with the same params.

        It tells by its exit code whether that is mended, and leaves reports alone.
        """
        words = ["--only", address, "--again"]
        for assignment in self._options.get("assignments") or ():
            words += ["-p", assignment]
        words += self._given_again
        for given in self._options.get("params_files") or ():
            words += ["--params-file", given]
        line = f"runner run {'-' if self._piped else as_argument(self._file)} "
        line += shlex.join([*words, *self._state]) + (" < FILE" if self._piped else "")
        return line if visible(line) == line else None

    def hint(self, address: str) -> str | None:
        """What must be filled in before that line can be pasted, or what to do where there is none."""
        if self.only(address) is None:
            return f"No line does just that again, since what it holds cannot be pasted: {self.all()}"
        blanks = [f"the secret {name} in the place of …" for name in self._secret]
        if self._piped:
            blanks.append("what was standard input in the place of FILE")
        return f"Put {', and '.join(blanks)}." if blanks else None

    @property
    def _given_again(self) -> list[str]:
        return [word for name in self._secret for word in ("-p", f"{name}=…")]

    @property
    def _secret(self) -> Sequence[str]:
        """The params that held a secret, and so are not recorded."""
        return self._options.get("withheld") or ()

    @property
    def _piped(self) -> bool:
        return self._run.file == "-"

    @property
    def _file(self) -> str:
        file, folder = self._run.file, (self.folder or "").rstrip("/")
        return file.removeprefix(f"{folder}/") if folder else file
