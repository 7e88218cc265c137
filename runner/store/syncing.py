"""What is committed is brought to the disk, soon and by a thread of its own. It does not know what it is."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

SYNC_AFTER = 0.05
_sync = getattr(os, "fdatasync", os.fsync)


class Syncer:
    """A thread that syncs the write-ahead log soon after it has changed; it begins when it must."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._dirty = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def changed(self) -> None:
        """Something was committed."""
        if self._dirty.is_set():
            return
        self._dirty.set()
        if self._thread is None:
            thread = threading.Thread(target=self._watch, name="runner-sync", daemon=True)
            thread.start()
            self._thread = thread

    def _watch(self) -> None:
        sync_new(self._path)
        while True:
            self._dirty.wait()
            self._dirty.clear()  # before the look at `closing`, or the end could go unnoticed
            if self._closing.wait(SYNC_AFTER):
                return
            sync_file(f"{self._path}-wal")

    def close(self) -> None:
        """Stop: the end is synced by who closes the file."""
        self._closing.set()
        self._dirty.set()
        if self._thread:
            self._thread.join()


def sync_new(path: Path) -> None:
    """A log of changes is worth nothing without the file that they change, and its name."""
    sync_file(str(path))
    sync_file(str(path.parent))


def sync_file(path: str) -> None:
    """What was written to a file is on the disk when this returns, if the system can do that."""
    with contextlib.suppress(OSError):
        file = os.open(path, os.O_RDONLY)
        try:
            _sync(file)
        finally:
            os.close(file)
