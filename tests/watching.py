"""Waiting for what processes do: a file that they write, their end."""

from __future__ import annotations

import os
import time
from pathlib import Path

PATIENCE = 60.0


def wait_for(path: Path) -> str:
    """Until a file holds something; its text."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if path.exists() and path.read_text().endswith("\n"):
            return path.read_text().strip()
        time.sleep(0.01)
    raise AssertionError(f"{path.name} never came")


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    return state(pid) in ("", "Z")


def state(pid: int) -> str:
    """The letter by which the system tells what a process does; none if it is not there."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # it may go while it is read
        return ""


def ends(pid: int) -> bool:
    """Whether a process is gone, now or very soon."""
    end = time.monotonic() + PATIENCE
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return gone(pid)


def reaped(pid: int) -> bool:
    """Whether not even a zombie is left of a process, now or very soon."""
    end = time.monotonic() + PATIENCE
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.01)
    return not Path(f"/proc/{pid}").exists()


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def child(pid: int) -> int:
    """The only child of a process, once it has one."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            return int(found[0])
        time.sleep(0.01)
    raise AssertionError(f"process {pid} never had a child")


def processor_time(pid: int) -> float:
    """The seconds that a processor has worked for a process, its kernel not counted."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")
