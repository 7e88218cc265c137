"""Memory that a worker shares with who waits for it: what it has done outlives it, however it ends.

    begun | when it began | how many were told of before | bytes here | stop | who writes | outcomes in a row

Knows not what outcomes are.
"""

from __future__ import annotations

import os
from mmap import mmap

_size = 1 << 18
_begun, _started, _told, _filled, _stop, _writer = range(6)
_head = 64


class Area:
    """One slice at a time: the worker writes, and who waits reads once it has heard of its end."""

    def __init__(self, file: int) -> None:
        self._memory = mmap(file, _size)
        whole = memoryview(self._memory)
        self._numbers = whole[:_head].cast("Q")
        self._times = whole[:_head].cast("d")
        self._room = whole[_head:]

    # The worker's side ------------------------------------------------------------------------------

    def sign(self) -> None:
        """Tell who writes here."""
        self._numbers[_writer] = os.getpid()

    def begin(self, number: int, started: float) -> None:
        """An item begins."""
        self._times[_started] = started
        self._numbers[_begun] = number + 1

    def keep(self, data: bytes) -> bool:
        """Keep what is to be told; False where there is no room for it."""
        start = self._numbers[_filled]
        end = start + len(data)
        if end > len(self._room):
            return False
        self._room[start:end] = data
        self._numbers[_filled] = end
        return True

    def kept(self) -> bytes:
        """What has not been told yet."""
        return bytes(self._room[: self._numbers[_filled]])

    def told(self, count: int) -> None:
        """So many items have been told of by now, in another way."""
        self._numbers[_filled] = 0
        self._numbers[_told] = count

    @property
    def stopped(self) -> bool:
        """Whether nothing more is to begin."""
        return self._numbers[_stop] != 0

    # Who waits --------------------------------------------------------------------------------------

    def clear(self) -> None:
        """A slice is about to begin."""
        for place in range(6):
            self._numbers[place] = 0

    @property
    def writer(self) -> int:
        """The process that writes, if it has signed."""
        return self._numbers[_writer]

    def stop(self) -> None:
        """Let nothing more begin."""
        self._numbers[_stop] = 1

    def untold(self, told: int) -> bytes:
        """What is known to nobody who has been told of so many items."""
        return self.kept() if self._numbers[_told] == told else b""

    @property
    def holds_any(self) -> bool:
        """Whether an outcome lies here."""
        return self._numbers[_filled] != 0

    @property
    def begun(self) -> int:
        """How many items have begun."""
        return self._numbers[_begun]

    @property
    def started(self) -> float:
        """When the last of them did."""
        return self._times[_started]


def make_room(file: int) -> None:
    """Give a file the size of an area."""
    os.ftruncate(file, _size)
