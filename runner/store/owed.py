"""Whether the reports of a run are yet to be written: a file beside its record says so.

The record is complete before its reports are begun, and cannot tell.
"""

from __future__ import annotations

import contextlib
import os

_NAME = "unreported"


def owe(folder: str) -> None:
    """Note that the run in this folder is to be reported; where that cannot be noted, it is not."""
    with contextlib.suppress(OSError):
        os.close(os.open(_file(folder), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def owes(folder: str) -> bool:
    """Whether the run in this folder is yet to be reported."""
    return os.path.exists(_file(folder))


def reported(folder: str) -> None:
    """All its reports have been written."""
    with contextlib.suppress(OSError):
        os.unlink(_file(folder))


def _file(folder: str) -> str:
    return os.path.join(folder, _NAME)
