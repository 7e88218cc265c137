"""The listener that tells people on stderr how a run goes.

On a terminal it keeps a few lines up to date below what it has told; elsewhere it prints a line
for each thing that happens. It knows nothing of how things run, and when nobody can read it any
more it is silent.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TextIO

from runner.display import cut, took, visible
from runner.progress.log_tail import LogTail, whole_log
from runner.progress.narration import Line, Narrator, Standing
from runner.progress.remaining import Remaining
from runner.records import (
    AttemptFailed,
    Event,
    ItemSettled,
    ItemsSettled,
    RunFinished,
    RunStarted,
    SliceStarted,
    Usual,
)

if TYPE_CHECKING:
    from rich.text import Text

Output = Literal["failed", "all", "stream", "none"]

MOST_RUNNING = 8
WORTH_KNOWING = 1.0
"""Seconds from which on it is told how long a run will still take."""

LOOK_EVERY = 0.2
"""Seconds between two looks at what tasks print, where it is streamed."""

_colours = {"succeeded": "32", "failed": "31;1", "skipped": "33", "cancelled": "33", "running": "36"}
_margin = " " * 12 + " |"


class Progress:
    """Tells of a run while it goes on. To be closed, so that the terminal is left as it was."""

    def __init__(
        self,
        log_folder: Path | str,
        *,
        stream: TextIO | None = None,
        output: Output = "failed",
        live: bool = True,
        verbose: bool = False,
        explain: bool = False,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
        environment: Mapping[str, str] = os.environ,
        usual: Callable[[], Usual] = Usual,
    ) -> None:
        """`quiet`: nothing is told but what `explain` asks for.

        `usual` tells how the workflow was done before, if somebody wants to know.
        """
        stream = stream or sys.stderr
        self._narrator = Narrator(clock, verbose=verbose, explain=explain, quiet=quiet)
        self._folder = Path(log_folder)
        self._output = output
        self._printing = threading.Lock()
        remaining = Remaining(usual, self._narrator.standing, clock)
        self._screen = _screen(stream, live, environment, self._narrator.standing, clock, remaining)
        self._tail = LogTail(self._folder)
        self._closing = threading.Event()
        self._watch: threading.Thread | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, events: Sequence[Event]) -> None:
        """Tell of events."""
        if events and type(events[0]) is RunStarted:
            self._screen.begin()
        if self._output == "stream":
            for event in events:
                self._stream(event)
                self._print(self._narrator.tell([event]))
        else:
            self._print(self._narrator.tell(events))
        if events and type(events[-1]) is RunFinished:
            self.close()

    def _print(self, lines: Sequence[Line]) -> None:
        if lines:
            with self._printing:
                for line in lines:
                    self._screen.print(line)
                    self._screen.print_plain(self._printed_by(line))

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._closing.set()
        if self._watch is not None:
            self._watch.join()
            self._watch = None
        self._screen.close()

    def _printed_by(self, line: Line) -> Iterator[str]:
        """The output to show below a line."""
        if self._output == "all" and line.outcome is not None:
            for name in line.outcome.log:
                yield from (f"{_margin} {visible(text)}".rstrip() for text in whole_log(self._folder / name))
        elif self._output == "failed" and line.failure is not None:
            for text in (line.failure.output or "").splitlines():
                yield f"{_margin} {visible(text)}".rstrip()

    def _stream(self, event: Event) -> None:
        """Follow the logs of what begins, and print what is left of what is over."""
        with self._printing:
            match event:
                case SliceStarted():
                    for item in event.items:
                        name = self._narrator.address(event.fan, item)
                        self._tail.begin(f"{event.fan}-{item.index}-{item.attempt}", name)
                case ItemsSettled():
                    for each in event.each():
                        self._end_stream(each)
                case ItemSettled() | AttemptFailed():
                    self._end_stream(event)
        if self._watch is None:
            self._watch = threading.Thread(target=self._look, name="runner-output", daemon=True)
            self._watch.start()

    def _end_stream(self, event: ItemSettled | AttemptFailed) -> None:
        if event.outcome is not None:
            stem = f"{event.fan}-{event.item.index}-{event.outcome.attempt}"
            self._screen.print_plain(map(_streamed, self._tail.end(stem)))

    def _look(self) -> None:
        while not self._closing.wait(LOOK_EVERY):
            with self._printing:
                self._screen.print_plain(map(_streamed, self._tail.lines()))


def _streamed(printed: tuple[str, str]) -> str:
    name, line = printed
    return f"{name} | {visible(line)}"


# Where it is shown ------------------------------------------------------------------------------


class Screen(Protocol):
    """Where lines go."""

    def print(self, line: Line) -> None:
        """Tell one thing."""
        ...

    def print_plain(self, lines: Iterator[str]) -> None:
        """Show what a task printed."""
        ...

    def begin(self) -> None:
        """Something goes on now."""
        ...

    def close(self) -> None:
        """Print nothing more."""
        ...


def _screen(
    stream: TextIO,
    live: bool,
    environment: Mapping[str, str],
    standing: Standing,
    clock: Callable[[], float],
    remaining: Remaining,
) -> Screen:
    terminal = stream.isatty() and environment.get("TERM") != "dumb"
    colour = not environment.get("NO_COLOR") and (terminal or bool(environment.get("FORCE_COLOR")))
    if live and terminal and not environment.get("CI"):
        return LiveScreen(stream, colour, standing, clock, remaining)
    return Lines(stream, colour)


class Lines:
    """A stream that takes one line after the other."""

    def __init__(self, stream: TextIO, colour: bool) -> None:
        self._stream = stream
        self._colour = colour
        self._gone = False

    def print(self, line: Line) -> None:
        text = str(line)
        colour = _colours.get(line.word)
        if self._colour and colour:
            text = f"\x1b[{colour}m{text[:12]}\x1b[0m{text[12:]}"
        self._write(text)

    def print_plain(self, lines: Iterator[str]) -> None:
        for line in lines:
            self._write(line)

    def begin(self) -> None:
        pass

    def close(self) -> None:
        pass

    def _write(self, text: str) -> None:
        if self._gone:
            return
        try:
            self._stream.write(text.encode("utf-8", "backslashreplace").decode() + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            self._gone = True


class LiveScreen:
    """A terminal: lines as above, and below them what is going on at the moment."""

    def __init__(
        self,
        stream: TextIO,
        colour: bool,
        standing: Standing,
        clock: Callable[[], float],
        remaining: Remaining,
    ) -> None:
        from rich.console import Console
        from rich.live import Live

        self._standing = standing
        self._colour = colour
        self._clock = clock
        self._remaining = remaining
        self._begun = clock()
        self._console = Console(
            file=stream, force_terminal=True, no_color=not colour, highlight=False, markup=False, emoji=False
        )
        self._live = Live(
            get_renderable=self._now,
            console=self._console,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._gone = False

    def print(self, line: Line) -> None:
        text = _rich_text(str(line))
        if self._colour and line.word in _styles:
            text.stylize(_styles[line.word], 0, 12)
        self._write(text)

    def print_plain(self, lines: Iterator[str]) -> None:
        for line in lines:
            self._write(_rich_text(line))

    def close(self) -> None:
        if self._live.is_started:
            with contextlib.suppress(OSError, ValueError):
                self._live.stop()

    def begin(self) -> None:
        """Show what is going on from now on."""
        if not self._gone and not self._live.is_started:
            self._live.start()

    def _write(self, text: Text) -> None:
        if self._gone:
            return
        try:
            self._console.print(text, soft_wrap=True)
        except (OSError, ValueError):
            self._gone = True

    def _now(self) -> Any:
        """What is shown at the bottom: how far the run is, and what runs."""
        standing = self._standing
        running = list(standing.running.values())
        lines = [f"{standing.settled} of {standing.tasks} tasks, {self._time()}"]
        for address, series, total in running[:MOST_RUNNING]:
            counts = series.counts()
            items = f" {counts.total}{f' of {total}' if total else ''}" if series.many else ""
            failed = f", {counts.failed} failed" if series.many and counts.failed else ""
            lines.append(f"  {address}{items}{failed}")
        if len(running) > MOST_RUNNING:
            lines.append(f"  and {len(running) - MOST_RUNNING} more")
        columns = self._console.width - 1
        return _rich_text("\n".join(cut(line, columns) for line in lines))

    def _time(self) -> str:
        """How long it has taken and, once that is worth knowing, will take."""
        spent = self._clock() - self._begun
        left = self._remaining.seconds() if spent >= WORTH_KNOWING else None
        if left is None or left < WORTH_KNOWING:
            return took(spent)
        return f"{took(spent)}, about {f'{left:.0f}s' if left < 59.5 else took(left)} left"


_styles = {"succeeded": "green", "failed": "bold red", "skipped": "yellow", "cancelled": "yellow"}


def _rich_text(text: str) -> Text:
    from rich.text import Text

    return Text(text, no_wrap=True, overflow="ignore")
