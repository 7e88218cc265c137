"""The seal of rows: a number made of what they say, by which one sees that they still say that.

SQLite sees that its pages hang together, not that a bit of a text is another. It does not know
which rows there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from marshal import dumps
from zlib import crc32

from runner.hints import Any
from runner.store.values import Row

FORMAT = 2
"""Of `marshal`: the last one in which equal values always give equal bytes."""


def seal(rows: Sequence[Row]) -> int:
    """A number that other rows would hardly have."""
    try:
        return crc32(dumps(rows, FORMAT))  # type: ignore[arg-type]  # rows hold what JSON does
    except ValueError:  # a class of its own, which comes back as plain text or a plain number
        return crc32(dumps([tuple(map(_plain, row)) for row in rows], FORMAT))


def seal_of(row: Row) -> int:
    """The seal of one row."""
    return seal([row])


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)
    return int(value) if isinstance(value, int) else value
