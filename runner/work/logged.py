"""What Python code logs, where nobody has configured `logging`: written as it is printed, from INFO on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TextIO


class _Lines(logging.Handler):
    """What logging does where nobody has configured it.

    With `ours`, what it does not say is ours is left to who had it before.
    """

    def __init__(self, stream: TextIO, ours: Callable[[], bool] | None) -> None:
        super().__init__()
        self.stream = stream
        self.ours = ours
        self.setFormatter(logging.Formatter(logging.BASIC_FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        if self.ours is not None and not self.ours():
            before = _before[0][0] if _before else None
            if before is not None and record.levelno >= before.level:
                before.handle(record)
            return
        try:
            self.stream.write(self.format(record) + "\n")
        except Exception:
            self.handleError(record)


_before: list[tuple[logging.Handler | None, int]] = []


def route(stream: TextIO, *, beside: Callable[[], bool] | None = None) -> None:
    """From now on what is logged goes there; `beside` says whether something is ours, if not all is."""
    last = logging.lastResort
    if isinstance(last, _Lines) and last.stream is stream:
        return
    if not _before:
        _before.append((last, logging.root.level))
    logging.lastResort = _Lines(stream, beside)
    if logging.root.level == logging.WARNING and not logging.root.handlers:
        logging.root.setLevel(logging.INFO)


def route_no_more() -> None:
    """Leave `logging` as it was found, but for what others have changed meanwhile."""
    if _before:
        last, level = _before.pop()
        if isinstance(logging.lastResort, _Lines):
            logging.lastResort = last
        if logging.root.level == logging.INFO:
            logging.root.setLevel(level)
