"""Files of older formats: read as they are, made new when their run goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from program import Program

from runner.store.tables import SEALED, VERSION

text = """
    tasks:
      one: {run: "echo one >> witness; echo one"}
      each:
        map: {over: [a, b]}
        run: "echo {{ item }} >> witness; test {{ item }} = a || test -e there"
      last: {run: "echo last >> witness", needs: [each]}
    outputs: {one: "{{ tasks.one.result }}"}
"""


def file_of(runner: Program) -> Path:
    (path,) = runner.folder.glob(".runner/runs/*/run.sqlite")
    return path


def format_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as file:
        return int(file.execute("PRAGMA user_version").fetchone()[0])


@pytest.fixture(params=[1, 2, 3, 4])
def older(runner: Program, request: pytest.FixtureRequest) -> Program:
    """A run that failed, in a file of an older format.

    Format 4 had no daybook, 3 told not what tasks wait for, 2 knew no batches, and 1 no seals either.
    """
    runner.write(text)
    assert runner("run", "-q").code == 1
    with closing(sqlite3.connect(file_of(runner), isolation_level=None)) as file:
        file.execute("DROP TABLE daybook")
        if request.param < 4:
            file.execute("DROP TABLE declared")
        if request.param < 3:
            file.execute("DROP TABLE batch")
        for table, column in SEALED:
            if request.param == 1 and table not in ("batch", "declared", "daybook"):
                file.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        file.execute(f"PRAGMA user_version = {request.param}")
    (runner.folder / "witness").unlink()
    return runner


def test_a_run_of_an_older_format_is_reported_and_left_as_it_is(older: Program) -> None:
    before = file_of(older).read_bytes()
    ended = older("report")
    assert (ended.code, ended.err) == (0, "")
    assert "\nfailed     each" in ended.out
    assert "failed" in older("runs").out
    ended = older("report", "--format", "html")
    assert (ended.code, ended.err) == (0, "")
    assert "each[b]" in ended.out
    assert file_of(older).read_bytes() == before


def test_a_run_of_an_older_format_goes_on_in_the_newest(older: Program) -> None:
    (older.folder / "there").touch()
    ended = older("resume", "-q")
    assert (ended.code, ended.err) == (0, "")
    assert (older.folder / "witness").read_text() == "b\nlast\n"
    assert format_of(file_of(older)) == VERSION == 5
    ended = older("resume", file_of(older).parent.name, "-q")
    assert (ended.code, ended.err) == (0, "")
    assert (older.folder / "witness").read_text() == "b\nlast\n"
