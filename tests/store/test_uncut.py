"""A file that somebody cuts while it is written: told at whatever moment that is, and never without cause."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from runner.store.database import Database
from runner.store.errors import DamagedError

TABLE = "CREATE TABLE IF NOT EXISTS word (text TEXT, number INTEGER DEFAULT 0)"
LONG = "x" * 10_000


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "words.sqlite")


@pytest.fixture
def words(path: str) -> Iterator[Database]:
    database = Database.create(path, TABLE, 1, alone=True)
    add(database)
    yield database
    with suppress(DamagedError):
        database.close()


def add(database: Database, times: int = 1) -> None:
    with database.transaction():
        database.change("INSERT INTO word (text) VALUES (?)", [(LONG,)] * times)


def is_refused(path: str) -> None:
    said = f"{path} is damaged: a part of it was cut off while it was written"
    for open_it in (lambda: Database.read(path, 1), lambda: Database.create(path, TABLE, 1)):
        with pytest.raises(DamagedError) as raised:
            open_it()
        assert raised.value.message == said


@pytest.mark.parametrize("size", [0, 1, 31, 5000, 15_000])
def test_a_log_that_is_cut_before_a_transaction_is_told(words: Database, path: str, size: int) -> None:
    os.truncate(f"{path}-wal", size)
    with pytest.raises(DamagedError, match="was cut off while it was written"):
        add(words)
    with pytest.raises(DamagedError, match="was cut off while it was written"):
        words.close()
    is_refused(path)


@pytest.mark.parametrize("size", [0, 1, 31, 5000, 15_000])
def test_a_log_that_is_cut_within_a_transaction_is_told(words: Database, path: str, size: int) -> None:
    with pytest.raises(DamagedError, match="was cut off while it was written"), words.transaction():
        words.change("INSERT INTO word (text) VALUES (?)", [(LONG,)])
        os.truncate(f"{path}-wal", size)
    for _ in range(3):  # also when all that is left of the log is new
        with pytest.raises(DamagedError, match="was cut off while it was written"):
            add(words, 600)
    with pytest.raises(DamagedError):
        words.close()
    is_refused(path)


@pytest.mark.parametrize("which", ["", "-wal"])
def test_a_file_that_is_cut_after_the_last_transaction_is_told_at_the_end(
    words: Database, path: str, which: str
) -> None:
    os.truncate(f"{path}{which}", 5000)
    with pytest.raises(DamagedError, match="was cut off while it was written"):
        words.close()
    is_refused(path)


def test_a_log_that_begins_again_is_not_cut(words: Database, path: str) -> None:
    with open(f"{path}-wal", "ab") as log:
        log.write(b"torn" * 6)  # as a program leaves it that is killed
    with closing(words.beside()) as beside:
        for times in (1, 900, 1, 700, 1, 1, 2000, 1):
            add(words, times)
            add(beside)
            words.execute("CREATE INDEX IF NOT EXISTS word_number ON word (number)")
            words.execute("DROP INDEX word_number")
    words.close()
    with closing(Database.read(path, 1)) as read:
        assert read.row("SELECT count(*) FROM word") == (3614,)


def test_a_log_that_somebody_reads_meanwhile_is_not_cut(words: Database, path: str) -> None:
    for times in (1, 900, 1, 700, 1):
        with closing(Database.read(path, 1)) as read, read.snapshot():
            read.row("SELECT count(*) FROM word")
            add(words, times)
    words.close()
    with closing(Database.read(path, 1)) as read:
        assert read.row("SELECT count(*) FROM word") == (1604,)


def test_what_is_left_of_a_transaction_that_failed_is_written_over(words: Database, path: str) -> None:
    for times in (1, 2, 3):
        with pytest.raises(KeyboardInterrupt), words.transaction():
            words.change("INSERT INTO word (text) VALUES (?)", [(LONG,)] * 2000)
            raise KeyboardInterrupt
        add(words, times)
    add(words)
    words.close()
    with closing(Database.read(path, 1)) as read:
        assert read.row("SELECT count(*) FROM word") == (8,)


def test_what_is_left_of_a_program_that_died_is_written_over(
    words: Database, path: str, tmp_path: Path
) -> None:
    add(words, 10)
    with suppress(KeyboardInterrupt), words.transaction():
        words.change("INSERT INTO word (text) VALUES (?)", [(LONG,)] * 2000)
        raise KeyboardInterrupt
    left = str(shutil.copytree(tmp_path, tmp_path / "left") / "words.sqlite")
    with closing(Database.create(left, TABLE, 1, alone=True)) as again:
        for _ in range(10):
            add(again)
    with closing(Database.read(left, 1)) as read:
        assert read.row("SELECT count(*) FROM word") == (21,)


def test_a_file_that_is_removed_is_not_cut(words: Database, path: str) -> None:
    for name in (path, f"{path}-wal", f"{path}-shm"):
        os.unlink(name)
    add(words)
    words.close()
    assert not os.path.exists(path)
