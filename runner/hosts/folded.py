"""The listener that tells of a run with all that its tasks print: open what failed, folded away the rest.

It does not know how the service is told to fold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import TextIO

from runner.display import shown_lines, visible
from runner.hosts.host import Fold
from runner.progress import Progress
from runner.progress.line import Line
from runner.records import Status, Usual

MOST = 1 << 20
"""Bytes of a log that are shown."""

_margin = "    |"


class Folded(Progress):
    """Tells of a run while it goes on."""

    def __init__(
        self,
        fold: Fold,
        logs: str,
        usual: Callable[[], Usual],
        stream: TextIO,
        *,
        verbose: bool,
        explain: bool,
        repeats: bool,
    ) -> None:
        super().__init__(
            logs,
            usual=usual,
            stream=stream,
            live=False,
            output="none",
            verbose=verbose,
            explain=explain,
            repeats=repeats,
        )
        self._logs = logs
        self._fold = fold

    def _show(self, lines: Sequence[Line]) -> None:
        for line in lines:
            printed = self._printed_by(line)
            first = next(printed, None)
            if first is None:
                self._screen.show([self._paint.line(line)])
            elif line.word == Status.FAILED:
                self._screen.show(chain([self._paint.line(line), first], printed))
            else:
                self._fold.begin(str(line).strip())
                self._screen.show(chain([first], printed))
                self._fold.end()

    def _printed_by(self, line: Line) -> Iterator[str]:
        """The output to show below a line."""
        texts: Iterator[str] = iter(())
        if line.outcome is not None and line.outcome.log:
            texts = chain.from_iterable(_log(os.path.join(self._logs, name)) for name in line.outcome.log)
        elif line.failure is not None:
            texts = iter(shown_lines(line.failure.output or ""))
        return (f"{_margin} {visible(text)}".rstrip() for text in texts)


def _log(path: str) -> Iterator[str]:
    """The lines of a log; of a long one those at its end."""
    try:
        with open(path, "rb") as file:
            before = file.seek(0, os.SEEK_END) - MOST
            file.seek(max(0, before))
            if before > 0:
                before += len(file.readline())
                yield f"… {before} bytes before this"
            for line in file:
                yield line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape")
    except OSError:
        return
