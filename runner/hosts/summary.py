"""The Markdown report, appended to the summary of a step. That is taken as a whole, or not at all."""

from __future__ import annotations

import fcntl
import os
import stat

from runner.report import writer
from runner.store.stored_run import StoredRun

ROOM = 1 << 20
"""Bytes that the service takes of one step, of all that is written in it."""


def summarise(stored: StoredRun, path: str) -> str | None:
    """Append how a run went; the sentence on why that could not be done."""
    text = "".join(writer("markdown")(stored)).encode("utf-8", "backslashreplace")
    try:
        # A pipe that nobody reads would hold up the program.
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o644)
    except OSError as error:
        return _cannot(path, error)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return f"{path} is no file"
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        return _append(descriptor, text, stored.run().id)
    except OSError as error:
        return _cannot(path, error)
    finally:
        os.close(descriptor)


def _append(descriptor: int, text: bytes, run_id: str) -> str | None:
    size = os.fstat(descriptor).st_size
    above = b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""
    above += b"\n" if size else b""
    fault = None
    if size + len(above) + len(text) > ROOM:
        fault = f"there is no room left for the report of run {run_id}: it takes 1 MiB in all"
        text = b"Run `" + run_id.encode() + b"` finds no room here for its report.\n"
    if size + len(above) + len(text) <= ROOM:
        _write(descriptor, above + text)
    return fault


def _write(descriptor: int, data: bytes) -> None:
    waiting = memoryview(data)
    while waiting:
        waiting = waiting[os.write(descriptor, waiting) :]


def _cannot(path: str, error: OSError) -> str:
    return f"cannot write {path}: {(error.strerror or str(error)).lower()}"
