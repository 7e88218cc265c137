"""The folder of a run's logs, made again where somebody has removed it: private, and unseen by git.

It knows where that lies: `runs/<id>/logs` in the folder of all runs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import takewhile

from runner.state_folder import MODE, hide

_made_again: set[str] = set()


def make_again(folder: str) -> None:
    """Make it, if it is missing, and what is missing above it, as they were."""
    missing = list(takewhile(lambda each: not os.path.exists(each), _upwards(folder)))
    if missing:
        note_made_again(folder)
    for each in reversed(missing):
        with suppress(FileExistsError):  # another attempt has just made it
            os.mkdir(each, MODE)
    runs = os.path.dirname(os.path.dirname(folder))
    # Who is about to remove the folder of all runs may have got to what hides it only, so far.
    if missing and os.path.basename(runs) == "runs":
        hide(os.path.dirname(runs))


def _upwards(folder: str) -> Iterator[str]:
    """It, and the folders around it."""
    while folder:
        yield folder
        folder = os.path.dirname(folder) if folder != os.path.dirname(folder) else ""


def is_made_again(folder: str) -> bool:
    """Whether this process has made it again, or was told of another that has."""
    return folder in _made_again


def note_made_again(folder: str) -> None:
    """Another process has made it again."""
    _made_again.add(folder)


def was_removed(folder: str) -> bool:
    """Whether it is missing, or was made again."""
    return folder in _made_again or not os.path.isdir(folder)
