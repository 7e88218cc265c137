"""Log files in which a command has written nothing, for the next one, under another name.

To make a file and to remove it takes longer than to start a brief command: some file systems look through
all that was removed lately. A file is had again only once nobody else has it open: what a command has left in
the background may yet write into it, and for a moment whatever is being started has all that is open.
"""

from __future__ import annotations

import os
from collections import deque
from contextlib import suppress

from runner.work.quick import close, is_alone_with, rename, size_of, unlink

_FEW, _MANY = 64, 1024
_TRIES = 2
_kept: dict[str, deque[tuple[int, str]]] = {}
"""By the folder: descriptors, and what their files are called, those first that were kept first."""

os.register_at_fork(after_in_child=_kept.clear)


def begin(folder: str) -> None:
    """From now on files of a folder are kept, where descriptors are many; whoever says so ends it, too."""
    if not 0 <= os.sysconf("SC_OPEN_MAX") < _MANY:
        _kept[folder] = deque()


def end(folder: str) -> None:
    """Remove what is kept."""
    for file, path in _kept.pop(folder, ()):
        _remove(file, path)


def take(path: str) -> int:
    """An empty file, called so from now on, to be read and to be appended to; -1 where there is none."""
    kept = _kept.get(os.path.dirname(path)) or deque()
    for _ in range(min(len(kept), _TRIES)):
        try:
            file, before = kept.popleft()
        except IndexError:  # somebody else was quicker
            break
        if not is_alone_with(file):
            kept.append((file, before))
            continue
        with suppress(OSError):  # the folder was removed, say
            if not size_of(file):
                rename(before, path)
                return file
        _remove(file, before)
    return -1


def keep(file: int, path: str) -> bool:
    """Keep a file in which nothing is; False where there are enough."""
    kept = _kept.get(os.path.dirname(path))
    if kept is None or len(kept) >= _FEW:
        return False
    kept.append((file, path))
    return True


def _remove(file: int, path: str) -> None:
    close(file)
    with suppress(OSError):
        unlink(path)
