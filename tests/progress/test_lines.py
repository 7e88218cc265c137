"""Where there is no terminal: a line for each thing that happens, and no more than can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from event_streams import Stream, exit_failure
from program import Program, steady

from runner.records import Failure, FailureKind, Item, Mark, Status

S, F, K, C = Status.SUCCEEDED, Status.FAILED, Status.SKIPPED, Status.CANCELLED
Tell = Callable[..., Any]


def test_every_task_is_told_once(tell: Tell) -> None:
    told = tell()
    run = told.run
    run.begin("a", "b", "c", "d", "e")
    run.plain("a", seconds=61.0)
    run.plain("b", F, failure=exit_failure(2), seconds=0.25)
    run.plain("c", K, reason="needs b, which failed at flow.yml:8")
    run.plain("d", C, reason="interrupted by Ctrl-C")
    run.plain("e", F, failure=exit_failure(3), marks=[Mark.TOLERATED])
    run.finish(F)
    assert told.text == (
        "   succeeded [ 1m 01s] a\n"
        "      failed [  250ms] b: exited with 2 [exit]\n"
        "     skipped           c: needs b, which failed at flow.yml:8\n"
        "   cancelled           d: interrupted by Ctrl-C\n"
        "      failed [   1.0s] e: exited with 3 [exit]; tolerated\n"
        "────────────\n"
        "      failed [   3.2s] thumbnails: "
        "1 failed, 1 failed (tolerated), 1 cancelled, 1 skipped, 1 succeeded\n"
        "      failed [  250ms] b: exited with 2 [exit]\n"
    )


def test_that_a_map_is_tolerated_is_told_once(runner: Program) -> None:
    runner.write("tasks: {test: {map: {over: [1]}, run: exit 9, allow_failure: true}}")
    lines = steady(runner("run").err).splitlines()
    assert [line.split("] ")[1] for line in lines if "tolerated by" in line] == [
        "test: 0 of 1 item succeeded, 1 failed; tolerated by allow_failure"
    ]


def test_a_small_map_tells_each_item_and_its_end(tell: Tell) -> None:
    told = tell()
    told.run.begin("m")
    told.run.map(
        "m",
        [("cat", 1, S, {}), ("dog", 2, F, {"failure": exit_failure(2)}), ("owl", 3, K, {"reason": "no"})],
        F,
        seconds=2.0,
    )
    assert told.text == (
        "   succeeded [   1.0s] m[cat]\n"
        "      failed [   1.0s] m[dog]: exited with 2 [exit]\n"
        "     skipped           m[owl]: no\n"
        "      failed [   2.0s] m: 1 of 3 items succeeded, 1 failed, 1 skipped\n"
    )


def test_a_large_map_is_counted_every_few_seconds(tell: Tell) -> None:
    told = tell()
    told.run.begin("m")
    fan = told.run.open("m", mapped=True, total=1000)
    told.run.start(fan, Item(0, "0", 0))
    for index in range(1000):
        told.clock.now += 0.02
        told.run.settle(fan, Item(index, str(index), index))
    told.run.end(fan)
    assert told.lines == [
        *(f"   succeeded [   1.0s] m[{index}]" for index in range(10)),
        "     running [   5.1s] m: 255 of 1000 items, about 15s left",
        "     running [  10.2s] m: 510 of 1000 items, about 10s left",
        "     running [  15.3s] m: 765 of 1000 items, about 5s left",
        "   succeeded [   1.0s] m: 1000 items",
    ]


def test_of_a_map_that_fails_all_over_only_the_first_failures_are_told(tell: Tell) -> None:
    told = tell(output="failed")
    told.run.begin("m")
    fan = told.run.open("m", mapped=True)
    told.run.start(fan, Item(0, "0", 0))
    for index in range(300):
        told.clock.now += 0.02
        failure = exit_failure(2, output="no\n") if index % 2 else None
        told.run.settle(fan, Item(index, str(index), index), F if index % 2 else S, failure=failure)
    told.run.end(fan, F, failure=Failure(FailureKind.BUDGET, "150 of 300 items failed"))
    assert sum(line.startswith("      failed") for line in told.lines) == 21
    assert told.lines.count("             | no") == 20
    assert told.lines[-2:] == [
        "     running [   5.1s] m: 255 items, 127 failed",
        "      failed [   1.0s] m: 150 of 300 items succeeded, 150 failed",
    ]


def test_bodies_of_a_mapped_group_are_not_told_without_end(tell: Tell) -> None:
    told = tell()
    told.run.begin("g")
    group = told.run.open("g", kind="tasks", mapped=True, total=500)
    for index in range(500):
        told.run.plain("t", within=(group, index, f"g[{index}]"))
        told.run.settle(group, Item(index, str(index), index))
    told.run.end(group)
    assert len(told.lines) == 21
    assert told.lines[:2] == ["   succeeded [   1.0s] g[0].t", "   succeeded [   1.0s] g[0]"]
    assert told.lines[-1] == "   succeeded [   1.0s] g: 500 items"


def test_a_group_is_told_when_all_of_it_is_over(tell: Tell) -> None:
    told = tell()
    told.run.begin("g")
    group = told.run.open("g", kind="tasks")
    told.run.plain("t", F, within=(group, 0, "g"), failure=exit_failure(2))
    inner = Failure(FailureKind.EXIT, "exited with 2", address="g.t")
    told.run.settle(group, Item(0, None, None), F, failure=inner)
    told.run.end(group, F, failure=inner)
    assert told.lines == [
        "      failed [   1.0s] g.t: exited with 2 [exit]",
        "      failed [   1.0s] g: g.t failed",
    ]


def test_an_item_of_a_group_says_what_failed_inside_it(tell: Tell) -> None:
    told = tell()
    told.run.begin("g")
    group = told.run.open("g", kind="tasks", mapped=True)
    inner = Failure(FailureKind.EXIT, "exited with 2", address="g[fr].t")
    told.run.settle(group, Item(0, "fr", "fr"), F, failure=inner)
    assert told.lines == ["      failed [   1.0s] g[fr]: g[fr].t failed"]


def test_a_map_without_items_says_why_it_ended(tell: Tell) -> None:
    told = tell()
    told.run.begin("m", "n")
    fan = told.run.open("m", mapped=True)
    told.run.end(fan, F, failure=Failure(FailureKind.ITEMS, "over: not a list"))
    told.run.map("n", [], K, reason="its map has no items (on_empty: skip)")
    assert told.lines == [
        "      failed           m: over: not a list [items]",
        "     skipped           n: its map has no items (on_empty: skip)",
    ]


def test_a_retry_tells_which_attempt_failed_and_when_the_next_one_is(tell: Tell) -> None:
    told = tell(output="failed")
    told.run.begin("a")
    fan = told.run.open("a")
    told.run.retry(fan, Item(0, None, None), exit_failure(7, output="busy\n"), seconds=0.5)
    told.run.settle(fan, Item(0, None, None, attempt=2), marks=(Mark.FLAKY,))
    told.run.end(fan)
    assert told.lines == [
        "  TRY 1 FAIL [  500ms] a: exited with 7 [exit]; tries again in 1.0s",
        "             | busy",
        "   succeeded [   1.0s] a: flaky; 2 attempts",
    ]


def test_tries_that_are_followed_by_others_leave_a_line_to_every_failure(tell: Tell) -> None:
    told = tell(output="failed")
    told.run.begin("m")
    fan = told.run.open("m", mapped=True)
    for index in range(40):
        told.run.retry(fan, Item(index, str(index), index), exit_failure(7, output="busy\n"))
    for index in range(40):
        item = Item(index, str(index), index, attempt=2)
        told.run.settle(fan, item, F, failure=exit_failure(8, output="no\n"))
    told.run.end(fan, F, failure=Failure(FailureKind.BUDGET, "40 of 40 items failed"))
    tries = [line for index in range(10) for line in (tried(f"m[{index}]"), "             | busy")]
    failures = [f"      failed [   1.0s] m[{index}]: exited with 8 [exit]; 2 attempts" for index in range(20)]
    assert told.lines == [
        *tries,
        *(line for failure in failures for line in (failure, "             | no")),
        "      failed [   1.0s] m: 0 of 40 items succeeded, 40 failed",
    ]


def tried(name: str) -> str:
    """The line on an attempt that is followed by another."""
    return f"  TRY 1 FAIL [   1.0s] {name}: exited with 7 [exit]; tries again in 1.0s"


def test_with_verbose_all_tries_are_told(tell: Tell) -> None:
    told = tell(verbose=True)
    told.run.begin("m")
    fan = told.run.open("m", mapped=True)
    for index in range(30):
        told.run.retry(fan, Item(index, str(index), index), exit_failure(7))
    assert told.lines == [tried(f"m[{index}]") for index in range(30)]


def test_polling_is_not_told_as_failure(tell: Tell) -> None:
    told = tell()
    told.run.begin("a")
    fan = told.run.open("a")
    told.run.retry(fan, Item(0, None, None), None)
    assert told.lines == []


def test_notices_are_told(tell: Tell) -> None:
    told = tell()
    told.run.begin("a")
    told.run.notice("a left a command running in the background:\n123 sleep")
    assert told.text == ("        note           a left a command running in the background: 123 sleep\n")


def test_verbose_tells_starts_and_every_item(tell: Tell) -> None:
    told = tell(verbose=True)
    told.run.begin("m")
    told.run.map("m", [(str(index), index, S, {}) for index in range(30)])
    assert len(told.lines) == 61
    assert told.lines[:2] == ["     started           m[0]", "   succeeded [   1.0s] m[0]"]


def a_task_that_prints(told: Any) -> None:
    (told.folder / "1-0-1.out").write_bytes(b"one\n\x1b[31mtwo\x1b[0m\xff\r\nlast")
    (told.folder / "1-0-1.err").write_bytes(b"oops\n")
    told.run.begin("a", "b")
    log = {"log": ("1-0-1.out", "1-0-1.err")}
    told.run.plain("a", details=log)
    told.run.plain("b", F, failure=exit_failure(2, output="tail\n"), details=log)


def test_output_is_shown_of_what_failed(tell: Tell) -> None:
    told = tell(output="failed")
    a_task_that_prints(told)
    assert told.lines == [
        "   succeeded [   1.0s] a",
        "      failed [   1.0s] b: exited with 2 [exit]",
        "             | tail",
    ]


def test_output_can_be_shown_of_all(tell: Tell) -> None:
    told = tell(output="all")
    a_task_that_prints(told)
    printed = [
        "             | one",
        "             | \\x1b[31mtwo\\x1b[0m\\xff",
        "             | last",
        "             | oops",
    ]
    assert told.lines == [
        "   succeeded [   1.0s] a",
        *printed,
        "      failed [   1.0s] b: exited with 2 [exit]",
        *printed,
    ]


def test_output_can_be_left_out(tell: Tell) -> None:
    told = tell(output="none")
    a_task_that_prints(told)
    assert len(told.lines) == 2


def test_streamed_output_comes_before_the_end_of_its_task_and_each_line_once(tell: Tell) -> None:
    told = tell(output="stream")
    told.run.begin("m")
    fan = told.run.open("m", mapped=True)
    told.run.start(fan, Item(0, "cat", 1))
    log = told.folder / f"{fan}-0-1.out"
    log.write_text("one\ntwo\nhal")
    told.progress.look()
    assert told.lines == ["m[cat] | one", "m[cat] | two"]
    with log.open("a") as file:
        file.write("f\nno end")
    told.run.settle(fan, Item(0, "cat", 1))
    told.run.end(fan)
    assert told.lines[2:] == [
        "m[cat] | half",
        "m[cat] | no end",
        "   succeeded [   1.0s] m[cat]",
        "   succeeded [   1.0s] m: 1 item",
    ]


def test_nothing_that_a_task_says_can_steer_the_terminal(tell: Tell) -> None:
    told = tell(output="failed")
    hostile = "\x1b[2J\x07\r\u202e\udcff"
    told.run.begin("m")
    failure = Failure(FailureKind.EXIT, hostile, output=hostile)
    told.run.map("m", [(hostile, 1, F, {"failure": failure})], F, reason=hostile)
    told.run.notice(hostile)
    assert [letter for letter in told.text if not letter.isprintable() and letter != "\n"] == []
    assert "m[\\x1b[2J\\x07\\x0d\\u202e\\xff]: \\x1b[2J\\x07\\x0d\\u202e\\xff [exit]" in told.text


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_without_a_terminal_there_is_colour_only_by_force(
    tell: Tell, environment: dict[str, str], coloured: bool
) -> None:
    told = tell(environment=environment)
    told.run.begin("a")
    told.run.plain("a")
    plain = "   succeeded [   1.0s] a\n"
    assert told.text == ("\x1b[32m   succeeded\x1b[0m [   1.0s] a\n" if coloured else plain)


def test_a_reader_that_is_gone_breaks_nothing(tell: Tell) -> None:
    told = tell()
    told.run.begin("a", "b")
    told.stream.close()
    told.run.plain("a")
    told.run.plain("b")
    told.run.finish()
    assert told.progress._screen._writing.gone


def test_a_million_items_leave_nothing_behind(tell: Tell) -> None:
    told = tell()
    told.run.begin("m")
    stream: Stream = told.run
    for number in range(50):
        fan = stream.open(f"m{number}", mapped=True)
        stream.start(fan, Item(0, "x", 0))
        stream.settle(fan, Item(0, "x", 0))
        stream.end(fan)
    standing = told.progress._narrator._standing
    assert (standing.running, standing._given, told.progress._narrator._fans) == ({}, {}, {})
