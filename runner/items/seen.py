"""Which keys the items of a map have already: few are held, many lie on the disk.

As long as none comes again nothing is looked up there, and what is looked up needs no index before.
It is exact: what is held of many is enough to say that a key is new, never that it is not.
"""

from __future__ import annotations

import marshal
import sqlite3
from collections.abc import Mapping, Sequence

HELD = 10_000
"""So many keys are held as they are."""

NOTED = 100_000
"""Of so many it is held that they are there."""

AT_ONCE = 500
"""Keys that one statement looks up."""

Known = tuple[int, int]
"""The index that a key was given to first, and how often it was asked for."""


class Seen:
    """Keys that were given."""

    def __init__(self) -> None:
        self._held: dict[str, Known] = {}
        self._noted: set[int] = set()
        self._disk: sqlite3.Connection | None = None
        self._indexed = False

    def find(self, keys: Sequence[str]) -> dict[str, Known]:
        """Those of the keys that were given."""
        if self._disk is None:
            return {key: self._held[key] for key in keys if key in self._held}
        if not self._indexed:
            if self._noted.isdisjoint(map(hash, keys)):
                return {}
            self._index(self._disk)
        found: dict[str, Known] = {}
        for start in range(0, len(keys), AT_ONCE):
            part = [_encoded(key) for key in keys[start : start + AT_ONCE]]
            marks = ",".join("?" * len(part))
            rows = self._disk.execute(f"SELECT key, first, times FROM seen WHERE key IN ({marks})", part)
            found |= {_decoded(key): (first, times) for key, first, times in rows}
        return found

    def keep(self, entries: dict[str, Known]) -> None:
        """These were given; what is kept of a key that was is changed."""
        if self._disk is not None:
            self._write(self._disk, entries)
            return
        self._held |= entries
        if len(self._held) > HELD:
            self._disk = sqlite3.connect("", check_same_thread=False, isolation_level=None)
            self._disk.execute("PRAGMA journal_mode=OFF")
            self._disk.execute("CREATE TABLE noted (entries BLOB)")
            self._disk.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, first INT, times INT) WITHOUT ROWID")
            self._write(self._disk, self._held)
            self._held = {}

    def _write(self, disk: sqlite3.Connection, entries: dict[str, Known]) -> None:
        if self._indexed:
            _store(disk, entries)
            return
        self._noted.update(map(hash, entries))
        disk.execute("INSERT INTO noted VALUES (?)", [marshal.dumps(entries)])
        if len(self._noted) > NOTED:
            self._index(disk)

    def _index(self, disk: sqlite3.Connection) -> None:
        for (entries,) in disk.execute("SELECT entries FROM noted ORDER BY rowid"):
            _store(disk, marshal.loads(entries))
        disk.execute("DROP TABLE noted")
        self._indexed = True
        self._noted = set()

    def close(self) -> None:
        """Nothing more is asked for."""
        if self._disk is not None:
            self._disk.close()


def _store(disk: sqlite3.Connection, entries: Mapping[str, Known]) -> None:
    rows = [(_encoded(key), first, times) for key, (first, times) in entries.items()]
    disk.execute("BEGIN")
    disk.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", rows)
    disk.execute("COMMIT")


def _encoded(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _decoded(key: bytes) -> str:
    return key.decode("utf-8", "surrogatepass")
