"""Programs timed side by side: whole processes, in turn, so that the machine's moods meet all alike."""

from __future__ import annotations

import atexit
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

root = Path(__file__).parents[2]
runner = (sys.executable, "-m", "runner")


@dataclass(frozen=True)
class Side:
    """A program with its arguments; `before` is cleared away before each start."""

    command: Sequence[str]
    before: Sequence[str] = ()


@dataclass(frozen=True)
class Used:
    """Wall seconds of a process, and the peak memory in MiB of the largest that it waited for."""

    seconds: float
    mebibytes: float


@dataclass
class Turns:
    """What each side used, in each turn."""

    used: dict[str, list[Used]] = field(default_factory=dict)

    def seconds(self, *names: str) -> list[float]:
        """Wall seconds in each turn: those of the first, less those of the others."""
        columns = [[used.seconds for used in self.used[name]] for name in names]
        return [first - sum(less) for first, *less in zip(*columns, strict=True)]

    def peak(self, name: str) -> float:
        """The median of the peak memory, in MiB."""
        return statistics.median(used.mebibytes for used in self.used[name])


def turns(sides: Mapping[str, Side], folder: Path, runs: int) -> Turns:
    """Start each side once a turn, after a turn that does not count."""
    found = Turns({name: [] for name in sides})
    for turn in range(runs + 1):
        for name, side in sides.items():
            used = timed(side, folder)
            if turn:
                found.used[name].append(used)
    return found


def timed(side: Side, folder: Path) -> Used:
    """Start a side and wait for its end; it must succeed."""
    for name in side.before:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    with (folder / "said").open("wb") as said:
        began = time.perf_counter()
        process = subprocess.Popen(side.command, cwd=folder, env=_as_at_home(), stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        text = (folder / "said").read_text(errors="replace")[-2000:]
        raise SystemExit(f"{' '.join(side.command)} ended with {process.returncode}:\n{text}")
    return Used(seconds, usage.ru_maxrss / 1024)


@cache
def _as_at_home() -> dict[str, str]:
    """The environment of both sides; each Python keeps what it has compiled, as it does where it is used."""
    kept = {name: it for name, it in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    compiled = tempfile.mkdtemp(prefix="runner-compiled-")
    atexit.register(shutil.rmtree, compiled, ignore_errors=True)
    ours = {"PYTHONPATH": str(root), "PYTHONPYCACHEPREFIX": compiled, "XDG_CACHE_HOME": compiled}
    return {**kept, **ours, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios, turn by turn."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def found(*names: str) -> str | None:
    """The first of some programs that is installed, beside this Python or anywhere."""
    places = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return next((path for name in names if (path := shutil.which(name, path=places))), None)
