"""Random nested workflows that fail, are killed and told to stop, and are resumed until they are done.

    python tests/resume/wandering.py [WORKFLOWS] [SEED]

Every command appends its address to a witness file when it acts, and some fail until a file is there. After
each session what was recorded as succeeded before must not have acted again, and the report must tell of
all that is recorded; where nothing is tolerated, the outputs at the end must be those of a run that nobody
disturbed.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from killing import Folder
from random_workflows import Written

SESSIONS = 14
UNLUCKY = 6
"""Sessions after which nothing fails any more."""
DISTURBED = 9
"""Sessions after which nothing is killed or stopped any more."""


class Wanderer:
    """A run of a random workflow, on its way."""

    def __init__(self, seed: int, base: Path) -> None:
        self._chance = random.Random(seed)
        self._written = Written(seed)
        self._calm, self._hit = (Folder(base / name, "") for name in ("calm", "hit"))
        for folder in (self._calm, self._hit):
            self._written.write(folder.path)
        self.sessions: list[str] = []
        """What was done, for who looks into a failure."""

    def goes(self) -> None:
        """Until it is done, with a look at everything after each session."""
        length = self._undisturbed()
        arguments = ["run"]
        for session in range(SESSIONS):
            if session == UNLUCKY:
                (self._hit.path / "there").touch()
            how = self._chance.choice(["stop", "stop", "kill", "free", "--fail-fast"])
            code = self._session(arguments, how if session < DISTURBED else "free", length)
            if code == 0 and "--only-failed" not in arguments:
                break
            arguments = self._hit.next_command()
            if arguments == ["resume"] and self._chance.random() < 0.25:
                arguments.append("--only-failed")
        else:
            raise AssertionError(f"not done after {self.sessions}")
        if not self._written.tolerant:
            assert self._hit.outputs() == self._calm.outputs(), self.sessions

    def _undisturbed(self) -> float:
        (self._calm.path / "there").touch()
        began = time.monotonic()
        process = self._calm.start("run")
        _, err = process.communicate()
        assert process.returncode == 0, err.decode()
        return time.monotonic() - began

    def _session(self, arguments: list[str], how: str, length: float) -> int:
        recorded, acted = self._hit.recorded(), Counter(self._hit.witness())
        process = self._hit.start(*arguments, *([how] if how.startswith("-") else []))
        if how in ("stop", "kill"):
            time.sleep(self._chance.uniform(0.05, length * 1.2))
            _end(process, how)
        _, err = process.communicate()
        self.sessions.append(f"{' '.join(arguments)} ({how}): {process.returncode}")
        told = err.decode()
        assert "Traceback" not in told, (told, self.sessions)
        assert process.returncode in (0, 1, 128 + signal.SIGTERM, -signal.SIGKILL, -signal.SIGTERM), told
        again = Counter(self._hit.witness())
        if not self._written.tolerant:  # what needs what was tolerated is done again with it
            assert [name for name in recorded if again[name] != acted[name]] == [], self.sessions
            assert not self._hit.runs() or not self._hit.recorded() - self._hit.reported(), self.sessions
        return process.returncode


def _end(process: subprocess.Popen[bytes], how: str) -> None:
    if how == "stop":
        process.terminate()
    elif process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def wander(seed: int) -> list[str]:
    """One workflow; what was done with it."""
    with TemporaryDirectory() as base:
        wanderer = Wanderer(seed, Path(base))
        wanderer.goes()
        return wanderer.sessions


if __name__ == "__main__":
    words = dict(enumerate(sys.argv[1:]))
    first = int(words.get(1, "1"))
    for number in range(first, first + int(words.get(0, "40"))):
        print(f"{number}: {'; '.join(wander(number))}")
