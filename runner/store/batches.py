"""Items that were done one after the other and succeeded at once: kept as one row, read as one each.

An item costs a column's share of a row that way, in place of a row. What is worth more words than
success (a log, a secret, a result that JSON cannot hold) is recorded alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from runner.hints import Any
from runner.json_text import encode_basestring_ascii
from runner.records import Item, Outcome, Status
from runner.store.entries import ItemRecord
from runner.store.errors import SIGNS_OF_DAMAGE, damaged_record
from runner.store.tables import index_of, item_id
from runner.store.texts import encode
from runner.store.values import Row
from runner.struct import struct

FEWEST = 4
"""So many items are worth a row of their own kind."""

_texts_of: dict[type, Callable[[Any], str]] = {
    int: repr,
    str: encode_basestring_ascii,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
}


@struct
class Batch:
    """A row: neighbours in input order, from `first` on. The texts hold a line for each item.

    Without `keys` each key is the index. `started` and `seconds` are numbers in hexadecimal, as `digests`.
    """

    first: int
    count: int
    nth: int
    keys: str | None
    values: str
    results: str
    started: str
    seconds: str
    digests: str | None
    worker: str
    made: int

    def items(self) -> Iterator[ItemRecord]:
        """Each item as if it had been recorded alone."""
        try:
            columns = [self._keys(), self.values.split("\n"), self.results.split("\n"), *self._numbers()]
            for place, row in enumerate(zip(*columns, self._digests(), strict=True)):
                key, value, result, started, seconds, digest = row
                yield ItemRecord(
                    self.first + place,
                    key,
                    value,
                    Status.SUCCEEDED.value,
                    1,
                    result,
                    started=started,
                    seconds=seconds,
                    worker=self.worker,
                    digest=digest,
                    made=self.made,
                )
        except SIGNS_OF_DAMAGE as error:
            raise damaged_record(error) from error

    def has_key(self, key: str) -> bool:
        """Whether one of its items has this key."""
        return key in self._keys()

    def _keys(self) -> Iterable[str]:
        start = index_of(self.first)
        if self.keys is None:
            return map(str, range(start, start + self.count))
        return self.keys.split("\n")

    def _numbers(self) -> tuple[Iterable[float], Iterable[float]]:
        return _unpacked(self.started), _unpacked(self.seconds)

    def _digests(self) -> Iterable[str | None]:
        if self.digests is None:
            return [None] * self.count
        size = len(self.digests) // self.count
        return [self.digests[at : at + size] for at in range(0, size * self.count, size)]


def pack(fan: int, nth: int, items: Sequence[Item], outcomes: Sequence[Outcome]) -> list[Row] | None:
    """The rows of batches; None: each item is told alone.

    The last two columns are the sum of the seconds, and the longest.
    """
    if len(items) < FEWEST or set(map(type, items)) != {Item}:
        return None
    if any(it.encoded is None or it.secret or it.log or it.exit_code is not None for it in outcomes):
        return None
    texts = _texts(item.value for item in items)
    keys = [item.key for item in items]
    digests = {len(it.digest) if it.digest else 0 for it in outcomes}
    if texts is None or None in keys or any("\n" in key for key in keys if key) or len(digests) != 1:
        return None
    rows, start = [], 0
    for end in range(1, len(items) + 1):
        if end == len(items) or items[end].index != items[end - 1].index + 1:
            rows.append(_row(fan, nth + start, items[start:end], outcomes[start:end], texts[start:end]))
            start = end
    return rows


def _texts(values: Iterable[Any]) -> list[str] | None:
    texts = []
    for value in values:
        way = _texts_of.get(type(value))
        text = way(value) if way else encode(value)
        if text is None:
            return None
        texts.append(text)
    return texts


def _row(fan: int, nth: int, items: Sequence[Item], outcomes: Sequence[Outcome], texts: Sequence[str]) -> Row:
    first = items[0].index
    keys = [item.key or "" for item in items]
    by_place = items[0].by_place and keys == list(map(str, range(first, first + len(items))))
    seconds = [it.seconds for it in outcomes]
    return (
        item_id(fan, first),
        len(items),
        nth,
        None if by_place else "\n".join(keys),
        "\n".join(texts),
        "\n".join([it.encoded or "" for it in outcomes]),
        _packed([it.started for it in outcomes]),
        _packed(seconds),
        b"".join([it.digest or b"" for it in outcomes]).hex() or None,
        outcomes[0].worker,
        outcomes[0].made,
        sum(seconds) + 0.0,
        max(seconds) + 0.0,
    )


def _packed(numbers: Sequence[float]) -> str:
    from struct import pack as packed

    return packed(f"<{len(numbers)}d", *numbers).hex()


def _unpacked(text: str) -> tuple[float, ...]:
    from struct import unpack

    return unpack(f"<{len(text) // 16}d", bytes.fromhex(text))
