"""The listener that tells of a run with all that its tasks print: open what failed, folded away the rest.

It does not know how the service is told to fold.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Protocol, TextIO

from runner.display import visible
from runner.progress import Lines
from runner.progress.narration import Line, Narrator
from runner.records import Event, Status

MOST = 1 << 20
"""Bytes of a log that are shown."""

_margin = "    |"


class Fold(Protocol):
    """What stands between its two is folded away."""

    def begin(self, title: str) -> None: ...

    def end(self) -> None: ...


class Folded:
    """Tells of a run while it goes on."""

    def __init__(
        self,
        logs: Path,
        stream: TextIO,
        fold: Fold,
        *,
        verbose: bool = False,
        explain: bool = False,
        clock: Callable[[], float] = time.monotonic,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self._narrator = Narrator(clock, verbose=verbose, explain=explain)
        self._logs = logs
        self._fold = fold
        coloured = bool(environment.get("FORCE_COLOR")) and not environment.get("NO_COLOR")
        self._lines = Lines(stream, coloured)

    def __enter__(self) -> Folded:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Nothing is left open."""

    def __call__(self, events: Sequence[Event]) -> None:
        """Tell of events."""
        for line in self._narrator.tell(events):
            printed = self._printed_by(line)
            first = next(printed, None)
            if first is None:
                self._lines.print(line)
            elif line.word == Status.FAILED:
                self._lines.print(line)
                self._lines.print_plain(chain([first], printed))
            else:
                self._fold.begin(str(line).strip())
                self._lines.print_plain(chain([first], printed))
                self._fold.end()

    def _printed_by(self, line: Line) -> Iterator[str]:
        """The output to show below a line."""
        texts: Iterator[str] = iter(())
        if line.outcome is not None and line.outcome.log:
            texts = chain.from_iterable(_log(self._logs / name) for name in line.outcome.log)
        elif line.failure is not None:
            texts = iter((line.failure.output or "").splitlines())
        return (f"{_margin} {visible(text)}".rstrip() for text in texts)


def _log(path: Path) -> Iterator[str]:
    """The lines of a log; of a long one those at its end."""
    try:
        with path.open("rb") as file:
            before = file.seek(0, os.SEEK_END) - MOST
            file.seek(max(0, before))
            if before > 0:
                before += len(file.readline())
                yield f"… {before} bytes before this"
            for line in file:
                yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
    except OSError:
        return
