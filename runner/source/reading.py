"""The text of a file or of standard input: UTF-8, and of no more than a limit; or why it cannot be had."""

from __future__ import annotations

import os
import stat
import sys
from codecs import getincrementaldecoder
from typing import BinaryIO

from runner.encodings import longest_mark, other_encoding
from runner.likeness import nearest_file
from runner.links import broken_link
from runner.position import Fault, Position
from runner.source.lines import line_break

most_bytes = 64 * 1024 * 1024
_piece = 1 << 20

_save = "save the file as UTF-8"


class SourceError(Exception):
    """A file that cannot be read at all."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _TooLarge(Exception):
    """More than is ever read."""


def read_text(path: str, stdin: BinaryIO | None = None) -> str:
    """The text of a file, or of standard input for `-`. Raises `SourceError`."""
    try:
        if path == "-":
            return _standard_input(stdin)
        with open(path, "rb") as file:
            return _all_of(file)
    except UnicodeDecodeError as error:
        raise _not_utf8(path, error.object, error.start) from None
    except FileNotFoundError:
        raise _refusal(
            path, "not-found", "there is no such file", broken_link(path) or _near_files(path)
        ) from None
    except IsADirectoryError:
        raise _refusal(path, "not-a-file", "this is a folder, not a file", _inside(path)) from None
    except _TooLarge:
        raise _refusal(path, "too-large", f"the file is larger than {most_bytes >> 20} MB") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refusal(path, "unreadable", f"the file cannot be read: {reason}") from None


def _standard_input(stdin: BinaryIO | None) -> str:
    if stdin is None:
        if sys.stdin is None:
            raise ValueError("standard input is closed")
        stdin = sys.stdin.buffer
    return _all_of(stdin)


def _all_of(file: BinaryIO) -> str:
    """What a file holds; raises `_TooLarge`, before it is all in memory."""
    size = _size_of(file)
    if size is None:
        return _all_of_a_stream(file)
    if size > most_bytes:
        raise _TooLarge
    return _decoded(file)


def _decoded(file: BinaryIO) -> str:
    """The text of a file, piece by piece: of a large one the bytes would take as much memory again."""
    begin = file.tell()
    decode = getincrementaldecoder("utf-8")().decode
    text = ""
    try:
        for _ in range(most_bytes // _piece):
            if not (data := file.read(_piece)):
                break
            text += decode(data)  # in its place, since nobody else has it
        text += decode(b"", True)
    except UnicodeDecodeError:
        file.seek(begin)
        return file.read(most_bytes).decode("utf-8")  # where it tells the place in the file
    return text


def _size_of(file: BinaryIO) -> int | None:
    """None for a pipe or a device."""
    try:
        found = os.fstat(file.fileno())
    except (OSError, ValueError):
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _all_of_a_stream(file: BinaryIO) -> str:
    """Only its end tells how large it is: what is long is on the disk until then."""
    data = file.read(_piece)
    if len(data) < _piece:
        return data.decode("utf-8")
    from tempfile import TemporaryFile

    with TemporaryFile() as kept:
        while data:
            kept.write(data)
            if kept.tell() > most_bytes:
                raise _TooLarge
            data = file.read(_piece)
        kept.seek(0)
        return _decoded(kept)


def _refusal(
    path: str, code: str, message: str, hint: str = "", line: int = 0, column: int = 0
) -> SourceError:
    return SourceError(Fault(Position(path, line, column), code, message, hint))


def _not_utf8(path: str, data: bytes, at: int) -> SourceError:
    if name := other_encoding(data[:longest_mark]):
        return _refusal(path, "not-utf-8", f"the file is {name}, and UTF-8 is expected", _save, 1, 1)
    before = data[:at].decode("utf-8")
    lines = line_break.split(before)
    message = f"byte 0x{data[at]:02X} is not UTF-8"
    return _refusal(path, "not-utf-8", message, _save, len(lines), len(lines[-1]) + 1)


def _near_files(path: str) -> str:
    from os import listdir
    from os.path import basename, dirname, isfile, join

    folder = dirname(path)
    try:
        names = [
            name
            for name in listdir(folder or ".")
            if name.endswith((".yml", ".yaml")) and isfile(join(folder, name))
        ]
    except OSError:
        return f"there is no folder '{folder}'"
    near = nearest_file(basename(path), names)
    return f"did you mean '{join(folder, near)}'?" if near else ""


def _inside(path: str) -> str:
    from os.path import isfile, join

    for name in ("workflow.yml", "workflow.yaml"):
        if isfile(join(path, name)):
            return f"did you mean '{join(path, name)}'?"
    return ""
