"""What files hold, as a few bytes: those that patterns name, and each of them.

Knows nothing of tasks. Contents are read again only if the file has changed since.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from hashlib import blake2b

from runner.work.command import Halt

LENGTH = 16
BLOCK = 1 << 20
_settled_after = 2.0
"""Seconds after which a change leaves another time on the file, on the coarsest of file systems."""
_most_remembered = 50_000


class Unreadable(Exception):
    """Files whose contents cannot be told; its text says why, in the user's words."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What some files hold. `missing` are those that are named outright, and are not there."""

    digest: bytes
    files: dict[str, bytes]
    missing: tuple[str, ...] = ()


def contents(patterns: Sequence[str], folder: str, halt: Halt) -> Contents:
    """The contents of all files that patterns name, from `folder`, a folder for all that is in it.

    Raises `Unreadable`.
    """
    files: dict[str, bytes] = {}
    missing = []
    for pattern in patterns:
        names = _named(pattern, folder)
        if not names and not has_magic(pattern):
            missing.append(pattern)
        for name in names:
            if name not in files:
                files[name] = _content(os.path.join(folder, name), name, halt)
    return Contents(digest_of(files.items()), files, tuple(missing))


def digest_of(files: Iterable[tuple[str, bytes]]) -> bytes:
    """One digest for files and their contents, in whatever order they come."""
    whole = blake2b(digest_size=LENGTH)
    for name, content in sorted(files):
        encoded = os.fsencode(name)
        whole.update(b"%d %b %b " % (len(encoded), encoded, content))
    return whole.digest()


def _named(pattern: str, folder: str) -> list[str]:
    """The names of the files that a pattern fits. Raises `Unreadable`."""
    if "\0" in pattern:
        raise Unreadable("the name of a file cannot hold NUL")
    found = glob(pattern, root_dir=folder, recursive=True)
    return sorted({name for one in found for name in _files_at(os.path.normpath(one), folder)})


def _files_at(name: str, folder: str) -> Iterator[str]:
    """A file, or all files in a folder but the hidden ones, which patterns pass over, too."""
    top = os.path.join(folder, name)
    if not os.path.isdir(top):
        yield name
        return

    def refuse(error: OSError) -> None:
        raise _cannot_be_read(os.path.relpath(error.filename, folder), error)

    for where, folders, names in os.walk(top, onerror=refuse):
        folders[:] = [each for each in folders if not each.startswith(".")]
        inside = os.path.normpath(os.path.join(name, os.path.relpath(where, top)))
        yield from (os.path.join(inside, each) for each in names if not each.startswith("."))


_remembered: dict[str, tuple[tuple[int, ...], bytes]] = {}


def _content(path: str, name: str, halt: Halt) -> bytes:
    """A digest of one file: its contents, and whether it can be executed."""
    try:
        stamp = _stamp(path)
        known = _remembered.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        began = time.time()
        digest = _digest(path, name, halt)
        if stamp == _stamp(path) and max(stamp[:2]) / 1e9 < began - _settled_after:
            if len(_remembered) >= _most_remembered:
                _remembered.clear()
            _remembered[path] = stamp, digest
        return digest
    except FileNotFoundError:  # a link to nowhere, or it has just gone
        return b"nothing"
    except OSError as error:
        raise _cannot_be_read(name, error) from None


def _stamp(path: str) -> tuple[int, ...]:
    state = os.stat(path)
    return state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino, state.st_dev, state.st_mode


def _digest(path: str, name: str, halt: Halt) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(file).st_mode
        if not stat.S_ISREG(mode):
            raise Unreadable(f"{name} is not a regular file")
        digest = blake2b(b"x" if mode & stat.S_IXUSR else b"-", digest_size=LENGTH)
        while block := os.read(file, BLOCK):
            if halt.stopping:
                raise Unreadable("the run was stopped")
            digest.update(block)
        return digest.digest()
    finally:
        os.close(file)


def _cannot_be_read(name: str, error: OSError) -> Unreadable:
    return Unreadable(f"{name} cannot be read: {(error.strerror or str(error)).lower()}")
