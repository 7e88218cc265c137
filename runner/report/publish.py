"""Text → a file that is whole or not there at all. It does not know what it says."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from runner.draft import open_draft
from runner.problem import UserError


class PublishError(UserError):
    """A file could not be written, for a reason outside of the program."""


def publish(path: str, pieces: Iterable[str], shown: str | None = None) -> None:
    """Write `pieces` to `path`: to a file beside it, which then takes its place.

    Errors name it as it is `shown`. Missing folders are made. What is no plain file (a pipe, a device)
    is written to directly.
    """
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            _write(path, pieces)
            return
        target = os.path.realpath(path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _replace(target, pieces)
    except FileExistsError as error:
        raise PublishError(f"cannot write {shown or path}: {error.filename} is no folder") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PublishError(f"cannot write {shown or path}: {reason}") from error


def _replace(target: str, pieces: Iterable[str]) -> None:
    with open_draft(os.path.dirname(target)) as draft:
        if os.path.exists(target):
            os.fchmod(draft.file.fileno(), stat.S_IMODE(os.stat(target).st_mode))
        for piece in pieces:
            draft.file.write(_encoded(piece))
        draft.file.flush()
        draft.replace(target)


def _write(path: str, pieces: Iterable[str]) -> None:
    with open(path, "wb") as file:
        file.writelines(map(_encoded, pieces))


def _encoded(piece: str) -> bytes:
    return piece.encode("utf-8", "backslashreplace")
