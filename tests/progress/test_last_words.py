"""The end: a line on the whole run, what failed once more, and before, what a signal ends."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from event_streams import exit_failure
from program import Program, steady

from runner.records import Failure, FailureKind, Item, Mark, Status, Stopping

S, F = Status.SUCCEEDED, Status.FAILED
Tell = Callable[..., Any]
RULE = "────────────"


def last_lines(told: Any) -> list[str]:
    """What is told after the rule."""
    lines: list[str] = told.lines
    return lines[lines.index(RULE) + 1 :]


def test_a_run_that_succeeded_is_told_in_one_line(tell: Tell) -> None:
    told = tell()
    told.run.begin("a", "b")
    told.run.plain("a")
    told.run.plain("b", Status.SKIPPED, reason="no")
    told.run.finish()
    assert last_lines(told) == ["   succeeded [   3.2s] thumbnails: 1 skipped, 1 succeeded"]


def test_failures_come_again_at_the_end_without_their_output(tell: Tell) -> None:
    told = tell()
    told.run.begin("a", "m", "g")
    told.run.plain("a", F, failure=exit_failure(2, output="oops\n"))
    told.run.map("m", [("cat", 1, S, {}), ("dog", 2, F, {"failure": exit_failure(3)})], F)
    group = told.run.open("g", kind="tasks")
    told.run.plain("t", F, within=(group, 0, "g"), failure=exit_failure(4))
    inner = Failure(FailureKind.EXIT, "exited with 4", address="g.t")
    told.run.settle(group, Item(0, None, None), F, failure=inner)
    told.run.end(group, F, failure=inner)
    told.run.finish(F, problems=[Failure(FailureKind.EXPRESSION, "outputs.x: no such key")])
    assert last_lines(told) == [
        "      failed [   3.2s] thumbnails: 3 failed",
        "      failed [   1.0s] a: exited with 2 [exit]",
        "      failed [   1.0s] m[dog]: exited with 3 [exit]; item 2",
        "      failed [   1.0s] m: 1 of 2 items succeeded, 1 failed",
        "      failed [   1.0s] g.t: exited with 4 [exit]",
        "      failed           outputs.x: no such key [expression]",
    ]


def test_what_is_tolerated_in_the_end_does_not_come_again(tell: Tell) -> None:
    told = tell()
    told.run.begin("a", "ab", "m")
    told.run.plain("ab", F, failure=exit_failure(2))
    told.run.plain("a", F, failure=exit_failure(2), marks=[Mark.TOLERATED])
    told.run.map("m", [("cat", 1, S, {}), ("dog", 2, F, {"failure": exit_failure(3)})], S)
    told.run.finish(F)
    assert last_lines(told) == [
        "      failed [   3.2s] thumbnails: 1 failed, 1 failed (tolerated), 1 succeeded",
        "      failed [   1.0s] ab: exited with 2 [exit]",
    ]


def test_of_many_failures_the_first_come_again(tell: Tell) -> None:
    told = tell()
    names = [f"t{number}" for number in range(30)]
    told.run.begin(*names)
    for name in names:
        told.run.plain(name, F, failure=exit_failure(2))
    told.run.finish(F)
    assert last_lines(told) == [
        "      failed [   3.2s] thumbnails: 30 failed",
        *(f"      failed [   1.0s] t{number}: exited with 2 [exit]" for number in range(20)),
        "                       … and more: runner report r1",
    ]


def test_failures_that_turn_out_to_be_tolerated_hide_none(tell: Tell) -> None:
    told = tell()
    told.run.begin("m", "a")
    fan = told.run.open("m", mapped=True)
    for index in range(30):
        told.run.settle(fan, Item(index, str(index), index), F, failure=exit_failure(3))
    told.run.plain("a", F, failure=exit_failure(2))
    told.run.end(fan, S)
    told.run.finish(F)
    assert last_lines(told) == [
        "      failed [   3.2s] thumbnails: 1 failed, 1 succeeded",
        "      failed [   1.0s] a: exited with 2 [exit]",
    ]


def test_a_failure_comes_again_however_many_tries_went_before_it(runner: Program) -> None:
    runner.write(of_a_hundred)
    ended = runner("run")
    assert ended.code == 1
    *_, rule, run, item, whole, resume = steady(ended.err).splitlines()
    assert [rule, run, item, whole] == [
        RULE,
        "      failed [  TIME] c2: 1 failed",
        "      failed [  TIME] get[99]: exit code 1 [exit]; 2 attempts",
        "      failed [  TIME] get: 99 of 100 items succeeded, 1 failed",
    ]
    assert resume == "to do what failed or never ran, and keep the rest: runner resume ID"
    assert steady(ended.err).count("      failed [  TIME] get[99]: exit code 1 [exit]; 2 attempts\n") == 2
    assert ended.err.count("             | THE REAL FAILURE\n") == 1


of_a_hundred = """
    name: c2
    tasks:
      get:
        map: {over: "{{ range(100) }}"}
        run: |
          test {{ item }} -ne 99 || { echo "THE REAL FAILURE"; exit 1; }
          test {{ item }} -gt 30 || test $RUNNER_ATTEMPT -gt 1
        retry: {attempts: 2, delay: 10ms}
"""


def test_they_do_not_where_the_report_follows(tell: Tell) -> None:
    told = tell(repeats=False)
    told.run.begin("a")
    told.run.plain("a", F, failure=exit_failure(2))
    told.run.finish(F)
    assert last_lines(told) == ["      failed [   3.2s] thumbnails: 1 failed"]


def test_a_signal_is_told_with_what_it_ends_and_how_long_that_may_take(tell: Tell) -> None:
    told = tell()
    told.run.begin("m", "a")
    fan = told.run.open("m", mapped=True)
    told.run.start(fan, Item(0, "cat", 0))
    told.run.start(told.run.open("a"), Item(0, None, None))
    told.clock.now += 2
    told.run.tell(Stopping("SIGINT", 5.0))
    told.run.tell(Stopping("SIGINT", None))
    assert told.lines == [
        "    stopping [   2.0s] Ctrl-C: ending 2 tasks within 5s (Ctrl-C again: at once): m[cat], a",
        "    stopping [   2.0s] Ctrl-C: killing 2 tasks: m[cat], a",
    ]


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ("", "SIGTERM: nothing is under way"),
        ("a", "SIGTERM: ending 1 task within 5s (a second signal: at once): a"),
        ("abcdef", "SIGTERM: ending 6 tasks within 5s (a second signal: at once): a, b, c, d and 2 more"),
    ],
)
def test_any_signal_is_told(tell: Tell, names: str, text: str) -> None:
    told = tell()
    told.run.begin(*names)
    told.progress._narrator._standing.workers = 6
    for name in names:
        told.run.start(told.run.open(name), Item(0, None, None))
    told.run.tell(Stopping("SIGTERM", 5.0))
    assert told.lines == [f"    stopping [    0ms] {text}"]


def test_a_stream_that_cannot_take_all_letters_gets_others(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    told = tell(stream=io.TextIOWrapper(written, encoding="ascii"))
    told.run.begin("a")
    told.run.plain("a", F, failure=exit_failure(2, output="漢…\n"))
    told.run.finish(F)
    assert written.getvalue().decode().splitlines() == [
        "      failed [   1.0s] a: exited with 2 [exit]",
        "             | \\u6f22.",
        "------------",
        "      failed [   3.2s] thumbnails: 1 failed",
        "      failed [   1.0s] a: exited with 2 [exit]",
    ]
