"""The keys of a map's items: stable, unique names, checked without holding them all in memory.

It knows neither sources nor templates: it is given items with the key that each asks for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from runner.expression.values import is_a, json_of, shortened
from runner.items.seen import Seen
from runner.records import Item

longest_default = 80


class RepeatedKey(Exception):
    """A key asked for by two items, given by their indexes."""

    def __init__(self, key: str, first: int, second: int) -> None:
        super().__init__(key, first, second)
        self.key, self.first, self.second = key, first, second


def scalar_key(value: Any) -> str | None:
    """The key that a number, a bool, None or a short plain text is by itself."""
    if is_a(value, str):
        text = str.__str__(value)
        short = 1 <= len(text) <= longest_default
        return text if short and text.isprintable() and "[" not in text and "]" not in text else None
    if is_a(value, float) and not math.isfinite(value):
        return None
    if value is None or is_a(value, int | float):
        text = json_of(value) if not is_a(value, int) or int.bit_length(value) < 300 else ""
        return text if 1 <= len(text) <= longest_default else None
    return None


def part_of_key(value: Any) -> str | None:
    """What a value is in the key of a matrix combination: an empty text leaves its place empty."""
    return "" if type(value) is str and not value else scalar_key(value)


def joined_key(values: Iterable[Any]) -> str | None:
    """The key of a matrix combination: its values joined by `-`, where all of them are scalars."""
    parts = [part_of_key(value) for value in values]
    return "-".join(part for part in parts if part is not None) or None if None not in parts else None


def unique(chunks: Iterable[Sequence[Item]], *, own: bool) -> Iterator[Item | None]:
    """The items, each under a key of its own; None for a chunk without any.

    An `own` key that occurs again is a `RepeatedKey`; of defaults the second becomes `key#2`.
    Items whose key is None get their index.
    """
    seen = Seen()
    try:
        for chunk in chunks:
            if not chunk:
                yield None
                continue
            asked = [str(item.index) if item.key is None else item.key for item in chunk]
            known = seen.find(asked)
            if not known and len(set(asked)) == len(asked):
                yield from map(_under, asked, chunk)
                seen.keep({key: (item.index, 1) for key, item in zip(asked, chunk, strict=True)})
                continue
            added: dict[str, tuple[int, int]] = {}
            for item, key in zip(chunk, asked, strict=True):
                found = added.get(key) or known.get(key)
                if found is not None and own:
                    raise RepeatedKey(key, found[0], item.index)
                free = key if found is None else _numbered(key, found, added, seen)
                added[free] = (item.index, 1)
                yield _under(free, item)
            seen.keep(added)
    finally:
        seen.close()


def _under(key: str, item: Item) -> Item:
    return item if key == item.key else Item(item.index, key, item.value, by_place=item.key is None)


def _numbered(key: str, found: tuple[int, int], added: dict[str, tuple[int, int]], seen: Seen) -> str:
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
