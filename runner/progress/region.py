"""What is shown below the lines while a run goes on: a bar for all of it, and what runs. It draws nothing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from typing import TextIO

from runner.display import cut, one_line, width
from runner.progress.line import SLOW, Line, about
from runner.progress.over_time import WORTH_KNOWING, how_far
from runner.progress.remaining import Remaining
from runner.progress.screens import Paint
from runner.progress.standing import Fan, Standing, UnderWay
from runner.store.entries import group_kinds
from runner.struct import replace

MOST_RUNNING = 8
FEWEST_ROWS = 4
"""Of a terminal that shows it: for an empty line, the run, how many more there are, and one that scrolls."""

LONGEST_BAR = 60
SHORTEST_BAR = 8
LEAST_OF_A_NAME = 8
"""Columns."""

LONGEST_TIME = ", about 59m 59s left"
"""So much room is left beside the bar, so that it keeps its length."""


class Region:
    """The lines of the moment, as wide and as many as the terminal has room for."""

    def __init__(
        self,
        stream: TextIO,
        paint: Paint,
        standing: Standing,
        remaining: Remaining,
        clock: Callable[[], float],
    ) -> None:
        self._stream = stream
        self._paint = paint
        self._standing = standing
        self._remaining = remaining
        self._clock = clock

    def __call__(self) -> list[str]:
        """What goes on."""
        columns, rows = _size(self._stream)
        if rows < FEWEST_ROWS:
            return []
        now = self._clock()
        self._standing.look(now)
        most = min(MOST_RUNNING, rows - FEWEST_ROWS)
        running = self._running(now)
        word = "stopping" if self._standing.stopping else "running"
        lines = [self._paint.bar(self._paint.word(word, self._overall(word, now, columns)))]
        for line in running[:most]:
            lines.append(self._paint.word(line.word, _fitted(line, columns)))
        if most and len(running) > most:
            lines.append(cut(str(Line("", text=f"… and {len(running) - most} more")), columns))
        return lines

    def _overall(self, word: str, now: float, columns: int) -> str:
        """The run as a whole, with a bar as long as there is room."""
        standing = self._standing
        spent = now - standing.begun
        said = [f"{len(standing.done)} of {standing.tasks} tasks"]
        failed = standing.verdicts.get("failed", 0)
        said += [f"{failed} failed"] if failed else []
        text = ", ".join(said)
        head = str(Line(word, "_", spent))[:-1]
        left = self._remaining.seconds()
        room = columns - width(head) - width(text) - 2 - (0 if left is None else len(LONGEST_TIME))
        bar = _bar(self._remaining.share_done(), min(room, LONGEST_BAR)) if room >= SHORTEST_BAR else ""
        time = "" if left is None or min(left, spent) < WORTH_KNOWING else f", {about(left)} left"
        return cut(f"{head}{bar}{text}{time}", columns)

    def _running(self, now: float) -> list[Line]:
        """A line for each map, and each task inside of maps, then one for each plain task that runs."""
        at_work = {given.fan.opened.fan: given for given in self._standing.under_way()}
        counts = Counter(given.fan.series.path for given in self._standing.under_way())
        maps: dict[str, Line] = {}
        lines = []
        for number, fan in self._standing.running.items():
            if fan.series.many:
                if fan.series.path not in maps:
                    maps[fan.series.path] = _of_map(fan, counts[fan.series.path], now)
            elif number in at_work:
                lines.append(_of_task(at_work[number], now))
            elif fan.opened.kind not in group_kinds and not self._standing.is_given(number):
                lines.append(Line("", one_line(fan.opened.address), text="waits for its next try"))
        return [*maps.values(), *lines]


def _of_map(fan: Fan, under_way: int, now: float) -> Line:
    series = fan.series
    begun = series.opened if series.begun is None else series.begun
    said = "" if series.total is not None else " done"
    said += f", {under_way} running" if under_way else ""
    return Line("", one_line(series.path), now - begun, how_far(series, now, said))


def _of_task(given: UnderWay, now: float) -> Line:
    attempt = given.items[0].attempt
    word = SLOW if given.slow else f"TRY {attempt}" if attempt > 1 else ""
    return Line(word, given.name, now - (now if given.begun is None else given.begun))


def _fitted(line: Line, columns: int) -> str:
    """A line of the terminal; rather than what is said of a long name, its end is left out, if that does."""
    room = width(line.name) - max(0, width(str(line)) - columns)
    if line.text and room >= LEAST_OF_A_NAME:
        line = replace(line, name=cut(line.name, room))
    return cut(str(line).replace("\t", " "), columns)


def _bar(share: float, room: int) -> str:
    """A bar of so many columns, never quite full."""
    done = min(room - 1, int(share * room))
    return f"{'━' * done}{'─' * (room - done)}  "


def _size(stream: TextIO) -> tuple[int, int]:
    """Columns and rows of the terminal; it may have another size any time."""
    try:
        columns, rows = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return 80, 24
    return columns or 80, rows or 24
