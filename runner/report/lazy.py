"""Lists that are not held: whoever goes over one has it read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, overload


class Lazy(Sequence[Any]):
    """A list that is read anew each time that somebody goes over it."""

    __slots__ = ("_length", "_read")

    def __init__(self, read: Callable[[], Iterator[Any]], length: int) -> None:
        self._read = read
        self._length = length

    def __iter__(self) -> Iterator[Any]:
        return self._read()

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            start, stop, step = place.indices(self._length)
            return list(islice(self._read(), start, stop, step)) if step > 0 else list(self._read())[place]
        for element in islice(self._read(), range(self._length)[place], None):
            return element
        raise IndexError(place)
