"""The end of what an attempt printed, which is told with its failure, and how much there was before it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress

from runner.struct import struct

tail_lines = 20
tail_bytes = 4096
counted_bytes = 1 << 20
"""Of what is left out the lines are counted as far as that takes no time."""


@struct
class _End:
    """The last lines of a log, and how many bytes are before them, which are whole lines or not."""

    path: str
    lines: list[bytes]
    before: int = 0
    whole: bool = True

    def last(self, number: int) -> list[str]:
        """So many of them, after a line on what was before, if something was."""
        kept = self.lines[-number:]
        lines = [line.decode("utf-8", "replace") for line in kept]
        left_out = self.lines[: -len(kept)]
        return [f"… {self._before(left_out)} before this", *lines] if self.before or left_out else lines

    def _before(self, left_out: list[bytes]) -> str:
        lines = _lines_up_to(self.path, self.before) if self.whole else None
        if lines is None:
            return _number(self.before + sum(len(line) + 1 for line in left_out), "byte")
        return _number(lines + len(left_out), "line")


def tail(paths: Iterable[str]) -> str | None:
    """The last lines of the files, one after the other, a fair share of each."""
    ends = [end for end in map(_end, paths) if any(end.lines)]
    if not ends:
        return None
    share = tail_lines // len(ends)
    room = tail_lines - sum(min(len(end.lines), share) for end in ends)
    return "\n".join(line for end in ends for line in end.last(max(share, min(len(end.lines), share + room))))


def _end(path: str) -> _End:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            before = file.seek(max(size - tail_bytes, 0))
            lines = file.read().rstrip().split(b"\n")
    except OSError:  # a task may have removed it, or no more files may be opened
        return _End(path, [])
    if before and len(lines) > 1:
        before += len(lines.pop(0)) + 1
        return _End(path, lines, before)
    return _End(path, lines, before, whole=not before)


def _lines_up_to(path: str, end: int) -> int | None:
    if end <= counted_bytes:
        with suppress(OSError), open(path, "rb") as file:
            return file.read(end).count(b"\n")
    return None


def _number(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
