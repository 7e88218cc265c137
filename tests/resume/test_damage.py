"""A record that is damaged: refused in a sentence, or gone on with as far as it is true."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from damaging import KINDS, campaign
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


@pytest.mark.parametrize(("prints", "place"), [("true", 20), ("true", 40), ("echo b", 20)])
def test_a_record_whose_log_is_damaged_at_its_head_is_listed_and_refused(
    runner: Program, prints: str, place: int
) -> None:
    runner.write(f"tasks: {{a: {{run: 'true'}}, b: {{needs: [a], run: '{prints}; cp -r .runner copy'}}}}")
    assert runner("run", "-q").code == 0
    shutil.rmtree(runner.folder / ".runner")
    (runner.folder / "copy").rename(runner.folder / ".runner")  # as a run that was killed leaves it
    (folder,) = runner.folder.glob(".runner/runs/*")
    with (folder / "run.sqlite-wal").open("r+b") as log:
        log.seek(place)
        log.write(b"XX")
    listed = [line.split()[:2] for line in runner("runs").out.splitlines()[1:]]
    assert listed == [[folder.name, "unreadable"]]
    for arguments in ([], [folder.name]):
        ended = runner("resume", *arguments)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == (
            f"error: {folder}/run.sqlite is damaged: the beginning of the run is missing\n"
            "  = nothing in it can be relied on: `runner run` begins anew,"
            " `runner resume RUN` goes on with another\n"
        )


@pytest.mark.parametrize(
    ("file", "size"),
    [("run.sqlite-wal", 0), ("run.sqlite-wal", 10_000), ("run.sqlite-wal", 40_000), ("run.sqlite", 10_000)],
)
def test_a_record_that_is_cut_meanwhile_ends_the_run_and_is_refused_ever_after(
    runner: Program, file: str, size: int
) -> None:
    runner.write(
        f"""
        tasks:
          a: {{map: {{over: "{{{{ range(30) }}}}"}}, run: "true"}}
          b: {{needs: [a], run: "truncate -s {size} .runner/runs/*/{file}"}}
        """
    )
    ended = runner("run", "-q", "--report", "report.html")
    (path,) = runner.folder.glob(".runner/runs/*/run.sqlite")
    said = f"error: {path} is damaged: a part of it was cut off while it was written\n"
    assert (ended.code, ended.out, ended.err) == (1, "", said)
    assert not (runner.folder / "report.html").exists()
    assert [line.split()[1] for line in runner("runs").out.splitlines()[1:]] == ["unreadable"]
    ended = runner("resume", "-q")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"{said}  = nothing in it can be relied on: `runner run` begins anew,"
        " `runner resume RUN` goes on with another\n"
    )


@pytest.mark.parametrize("what", [".runner", ".runner/runs/*", ".runner/runs/*/run.sqlite"])
def test_a_record_that_is_removed_meanwhile_is_missed_with_what_it_told(runner: Program, what: str) -> None:
    runner.write(
        f"""
        tasks:
          a: {{run: "echo $RUNNER_RUN_ID >id; rm -r {what}"}}
          b: {{run: "false", needs: [a]}}
          c: {{run: "true", needs: [a]}}
          d: {{run: "true", needs: [b]}}
        """
    )
    ended = runner("run", "-q")
    run = (runner.folder / "id").read_text().strip()
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == (
        f"error: {runner.folder}/.runner/runs/{run}/run.sqlite was removed while the run went on:"
        " there is no report of it\n"
        "  = of its tasks: 2 succeeded, 1 failed, 1 skipped\n"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_cut_and_no_flipped_bit_makes_a_traceback_or_a_task_that_is_wrongly_done(kind: str) -> None:
    found = campaign(every=19997, flips=36, kinds=[kind])
    assert found.wrong == []
    assert found.ends["resume ended with 0"] and found.ends["resume ended with 2"]
