"""Logs that have come back from where they were written, put where those of the run lie."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from runner.engine.outpost import Answer

PartOf = Callable[[str, int], bytes]
"""What a file there holds from a place on, or the beginning of that."""


def write_logs(folder: str, answer: Answer, part_of: PartOf) -> None:
    """Write all that came with an answer, and fetch what did not."""
    for name, text in answer.logs.items():
        with open(os.path.join(folder, name), "wb", opener=_private) as file:
            file.write(text)
            if name in answer.sizes:
                path = os.path.join(answer.folder, name)
                file.writelines(_rest(path, len(text), answer.sizes[name], part_of))


def _rest(path: str, start: int, size: int, part_of: PartOf) -> Iterator[bytes]:
    while start < size:
        part = part_of(path, start)
        if not part:
            yield b"\n[the rest of this log was lost with its worker]\n"
            return
        yield part
        start += len(part)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
