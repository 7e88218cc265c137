"""The combinations of a matrix, with `exclude` and `include` as in GitHub Actions.

They are made one after the other, never held. It knows no templates, no keys and no tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from runner.struct import struct

Entries = Sequence[Mapping[str, Any]]


@struct
class Combinations:
    """The product of the axes; the last one varies fastest."""

    axes: Mapping[str, Sequence[Any]]
    exclude: Entries = ()
    include: Entries = ()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        added = [False] * len(self.include)
        for original in self._originals():
            combination = dict(original)
            for number, entry in enumerate(self.include):
                if self._fits(entry, original):
                    combination.update(entry)
                    added[number] = True
            yield combination
        for entry, done in zip(self.include, added, strict=True):
            if not done:
                yield dict(entry)

    def length(self) -> int | None:
        """How many there are, where that is known without making them."""
        if self.exclude or self.include:
            return None
        return prod(map(len, self.axes.values())) if self.axes else 0

    def _originals(self) -> Iterator[dict[str, Any]]:
        if not self.axes:
            return
        for values in product(*self.axes.values()):
            combination = dict(zip(self.axes, values, strict=True))
            if not any(_agrees(entry, combination) for entry in self.exclude):
                yield combination

    def _fits(self, entry: Mapping[str, Any], original: Mapping[str, Any]) -> bool:
        """Whether an entry adds to a combination without changing a value of an axis."""
        return all(_same(original[name], value) for name, value in entry.items() if name in self.axes)


def _agrees(entry: Mapping[str, Any], combination: Mapping[str, Any]) -> bool:
    return all(name in combination and _same(combination[name], value) for name, value in entry.items())


def _same(left: Any, right: Any) -> bool:
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)
