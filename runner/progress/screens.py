"""Where lines go: to whoever takes one line after the other, or to a terminal that shows more than them.

What a line is made of has nothing in it that steers a terminal; what does is added here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from runner.hints import Protocol, TextIO
from runner.progress.line import Line

AT_ONCE = 200
"""So many lines are written together."""

_colours = {
    "succeeded": "32",
    "failed": "31;1",
    "skipped": "33",
    "cancelled": "33",
    "running": "36",
    "SLOW": "33;1",
    "TRY": "33",
    "stopping": "35;1",
}
_plain_marks = str.maketrans("─━…", "-=.")


class Screen(Protocol):
    """Where lines go."""

    def show(self, lines: Iterable[str]) -> None:
        """Tell something that stays."""
        ...

    def draw(self) -> None:
        """Show what is going on, where that is shown."""
        ...

    def close(self) -> None:
        """Leave what stays, and nothing else."""
        ...


class Paint:
    """Colours for the words that lines begin with, or none."""

    def __init__(self, stream: TextIO, environment: Mapping[str, str]) -> None:
        forced = is_terminal(stream, environment) or bool(environment.get("FORCE_COLOR"))
        self.on = forced and not environment.get("NO_COLOR")

    def line(self, line: Line) -> str:
        """A line as it is written."""
        return self.word(line.word, str(line))

    def word(self, word: str, text: str) -> str:
        """`text`, which begins with a word of that kind."""
        colour = _colours.get(word.partition(" ")[0]) if self.on else None
        return f"\x1b[{colour}m{text[:12]}\x1b[0m{text[12:]}" if colour else text

    def bar(self, text: str) -> str:
        """`text` with the bar in it, of which a part is done."""
        if not self.on:
            return text
        import re

        return re.sub(
            "─+", "\x1b[2m\\g<0>\x1b[0m", re.sub("━+", "\x1b[36m\\g<0>\x1b[0m", text, count=1), count=1
        )


def is_terminal(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Whether it can be drawn on."""
    return stream.isatty() and environment.get("TERM", "dumb") not in ("", "dumb", "unknown")


class Writing:
    """A stream, until nobody reads it any more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        encoding = getattr(stream, "encoding", None) or "utf-8"
        self._encoding = encoding
        self._marks = "" if _can("━…", encoding) else _plain_marks
        self.gone = False

    def write(self, text: str) -> None:
        """Write it at once, or never more."""
        if self.gone or not text:
            return
        if self._marks:
            text = text.translate(self._marks)
        try:
            self._stream.write(text.encode(self._encoding, "backslashreplace").decode(self._encoding))
            self._stream.flush()
        except (OSError, ValueError):
            self.gone = True


def _can(marks: str, encoding: str) -> bool:
    try:
        marks.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class Lines:
    """A stream that takes one line after the other."""

    def __init__(self, stream: TextIO) -> None:
        self._writing = Writing(stream)
        # A terminal may have shown a key that was pressed, such as Ctrl-C.
        self._start = "\r" if stream.isatty() else ""

    def show(self, lines: Iterable[str]) -> None:
        for some in in_parts(lines):
            self._writing.write(self._start + some)

    def draw(self) -> None:
        pass

    def close(self) -> None:
        pass


class LiveScreen:
    """A terminal: lines as above, and below them what is going on at the moment.

    The cursor rests on an empty line above what goes on, so whatever the terminal does there, when its
    size changes or somebody types, what stays is whole, and what is below is drawn anew. No mode of the
    terminal is changed for longer than one writing: no end of the program leaves it different.
    """

    def __init__(self, stream: TextIO, region: Callable[[], list[str]]) -> None:
        self._writing = Writing(stream)
        self._region = region
        self._drawn = ""

    def show(self, lines: Iterable[str]) -> None:
        for some in in_parts(lines):
            self._writing.write(f"{self._erased()}{some}{self._drawn}")

    def draw(self) -> None:
        drawn = _below(self._region())
        if drawn != self._drawn:
            self._writing.write(self._erased() + drawn)
            self._drawn = drawn

    def close(self) -> None:
        if self._drawn:
            self._writing.write(self._erased())
            self._drawn = ""

    def _erased(self) -> str:
        return f"\r{_ERASE if self._drawn else ''}"


def _below(lines: list[str]) -> str:
    """Lines below where the cursor is, and stays; what is too wide for the terminal is cut by it."""
    below = "".join(f"\n{line}" for line in lines)
    return f"{_CUT}{below}{_WRAP}\r\x1b[{len(lines)}A" if lines else ""


# Where the cursor rests in the first row, tmux takes "all from here on" for the whole screen, and keeps what
# it erases for whoever scrolls back. So this row is erased by itself, and what is below from the next one on.
_ERASE = "\x1b[K\x1b7\x1b[B\x1b[J\x1b8"
_CUT, _WRAP = "\x1b[?7l", "\x1b[?7h"


def in_parts(lines: Iterable[str]) -> Iterator[str]:
    """Whole lines, as many together as are written at once."""
    each = iter(lines)
    while some := list(islice(each, AT_ONCE)):
        yield "\n".join(some) + "\n"
