"""A callable as it is once imported, told to who is perhaps in another process: is it there, does it fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.callables.loading import ImportFailure, load
from runner.struct import struct

if TYPE_CHECKING:
    from runner.callables.inspection import ArgumentFault


@struct
class Wanted:
    """A reference, the folder of the file that names it, and the names of arguments that are in doubt."""

    reference: str
    folder: str
    arguments: tuple[str, ...] | None = None


@struct
class Missing:
    """Why there is no callable; `traceback` and `missing` as those of an `ImportFailure`."""

    message: str
    hint: str = ""
    traceback: str | None = None
    missing: tuple[int, int] | None = None


def look(wanted: Wanted) -> Missing | tuple[ArgumentFault, ...]:
    """Import it, and tell what is wrong."""
    try:
        function = load(wanted.reference, wanted.folder)
        if wanted.arguments is None:
            return ()
        from runner.callables.fitting import misfits

        return tuple(misfits(wanted.reference, function, wanted.arguments))
    except ImportFailure as failure:
        return Missing(failure.message, failure.hint, failure.traceback, failure.missing)
