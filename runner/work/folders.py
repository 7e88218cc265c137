"""The folder of a run's logs, made again where somebody has removed it: private, and unseen by git.

It knows where that lies: `runs/<id>/logs` in the folder of all runs.
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

_MODE = 0o700

_made_again: set[str] = set()


def make_again(folder: str) -> None:
    """Make it, if it is missing, and what is missing above it, as they were."""
    path = Path(folder)
    missing = list(takewhile(lambda each: not each.exists(), (path, *path.parents)))
    if missing:
        note_made_again(folder)
    for each in reversed(missing):
        with suppress(FileExistsError):  # another attempt has just made it
            os.mkdir(each, _MODE)
    if missing and path.parent.parent.name == "runs":
        _hide(path.parents[2] / ".gitignore")


def is_made_again(folder: str) -> bool:
    """Whether this process has made it again, or was told of another that has."""
    return folder in _made_again


def note_made_again(folder: str) -> None:
    """Another process has made it again."""
    _made_again.add(folder)


def was_removed(folder: str) -> bool:
    """Whether it is missing, or was made again."""
    return folder in _made_again or not os.path.isdir(folder)


def _hide(file: Path) -> None:
    """Who is about to remove the folder of all runs may have got to this one only, so far."""
    if not file.exists():
        file.write_text("*\n")
