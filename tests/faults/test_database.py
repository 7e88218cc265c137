"""A record that another program locks, cuts, overwrites or removes while the run goes on."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from threading import Timer

import pytest
from faulty import Faulty
from program import Program

LIBRARY = """
import glob, os, sqlite3

held = []

def lock():
    if not os.path.exists("calm"):
        (path,) = glob.glob(".runner/runs/*/run.sqlite")
        held.append(sqlite3.connect(path, isolation_level=None, check_same_thread=False))
        held[0].execute("BEGIN IMMEDIATE")
"""

locking = """
    tasks:
      first: {run: "echo first >> witness"}
      lock: {call: "lib.py:lock", needs: [first]}
      last: {run: "echo last >> witness", needs: [lock]}
"""

harming = """
    params: {harm: ""}
    tasks:
      first: {run: "echo first >> witness; echo one"}
      harm:
        needs: [first]
        run: |
          echo harm >> witness
          cd .runner/runs/*
          test -e ../../../calm || { {{ params.harm | verbatim }}; }
      each: {map: {over: "{{ range(5) }}"}, needs: [harm], run: "echo {{ item }} >> witness; seq 3"}
      last: {run: "echo last >> witness", needs: [each]}
"""
everything = ["first", "harm", *"01234", "last"]


def test_a_record_that_another_program_locks_ends_the_run(faulty: Faulty) -> None:
    faulty.write(LIBRARY, "lib.py")
    faulty.write(locking)
    ended = faulty("run", "-q")
    folder = faulty.run_folder()
    assert ended.code == 1
    assert ended.err == f"error: {folder}/run.sqlite is locked by another program\n"
    (faulty.folder / "calm").touch()
    with closing(sqlite3.connect(folder / "run.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = faulty("resume", "-q")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == f"error: {folder}/run.sqlite is locked by another program\n"
    assert faulty("resume", "-q").code == 0
    # All may have been done meanwhile, and the last of it when nothing could be recorded any more.
    assert faulty.acted() in (["first", "last"], ["first", "last", "last"])


LOOK = """
import glob, os, sqlite3, sys

(path,) = glob.glob(".runner/runs/*/run.sqlite")
log = os.stat(f"{path}-wal").st_ino
for _ in range(30):
    other = sqlite3.connect(path, isolation_level=None)
    for statement in sys.argv[1].split(";"):
        other.execute(statement).fetchall()
    other.close()
