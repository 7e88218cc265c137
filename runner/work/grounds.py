"""An area that a worker finds by itself, if it is on the same machine: nobody can hand it down.

Knows not who starts workers.
"""

from __future__ import annotations

import os
import stat

from runner.struct import struct
from runner.work.area import Area, make_room
from runner.work.logs import private_file

_flags = os.O_RDWR | os.O_CLOEXEC | os.O_NONBLOCK


@struct
class Place:
    """Where an area lies, and by what it is known: on another machine something else may have that name."""

    path: str
    file: tuple[int, int]
    machine: str


class Ground:
    """An area as long as this lives; who waits reads it here."""

    def __init__(self) -> None:
        self._file = private_file()
        make_room(self._file)
        self.area = Area(self._file)
        self.place = Place(f"/proc/{os.getpid()}/fd/{self._file}", _known_by(os.fstat(self._file)), machine())

    def __del__(self) -> None:
        os.close(self._file)


def area_at(place: Place) -> Area | None:
    """The area, for a worker; None where it is not to be seen from there."""
    if place.machine != machine():
        return None
    try:
        found = os.stat(place.path)
        if _known_by(found) != place.file or not stat.S_ISREG(found.st_mode):
            return None
        file = os.open(place.path, _flags)
    except OSError:
        return None
    try:
        return Area(file)
    finally:
        os.close(file)


def machine() -> str:
    """Differs from machine to machine, and from one start of the system to the next; empty: unknown."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return ""


def _known_by(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
