"""The Python files of a folder as bytes, for machines that do not see it.

Knows not what is in them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import blake2b
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from runner.struct import struct

_mega = 1 << 20

MOST = 32 * _mega
"""Bytes: more than that is no folder of a workflow's own modules."""

_passed_over = {"__pycache__", "node_modules", "site-packages"}


@struct
class Modules:
    """The files below a folder: as an archive, and by what they are known. No archive: they are too much."""

    folder: str
    archive: bytes
    digest: str
    size: int

    @property
    def why_not_sent(self) -> str:
        """Why they go nowhere, and what to do; empty if they go."""
        if self.archive:
            return ""
        return (
            f"the Python files below '{self.folder}' are {-(-self.size // _mega)} MB, and no more than "
            f"{MOST // _mega} MB are sent to workers: install them there, or have the same folder there"
        )


def modules_of(folder: str) -> Modules:
    """Those of a folder as they are now."""
    packed = BytesIO()
    size = sum(os.path.getsize(os.path.join(folder, name)) for name in _names(folder))
    if size > MOST:
        return Modules(folder, b"", "", size)
    with ZipFile(packed, "w", ZIP_DEFLATED, strict_timestamps=False) as archive:
        for name in _names(folder):
            archive.write(os.path.join(folder, name), name)
    return Modules(folder, packed.getvalue(), digest(folder), size)


def unpacked(modules: Modules, place: str) -> str:
    """A folder that has these files: their own, where it does, or a new one in `place`."""
    if not modules.archive or (os.path.isdir(modules.folder) and digest(modules.folder) == modules.digest):
        return modules.folder
    folder = os.path.join(place, f"modules-{modules.digest[:12]}")
    with ZipFile(BytesIO(modules.archive)) as archive:
        archive.extractall(folder)
    return folder


def digest(folder: str) -> str:
    """Differs where a name or the contents of a file do."""
    whole = blake2b(digest_size=16)
    for name in _names(folder):
        whole.update(os.fsencode(name) + b"\0")
        with open(os.path.join(folder, name), "rb") as file:
            whole.update(file.read())
    return whole.hexdigest()


def _names(folder: str) -> Iterator[str]:
    """The Python files below a folder; neither hidden ones nor those of an environment."""
    for place, folders, files in os.walk(folder):
        kept = (it for it in folders if not it.startswith(".") and it not in _passed_over)
        folders[:] = sorted(it for it in kept if not os.path.exists(f"{place}/{it}/pyvenv.cfg"))
        for name in sorted(files):
            if name.endswith(".py") and os.path.isfile(os.path.join(place, name)):
                yield os.path.relpath(os.path.join(place, name), folder)
