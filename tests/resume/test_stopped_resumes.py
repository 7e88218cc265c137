"""A resume that is stopped before it came to all: what it did not come to stands as it was."""

from __future__ import annotations

import signal
import subprocess

import pytest
from program import Program, steady
from sessions import acted, report

parts = """
    tasks:
      base: {run: "echo base >> witness; echo base"}
      gate: {run: "echo gate >> witness; test ! -e closed || { echo up > ready; sleep 100; }; test -e there"}
      second: {needs: [gate], run: "true"}
      third: {needs: [second], run: "true"}
      fourth: {needs: [third], run: "true"}
      each:
        needs: [base]
        map: {over: "{{ range(8) }}"}
        run: "echo each {{ item }} >> witness; test {{ item }} != 6 || test -e there"
      next: {map: {over: "{{ tasks.each.results }}"}, run: "echo next {{ key }} >> witness; echo {{ key }}"}
      group:
        needs: [base]
        map: {over: [x, y]}
        tasks:
          p: {run: "echo p {{ item }} >> witness; echo {{ item }}"}
          q: {needs: [p], run: "echo q {{ item }} >> witness; test {{ item }} != y || test -e there"}
        result: "{{ tasks.p.result }}"
      value: {result: "{{ tasks.base.result }}!"}
      told: {needs: [value], run: "echo told >> witness"}
      late: {needs: [each], run: "echo late >> witness"}
    outputs: {value: "{{ tasks.value.result }}", next: "{{ tasks.next.results }}"}
"""

FAILED = ["each 6", "gate", "q y"]


def table(text: str) -> list[str]:
    words = ("broke off  ", "succeeded  ", "failed  ", "skipped  ", "cancelled  ")
    return [line.strip() for line in steady(text).splitlines() if line.startswith(words)]


def failed_once(runner: Program) -> None:
    """Run the file; without a memory of how long that took, `gate` goes first from now on."""
    runner.write(parts)
    assert runner("run", "-q", "-j", "4").code == 1
    acted(runner)
    (runner.folder / ".runner" / "index.sqlite").unlink()


