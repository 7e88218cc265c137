"""Whether somebody cuts the file of a database, or its log, while we write it: neither ever gets shorter.

SQLite does not see it: it goes on behind what is gone, and what it reads there are zeros. So one looks
whether what stood at the end of the log is still there, and whether its head is one.
"""

from __future__ import annotations

import os
from contextlib import suppress
from threading import RLock
from types import TracebackType

from runner.store.beside import opened_beside
from runner.store.errors import DamagedError

HEAD = 32
FRAME_HEAD = 24
"""Bytes before each page in a log."""

_HEADER = 100
_PLACE = slice(68, 72)
"""Of the header of a file: whose it is."""
_RUINED = b"RUIN"
"""What stands there in a file that was cut while we wrote it."""


class Uncut:
    """The file at `path`, of which nobody else may write anything. Whoever writes it does so `with` this."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._log = f"{path}-wal"
        self._writing = RLock()
        self._size = 0
        self._log_size = os.path.getsize(self._log) if os.path.exists(self._log) else 0
        self._head = self._end = b""
        self._place = 0
        """Where the end was that is known: behind it may stand what was never committed."""
        self.is_cut = False
        """Whether a part of it is gone. It stays so."""

    def __enter__(self) -> None:
        self._writing.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.check(is_committed=kind is None)
        finally:
            self._writing.release()

    def check(self, *, is_committed: bool = False) -> None:
        """Raises `DamagedError` if anything is gone that was there at the last look.

        `is_committed`: what was written since then is all to stay.
        """
        with suppress(OSError):  # a file that is removed is none that was cut
            before, self._size = self._size, os.stat(self._path).st_size
            self.is_cut |= self._size < before
            self._look_at_log(is_committed)
        if self.is_cut:
            raise cut(self._path)

    def _look_at_log(self, is_committed: bool) -> None:
        log = os.open(self._log, os.O_RDONLY | os.O_CLOEXEC)
        try:
            before, self._log_size = self._log_size, os.fstat(log).st_size
            head = os.pread(log, HEAD, 0)
            is_there = os.pread(log, len(self._end), self._place) == self._end
            goes_on = is_there if head == self._head else _begins_again(head, self._head)
            if self._log_size < before or not goes_on:
                self.is_cut |= not self._is_in_file()
                before, self._end = 0, b""
            if head != self._head:
                self._head, self._end = head, b""
            if is_committed and self._log_size > before and not self.is_cut:
                page = FRAME_HEAD + int.from_bytes(head[8:12])
                self._place = self._log_size - page
                self._end = os.pread(log, page, self._place)
                self.is_cut = len(self._end) < page
        finally:
            os.close(log)

    def _is_in_file(self) -> bool:
        """Whether the last page of the log is in the file: somebody may have brought all there, and cut."""
        page = self._end[FRAME_HEAD:]
        place = (int.from_bytes(self._end[:4]) - 1) * len(page)
        with suppress(OSError), opened_beside(self._path) as file:
            return bool(page) and os.pread(file, len(page), place) == page
        return False


def _begins_again(head: bytes, before: bytes) -> bool:
    """Whether a log with this head comes after one with that, if there was one: a number is one more."""
    return (
        not before or 0 < (int.from_bytes(head[16:20]) - int.from_bytes(before[16:20])) % (1 << 32) < 1 << 16
    )


def cut(path: str) -> DamagedError:
    """An error that tells that a file is not whole."""
    return DamagedError(f"{path} is damaged: a part of it was cut off while it was written")


def ruin(path: str) -> None:
    """Let a file that is cut say so to whoever opens it: what is left of it may look like all of it."""
    for beside in ("-wal", "-shm"):
        with suppress(OSError):
            os.unlink(f"{path}{beside}")
    with suppress(OSError), opened_beside(path, os.O_RDWR) as file:
        if len(os.pread(file, _HEADER, 0)) == _HEADER:
            os.pwrite(file, _RUINED, _PLACE.start)


def refuse_ruined(path: str) -> None:
    """Raises `DamagedError` for a file that says so."""
    with suppress(OSError), opened_beside(path) as file:
        if os.pread(file, _HEADER, 0)[_PLACE] == _RUINED:
            raise cut(path)
