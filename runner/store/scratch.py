"""Rows that are put aside to be read in another order: in a file that is gone when it is closed."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from runner.store.errors import in_words
from runner.store.values import Row


class Scratch:
    """Tables of its own. What the system refuses is a `StoreError`, as of any file."""

    def __init__(self, tables: str) -> None:
        self._where = tempfile.gettempdir()
        with in_words(self._where):
            self._connection = sqlite3.connect("", isolation_level=None)
            self._connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {tables}")

    def close(self) -> None:
        """Let the file go."""
        self._connection.close()

    def insert(self, statement: str, rows: Iterable[Row]) -> None:
        """Put rows aside."""
        with in_words(self._where):
            self._connection.executemany(statement, rows)

    def rows(self, query: str) -> Iterator[Any]:
        """The rows that answer a query."""
        with in_words(self._where):
            yield from self._connection.execute(query)
