"""`resume`: a run that did not succeed goes on from a program, whoever began it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hosts import Folder
from program import Program

from runner import ItemSettled, Mark, UserError, resume, run

flow = """
    params: {most: 1}
    tasks:
      count: {map: {over: [1, 2, 3]}, run: "test {{ item }} -le {{ params.most }}; echo {{ item }}"}
      side: {run: "echo once >> side.log"}
      sum: {result: "{{ tasks.count.results | length }}"}
    outputs: {sum: "{{ tasks.sum.result }}"}
    reports: [{to: report.json}]
"""


def test_a_run_goes_on_under_its_id_with_events_and_results(here: Folder) -> None:
    here.write(flow)
    first = run("workflow.yml", executor="inline").result()
    assert (first.status, first["count"].counts.failed) == ("failed", 2)
    report = (here.path / "report.json").read_text()
    going = resume(params={"most": 3})
    done = [
        event.address for event in going if isinstance(event, ItemSettled) and Mark.REUSED not in event.marks
    ]
    ended = going.result().check()
    assert done == ["count[1]", "count[2]", "count[3]", "sum"]  # the param is in their command
    assert (ended.id, ended.outputs, ended.params) == (first.id, {"sum": 3}, {"most": 3})
    assert (here.path / "side.log").read_text() == "once\n"
    assert (here.path / "report.json").read_text() != report
    assert here.runs() == [first.id]
    assert resume(first.id).result().succeeded  # nothing is left to do, and that is well


def test_only_what_failed_is_done_where_that_is_asked_for(here: Folder) -> None:
    here.write("""
        tasks:
          a: {run: "test -e mended"}
          b: {needs: [a], run: echo}
          c: {run: "echo c"}
    """)
    first = run("workflow.yml").result()
    (here.path / "mended").touch()
    ended = resume(first.id[:-1], only_failed=True).result()
    assert [(task.name, task.status) for task in ended.tasks.values()] == [
        ("a", "succeeded"),
        ("b", "skipped"),
        ("c", "succeeded"),
    ]
    assert resume().result()["b"].status == "succeeded"


def test_a_run_of_the_command_line_goes_on_with_what_it_was_asked_for(
    here: Folder, runner: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
secrets: [TOKEN]
params: {token: none, most: 1}
tasks:
  a: {run: "test -e mended; echo {{ params.most }}"}
  b: {run: echo b}
"""
    secret = {"TOKEN": "sesame-open"}
    words = ["-p", "token=sesame-open", "-p", "most=7", "--only", "a", "--report", "out.json"]
    assert runner("run", "-", *words, stdin=text, environment=secret).code == 1
    monkeypatch.setenv("TOKEN", "sesame-open")
    with pytest.raises(UserError) as said:
        resume()
    assert str(said.value) == (
        "the run was given token, which held a secret and is not recorded\n"
        "  = give it again: params={'token': …}"
    )
    (here.path / "mended").touch()
    ended = resume(params={"token": "sesame-open"}).result().check()
    assert (ended["a"].result, ended["b"].status, ended.params["token"]) == ("7", "skipped", "***")
    assert "sesame" not in (here.path / "out.json").read_text()
    assert runner("resume").err == "nothing to do: every run has succeeded\n"


def test_what_cannot_go_on_is_told_in_a_sentence(here: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    here.write("tasks: {a: {run: 'true'}}")
    state = here.path / ".runner"
    done = run("workflow.yml").result()
    with pytest.raises(UserError, match=r"^nothing to do: every run has succeeded\n  = `run` begins anew$"):
        resume()
    with pytest.raises(UserError, match=f"nothing to do: nothing failed in run {done.id}$"):
        resume(done.id, only_failed=True)
    with pytest.raises(UserError, match=r"^no run begins with '1999' in"):
        resume("1999")
    with pytest.raises(UserError, match=r"^unknown param 'n'"):
        resume(done.id, {"n": 1})
    here.write("tasks: {a: {run: 'false'}}", "bad.yml")
    failed = run("bad.yml").result()
    going = resume()
    with pytest.raises(UserError, match=f"^run {failed.id} is still going on: process {os.getpid()}"):
        resume()
    assert going.result().status == "failed"
    monkeypatch.chdir(Path(here.path).parent)
    with pytest.raises(UserError) as said:
        resume(state=state)
    assert str(said.value) == (
        f"run {failed.id} goes on where it was started\n  = go there first: os.chdir({str(here.path)!r})"
    )
    monkeypatch.chdir(here.path)
    (here.path / "bad.yml").unlink()
    with pytest.raises(UserError, match=f"^the workflow file of run {failed.id} is gone: "):
        resume()
