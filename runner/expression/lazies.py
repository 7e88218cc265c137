"""Sources with filters over them, read while they are gone through; and how they become lists.

It knows neither expressions nor what the items are for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from runner.expression import bounds
from runner.expression.filters import lazy_filters
from runner.expression.values import Lazy
from runner.struct import struct

piece_size = 500
"""Elements that are read at a time."""


@struct
class Filtered(Lazy):
    """A lazy source with a filter over it."""

    source: Any
    name: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    def __iter__(self) -> Iterator[Any]:
        return (value for piece in self.pieces() for value in piece)

    def pieces(self) -> Iterator[list[Any]]:
        """What the filter makes of each piece of its source: nothing, perhaps, for a long time."""
        kept: list[Any] = []
        for piece in pieces(self.source):
            kept += piece
            ready = len(kept) - len(kept) % self._together()
            yield from self._filtered(kept[:ready])
            del kept[:ready]
        if kept:
            yield from self._filtered(kept)

    def _filtered(self, values: list[Any]) -> Iterator[list[Any]]:
        made: list[Any] = []
        try:
            bounds.begin()
            for value in lazy_filters[self.name](iter(values), *self.arguments, **self.keywords):
                made.append(value)
                bounds.begin()
        except Exception:
            if made:
                yield made
            raise
        yield made

    def _together(self) -> int:
        """How many elements make one of what comes out."""
        size = self._batch_size() if self.name == "batch" else 1
        return size if isinstance(size, int) and size > 0 else 1

    def _batch_size(self) -> Any:
        return self.arguments[0] if self.arguments else self.keywords.get("linecount")

    def known_length(self) -> int | None:
        length = known_length(self.source)
        if length is None or self.name not in ("map", "batch"):
            return None
        if self.name == "map":
            return length
        size = self._batch_size()
        return -(-length // size) if isinstance(size, int) and size > 0 else None


def pieces(source: Iterable[Any]) -> Iterator[list[Any]]:
    """The elements of a source, some at a time, each piece after a bounded amount of reading.

    An empty one says that nothing has been found yet. What was read before an error comes before it.
    """
    if isinstance(source, Filtered):
        yield from source.pieces()
        return
    remaining = iter(source)
    while True:
        piece: list[Any] = []
        try:
            piece.extend(islice(remaining, piece_size))
        except Exception:
            if piece:
                yield piece
            raise
        if not piece:
            return
        yield piece


def known_length(source: Any) -> int | None:
    """How many elements a list, a mapping or a lazy source has, where that is known without reading."""
    return len(source) if isinstance(source, Sequence | Mapping) else source.known_length()


def materialised(value: Any) -> Any:
    """A lazy source as a list, charged where it would be made from nothing."""
    if not isinstance(value, Lazy):
        return value
    bounds.charge(value.known_length() or 0)
    return list(value)
