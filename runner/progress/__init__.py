"""The listener that tells people on stderr how a run goes.

On a terminal it keeps a few lines up to date below what it has told; elsewhere it prints a line
for each thing that happens. It knows nothing of how things run, and when nobody can read it any
more it is silent.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import TracebackType

from runner.display import shown_lines, visible
from runner.hints import Literal, TextIO
from runner.progress.last_words import LastWords
from runner.progress.line import Line
from runner.progress.log_tail import LogTail, whole_log
from runner.progress.narration import FATES, Narrator
from runner.progress.over_time import OverTime
from runner.progress.remaining import Remaining
from runner.progress.screens import Lines, LiveScreen, Paint, Screen, is_terminal
from runner.progress.standing import Standing
from runner.records import (
    AttemptFailed,
    Event,
    ItemSettled,
    ItemsSettled,
    RunFinished,
    SliceStarted,
    Usual,
)

Output = Literal["failed", "all", "stream", "none"]

DRAW_EVERY = 0.125
"""Seconds between two looks at what goes on, where all can see it."""

STREAM_EVERY = 0.2
"""Seconds between two looks at what tasks print, where it is streamed."""

TELL_EVERY = 1.0
"""Seconds between two looks at what is to be told though nothing happens."""

_margin = " " * 12 + " |"


class Progress:
    """Tells of a run while it goes on. To be closed, so that the terminal is left as it was."""

    def __init__(
        self,
        log_folder: str,
        *,
        stream: TextIO | None = None,
        output: Output = "failed",
        live: bool = True,
        verbose: bool = False,
        explain: bool = False,
        quiet: bool = False,
        repeats: bool = True,
        clock: Callable[[], float] = time.monotonic,
        environment: Mapping[str, str] = os.environ,
        usual: Callable[[], Usual] = Usual,
    ) -> None:
        """`quiet`: nothing is told but what `explain` asks for. `repeats`: the last words name the failures.

        `usual` tells how the workflow was done before, if somebody wants to know.
        """
        stream = stream or sys.stderr
        standing = Standing()
        remaining = Remaining(usual, standing, clock)
        self._paint = Paint(stream, environment)
        draws = live and is_terminal(stream, environment) and not environment.get("CI")
        self._screen: Screen = Lines(stream)
        if draws:
            from runner.progress.region import Region

            self._screen = LiveScreen(stream, Region(stream, self._paint, standing, remaining, clock))
        self._narrator = Narrator(
            standing, LastWords(standing, repeats), clock, verbose=verbose, explain=explain
        )
        self._over_time = OverTime(standing, remaining, clock, counts=not draws, verbose=verbose)
        self._folder = log_folder
        self._output = output
        self._quiet = quiet
        self._tail = LogTail(self._folder)
        self._telling = threading.Lock()
        self._closing = threading.Event()
        every = DRAW_EVERY if draws else STREAM_EVERY if output == "stream" else TELL_EVERY
        self._watch = threading.Thread(target=self._look, args=(every,), name="runner-progress", daemon=True)

    def __enter__(self) -> Progress:
        if not self._quiet:
            self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, events: Sequence[Event]) -> None:
        """Tell of events."""
        with self._telling:
            if self._output == "stream":
                for event in events:
                    self._follow(event)
                    self._show(self._narrator.tell([event]))
            else:
                self._show(self._narrator.tell(events))
            if not self._quiet:
                self._show(self._over_time.lines())
        if events and type(events[-1]) is RunFinished:
            self.close()

    def look(self) -> None:
        """Tell what has come with time: what is printed, what is slow, how far it is."""
        with self._telling:
            if self._closing.is_set():
                return
            if self._output == "stream":
                self._screen.show(map(_streamed, self._tail.lines()))
            self._show(self._over_time.lines())
            self._screen.draw()

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._closing.set()
        if self._watch.ident is not None:
            self._watch.join()
        self._screen.close()

    def _look(self, every: float) -> None:
        while not self._closing.wait(every):
            self.look()

    def _show(self, lines: Sequence[Line]) -> None:
        if self._quiet:
            lines = [line for line in lines if line.word in FATES]
        if lines:
            self._screen.show(self._written(lines))

    def _written(self, lines: Sequence[Line]) -> Iterator[str]:
        """Lines as they are read, each with the output that belongs below it."""
        for line in lines:
            yield self._paint.line(line)
            if self._output == "all" and line.outcome is not None:
                for name in line.outcome.log:
                    yield from (
                        f"{_margin} {visible(text)}".rstrip()
                        for text in whole_log(os.path.join(self._folder, name))
                    )
            elif self._output == "failed" and line.failure is not None:
                for text in shown_lines(line.failure.output or ""):
                    yield f"{_margin} {text}".rstrip()

    def _follow(self, event: Event) -> None:
        """Follow the logs of what begins, and print what is left of what is over."""
        match event:
            case SliceStarted():
                for item in event.items:
                    name = self._narrator.address(event.fan, item)
                    self._tail.begin(f"{event.fan}-{item.index}-{item.attempt}", name)
            case ItemsSettled():
                for each in event.each():
                    self._show_rest(each)
            case ItemSettled() | AttemptFailed():
                self._show_rest(event)

    def _show_rest(self, event: ItemSettled | AttemptFailed) -> None:
        if event.outcome is not None:
            stem = f"{event.fan}-{event.item.index}-{event.outcome.attempt}"
            self._screen.show(map(_streamed, self._tail.end(stem)))


def _streamed(printed: tuple[str, str]) -> str:
    name, line = printed
    return f"{name} | {visible(line)}"
