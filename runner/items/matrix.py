"""The combinations of a matrix, with `exclude` and `include` as in GitHub Actions.

They are made one after the other, never held. It knows no templates and no tasks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, product
from math import prod
from typing import Any

from runner.expression.values import Lazy, describe
from runner.items.keys import joined_key, part_of_key
from runner.items.opaque import plain
from runner.items.source import ItemsError, Source, index_key
from runner.problem import did_you_mean
from runner.struct import replace, struct
from runner.workflow import Matrix

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

    def naming(self, combination: Mapping[str, Any]) -> list[Any]:
        """The values that name a combination: those of the axes, or all where some are missing."""
        whole = bool(self.axes) and all(name in combination for name in self.axes)
        return [combination[name] for name in (self.axes if whole else combination)]

    def have_names(self) -> bool:
        """Whether the values name every combination that there can be."""
        if all(self.axes.values()) and not all(map(self._is_named_by, chain(*self.axes.values()))):
            return False
        return all(joined_key(self.naming(entry)) for entry in self.include if not self._adds(entry))

    def _is_named_by(self, value: Any) -> bool:
        part = part_of_key(value)
        return bool(part) or (part is not None and len(self.axes) > 1)

    def _adds(self, entry: Mapping[str, Any]) -> bool:
        """Whether an entry of `include` adds to a combination, and so makes none of its own."""
        agreeing = {
            name: [value for value in values if name not in entry or _same(value, entry[name])]
            for name, values in self.axes.items()
        }
        return any(True for _ in replace(self, axes=agreeing)._originals())

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


def of_matrix(matrix: Matrix, axes: Any) -> Source:
    """What `matrix` ranges over, of these axes; raises `ItemsError` for what are none."""
    if not isinstance(axes, Mapping):
        raise ItemsError(f"`matrix` takes a mapping of lists, and this is {describe(axes)}")
    exclude = (*matrix.exclude, *_entries(axes, "exclude"))
    include = (*matrix.include, *_entries(axes, "include"))
    lists = {name: _axis(name, values) for name, values in axes.items() if name not in ("exclude", "include")}
    if not lists and not include:
        raise ItemsError("the matrix has no names", "write a list for each: `os: [linux, mac]`")
    for name in (name for entry in exclude for name in entry if name not in lists):
        raise ItemsError(f"`exclude` names {name!r}, which the matrix does not", did_you_mean(name, lists))
    combinations = Combinations(lists, exclude, include)

    if not combinations.have_names():
        return Source(combinations, combinations.length(), index_key)
    return Source(combinations, combinations.length(), lambda _, it: joined_key(combinations.naming(it)))


def _entries(axes: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """`exclude` or `include` out of a matrix that an expression gave whole."""
    entries = axes.get(name, [])
    if not isinstance(entries, list | tuple) or not all(isinstance(entry, Mapping) for entry in entries):
        raise ItemsError(f"`{name}` of the matrix takes a list of mappings")
    return entries


def _axis(name: str, values: Any) -> Sequence[Any]:
    values = plain(values, f"the matrix takes a list for {name!r}")
    if isinstance(values, list | tuple):
        return values
    if isinstance(values, Lazy):
        return list(values)
    raise ItemsError(f"the matrix takes a list for {name!r}, and this is {describe(values)}")
