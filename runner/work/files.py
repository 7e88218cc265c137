"""What files hold, as a few bytes: those that patterns name, and each of them.

Knows nothing of tasks. Contents are read again only if the file has changed since.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from glob import escape, has_magic

from runner.blake import blake2b
from runner.patterns import as_meant, found
from runner.struct import struct
from runner.work.halt import Halt

LENGTH = 16
BLOCK = 1 << 20
_settled_after = 2.0
"""Seconds after which a change leaves another time on the file, on the coarsest of file systems."""
_most_remembered = 50_000


class Unreadable(Exception):
    """Files whose contents cannot be told; its text says why, in the user's words."""


@struct
class Contents:
    """What some files hold. `missing` are those that are named outright, and are not there.

    `stamps` are the times, sizes and numbers of the files when they were read.
    """

    digest: bytes
    files: dict[str, bytes]
    missing: tuple[str, ...] = ()
    stamps: tuple[tuple[int, ...], ...] = ()


def contents(patterns: Sequence[str], folder: str, halt: Halt) -> Contents:
    """The contents of all files that patterns name, from `folder`, a folder for all that is in it.

    Raises `Unreadable`.
    """
    files: dict[str, bytes] = {}
    stamps, missing = [], []
    for pattern in patterns:
        names = _named(pattern, folder)
        if not names and not has_magic(pattern) and not os.path.lexists(os.path.join(folder, pattern)):
            missing.append(pattern)
        for name in names:
            if name not in files:
                stamps.append(_stamp(os.path.join(folder, name), name))
                files[name] = _content(os.path.join(folder, name), name, halt)
    return Contents(digest_of(files.items()), files, tuple(missing), tuple(stamps))


def still_hold(before: Contents, patterns: Sequence[str], folder: str) -> bool:
    """Whether nobody has touched the files since, nor made others that the patterns name.

    Raises `Unreadable`.
    """
    names = dict.fromkeys(name for pattern in patterns for name in _named(pattern, folder))
    if list(names) != list(before.files):
        return False
    return all(
        _stamp(os.path.join(folder, name), name) == stamp
        for name, stamp in zip(names, before.stamps, strict=True)
    )


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
    _look_into(pattern, folder)
    names = found(pattern, folder)
    return sorted({each for one in names for each in _files_at(os.path.normpath(one), folder)})


def _look_into(pattern: str, folder: str) -> None:
    """`glob` passes over folders that it may not look into, and they may hold anything."""
    parts = pattern.split("/")
    meant = as_meant(pattern, folder).split("/")
    plain = next((at for at, part in enumerate(parts) if meant[at] != escape(part)), len(parts) - 1)
    top = os.path.join(folder, "/".join(parts[:plain]) or ("/" if pattern.startswith("/") else "."))
    try:
        with os.scandir(top):
            pass
        if "**" in parts:
            for _ in os.walk(top, onerror=_refuse(folder)):
                pass
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise _cannot_be_read(os.path.relpath(top, folder), error) from None


def _refuse(folder: str) -> Callable[[OSError], None]:
    def refuse(error: OSError) -> None:
        raise _cannot_be_read(os.path.relpath(error.filename, folder), error)

    return refuse


def _files_at(name: str, folder: str) -> Iterator[str]:
    """A file, or all files in a folder but the hidden ones, which patterns pass over, too."""
    top = os.path.join(folder, name)
    if not os.path.isdir(top):
        yield name
        return

    for where, folders, names in os.walk(top, onerror=_refuse(folder)):
        folders[:] = [each for each in folders if not each.startswith(".")]
        inside = os.path.normpath(os.path.join(name, os.path.relpath(where, top)))
        yield from (os.path.join(inside, each) for each in names if not each.startswith("."))


_remembered: dict[str, tuple[tuple[int, ...], bytes]] = {}


def _content(path: str, name: str, halt: Halt) -> bytes:
    """A digest of one file: its contents, and whether it can be executed."""
    try:
        stamp = _stamp(path, name)
        known = _remembered.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        began = time.time()
        digest = _digest(path, name, halt)
        if stamp and stamp == _stamp(path, name) and max(stamp[:2]) / 1e9 < began - _settled_after:
            if len(_remembered) >= _most_remembered:
                _remembered.clear()
            _remembered[path] = stamp, digest
        return digest
    except FileNotFoundError:  # a link to nowhere, or it has just gone
        return b"nothing"
    except OSError as error:
        raise _cannot_be_read(name, error) from None


def _stamp(path: str, name: str) -> tuple[int, ...]:
    """What tells that a file has been touched; nothing where there is none. Raises `Unreadable`."""
    try:
        state = os.stat(path)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _cannot_be_read(name, error) from None
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
