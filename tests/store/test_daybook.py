"""What was recorded in a burst and has not reached the database: no death of the program loses it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from event_streams import Stream

from runner.store import Store
from runner.store.database import Database
from runner.store.daybook import Changes, Daybook, take_over
from runner.store.stored_run import StoredRun
from runner.store.tables import DAYBOOK

WORDS = f"CREATE TABLE IF NOT EXISTS word (text TEXT);{DAYBOOK}"
NEVER = 1e9
"""Seconds between two transactions: after the first one all waits, but for who asks."""


class Words:
    """A database of words in the order in which they were recorded, and its daybook."""

    def __init__(self, folder: Path, often: float = NEVER) -> None:
        self.file, self.book = folder / "words.sqlite", folder / "daybook"
        self.database = Database.create(str(self.file), WORDS, 1, durability="power")
        self.daybook = Daybook(self.database, str(self.book), one_after_the_other, often)

    def add(self, *words: str) -> None:
        self.daybook.enter([("INSERT INTO word VALUES (?)", [(word,) for word in words])])

    def left(self, to: Path) -> Path:
        """What the program would leave if it died now."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.file.parent, to)
        return to


def one_after_the_other(some: Sequence[Changes]) -> Changes:
    return [change for changes in some for change in changes]


def words_in(folder: Path) -> list[str]:
    with closing(Database.create(str(folder / "words.sqlite"), WORDS, 1)) as database:
        take_over(database, str(folder / "daybook"))
        return [word for (word,) in database.rows("SELECT text FROM word ORDER BY rowid")]


@pytest.fixture
def words(tmp_path: Path) -> Words:
    (tmp_path / "here").mkdir()
    return Words(tmp_path / "here")


def test_what_was_recorded_is_there_whenever_the_program_dies(words: Words, tmp_path: Path) -> None:
    told: list[str] = []
    for word in ["one", "two", "nul \0", "half a surrogate pair \udc80", "five"]:
        words.add(word, word)
        told += [word, word]
        assert words_in(words.left(tmp_path / "left")) == told
    words.daybook.post()
    words.add("six")
    assert words_in(words.left(tmp_path / "left")) == [*told, "six"]


def test_what_was_taken_over_is_not_taken_twice(words: Words, tmp_path: Path) -> None:
    words.add("one")
    words.add("two")
    before = words.book.read_bytes()
    words.daybook.post()
    left = words.left(tmp_path / "left")
    (left / "daybook").write_bytes(before)  # as a power cut may bring it back
    assert words_in(left) == ["one", "two"]
    assert not (left / "daybook").exists()
    assert words_in(left) == ["one", "two"]


def test_where_the_last_entry_is_not_whole_all_before_it_counts(words: Words, tmp_path: Path) -> None:
    told = ["aaa", "bbb", "ccc", "ddd"]  # entries of one length
    for word in told:
        words.add(word)
    left = words.left(tmp_path / "whole")
    for length in range(os.path.getsize(left / "daybook")):
        cut = words.left(tmp_path / "cut")
        os.truncate(cut / "daybook", length)
        assert words_in(cut) == told[: 1 + length * 3 // os.path.getsize(left / "daybook")]


def test_nothing_behind_a_flipped_bit_counts(words: Words, tmp_path: Path) -> None:
    told = ["aaa", "bbb", "ccc", "ddd"]  # entries of one length
    for word in told:
        words.add(word)
    content = words.book.read_bytes()
    for place in range(len(content)):
        left = words.left(tmp_path / "left")
        flipped = bytearray(content)
        flipped[place] ^= 1 << place % 8
        (left / "daybook").write_bytes(flipped)
        assert words_in(left) == told[: 1 + place * 3 // len(content)]


def test_nothing_is_added_to_a_database_that_has_lost_what_came_before(words: Words, tmp_path: Path) -> None:
    words.add("one")
    early = words.left(tmp_path / "early")
    words.add("two")
    words.daybook.post()
    words.add("three")
    shutil.copy(words.book, early)
    assert words_in(early) == ["one"]


def test_what_changes_now_and_then_needs_no_daybook(tmp_path: Path) -> None:
    words = Words(tmp_path, often=0.0)
    for word in ("one", "two"):
        words.add(word)
    assert not words.book.exists()
    with closing(Database.read(str(words.file), 1)) as database:
        assert list(database.rows("SELECT text FROM word")) == [("one",), ("two",)]


@pytest.mark.parametrize("way", ["it cannot be written", "it is large", "it is much"])
def test_what_the_daybook_does_not_take_goes_into_the_database_at_once(words: Words, way: str) -> None:
    if way == "it cannot be written":
        words.book.mkdir()
    words.add("one")
    words.add("two")
    for number in range(200 if way == "it is much" else 1):
        words.add(f"{number} " + "x" * {"it is large": 100_000, "it is much": 50_000}.get(way, 1))
    with closing(Database.read(str(words.file), 1)) as database:
        (found,) = database.row("SELECT count(*) FROM word") or (0,)
    assert found >= {"it is large": 3, "it is much": 180}.get(way, 3)


@pytest.mark.parametrize("done", [1, 2, 20])
def test_a_run_that_dies_in_a_burst_has_all_that_was_told(tmp_path: Path, done: int) -> None:
    names = [f"task{number}" for number in range(30)]
    script = f"""
import os, signal, sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from event_streams import *
from runner.store import Store
stream = Stream(Store.create({str(tmp_path)!r}))
names = {names}
stream.begin(*names)
for name in names[:{done}]:
    stream.plain(name, result=name)
os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    (run,) = (tmp_path / "runs").iterdir()
    with StoredRun(str(run)) as stored:
        stored.check()
        assert stored.run().status == "died"
        tasks = list(stored.tasks())
        assert [task.item and task.item.result for task in tasks] == names[:done] + [None] * (30 - done)
        assert [task.status.value for task in tasks] == ["succeeded"] * done + ["waiting"] * (30 - done)
    assert "daybook" not in os.listdir(run)


def test_a_run_that_has_ended_leaves_no_daybook(tmp_path: Path) -> None:
    with Store.create(str(tmp_path)) as store:
        stream = Stream(store)
        stream.begin("a", "b")
        stream.plain("a")
        stream.plain("b")
        stream.finish()
    assert sorted(os.listdir(store.folder)) == ["lock", "logs", "run.sqlite"]
