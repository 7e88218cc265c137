"""What was recorded a moment ago, in a file beside the database that takes it over, many changes at a time.

A transaction of a database costs as much as ten writes to a file. The file is never synced: it saves what
the death of the program would cost, and what the database has taken over is synced in time. Changes that
come now and then go into the database at once. It does not know what they mean.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from marshal import dumps, loads
from threading import Lock
from zlib import crc32

from runner.in_c import Struct
from runner.store.database import Database
from runner.store.seals import seal_of
from runner.store.values import Row

Changes = Sequence[tuple[str, Sequence[Row]]]
"""Statements, each with the rows to carry it out for."""

OFTEN = 0.025
"""Seconds between two transactions, as long as changes come faster than that."""

LARGE = 1 << 16
"""So many bytes are not worth being written twice."""

MOST = 1 << 20
"""So many bytes wait for the database at the most."""

NEVER = float("-inf")

_head = Struct("<QII")
"""Of one list of changes: its number, its length, and a number made of both and of what it says."""


class Daybook:
    """The changes of one database. `merged` tells what some lists of them come to together."""

    def __init__(
        self, database: Database, path: str, merged: Callable[[Sequence[Changes]], Changes], often: float
    ) -> None:
        self._database = database
        self._path = path
        self._merged = merged
        self._often = often
        self._file = -1
        self._size = 0
        self._waiting: list[Changes] = []
        self._posted = NEVER
        self._lock = Lock()
        self._beside: Database | None = None
        """The database for the thread that syncs it."""
        self._number = take_over(database, path)
        """Of the last list of changes."""
        database.before_it_syncs(self._post_in_time)

    def enter(self, changes: Changes) -> None:
        """Record changes. When this returns, no death of the program can lose them."""
        with self._lock:
            if time.monotonic() - self._posted < self._often and self._is_noted(changes):
                self._database.is_to_sync()
            else:
                self._post(self._database, [*self._waiting, changes], self._number + 1)

    def post(self) -> None:
        """Let the database have all that was recorded."""
        with self._lock:
            if self._waiting:
                self._post(self._database, self._waiting, self._number)

    def close(self) -> None:
        """The same for good. If the database cannot, who reads it next lets it try again."""
        try:
            self.post()
        finally:
            with self._lock:
                self._let_go()
            if not self._waiting:
                _remove(self._path)

    def _let_go(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if self._beside is not None:
            self._beside.close()
            self._beside = None

    def _post_in_time(self) -> None:
        try:
            with self._lock:
                if self._waiting and self._file >= 0:
                    self._beside = self._beside or self._database.beside()
                    self._post(self._beside, self._waiting, self._number)
        except Exception:  # whoever records the next change hears of it
            self._posted = NEVER

    def _post(self, database: Database, some: Sequence[Changes], number: int) -> None:
        """Let the database have changes; `number` is that of the last one."""
        with database.transaction():
            for statement, rows in self._merged(some):
                database.change(statement, rows)
            _note(database, number)
        self._waiting, self._size, self._number = [], 0, number
        self._posted = time.monotonic()

    def _is_noted(self, changes: Changes) -> bool:
        """Write changes into the file; False where that cannot be, or is not worth it."""
        try:
            text = dumps(changes)  # type: ignore[arg-type]  # they hold what a database does
            if len(text) > LARGE or self._size > MOST:
                return False
            if self._file < 0:
                flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
                self._file = os.open(self._path, flags, 0o600)
            entry = _entry(self._number + 1, text)
            if os.pwrite(self._file, entry, self._size) < len(entry):
                return False
        except (OSError, ValueError):  # ValueError: of a class of its own, which the database knows to take
            return False
        self._size += len(entry)
        self._number += 1
        self._waiting.append(changes)
        return True


def take_over(database: Database, path: str) -> int:
    """Let a database have what stands in the file of a program that died; the number of the last change."""
    number, sealed = database.row("SELECT taken, seal FROM daybook") or (0, seal_of((0,)))
    if seal_of((number,)) != sealed:
        raise database.damaged("a row of the table `daybook` is not what was recorded")
    last: int = number
    if left := list(_entries(path, last)):
        last = left[-1][0]
        with database.transaction():
            for _, changes in left:
                for statement, rows in changes:
                    database.change(statement, rows)
            _note(database, last)
    _remove(path)
    return last


def _note(database: Database, number: int) -> None:
    database.change("INSERT OR REPLACE INTO daybook VALUES (1, ?, ?)", [(number, seal_of((number,)))])


def _entry(number: int, text: bytes) -> bytes:
    return _head.pack(number, len(text), crc32(text, number & 0xFFFFFFFF)) + text


def _entries(path: str, taken: int) -> Iterator[tuple[int, Changes]]:
    """What comes right after what was taken.

    Behind something that was not wholly written there is nothing, and none of it belongs to a database that
    has lost what came before.
    """
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError:
        return
    start = 0
    while start + _head.size <= len(content):
        number, length, _ = _head.unpack_from(content, start)
        text = content[start + _head.size : start + _head.size + length]
        start += _head.size + length
        if content[start - length - _head.size : start] != _entry(number, text) or number > taken + 1:
            return
        if number == taken + 1:
            yield number, loads(text)
            taken = number


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
