"""Sources with filters over them, read while they are gone through; and how they become lists.

It knows neither expressions nor what the items are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from runner.expression import bounds
from runner.expression.filters import lazy_filters
from runner.expression.values import Lazy


@dataclass(frozen=True, slots=True)
class Filtered(Lazy):
    """A lazy source with a filter over it."""

    source: Any
    name: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]

    def __iter__(self) -> Iterator[Any]:
        bounds.begin()
        for value in lazy_filters[self.name](iter(self.source), *self.arguments, **self.keywords):
            yield value
            bounds.begin()

    def known_length(self) -> int | None:
        length = known_length(self.source)
        if length is None or self.name not in ("map", "batch"):
            return None
        if self.name == "map":
            return length
        size = self.arguments[0] if self.arguments else self.keywords.get("linecount")
        return -(-length // size) if isinstance(size, int) and size > 0 else None


def known_length(source: Any) -> int | None:
    """How many elements a list, a mapping or a lazy source has, where that is known without reading."""
    return len(source) if isinstance(source, Sequence | Mapping) else source.known_length()


def materialised(value: Any) -> Any:
    """A lazy source as a list, charged where it would be made from nothing."""
    if not isinstance(value, Lazy):
        return value
    bounds.charge(value.known_length() or 0)
    return list(value)
