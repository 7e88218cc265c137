"""Descriptors that are readable once somebody has rung. Knows not what for."""

from __future__ import annotations

import contextlib
import os
import sys

_FEW = 64
_spare: list[tuple[int, int]] = []
"""The descriptors of bells that nobody has rung and nobody has any more."""


class Bell:
    """A descriptor that is readable once it has been rung."""

    def __init__(self) -> None:
        self._read = self._write = -1
        self._rung = False
        with contextlib.suppress(IndexError):
            self._read, self._write = _spare.pop()
            return
        if sys.platform == "linux":
            self._read = self._write = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        else:
            self._read, self._write = os.pipe()
            os.set_blocking(self._write, False)

    def fileno(self) -> int:
        """What somebody waits for."""
        return self._read

    def ring(self) -> None:
        """From now on it is readable. On any thread, and in a signal handler."""
        self._rung = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._write, (1).to_bytes(8, sys.byteorder))

    def __del__(self) -> None:
        if self._read >= 0 and not self._rung and len(_spare) < _FEW:
            _spare.append((self._read, self._write))
        else:
            _close(self._read, self._write)


def _close(*descriptors: int) -> None:
    for descriptor in {*descriptors} - {-1}:
        os.close(descriptor)


def _forget_spare() -> None:
    """In a process that was forked: it would ring the bells of its parent."""
    while _spare:
        _close(*_spare.pop())


os.register_at_fork(after_in_child=_forget_spare)
