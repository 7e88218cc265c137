"""A record that is damaged: refused in a sentence, or gone on with as far as it is true."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from damaging import campaign
from program import Program

text = """
    tasks:
      a: {run: echo one}
      b: {run: test -e there, needs: [a]}
"""


@pytest.fixture
def damaged(runner: Program) -> Path:
    """The file of a run that failed, in which one letter of a result is another."""
    runner.write(text)
    assert runner("run", "-q").code == 1
    (path,) = runner.folder.glob(".runner/runs/*/run.sqlite")
    contents = path.read_bytes()
    assert contents.count(b'"one"') == 1
    path.write_bytes(contents.replace(b'"one"', b'"ons"'))
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return path


def test_a_result_that_is_another_is_not_gone_on_with_nor_reported(runner: Program, damaged: Path) -> None:
    why = "is damaged: a row of the table `item` is not what was recorded"
    ended = runner("resume", "-q")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error: {damaged} {why}\n"
        "  = nothing in it can be relied on: `runner run` begins anew,"
        " `runner resume RUN` goes on with another\n"
    )
    ended = runner("report")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"error: {damaged.relative_to(runner.folder)} {why}\n"


def test_a_run_that_cannot_be_read_is_listed_and_is_the_one_that_resume_means(runner: Program) -> None:
    runner.write(text)
    assert runner("run", "-q").code == 1
    assert runner("run", "-q").code == 1
    newest = max(runner.folder.glob(".runner/runs/*"))
    (newest / "run.sqlite").write_text("not a database, but something long enough to be looked into" * 10)
    (runner.folder / ".runner" / "index.sqlite").unlink()
    listed = [line.split()[:2] for line in runner("runs").out.splitlines()[1:]]
    assert [status for _, status in listed] == ["unreadable", "failed"]
    ended = runner("resume")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"error: {newest / 'run.sqlite'} is not a file of runner\n")


def test_no_cut_and_no_flipped_bit_makes_a_traceback_or_a_task_that_is_wrongly_done() -> None:
    found = campaign(every=19997, flips=36)
    assert found.wrong == []
    assert found.ends["resume ended with 0"] and found.ends["resume ended with 2"]