print(os.stat(f"{path}-wal").st_ino == log)
"""


@pytest.mark.parametrize(
    "looking", ["select * from item", "begin immediate;rollback", "begin exclusive;rollback"]
)
def test_who_looks_into_the_record_of_a_run_that_goes_on_leaves_it_whole(
    runner: Program, looking: str
) -> None:
    runner.write(LOOK, "look.py")
    runner.write(f"""
        tasks:
          first: {{map: {{over: "{{{{ range(30) }}}}", max_parallel: 2}}, run: "echo {{{{ item }}}}"}}
          look: {{needs: [first], run: [{json.dumps(sys.executable)}, look.py, "{looking}"]}}
          last: {{map: {{over: "{{{{ range(30) }}}}"}}, needs: [look], run: "echo {{{{ item }}}}"}}
    """)
    report = runner.report("-q")
    assert report["tasks"]["look"]["result"] == "True"
    assert report["tasks"]["last"]["results"] == [str(number) for number in range(30)]
    assert json.loads(runner("report", "--format", "json").out)["tasks"] == report["tasks"]


def test_who_brings_the_log_of_a_record_into_it_has_not_cut_it(runner: Program) -> None:
    runner.write(LOOK.replace("range(30)", "range(1)"), "look.py")
    checkpoint = f'[{json.dumps(sys.executable)}, look.py, "pragma wal_checkpoint(truncate)"]'
    runner.write(f"""
        tasks:
          first: {{run: echo first}}
          one: {{needs: [first], run: {checkpoint}}}
          then: {{needs: [one], run: echo then}}
          two: {{needs: [then], run: {checkpoint}}}
          last: {{needs: [two], map: {{over: [0, 1]}}, run: "echo {{{{ item }}}}"}}
    """)
    report = runner.report("-q")
    assert report["tasks"]["two"]["result"] == "True"
    assert report["tasks"]["last"]["results"] == ["0", "1"]


@pytest.mark.parametrize("lock", ["immediate", "exclusive"])
def test_a_resume_waits_for_who_has_locked_the_record_a_while(faulty: Faulty, lock: str) -> None:
    faulty.write("tasks: {a: {run: test -e calm}}")
    assert faulty("run", "-q").code == 1
    (faulty.folder / "calm").touch()
    path = faulty.run_folder() / "run.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute(f"begin {lock}")
        Timer(1.0, other.execute, ["rollback"]).start()
        ended = faulty("resume", "-q")
    assert (ended.code, ended.err) == (0, "")


def test_the_list_of_runs_that_another_program_locks_is_done_without(faulty: Faulty) -> None:
    faulty.write("tasks: {a: {run: echo a}}")
    assert faulty("run", "-q").code == 0
    with closing(sqlite3.connect(faulty.folder / ".runner/index.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ended = faulty("run", "-q")
        assert (ended.code, ended.err) == (0, "")
        assert len(faulty("runs").out.splitlines()) == 3
    assert len(faulty("runs").out.splitlines()) == 3


@pytest.mark.parametrize("harm", ["echo x > logs", "ln -s logs logs", "mkdir -p logs/run.log"])
def test_what_stands_where_the_logs_were_makes_no_other_end_of_a_run(faulty: Faulty, harm: str) -> None:
    faulty.write("def f():\n    return 1\n", "lib.py")
    faulty.write(
        f"""
        tasks:
          harm: {{run: "cd .runner/runs/*; rm -rf logs; {harm}", capture: none}}
          after: {{needs: [harm], call: "lib.py:f"}}
        """
    )
    assert faulty("run", "-q").code == 0
    assert faulty("resume").err == "nothing to do: every run has succeeded\n"


CUT = "error: {file} is damaged: a part of it was cut off while it was written\n"
REMOVED = (
    "error: {file} was removed while the run went on: there is no report of it\n"
    "  = of its tasks: 4 succeeded\n"
)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (": > run.sqlite", CUT),
        ("head -c 30000 /dev/urandom > run.sqlite", CUT),
        ("truncate -s 10000 run.sqlite", CUT),
        ("rm run.sqlite", REMOVED),
    ],
    ids=["emptied", "overwritten", "cut", "removed"],
)
def test_a_record_that_is_harmed_meanwhile_is_said_to_be(faulty: Faulty, harm: str, said: str) -> None:
    faulty.write(harming)
    ended = faulty("run", "-q", "-p", f"harm={harm}")
    file = faulty.run_folder() / "run.sqlite"
    assert (ended.code, ended.err) == (1, said.format(file=file))
    ended = faulty("resume", faulty.run_folder().name)
    assert (ended.code, ended.out) == (2, "")
    assert set(faulty.acted()) <= set(everything)
    assert len(faulty.acted()) == len(set(faulty.acted()))


def test_a_run_whose_logs_are_removed_goes_on(faulty: Faulty) -> None:
    faulty.write(harming)
    ended = faulty("run", "-q", "-p", "harm=rm -rf logs")
    assert (ended.code, ended.err) == (0, ""), ended.out
    assert (
        "the logs of this run were removed while it went on: what had been printed until then is gone\n"
        in (ended.out)
    )
    assert faulty.acted() == sorted(everything)
    assert faulty("logs", "harm").err == "harm printed nothing\n"
    assert faulty("logs", "each[3]").out == "1\n2\n3\n"


def test_what_fails_after_its_logs_were_removed_has_failed_for_its_own_reason(faulty: Faulty) -> None:
    faulty.write(harming)
    ended = faulty("run", "-q", "-p", "harm=echo printed; rm -rf logs; exit 3")
    assert (ended.code, ended.err) == (1, "")
    assert "workflow.yml:5:3: harm failed: exit code 3 [exit]\n" in ended.out
    (faulty.folder / "calm").touch()
    faulty.goes_on([*everything, "harm"])


def test_a_run_that_is_removed_meanwhile_is_said_to_be_gone(faulty: Faulty) -> None:
    faulty.write(harming)
    ended = faulty("run", "-q", "-p", 'harm=rm -rf "$PWD"')
    assert ended.code == 1
    assert ended.err == REMOVED.format(file=faulty.run_folder() / "run.sqlite")
    ended = faulty("resume")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error: cannot open {faulty.run_folder()}/run.sqlite: there is no such file\n"
        "  = `runner run` begins anew, `runner resume RUN` goes on with another\n"
    )


@pytest.mark.parametrize("mask", ["", "secrets: [API_TOKEN]\n    "])
@pytest.mark.parametrize("harm", ["rm -rf .runner", "rm -rf .runner/.gitignore .runner/runs"])
def test_a_folder_of_runs_that_is_removed_meanwhile_comes_back_private_and_unseen_by_git(
    faulty: Faulty, harm: str, mask: str
) -> None:
    faulty.write(
        f"""
    {mask}tasks:
      harm: {{run: "{harm}"}}
      each: {{map: {{over: "{{{{ range(8) }}}}"}}, needs: [harm], run: "echo {{{{ item }}}}"}}
    """
    )
    faulty.environment["API_TOKEN"] = "not-to-be-seen"
    assert faulty("run", "-q").code == 1
    state = faulty.folder / ".runner"
    assert (state / ".gitignore").read_text() == "*\n"
    folders = [state, *(path for path in state.rglob("*") if path.is_dir())]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
