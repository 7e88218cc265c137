"""What Python code logs, where nobody has configured `logging`: written as it is printed, from INFO on."""

from __future__ import annotations

import logging
from typing import TextIO


class _Lines(logging.Handler):
    """What logging does where nobody has configured it."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self.stream = stream
        self.setFormatter(logging.Formatter(logging.BASIC_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self.stream.write(self.format(record) + "\n")
        except Exception:
            self.handleError(record)


_before: list[tuple[logging.Handler | None, int]] = []


def route(stream: TextIO) -> None:
    """From now on what is logged goes there."""
    last = logging.lastResort
    if isinstance(last, _Lines) and last.stream is stream:
        return
    if not _before:
        _before.append((last, logging.root.level))
    logging.lastResort = _Lines(stream)
    if logging.root.level == logging.WARNING and not logging.root.handlers:
        logging.root.setLevel(logging.INFO)


def route_no_more() -> None:
    """Leave `logging` as it was found."""
    if _before:
        logging.lastResort, level = _before.pop()
        logging.root.setLevel(level)
