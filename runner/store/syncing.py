"""What is committed is brought to the disk, soon and by a thread of its own. It does not know what it is."""

from __future__ import annotations

import atexit
import errno
import os
import threading
from collections.abc import Callable

from runner.store.beside import opened_beside

SYNC_AFTER = 0.05
_lossy = (errno.EIO, errno.ENOSPC, errno.EDQUOT)
_sync = getattr(os, "fdatasync", os.fsync)


class Syncer:
    """A thread that syncs the write-ahead log soon after it has changed; it begins when it must."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._dirty = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self.before: Callable[[], None] = lambda: None
        """What is to be done each time before."""
        self.fault: OSError | None = None
        """Why something may not be on the disk, once that is known."""

    def changed(self) -> None:
        """Something was committed."""
        if self._dirty.is_set():
            return
        self._dirty.set()
        if self._thread is None:
            thread = threading.Thread(target=self._watch, name="runner-sync", daemon=True)
            thread.start()
            self._thread = thread
            atexit.register(self.close)  # it may not be at work when Python ends

    def _watch(self) -> None:
        self._note(sync_new(self._path))
        while True:
            self._dirty.wait()
            self._dirty.clear()  # before the look at `closing`, or the end could go unnoticed
            if self._closing.wait(SYNC_AFTER):
                return
            self.before()
            self._note(sync_file(f"{self._path}-wal"))

    def _note(self, fault: OSError | None) -> None:
        self.fault = self.fault or fault

    def close(self) -> None:
        """Stop: the end is synced by who closes the file."""
        self._closing.set()
        self._dirty.set()
        if self._thread:
            self._thread.join()
            atexit.unregister(self.close)


def sync_new(path: str) -> OSError | None:
    """A log of changes is worth nothing without the file that they change, and its name."""
    return sync_file(path) or sync_file(os.path.dirname(path))


def sync_file(path: str) -> OSError | None:
    """What was written to a file is on the disk when this returns, if the system can do that.

    What the disk says if it cannot: not every file system knows how to sync everything.
    """
    try:
        with opened_beside(path) as file:
            _sync(file)
    except OSError as error:
        return error if error.errno in _lossy else None
    return None
