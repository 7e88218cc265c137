"""Whether the reports of a run are yet to be written: a file beside its record says so.

The record is complete before its reports are begun, and cannot tell.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

_NAME = "unreported"


def owe(folder: Path) -> None:
    """Note that the run in this folder is to be reported; where that cannot be noted, it is not."""
    with contextlib.suppress(OSError):
        (folder / _NAME).touch(mode=0o600)


def owes(folder: Path) -> bool:
    """Whether the run in this folder is yet to be reported."""
    return (folder / _NAME).exists()


def reported(folder: Path) -> None:
    """All its reports have been written."""
    with contextlib.suppress(OSError):
        (folder / _NAME).unlink(missing_ok=True)
