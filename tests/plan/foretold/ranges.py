"""What a map ranges over, and the keys of its items, worked out naively from the spelling."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from foretold.meaning import NoValue, text_of, value_of

Entries = Sequence[Mapping[str, Any]]


class Broken(Exception):
    """The source, or a key, is wrong; these items came before."""

    def __init__(self, before: list[tuple[str, Any]]) -> None:
        super().__init__()
        self.before = before


def items_of(entry: Mapping[str, Any], names: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The keys and values of the items; raises `Broken`."""
    try:
        pairs = _values(entry, names)
    except NoValue:
        raise Broken([]) from None
    if "key" in entry:
        return _own(entry, [value for _, value in pairs], names)
    return _numbered([str(index) if key is None else key for index, (key, _) in enumerate(pairs)], pairs)


def _values(entry: Mapping[str, Any], names: Mapping[str, Any]) -> list[tuple[str | None, Any]]:
    if "matrix" in entry:
        return _matrix(value_of(entry["matrix"], names))
    if "zip" in entry:
        columns = value_of(entry["zip"], names)
        rows = zip(*columns.values(), strict=True)
        return [(None, dict(zip(columns, row, strict=True))) for row in rows]
    over = value_of(entry["over"], names)
    if isinstance(over, dict):
        return list(over.items())
    if not isinstance(over, list):
        raise NoValue
    return [(_scalar(value), value) for value in over]


def _scalar(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    return json.dumps(value) if value is None or isinstance(value, int) else None


def _matrix(matrix: Mapping[str, Any]) -> list[tuple[str | None, Any]]:
    axes = {name: values for name, values in matrix.items() if name not in ("include", "exclude")}
    whole = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    kept = [one for one in whole if not any(one | out == one for out in matrix.get("exclude", []))]
    made = [dict(one) for one in kept]
    added: list[dict[str, Any]] = []
    for extra in matrix.get("include", []):
        own = {name: value for name, value in extra.items() if name in axes}
        fitting = [place for place, one in enumerate(kept) if one | own == one]
        for place in fitting:
            made[place].update(extra)
        if not fitting:
            added.append(dict(extra))
    keys = [[one[name] for name in axes] for one in kept]
    keys += [[one[name] for name in axes] if axes.keys() <= one.keys() else [*one.values()] for one in added]
    return [(_joined(parts), one) for parts, one in zip(keys, [*made, *added], strict=True)]


def _joined(parts: list[Any]) -> str | None:
    texts = [_scalar(part) for part in parts]
    return None if None in texts else "-".join(text for text in texts if text is not None)


def _numbered(keys: list[str], pairs: list[tuple[str | None, Any]]) -> list[tuple[str, Any]]:
    taken: list[str] = []
    for key in keys:
        number, free = 2, key
        while free in taken:
            free, number = f"{key}#{number}", number + 1
        taken.append(free)
    return [(key, value) for key, (_, value) in zip(taken, pairs, strict=True)]


def _own(entry: Mapping[str, Any], values: list[Any], names: Mapping[str, Any]) -> list[tuple[str, Any]]:
    items: list[tuple[str, Any]] = []
    for index, value in enumerate(values):
        try:
            key = value_of(entry["key"], {**names, entry.get("as", "item"): value, "index": index})
        except NoValue:
            raise Broken(items) from None
        if key in (None, "") or "[" in text_of(key) or any(text_of(key) == other for other, _ in items):
            raise Broken(items)
        text = text_of(key)
        items.append((text, value))
    return items
