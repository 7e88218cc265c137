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
        "      reused           a: nothing that it is made of changed"
    ]
