"""What a terminal shows at moments of a run, by a clock that the test turns: screens, whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminals import Terminal

_head = """
import os, sys
sys.path.insert(0, {tests!r})
from event_streams import *
from runner.progress import Progress
from runner.records import Pace, Status, Stopping, Usual

now = 1000.0
def moment(at):
    "Show how it stands then, until the test has seen it."
    global now
    now = 1000.0 + at
    progress.look()
    os.read({gate}, 1)

def begin(fan, *keys, attempt=1):
    for key in keys:
        run.start(fan, Item(int(key or 0), key, key, attempt=attempt))

def settle(fan, *keys, status=Status.SUCCEEDED):
    for key in keys:
        run.settle(fan, Item(int(key or 0), key, key), status)

usual = lambda: Usual({paces}, seconds={seconds})
with Progress({folder!r}, clock=lambda: now, usual=usual, environment={environment}) as progress:
    run = Stream(progress)
"""


class Moments:
    """A run that goes on in a terminal from moment to moment."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._gate, self._open = os.pipe()
        self.terminal: Terminal

    def begin(self, script: str, columns: int, *, paces: str = "{}", seconds: float | None = None) -> None:
        tests = str(Path(__file__).parent.parent)
        environment = {"TERM": "xterm"}
        head = _head.format(
            tests=tests,
            gate=self._gate,
            paces=paces,
            seconds=seconds,
            folder=str(self._folder),
            environment=environment,
        )
        whole = head + "".join(f"    {line}\n" for line in script.strip().splitlines())
        self.terminal = Terminal([sys.executable, "-c", whole], columns, pass_fds=[self._gate])

    def shows(self, *expected: str) -> None:
        """See that exactly these lines are on the screen, and let it go on."""
        try:
            self.terminal.until(lambda lines: lines == list(expected), 30)
        except AssertionError:
            assert self.terminal.lines == list(expected)
        os.write(self._open, b".")

    def close(self) -> None:
        self.terminal.close()
        os.close(self._gate)
        os.close(self._open)


@pytest.fixture
def moments(tmp_path: Path) -> Iterator[Moments]:
    made = Moments(tmp_path)
    yield made
    made.close()


def test_what_is_left_is_told_by_how_long_tasks_took_before(moments: Moments) -> None:
    moments.begin(
        """
run.begin("m", "end")
fan = run.open("m", mapped=True, total=5)
begin(fan, "0")
moment(0.5)
settle(fan, "0")
begin(fan, "1")
moment(12)
settle(fan, "1", "2", "3", "4")
run.end(fan)
now = 1050.0
end = run.open("end")
begin(end, None)
moment(55)
moment(80)
moment(111)
settle(end, None)
run.end(end)
run.finish()
""",
        80,
        paces='{"m": Pace(10.0, 4), "end": Pace(20.0, 1)}',
        seconds=60.0,
    )
    moments.shows(
        "",
        "     running [  500ms] ───────────────────────  0 of 2 tasks",
        "             [  500ms] m: 0 of 5, 1 running",
    )
    told = ["   succeeded [   1.0s] m[0]"]
    moments.shows(
        *told,
        "",
        "     running [  12.0s] ━━━────────────────────  0 of 2 tasks, about 1m 00s left",
        "             [  12.0s] m: 1 of 5, 1 running, about 48s left",
    )
    told += [
        *(f"   succeeded [   1.0s] m[{index}]" for index in range(1, 5)),
        "   succeeded [   1.0s] m: 5 items",
    ]
    moments.shows(
        *told,
        "",
        "     running [  55.0s] ━━━━━━━━━━━━━━━━━━─────  1 of 2 tasks, about 15s left",
        "             [   5.0s] end",
    )
    moments.shows(
        *told,
        "",
        "     running [ 1m 20s] ━━━━━━━━━━━━━━━━━━━━━━─  1 of 2 tasks",
        "             [  30.0s] end",
    )
    moments.shows(
        *told,
        "        SLOW [>1m 00s] end",
        "",
        "     running [ 1m 51s] ━━━━━━━━━━━━━━━━━━━━━━─  1 of 2 tasks",
        "        SLOW [ 1m 01s] end",
    )


def test_tasks_inside_of_maps_have_one_line_for_all_of_them(moments: Moments) -> None:
    moments.begin(
        """
run.begin("country", "end")
group = run.open("country", kind="tasks", mapped=True, total=30)
begin(group, "0", "1")
for index in (0, 1):
    inner = run.open("parse", mapped=True, total=4, within=(group, index, f"country[{index}]"))
    begin(inner, "0")
    settle(inner, "0", status=Status.FAILED)
    begin(inner, "1")
moment(10)
""",
        200,
    )
    moments.shows(
        "      failed [   1.0s] country[0].parse[0]",
        "      failed [   1.0s] country[1].parse[0]",
        "",
        "     running [  10.0s] ────────────────────────────────────────────────────────────  0 of 2 tasks",
        "             [  10.0s] country: 0 of 30",
        "             [  10.0s] country.parse: 2 done, 2 running, 2 failed",
    )


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (54, "             [   1.0s] compile_wit…: 0 of 3, 1 running"),
        (50, "             [   1.0s] compile…: 0 of 3, 1 running"),
        (40, "             [   1.0s] compile_with_opt…"),
    ],
)
def test_a_line_that_has_no_room_is_cut_in_one_place(moments: Moments, columns: int, line: str) -> None:
    moments.begin(
        """
run.begin("compile_with_optimisations")
fan = run.open("compile_with_optimisations", mapped=True, total=3)
begin(fan, "0")
moment(1)
""",
        columns,
    )
    bar = "─" * (columns - 37 if columns > 45 else 0)
    moments.shows("", f"     running [   1.0s] {bar}{'  ' if bar else ''}0 of 1 tasks", line)


def test_between_two_tries_and_behind_others_nothing_runs(moments: Moments) -> None:
    moments.begin(
        """
names = [f"t{number}" for number in range(6)]
run.begin(*names)
first, *fans = [run.open(name) for name in names]
begin(first, None)
run.retry(first, Item(0, None, None), exit_failure(2))
for fan in fans:
    begin(fan, None)
moment(1)
""",
        80,
    )
    moments.shows(
        "  TRY 1 FAIL [   1.0s] t0: exited with 2 [exit]; tries again in 1.0s",
        "",
        "     running [   1.0s] ───────────────────────────────────────────  0 of 6 tasks",
        "                       t0: waits for its next try",
        *(f"             [   1.0s] t{number}" for number in range(1, 5)),
    )


def test_a_terminal_that_is_too_small_shows_what_fits(moments: Moments) -> None:
    moments.begin(
        """
names = [f"t{number}" for number in range(4)]
run.begin(*names)
for name in names:
    begin(run.open(name), None)
moment(1)
moment(2)
moment(3)
""",
        30,
    )
    moments.terminal.resize(30, 6)
    moments.shows(
        "",
        "     running [   1.0s] 0 of 4…",
        "             [   1.0s] t0",
        "             [   1.0s] t1",
        "                       … and …",
    )
    moments.terminal.resize(30, 4)
    moments.shows("", "     running [   2.0s] 0 of 4…")
    moments.terminal.resize(30, 3)
    moments.shows()
