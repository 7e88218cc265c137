"""A pseudo-terminal with a program in it, and the screen that somebody in front of it would see."""

from __future__ import annotations

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

pyte = pytest.importorskip("pyte", reason="the emulator of a terminal is missing: pip install pyte")

allowed = re.compile(r"\x1b(7|8|\[(J|K|B|\?7[lh]|\d+A|[\d;]+m))")
"""What the program may ask of a terminal: to erase, to cut lines, to go down, up and back, to colour."""


class Terminal:
    """A terminal in which one program runs. `sent` is all that it was sent."""

    def __init__(
        self,
        command: Sequence[str],
        columns: int,
        rows: int = 40,
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._feed = pyte.ByteStream(self._screen)
        self.sent = b""
        self._ours, theirs = os.openpty()
        self._set_size(columns, rows)
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=None if environment is None else dict(environment),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=_take_the_terminal,  # noqa: PLW1509 # starts no thread
            pass_fds=pass_fds,
        )
        os.close(theirs)

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, down to the last line with something on it."""
        lines = [line.rstrip() for line in self._screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    @property
    def colours(self) -> dict[str, set[str]]:
        """The words of the screen that have a colour, by it."""
        found: dict[str, set[str]] = {}
        for row, line in enumerate(self._screen.display):
            for word in re.finditer(r"\S+", line):
                colour = self._screen.buffer[row][word.start()].fg
                if colour != "default":
                    found.setdefault(colour, set()).add(word[0])
        return found

    def until(self, seen: Callable[[list[str]], bool], seconds: float = 60) -> None:
        """Look at the screen until something is there."""
        deadline = time.monotonic() + seconds
        while not seen(self.lines):
            assert time.monotonic() < deadline, "\n".join(self.lines)
            if not self._read(0.05) and self._process.poll() is not None and not seen(self.lines):
                raise AssertionError("it has ended:\n" + "\n".join(self.lines))

    def shows(self, expected: Sequence[str]) -> None:
        """Look at the screen until exactly these lines are on it, whatever times they tell."""
        try:
            self.until(lambda lines: timeless(lines) == list(expected), 30)
        except AssertionError:
            assert timeless(self.lines) == list(expected)

    def press(self, key: str) -> None:
        """Press a key."""
        os.write(self._ours, key.encode())

    def resize(self, columns: int, rows: int = 40) -> None:
        """Give the window another size."""
        self._set_size(columns, rows)
        self._screen.resize(rows, columns)

    def close(self) -> None:
        """End what still runs in it."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGHUP)
            while self._read(None):
                pass
            self._process.wait()
        os.close(self._ours)

    def end(self) -> int:
        """Look until the program has ended; its exit code."""
        while self._read(None):
            pass
        text = self.sent.decode()
        rest = allowed.sub("", text)
        assert [letter for letter in rest if not letter.isprintable() and letter not in "\r\n"] == []
        return self._process.wait()

    def _read(self, seconds: float | None) -> bool:
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._ours, 1 << 16)
        except OSError:  # its last program has left it
            return False
        self.sent += data
        self._feed.feed(data)
        return bool(data)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _take_the_terminal() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def timeless(lines: Sequence[str]) -> list[str]:
    """Lines without what differs from run to run."""
    whole = "\n".join(lines)
    whole = re.sub(r", about [\dhms. ]+ left", "", whole)
    whole = re.sub(r"\d{8}-\d{6}-[0-9a-f]{4}", "ID", whole)
    return re.sub(r"\[(>| ) *\d[\dhms. ]*\]", r"[\1  TIME]", whole).splitlines()
