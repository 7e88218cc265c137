"""The keys of a map's items: stable, unique names, checked without holding them all in memory.

It knows neither sources nor templates: it is given items with the key that each asks for.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from runner.expression.values import json_of, shortened
from runner.records import Item

most_in_memory = 10_000
longest_default = 80


class RepeatedKey(Exception):
    """A key asked for by two items, given by their indexes."""

    def __init__(self, key: str, first: int, second: int) -> None:
        super().__init__(key, first, second)
        self.key, self.first, self.second = key, first, second


def scalar_key(value: Any) -> str | None:
    """The key that a number, a bool, None or a short plain text is by itself."""
    if isinstance(value, str):
        plain = 1 <= len(value) <= longest_default and value.isprintable() and not {"[", "]"} & set(value)
        return str(value) if plain else None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, int | float):
        text = json_of(value) if not isinstance(value, int) or value.bit_length() < 300 else ""
        return text if 1 <= len(text) <= longest_default else None
    return None


def joined_key(values: Iterable[Any]) -> str | None:
    """The key of a matrix combination: its values joined by `-`, where all of them are scalars."""
    parts = [scalar_key(value) for value in values]
    return "-".join(part for part in parts if part is not None) if parts and None not in parts else None


class _Seen:
    """Which keys were given, to which index, and how often asked for: on disk when they are many."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, int]] = {}
        self._disk: sqlite3.Connection | None = None

    def find(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        if self._disk is None:
            return {key: self._held[key] for key in keys if key in self._held}
        found: dict[str, tuple[int, int]] = {}
        for start in range(0, len(keys), 500):
            part = [_encoded(key) for key in keys[start : start + 500]]
            marks = ",".join("?" * len(part))
            rows = self._disk.execute(f"SELECT key, first, times FROM seen WHERE key IN ({marks})", part)
            found |= {_decoded(key): (first, times) for key, first, times in rows}
        return found

    def keep(self, entries: Mapping[str, tuple[int, int]]) -> None:
        if self._disk is None:
            self._held |= entries
            if len(self._held) > most_in_memory:
                self._move()
        else:
            self._write(self._disk, entries)

    def _move(self) -> None:
        self._disk = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._disk.execute("PRAGMA journal_mode=OFF")
        self._disk.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, first INT, times INT) WITHOUT ROWID")
        self._write(self._disk, self._held)
        self._held = {}

    def _write(self, disk: sqlite3.Connection, entries: Mapping[str, tuple[int, int]]) -> None:
        rows = [(_encoded(key), first, times) for key, (first, times) in entries.items()]
        disk.execute("BEGIN")
        disk.executemany("INSERT OR REPLACE INTO seen VALUES (?, ?, ?)", rows)
        disk.execute("COMMIT")

    def close(self) -> None:
        if self._disk is not None:
            self._disk.close()


def _encoded(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _decoded(key: bytes) -> str:
    return key.decode("utf-8", "surrogatepass")


def unique(chunks: Iterable[Sequence[Item]], *, own: bool) -> Iterator[Item | None]:
    """The items, each under a key of its own; None for a chunk without any.

    An `own` key that occurs again is a `RepeatedKey`; of defaults the second becomes `key#2`.
    Items whose key is None get their index.
    """
    seen = _Seen()
    try:
        for chunk in chunks:
            if not chunk:
                yield None
                continue
            asked = [str(item.index) if item.key is None else item.key for item in chunk]
            known = seen.find(asked)
            added: dict[str, tuple[int, int]] = {}
            for item, key in zip(chunk, asked, strict=True):
                found = added.get(key) or known.get(key)
                if found is not None and own:
                    raise RepeatedKey(key, found[0], item.index)
                free = key if found is None else _numbered(key, found, added, seen)
                added[free] = (item.index, 1)
                same = free == item.key
                yield item if same else Item(item.index, free, item.value, by_place=item.key is None)
            seen.keep(added)
    finally:
        seen.close()


def _numbered(key: str, found: tuple[int, int], added: dict[str, tuple[int, int]], seen: _Seen) -> str:
    """`key#2`, or the next number that is free."""
    first, times = found
    while True:
        times += 1
        numbered = f"{key}#{times}"
        if numbered not in added and not seen.find([numbered]):
            added[key] = (first, times)
            return numbered


def described(error: RepeatedKey) -> str:
    """A sentence that names both items."""
    return f"items {error.first} and {error.second} have the same key {shortened(error.key)!r}"
