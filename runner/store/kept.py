"""What is recorded of results and items, and what of them is kept whole beside the record.

What JSON cannot hold exactly, and what stands masked in the events, is passed on within the run by
reference. It knows nothing of tables.
"""

from __future__ import annotations

from collections.abc import Sequence

from runner.exact import normalise
from runner.hints import Any
from runner.json_text import encode_basestring_ascii
from runner.records import Item, MaskedItem, Outcome
from runner.store.entries import OPAQUE, SECRET
from runner.store.texts import encode
from runner.struct import field, struct


@struct(frozen=False)
class Kept:
    """What is passed on within the run though the file does not hold it whole, by number of item."""

    results: dict[int, Any] = field(default_factory=dict)
    items: dict[int, Item] = field(default_factory=dict)

    def result(self, number: int, outcome: Outcome) -> tuple[str | None, str | None]:
        """What is recorded of a result, and why that is not all of it."""
        encoded = outcome.encoded
        if encoded is None:
            self.results[number] = outcome.result
            return None, OPAQUE
        if outcome.secret:
            self.results[number] = outcome.result
            return encoded, SECRET
        return encoded, None

    def value(self, number: int, item: Item) -> str | None:
        """What is recorded of an item's value."""
        if type(item) is MaskedItem:
            self.items[number] = item.whole
        value = item.value
        kind = type(value)
        if kind is str:
            return encode_basestring_ascii(value)
        if kind is int:
            return repr(value)
        if value is None:
            return "null"
        text = encode(value)
        if text is None:
            self.items.setdefault(number, item)
        return text


def contents(items: Sequence[Item]) -> str | None:
    """The items of a slice: index, key, attempt and value of each."""
    first = items[0]
    if first.key is None and first.value is None and len(items) == 1:  # a plain task's
        return f"[[{first.index},null,{first.attempt},null]]"
    whole = [[item.index, item.key, item.attempt, item.value] for item in items]
    text = encode(whole)
    if text is not None:
        return text
    return encode([[index, key, attempt, if_json(value)] for index, key, attempt, value in whole])


def if_json(value: Any) -> Any:
    """A value that may stand in a larger one; None where JSON cannot hold it exactly."""
    return None if normalise(value)[1] is None else value
