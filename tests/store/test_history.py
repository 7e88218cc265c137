"""The folder of all runs: its ids, its list, its index."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from event_streams import Stream, exit_failure

from runner.problem import UserError
from runner.records import Item, Pace, Status, Usual
from runner.store import Store, history
from runner.store.lock import Lock
from runner.store.stored_run import open_run

S, F = Status.SUCCEEDED, Status.FAILED


def finished(state: Path, status: Status = S) -> str:
    """A run that is over."""
    with Store.create(state) as store:
        stream = Stream(store)
        stream.begin("a")
        stream.plain("a", status, failure=exit_failure() if status is F else None)
        stream.finish(status)
    return store.run_id


def test_the_folder_is_private_and_unseen_by_git(state: Path) -> None:
    run = finished(state)
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "runs" / run).stat().st_mode) == 0o700
    assert (state / ".gitignore").read_text() == "*\n"
    assert sorted(os.listdir(state / "runs" / run)) == ["lock", "logs", "run.sqlite"]


def test_ids_begin_with_the_time_and_differ(state: Path) -> None:
    ids = [finished(state) for _ in range(5)]
    assert all(re.fullmatch(r"\d{8}-\d{6}-[0-9a-f]{4}", name) for name in ids)
    assert len(set(ids)) == 5


def test_runs_are_listed_with_how_they_ended(state: Path) -> None:
    runs = {finished(state): "succeeded", finished(state, F): "failed"}
    assert {run.id: run.status for run in history.list_runs(state)} == runs
    (first, *_) = history.list_runs(state)
    assert (first.workflow, first.file, first.seconds) == ("thumbnails", "/home/me/flow.yml", 3.25)


def test_where_nothing_ran_nothing_is_listed(state: Path) -> None:
    assert list(history.list_runs(state)) == []
    with pytest.raises(UserError) as raised:
        open_run(state)
    assert raised.value.message == f"no run is recorded in {state}"
    assert not state.exists()


def test_a_run_is_found_by_the_beginning_of_its_id(state: Path) -> None:
    for name in ("20260101-000000-aaaa", "20260101-000000-aabb", "20260202-000000-cccc"):
        (state / "runs" / name).mkdir(parents=True)
    assert history.find_run(state, "202602") == str(state / "runs" / "20260202-000000-cccc")
    with pytest.raises(UserError) as raised:
        history.find_run(state, "20260101-000000-aa")
    assert (raised.value.message, raised.value.hint) == (
        "2 runs begin with '20260101-000000-aa': 20260101-000000-aabb, 20260101-000000-aaaa",
        "give more of the id",
    )
    with pytest.raises(UserError) as raised:
        history.find_run(state, "20260202-000000-ccdc")
    assert (raised.value.message, raised.value.hint) == (
        f"no run begins with '20260202-000000-ccdc' in {state}",
        "did you mean '20260202-000000-cccc'?",
    )


@pytest.mark.parametrize("prefix", ["", "../..", "/etc", "."])
def test_only_names_of_runs_are_looked_up(state: Path, prefix: str) -> None:
    finished(state)
    with pytest.raises(UserError, match="no run begins with"):
        history.find_run(state, prefix)


def test_the_newest_run_is_taken_when_none_is_named(state: Path) -> None:
    older = finished(state)
    newer = state / "runs" / "99990101-000000-ffff"
    (state / "runs" / finished(state)).rename(newer)
    (state / "runs" / "99990202-000000-ffff" / "logs").mkdir(parents=True)
    with open_run(state) as stored:
        assert stored.folder == str(newer)
    with open_run(state, older) as stored:
        assert stored.run().id == older


def test_without_its_index_the_history_is_read_from_the_runs(state: Path) -> None:
    runs = {finished(state), finished(state)}
    (state / "index.sqlite").unlink()
    assert {run.id for run in history.list_runs(state)} == runs


@pytest.mark.parametrize("contents", [b"", b"not a database, certainly not one of ours" * 99])
def test_an_index_that_is_damaged_is_made_anew(state: Path, contents: bytes) -> None:
    first = finished(state)
    (state / "index.sqlite").write_bytes(contents)
    second = finished(state)
    assert {run.id for run in history.list_runs(state)} == {first, second}
    assert history.paces(state, "/home/me/flow.yml")["a"].items == 1


def test_an_index_of_another_program_is_left_alone(state: Path) -> None:
    state.mkdir()
    with sqlite3.connect(state / "index.sqlite") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = (state / "index.sqlite").read_bytes()
    run = finished(state)
    assert (state / "index.sqlite").read_bytes() == before
    assert [each.id for each in history.list_runs(state)] == [run]


def test_a_run_whose_folder_is_gone_is_not_listed(state: Path) -> None:
    run = finished(state)
    (state / "runs" / run).rename(state / "elsewhere")
    assert list(history.list_runs(state)) == []


def test_the_list_names_a_run_that_cannot_be_read(state: Path) -> None:
    good = finished(state)
    bad = state / "runs" / "20260101-000000-aaaa"
    bad.mkdir()
    (bad / "run.sqlite").write_text("no")
    assert [(run.id, run.status) for run in history.list_runs(state)] == [
        (good, "succeeded"),
        (bad.name, "unreadable"),
    ]


def test_how_long_tasks_took_is_remembered_by_their_place_in_the_file(state: Path) -> None:
    with Store.create(state) as store:
        stream = Stream(store)
        stream.begin("m", "g", "bad")
        stream.map("m", [("a", 1, S, {"seconds": 1.0}), ("b", 2, S, {"seconds": 3.0})])
        group = stream.open("g", kind="tasks", mapped=True)
        for index in range(2):
            stream.plain("t", within=(group, index, f"g[{index}]"), seconds=0.5)
            stream.settle(group, Item(index, str(index), index), seconds=2.0)
        stream.end(group)
        stream.plain("bad", F, failure=exit_failure(), seconds=99.0)
        stream.finish(F)
    known = history.paces(state, "/home/me/flow.yml")
    assert {path: (each.seconds, each.items) for path, each in known.items()} == {
        "m": (2.0, 2),
        "g": (2.0, 2),
        "g.t": (0.5, 2),
    }
    assert history.paces(state, "/home/me/other.yml") == {}


@pytest.mark.parametrize("options", [{"only": ["m[a]"]}, {"partial": True}])
def test_a_run_of_a_part_does_not_tell_how_long_the_whole_takes(state: Path, options: dict[str, Any]) -> None:
    def run(seconds: float, keys: str, **options: Any) -> None:
        with Store.create(state, options=options) as store:
            stream = Stream(store)
            stream.begin("m", "n")
            stream.map("m", [(key, key, S, {"seconds": seconds}) for key in keys])
            stream.finish(S)

    run(1.0, "ab", **options)
    assert history.usual(state, "/home/me/flow.yml") == Usual({"m": Pace(1.0, 2)}, 3.25)
    run(5.0, "abc")
    run(1.0, "a", **options)
    assert history.usual(state, "/home/me/flow.yml") == Usual({"m": Pace(5.0, 3)}, 3.25)
    run(7.0, "a", skip=["n"])
    assert history.usual(state, "/home/me/flow.yml") == Usual({"m": Pace(7.0, 1)}, 3.25)


def test_a_run_that_never_began_leaves_no_trace(state: Path) -> None:
    with Store.create(state) as store:
        Path(store.log_folder, "run.log").write_text("x")
    assert os.listdir(state / "runs") == []


def test_two_runs_at_the_same_time_do_not_disturb_each_other(state: Path) -> None:
    with Store.create(state) as one, Store.create(state) as two:
        streams = [Stream(one), Stream(two)]
        for stream in streams:
            stream.begin("a", "b")
        for stream, result in zip(streams, ("one", "two"), strict=True):
            stream.plain("a", result=result)
        assert [run.status for run in history.list_runs(state)] == ["running", "running"]
        for stream in streams:
            stream.finish()
    for store, result in ((one, "one"), (two, "two")):
        with open_run(state, store.run_id) as stored:
            task = next(stored.tasks())
            assert task.item is not None
            assert task.item.result == result
    assert [run.status for run in history.list_runs(state)] == ["succeeded", "succeeded"]


_dies = """
import os, sys
sys.path.insert(0, {tests!r})
from event_streams import *
from runner.store import Store
store = Store.create({state!r})
stream = Stream(store)
stream.begin("m", "z")
fan = stream.open("m", mapped=True)
stream.start(fan, Item(0, "a", "A"), Item(1, "b", "B"))
stream.settle(fan, Item(0, "a", "A"), result="kept")
print(store.run_id, fan, flush=True)
sys.stdin.read()
"""


def test_a_run_whose_process_was_killed_has_died_and_lost_nothing(state: Path) -> None:
    script = _dies.format(tests=str(Path(__file__).parent.parent), state=str(state))
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdin is not None
    run, fan = process.stdout.readline().split()
    with open_run(state, run) as stored:
        assert stored.run().status == "running"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()
    with open_run(state, run) as stored:
        assert stored.run().status == "died"
        items = [(item.key, item.status, item.result) for item in stored.read.items(int(fan))]
        assert items == [("a", "succeeded", "kept"), ("b", "running", None)]
        assert [task.status.value for task in stored.tasks()] == ["running", "waiting"]
    assert [each.status for each in history.list_runs(state)] == ["died"]


def test_a_run_has_one_holder_who_is_named(tmp_path: Path) -> None:
    (tmp_path / "run1").mkdir()
    lock = Lock(tmp_path / "run1")
    with pytest.raises(UserError) as raised:
        Lock(tmp_path / "run1")
    assert raised.value.message == f"run run1 is still going on: process {os.getpid()} performs it"
    (tmp_path / "run1" / "lock").unlink()
    with pytest.raises(UserError) as raised:
        Lock(tmp_path / "run1")
    assert raised.value.message == f"run run1 is still going on: process {os.getpid()} performs it"
    lock.close()
    Lock(tmp_path / "run1").close()


def test_what_a_run_started_does_not_hold_its_lock(state: Path) -> None:
    with Store.create(state) as store:
        Stream(store).begin("a")
        child = subprocess.Popen(["sleep", "60"])
    try:
        assert [run.status for run in history.list_runs(state)] == ["died"]
    finally:
        child.kill()
        child.wait()


def test_ids_are_in_the_users_time(state: Path) -> None:
    before = time.strftime("%Y%m%d-%H%M%S")
    run = finished(state)
    assert before <= run[:15] <= time.strftime("%Y%m%d-%H%M%S")
