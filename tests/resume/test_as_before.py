"""A run that is continued is the same run: asked for the same, begun when it began, its logs all there."""

from __future__ import annotations

import json

from program import Program

WAITING = "tasks: {a: {run: echo a}, gate: {run: test -e there}}"


def failed(runner: Program, text: str, *arguments: str) -> str:
    """A run that failed at its gate, which is open now; its id."""
    runner.write(text)
    ended = runner("run", "-q", *arguments)
    assert ended.code == 1, ended.err
    (runner.folder / "there").touch()
    (run,) = runner.folder.glob(".runner/runs/*")
    return run.name


def test_its_report_is_by_the_same_template(runner: Program) -> None:
    runner.write("{{ run.status }} by template\n", "brief.txt.j2")
    run = failed(runner, WAITING, "--template", "brief.txt.j2")
    assert runner("resume", "-q").out == "succeeded by template\n"
    assert json.loads(runner("resume", run, "-q", "--format", "json").out)["run"]["status"] == "succeeded"


def test_it_has_started_when_it_was_started_first(runner: Program) -> None:
    failed(runner, WAITING)
    first = json.loads(runner("report", "--format", "json").out)["run"]["started"]
    assert json.loads(runner("resume", "-q", "--format", "json").out)["run"]["started"] == first
    (listed,) = json.loads(runner("runs", "--format", "json").out)
    assert listed["started"][:23] == first[:23]


def test_what_is_explained_is_told_in_one_line(runner: Program) -> None:
    failed(runner, WAITING)
    told = runner("resume", "--explain").err.splitlines()
    assert [line for line in told if " a" in line] == [
        "      reused           a: its command, its arguments and its environment are the same"
    ]


def test_the_logs_of_all_attempts_are_there(runner: Program) -> None:
    text = """
        params: {rows: [{n: 1}, {n: 2}]}
        tasks:
          once: {run: "echo try $RUNNER_ATTEMPT; test $RUNNER_ATTEMPT = 2", retry: {attempts: 2}}
          rows:
            map: {over: "{{ params.rows }}"}
            run: "echo {{ item.n }} try $RUNNER_ATTEMPT; test $RUNNER_ATTEMPT = 2"
            retry: {attempts: 2}
          gate: {run: test -e there}
    """
    run = failed(runner, text)
    once, second = runner("logs", "once").out, runner("logs", "rows[1]").out
    assert [log.count("try") for log in (once, second)] == [2, 2]
    assert runner("resume", "-q").code == 0
    assert (runner("logs", "once").out, runner("logs", "rows[1]").out) == (once, second)
    assert runner("resume", run, "-q", "-p", "rows=[{n: 0}, {n: 1}, {n: 2}]").code == 0
    assert runner("logs", "once").out == once
    assert runner("logs", "rows[2]").out == second.replace("rows[1]", "rows[2]")


def test_a_param_that_held_a_secret_is_asked_for_again(runner: Program) -> None:
    runner.write("""
        secrets: [TOKEN]
        params: {who: {type: dict, default: {}}, word: x}
        tasks: {a: {run: "test {{ params.who.name }} = {{ params.word }}"}}
    """)
    runner.environment["TOKEN"] = "hunter2hunter2"
    assert runner("run", "-q", "-p", "who={name: hunter2hunter2}").code == 1
    ended = runner("resume", "-q", "-p", "word=hunter2hunter2")
    assert (ended.code, ended.err) == (
        2,
        "error: the run was given -p who=…, which held a secret and is not recorded\n  = give it again\n",
    )
    words = ("-p", "word=hunter2hunter2", "-p", "who={name: hunter2hunter2}")
    assert runner("resume", "-q", *words).code == 0