def stopped(runner: Program, by: signal.Signals) -> str:
    """Resume with one worker, and stop that while the first task runs; the report."""
    subprocess.run(["mkfifo", runner.folder / "ready"], check=True)
    (runner.folder / "closed").touch()
    process = subprocess.Popen(
        runner.command("resume", "-q", "-j", "1"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert (runner.folder / "ready").read_text() == "up\n"
    process.send_signal(by)
    assert process.stdout is not None
    said = process.stdout.read()
    assert process.wait() == (-signal.SIGKILL if by is signal.SIGKILL else 128 + by)
    assert acted(runner) == ["gate"]
    (runner.folder / "closed").unlink()
    return said


def stopped_by_a_failure(runner: Program) -> str:
    ended = runner("resume", "-q", "-j", "1", "--fail-fast")
    assert ended.code == 1
    assert acted(runner) == ["gate"]
    return ended.out


def test_a_resume_that_is_stopped_reports_what_it_did_not_come_to_as_it_was(runner: Program) -> None:
    failed_once(runner)
    assert table(stopped(runner, signal.SIGTERM)) == [
        "succeeded  base  TIME  reused",
        "cancelled  gate  TIME  stopped by SIGTERM",
        "cancelled  second  stopped by SIGTERM",
        "cancelled  third  stopped by SIGTERM",
        "cancelled  fourth  stopped by SIGTERM",
        "failed  each  TIME  7 of 8 items succeeded, 1 failed, 8 reused",
        "skipped  next  TIME  7 of 8 items succeeded, 1 skipped, 7 reused; "
        "needs each, which failed at workflow.yml:8",
        "failed  group  TIME  1 of 2 items succeeded, 1 failed, 2 reused",
        "succeeded  p  2 succeeded, 2 reused",
        "failed  q  1 succeeded, 1 failed, 2 reused",
        "succeeded  value  TIME  reused",
        "succeeded  told  TIME  reused",
        "cancelled  late  stopped by SIGTERM",
    ]
    assert report(runner)["outputs"] == {"value": "base!", "next": None}


def test_a_resume_that_is_killed_is_reported_with_what_it_did_not_come_to_as_it_was(runner: Program) -> None:
    failed_once(runner)
    runner.write(parts.replace("sleep 100", "kill -9 $PPID"))
    (runner.folder / "closed").touch()
    assert runner("resume", "-q", "-j", "1").code == -9
    assert acted(runner) == ["gate"]
    told = [
        "succeeded  base  TIME  reused",
        "broke off  gate",
        "failed  each  TIME  7 of 8 items succeeded, 1 failed, 8 reused",
        "failed  group  TIME  1 of 2 items succeeded, 1 failed, 2 reused",
        "succeeded  p  2 succeeded, 2 reused",
        "failed  q  1 succeeded, 1 failed, 2 reused",
        "succeeded  value  TIME  reused",
        "succeeded  told  TIME  reused",
    ]
    assert table(runner("report").out) == told
    assert report(runner)["outputs"] == {}
    assert table(runner("report").out) == told, "it is completed once"
    assert "  died  " in runner("runs").out


def test_what_a_killed_resume_had_done_in_a_group_is_told_beside_what_it_had_not(runner: Program) -> None:
    text = """
        tasks:
          group:
            map: {over: [a, b, c]}
            tasks:
              first: {run: "echo first {{ item }} >> witness; echo {{ item }}"}
              again: {map: {over: [1, 2]}, run: "echo {{ item }}"}
              second: {needs: [first, again], run: "test {{ item }} != b || SCRIPT"}
          later: {needs: [group], run: "echo later"}
          apart: {run: "test -e there || false"}
    """
    runner.write(text.replace("SCRIPT", "false"))
    assert runner("run", "-q", "-j", "1").code == 1
    runner.write(text.replace("SCRIPT", "kill -9 $PPID"))
    assert runner("resume", "-q", "-j", "1").code == -9
    assert table(runner("report").out) == [
        "broke off  group  2 of 3 items succeeded, 1 broke off, 1 reused",
        "succeeded  first  3 succeeded, 3 reused",
        "succeeded  again  3 succeeded; 6 of 6 items succeeded, 6 reused",
        "broke off  second  2 succeeded, 1 broke off, 1 reused",
        "failed  apart  TIME  reused",
    ]


def test_what_was_done_inside_items_of_a_group_that_were_stopped_is_told_after_a_killed_resume(
    runner: Program,
) -> None:
    runner.write("""
        tasks:
          gate: {run: "test ! -e closed || kill -9 $PPID; exit 1"}
          group:
            map: {over: [a, b], max_parallel: 2}
            tasks:
              one: {map: {over: [1, 2]}, run: "echo one {{ item }}"}
              two: {needs: [one], run: "kill $PPID; sleep 100"}
    """)
    assert runner("run", "-q", "-j", "1").code == 143
    (runner.folder / "closed").touch()
    (runner.folder / ".runner" / "index.sqlite").unlink()
    assert runner("resume", "-q", "-j", "1").code == -9
    assert table(runner("report").out) == [
        "broke off  gate",
        "broke off  group  0 of 2 items succeeded, 1 broke off, 1 not begun",
    ]
    (body,) = (item["tasks"] for item in report(runner)["tasks"]["group"]["items"])
    assert [item["status"] for item in body["one"]["items"]] == ["succeeded"] * 2
    assert runner("logs", "group[a].one[1]").out == "one 1\n"


def test_a_group_has_not_succeeded_whose_inside_broke_off_with_a_killed_resume(runner: Program) -> None:
    runner.write("""
        tasks:
          g:
            map: {over: [e, f]}
            tasks:
              t2: {run: "test {{ item }} = e || test -e there"}
              t3: {needs: [t2], tasks: {t4: {run: "test ! -e closed || kill -9 $PPID"}}}
    """)
    assert runner("run", "-q", "-j", "1").code == 1
    (runner.folder / "there").touch()
    assert runner("resume", "--only-failed", "-q").code == 0
    (runner.folder / "closed").touch()
    assert runner("resume", "-q").code == -9
    assert table(runner("report").out) == [
        "broke off  g  1 of 2 items succeeded, 1 broke off, 1 reused",
        "succeeded  t2  2 succeeded, 2 reused",
        "broke off  t3  1 succeeded, 1 broke off, 1 reused",
        "broke off  t4  1 succeeded, 1 broke off, 1 reused",
    ]


def test_a_killed_resume_has_as_many_items_as_its_list_has_now(runner: Program) -> None:
    text = """
        tasks:
          m:
            map: {over: [a, b]}
            tasks: {e: {run: "test -e there && kill -9 $PPID"}}
    """
    runner.write(text)
    assert runner("run", "-q", "-j", "1").code == 1
    (runner.folder / "there").touch()
    runner.write(text.replace("[a, b]", "[a, i, b]"))
    assert runner("resume", "--only-failed", "-q", "-j", "1").code == -9
    told = report(runner)["tasks"]["m"]
    assert told["items_total"] is None or told["items_total"] >= len(told["items"])
    assert "-1 not begun" not in runner("report").out


def test_what_is_not_asked_for_in_a_group_stands_though_a_failure_stops_that_before_its_turn(
    runner: Program,
) -> None:
    text = """
        tasks:
          before: {run: "test -e there || false", allow_failure: true}
          group:
            needs: [before]
            map: {over: [x, y, z]}
            tasks:
              broken: {run: "test -e gone"}
              each: {map: {over: [1, 2]}, run: "true"}
    """
    runner.write(text)
    assert runner("run", "-q", "-j", "1").code == 1
    (runner.folder / "there").touch()
    assert runner("resume", "--only-failed", "--fail-fast", "-q", "-j", "1").code == 1
    bodies = [item["tasks"] for item in report(runner)["tasks"]["group"]["items"]]
    assert [body["each"]["status"] for body in bodies] == ["succeeded"] * 3
    assert [body["broken"]["status"] for body in bodies] == ["failed"] * 3


@pytest.mark.parametrize("way", ["a signal", "a kill", "a failure"])
def test_what_failed_before_a_resume_that_was_stopped_is_what_only_failed_does(
    runner: Program, way: str
) -> None:
    failed_once(runner)
    if way == "a failure":
        stopped_by_a_failure(runner)
    else:
        stopped(runner, signal.SIGTERM if way == "a signal" else signal.SIGKILL)
    (runner.folder / "there").touch()
    ended = runner("resume", "--only-failed", "-q")
    assert ended.code == 0, ended.out
    assert acted(runner) == FAILED
    assert report(runner)["outputs"]["value"] == "base!"
    assert runner("resume", "-q").code == 0
    assert acted(runner) == ["late", "next 6"]
    assert report(runner)["outputs"]["next"] == [str(key) for key in range(8)]


@pytest.mark.parametrize("way", ["a signal", "a kill", "a failure"])
def test_the_resume_after_one_that_was_stopped_does_what_was_left_to_do(runner: Program, way: str) -> None:
    failed_once(runner)
    if way == "a failure":
        stopped_by_a_failure(runner)
    else:
        stopped(runner, signal.SIGTERM if way == "a signal" else signal.SIGKILL)
    (runner.folder / "there").touch()
    assert runner("resume", "-q").code == 0
    assert acted(runner) == [*FAILED[:2], "late", "next 6", *FAILED[2:]]


def test_what_was_never_begun_is_cancelled_again_and_what_was_done_inside_it_is_told(runner: Program) -> None:
    text = """
        tasks:
          first: {run: "test -e there"}
          map: {needs: [first], map: {over: [1, 2]}, run: "true"}
          group:
            map: {over: [x]}
            tasks:
              done: {run: "echo {{ item }}"}
              broken: {needs: [done], run: "test -e there"}
              after: {needs: [broken], map: {over: [1, 2]}, run: "true"}
    """
    runner.write(text)
    assert runner("run", "-q", "-j", "1").code == 1
    (runner.folder / ".runner" / "index.sqlite").unlink()
    assert runner("resume", "-q", "-j", "1", "--fail-fast").code == 1
    tasks = report(runner)["tasks"]
    assert (tasks["map"]["status"], tasks["map"]["items"]) == ("cancelled", [])
    (body,) = (item["tasks"] for item in tasks["group"]["items"])
    assert {name: task["status"] for name, task in body.items()} == {
        "done": "succeeded",
        "broken": "failed",
        "after": "cancelled",
    }
