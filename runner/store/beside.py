"""Files of SQLite's, read beside it.

POSIX takes all locks that a process has on a file from it as soon as it closes any descriptor of that file.
The next program that looked into a record that is being written would take itself for the last one that has
it open, and remove its log. So while SQLite has a file open here, a descriptor of it is kept until that ends.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock

from runner.hints import Any
from runner.store.sqlite import sqlite3

_File = tuple[int, int]

_lock = Lock()
_connected: Counter[_File] = Counter()
_kept: dict[_File, list[int]] = {}


class Connection(sqlite3.Connection):
    """A connection of which it is known here until it is closed."""

    file: _File | None = None

    def close(self) -> None:
        """Let the file go, and all descriptors of it that nobody else keeps."""
        super().close()
        file, self.file = self.file, None
        if file is not None:
            _let_go(file)


def connect(path: str, address: str, **how: Any) -> sqlite3.Connection:
    """A connection to the file at `path`, which SQLite knows by an `address`."""
    file = _file(path)
    with _lock:
        if file is not None:
            _connected[file] += 1
    try:
        connection: Connection = sqlite3.connect(address, factory=Connection, **how)
    except BaseException:
        if file is not None:
            _let_go(file)
        raise
    connection.file = file
    return connection


@contextmanager
def opened_beside(path: str, flags: int = os.O_RDONLY) -> Iterator[int]:
    """A descriptor of a file that SQLite may have open. Raises `OSError`."""
    descriptor = os.open(path, flags | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        found = os.fstat(descriptor)
        file = found.st_dev, found.st_ino
        with _lock:
            if _connected[file]:
                _kept.setdefault(file, []).append(descriptor)
            else:
                os.close(descriptor)


def _file(path: str) -> _File | None:
    with suppress(OSError):
        found = os.stat(path)
        return found.st_dev, found.st_ino
    return None


def _let_go(file: _File) -> None:
    with _lock:
        _connected[file] -= 1
        if not _connected[file]:
            del _connected[file]
            for descriptor in _kept.pop(file, ()):
                os.close(descriptor)
