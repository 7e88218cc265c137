"""Whether a run has begun of which no record can be read: what else there is in its folder shows it.

Of a log that is damaged at its head SQLite reads nothing, and says nothing.
"""

from __future__ import annotations

import contextlib
import os

from runner.store.beside import opened_beside

LOG_HEADER = 32
FRAME_HEADER = 24
MOST_FRAMES = 10_000
RUN_LOG = "run.log"
"""What is printed outside of all tasks; it may be there before the run has begun."""


def has_begun(folder: str) -> bool:
    """Whether tasks have printed something, or something has been committed to the record."""
    with contextlib.suppress(OSError):
        if any(name != RUN_LOG for name in os.listdir(os.path.join(folder, "logs"))):
            return True
    with contextlib.suppress(OSError):
        record = os.path.join(folder, "run.sqlite")
        return _holds_a_commit(f"{record}-wal", _page_size(record))
    return False


def _page_size(record: str) -> int:
    """As the header tells, where 1 means 65536."""
    with opened_beside(record) as file:
        size = int.from_bytes(os.pread(file, 18, 0)[16:])
    return 65536 if size == 1 else size


def _holds_a_commit(log: str, page_size: int) -> bool:
    """Whether a frame of the log says that it is the last of a transaction."""
    with open(log, "rb") as file:
        for number in range(MOST_FRAMES if page_size else 0):
            file.seek(LOG_HEADER + number * (FRAME_HEADER + page_size))
            header = file.read(FRAME_HEADER)
            if len(header) < FRAME_HEADER:
                return False
            if any(header[4:8]):
                return True
    return False
