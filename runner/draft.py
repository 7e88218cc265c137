"""A file that appears under its name whole, or not at all.

It knows nothing of what is written into it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from runner.struct import struct


@struct
class Draft:
    """A file that nobody sees by its name until it is whole. `path` is how the system finds it."""

    file: BinaryIO
    path: str
    folder: str
    named: bool

    def add(self, path: str) -> bool:
        """Give it the name `path` unless that is taken."""
        try:
            self._link(path)
        except FileExistsError:
            return False
        except OSError:
            if not self.named:
                raise
            # This file system has no hard links.
            if os.path.lexists(path):
                return False
            os.replace(self.path, path)
        return True

    def replace(self, path: str) -> None:
        """Give it the name `path`, whatever had it before."""
        if self.named:
            os.replace(self.path, path)
            return
        passing = _passing_name(self.folder)
        self._link(passing)
        try:
            os.replace(passing, path)
        except BaseException:
            os.unlink(passing)
            raise

    def _link(self, path: str) -> None:
        # `src_dir_fd` makes Python call linkat, which alone can name a file that has no name yet.
        os.link(self.path, path, src_dir_fd=None if self.named else self.file.fileno())


@contextmanager
def open_draft(folder: str) -> Iterator[Draft]:
    """On Linux a file without a name, of which nothing is left even if the program is killed."""
    descriptor = _nameless_file(folder)
    if descriptor is not None:
        with open(descriptor, "w+b") as file:
            yield Draft(file, f"/proc/self/fd/{descriptor}", folder, named=False)
        return
    path = _passing_name(folder)
    with open(path, "x+b") as file:
        try:
            yield Draft(file, path, folder, named=True)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(path)


def _nameless_file(folder: str) -> int | None:
    flag: int | None = getattr(os, "O_TMPFILE", None)
    if flag is None or not os.path.isdir("/proc/self/fd"):
        return None
    try:
        return os.open(folder, flag | os.O_RDWR, 0o666)
    except OSError:
        return None


def _passing_name(folder: str) -> str:
    return os.path.join(folder, f".{os.urandom(8).hex()}.part")
