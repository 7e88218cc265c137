"""What running tasks print, line by line as they print it. It knows no terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator

from runner.struct import struct

BLOCK = 1 << 16
LONGEST = 1 << 13
"""A line that is longer is told in parts."""


@struct(frozen=False)
class _Log:
    path: str
    name: str
    read: int = 0
    rest: bytes = b""


class LogTail:
    """The logs of the attempts under way."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._logs: dict[str, list[_Log]] = {}

    def begin(self, stem: str, name: str) -> None:
        """An attempt began whose logs are named `stem` with a suffix."""
        suffixes = (".out", ".err")
        self._logs[stem] = [_Log(os.path.join(self._folder, f"{stem}{suffix}"), name) for suffix in suffixes]

    def lines(self) -> Iterator[tuple[str, str]]:
        """Whole lines that were printed since the last call, each with its attempt's name."""
        for logs in list(self._logs.values()):
            for log in logs:
                yield from _new_lines(log)

    def end(self, stem: str) -> Iterator[tuple[str, str]]:
        """What is left of an attempt that is over."""
        for log in self._logs.pop(stem, []):
            yield from _new_lines(log)
            if log.rest:
                yield log.name, _text(log.rest)


def whole_log(path: str) -> Iterator[str]:
    """The lines of a log that is complete."""
    log = _Log(path, "")
    yield from (line for _, line in _new_lines(log))
    if log.rest:
        yield _text(log.rest)


def _new_lines(log: _Log) -> Iterator[tuple[str, str]]:
    try:
        with open(log.path, "rb") as file:
            file.seek(log.read)
            while block := file.read(BLOCK):
                log.read += len(block)
                *lines, log.rest = (log.rest + block).split(b"\n")
                yield from ((log.name, _text(line)) for line in lines)
                if len(log.rest) > LONGEST:
                    yield log.name, _text(log.rest)
                    log.rest = b""
    except OSError:
        return


def _text(line: bytes) -> str:
    return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")
