"""On a real pseudo-terminal: lines above, what goes on below, and a clean screen at the end."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

_script = """
import sys, time
sys.path.insert(0, {tests!r})
from event_streams import *
from runner.progress import Progress
from runner.records import Status
import threading
with Progress({folder!r}, output="failed") as progress:
    run = Stream(progress)
    run.begin("quick", "wide", "m", "end")
    run.plain("quick")
    run.plain("wide", Status.FAILED, failure=exit_failure(2, "\\x1b[2J" + "漢" * 120 + "\\n"))
    fan = run.open("m", mapped=True, total=2)
    run.start(fan, Item(0, "a", 0))
    run.settle(fan, Item(0, "a", 0))
    screen = progress._screen
    if hasattr(screen, "_live"):
        screen._live.refresh()
    run.settle(fan, Item(1, "b", 1))
    run.end(fan)
    run.plain("end")
    run.finish()
"""


_expected = """
import sys
sys.path.insert(0, {tests!r})
from event_streams import *
from runner.progress import Progress
from runner.records import Pace, Usual

now = 0.0
usual = Usual({{"m": Pace(10.0, 4), "end": Pace(20.0, 1)}}, seconds=60.0)
with Progress({folder!r}, clock=lambda: now, usual=lambda: usual) as progress:
    show = progress._screen._live.refresh
    run = Stream(progress)
    run.begin("m", "end")
    fan = run.open("m", mapped=True, total=5)
    run.start(fan, Item(0, "a", 0))
    now = 0.5
    show()
    run.settle(fan, Item(0, "a", 0))
    now = 12.0
    show()
    for number in range(1, 5):
        run.settle(fan, Item(number, str(number), 0))
    run.end(fan)
    now = 50.0
    end = run.open("end")
    run.start(end, Item(0, None, None))
    now = 55.0
    show()
    now = 80.0
    show()
    run.settle(end, Item(0, None, None))
    run.end(end)
    run.finish()
"""


def shown(folder: Path, columns: int = 80, script: str = _script, **environment: str) -> str:
    """What a terminal is sent."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    script = script.format(tests=str(Path(__file__).parent.parent), folder=str(folder))
    clean = {
        name: value
        for name, value in os.environ.items()
        if name not in ("CI", "NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "LINES")
    }
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**clean, "TERM": "xterm", **environment},
    )
    os.close(slave)
    received = b""
    while True:
        try:
            block = os.read(master, 65536)
        except OSError:
            break
        if not block:
            break
        received += block
    os.close(master)
    assert process.wait() == 0, received.decode()
    return received.decode()


def screen(sent: str, columns: int) -> list[str]:
    """What stands on a terminal after all that was sent, for the sequences that are used here."""
    lines = [""]
    row = column = 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]", sent):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
        elif part.startswith("\x1b"):
            if part.endswith("A"):
                row -= int(part[2:-1] or 1)
            elif part == "\x1b[2K":
                lines[row] = ""
            else:
                assert part[-1] in "mhl", part
        else:
            wide = 2 if "\u4e00" <= part <= "\u9fff" else 1
            if column + wide > columns:
                row, column = row + 1, 0
            while len(lines) <= row:
                lines.append("")
            lines[row] = lines[row][:column].ljust(column) + part
            column += wide
        while len(lines) <= row:
            lines.append("")
    return [line.rstrip() for line in lines]


@pytest.mark.parametrize("columns", [80, 200])
def test_lines_stay_and_what_goes_on_is_gone_at_the_end(tmp_path: Path, columns: int) -> None:
    sent = shown(tmp_path, columns)
    assert "of 4 tasks" in sent
    assert "m 1 of 2" in sent
    left = screen(sent, columns)
    assert "\x1b[2J" not in sent
    assert [line for line in left if line and "漢" not in line] == [
        "   succeeded [   1.0s] quick",
        "      failed [   1.0s] wide: exited with 2 [exit]",
        "   succeeded [   1.0s] m[a]",
        "   succeeded [   1.0s] m[b]",
        "   succeeded [   1.0s] m: 2 items",
        "   succeeded [   1.0s] end",
    ]
    assert "".join(line for line in left if "漢" in line).count("漢") == 120
    assert sent.rstrip().rfind("\x1b[?25h") > sent.rfind("\x1b[?25l")


def test_a_continuous_integration_terminal_gets_plain_lines(tmp_path: Path) -> None:
    sent = shown(tmp_path, CI="true")
    assert "\x1b[?25l" not in sent
    assert "tasks," not in sent
    assert "\x1b[32m   succeeded\x1b[0m [   1.0s] quick\r\n" in sent


def test_a_dumb_terminal_gets_plain_lines_without_colour(tmp_path: Path) -> None:
    assert "\x1b" not in shown(tmp_path, TERM="dumb")


def test_no_color_is_respected_on_a_terminal(tmp_path: Path) -> None:
    sent = shown(tmp_path, NO_COLOR="1")
    assert re.findall(r"\x1b\[[0-9;]*m", sent) == []
    assert "   succeeded [   1.0s] quick" in sent


def test_what_is_left_is_told_by_how_long_tasks_took_before(tmp_path: Path) -> None:
    sent = shown(tmp_path, script=_expected)
    told = re.findall(r"\d of 2 tasks, [^\r\n\x1b]*", sent)
    assert "0 of 2 tasks, 500ms" in told
    assert "0 of 2 tasks, 12.0s, about 1m 00s left" in told
    assert "1 of 2 tasks, 55.0s, about 15s left" in told
    assert "1 of 2 tasks, 1m 20s" in told
