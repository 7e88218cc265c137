"""A group of which nothing is done again tells in a resume what it told before, and all that is inside it."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest
from program import Program, steady
from sessions import report

TOLERATED = """
    tasks:
      g:
        map: {over: [x, y], max_failures: 1}
        tasks:
          q: {run: "echo trouble in {{ item }}; test {{ item }} = x"}
      last: {needs: [g], run: test -e ok}
"""

RETRIED = """
    tasks:
      g:
        map: {over: [x, y]}
        retry: {attempts: 3}
        tasks:
          q: {run: "echo pass; echo 1 >> acts-{{ item }}; test $(wc -l < acts-{{ item }}) -ge 3"}
          each: {map: {over: [1, 2]}, run: "echo {{ item }}"}
      plain: {retry: {attempts: 2}, tasks: {p: {run: "echo of $RUNNER_TASK; mkdir tried && exit 1 || true"}}}
      last: {needs: [g], run: test -e ok}
"""

LARGE = """
    tasks:
      g:
        map: {over: "{{ range(150) }}", as: n}
        tasks:
          q: {map: {over: [1, 2]}, result: "{{ item }}"}
          r: {needs: [q], result: "{{ n }}"}
        result: "{{ tasks.q.results | sum }}"
      last: {run: "test ! -e closed || sleep 100; test -e ok"}
"""


@pytest.mark.parametrize("resume", [("resume",), ("resume", "--only-failed")], ids=" ".join)
def test_what_failed_inside_it_and_is_tolerated_is_told_again(
    runner: Program, resume: tuple[str, ...]
) -> None:
    runner.write(TOLERATED)
    assert runner("run", "-q").code == 1
    before, logs = report(runner), runner("logs", "g").out
    assert runner(*resume, "-q").code == 1
    after = report(runner)
    for told in (before, after):
        bodies = [item["tasks"]["q"]["status"] for item in told["tasks"]["g"]["items"]]
        assert bodies == ["succeeded", "failed"]
    assert runner("logs", "g").out == logs
    assert runner("logs", "g[y].q").out == "trouble in y\n"
    assert "g[y].q failed (tolerated by max_failures: 1 of g)" in runner("report").out


def test_why_it_is_left_is_told(runner: Program) -> None:
    runner.write(TOLERATED)
    assert runner("run", "-q").code == 1
    explained = runner("resume", "--explain").err
    assert "g[y].q: it belongs to what failed before, which is tolerated" in explained


def test_how_often_it_was_tried_and_what_each_pass_printed_is_told(runner: Program) -> None:
    runner.write(RETRIED)
    assert runner("run", "-q").code == 1
    logs = {name: runner("logs", name).out for name in ("g", "g[x].q", "plain", "plain.p")}
    flaky = runner("report", "--format", "junit").out.count("<flakyFailure")
    assert runner("resume", "-q").code == 1
    assert runner("report", "--format", "junit").out.count("<flakyFailure") == flaky == 5
    assert {name: runner("logs", name).out for name in logs} == logs
    assert logs["g[x].q"].count("pass\n") == 3
    items = report(runner)["tasks"]["g"]["items"]
    assert [(item["attempts"], item["marks"]) for item in items] == [(3, ["flaky", "reused"])] * 2
    assert "2 items, 2 flaky, 2 reused" in steady(runner("report").out)


def test_it_took_as_long_as_it_did(runner: Program) -> None:
    runner.write(TOLERATED)
    assert runner("run", "-q").code == 1
    seconds = report(runner)["tasks"]["g"]["seconds"]
    for _ in range(2):
        assert runner("resume", "-q").code == 1
        assert report(runner)["tasks"]["g"]["seconds"] == seconds


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_a_resume_that_ends_amid_its_items_tells_all_of_them(runner: Program, by: signal.Signals) -> None:
    runner.write(LARGE)
    assert runner("run", "-q").code == 1
    (runner.folder / "closed").touch()
    process = subprocess.Popen(
        runner.command("resume", "-v"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )
    assert process.stderr is not None
    assert any("reused" in line for line in process.stderr)
    os.killpg(process.pid, by)
    process.communicate()
    items = report(runner)["tasks"]["g"]["items"]
    assert [(item["status"], item["result"]) for item in items] == [("succeeded", 3)] * 150
