"""Lists gone through side by side, of one length: an item is what stands at one place in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from runner.expression.lazies import known_length
from runner.expression.values import Lazy, counted, describe
from runner.items.opaque import plain
from runner.items.source import ItemsError, Source, index_key
from runner.struct import struct


@struct
class _Zipped:
    columns: Mapping[str, Iterable[Any]]

    def __iter__(self) -> Iterator[dict[str, Any]]:
        sources = {name: iter(values) for name, values in self.columns.items()}
        ended = object()
        done = 0
        while True:
            row = {name: next(source, ended) for name, source in sources.items()}
            short = [name for name, value in row.items() if value is ended]
            if short:
                if len(short) < len(row):
                    longer = next(name for name in row if name not in short)
                    raise _unequal(short[0], counted(done, "element"), longer, "more")
                return
            done += 1
            yield row


def of_columns(columns: Any) -> Source:
    """What `zip` ranges over; raises `ItemsError` for what are no lists of one length."""
    if not isinstance(columns, Mapping):
        raise ItemsError(f"`zip` takes a mapping of lists, and this is {describe(columns)}")
    if not columns:
        raise ItemsError("`zip` has no names", "write a list for each: `a: [1, 2]`")
    lengths: dict[str, int] = {}
    columns = {name: plain(values, f"`zip` takes a list for {name!r}") for name, values in columns.items()}
    for name, values in columns.items():
        if not isinstance(values, list | tuple | Lazy):
            raise ItemsError(f"`zip` takes a list for {name!r}, and this is {describe(values)}")
        length = known_length(values)
        if length is not None:
            lengths[name] = length
    first = next(iter(lengths), "")
    for name, length in lengths.items():
        if length != lengths[first]:
            raise _unequal(first, counted(lengths[first], "element"), name, str(length))
    total = lengths[first] if len(lengths) == len(columns) else None
    return Source(_Zipped(columns), total, index_key, distinct=True)


def _unequal(one: str, of_one: str, other: str, of_other: str) -> ItemsError:
    return ItemsError(
        f"`zip` goes through lists of one length: {one!r} has {of_one} and {other!r} has {of_other}"
    )
