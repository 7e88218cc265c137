"""Whether a file still says what was written into it: whatever that was, and whatever is another now."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from event_streams import Stream, exit_failure

from runner.records import Item, Mark, Status
from runner.store import Store
from runner.store.errors import DamagedError
from runner.store.stored_run import StoredRun
from runner.store.tables import SEALED


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of which every table holds something, some of it odd."""
    with Store.create(tmp_path_factory.mktemp("state")) as store:
        stream = Stream(store)
        stream.begin("a", "m", "g", "open", "many")
        stream.plain("a", result="nul \0, half a surrogate pair \udc80 and é")
        items = [(f"key {n} \udcff", n, Status.SUCCEEDED, {"result": [n, 2**70, 0.1]}) for n in range(10)]
        stream.map("m", items)
        group = stream.open("g", kind="tasks")
        stream.start(group, Item(0, None, None))
        inner = stream.open("in", within=(group, 0, "g"))
        stream.retry(inner, Item(0, None, None), exit_failure(3), exit_code=3, log=("1.out", "1.err"))
        stream.settle(
            inner, Item(0, None, None, attempt=2), Status.FAILED, failure=exit_failure(3), seconds=1
        )
        stream.end(inner, Status.FAILED, failure=exit_failure(3), marks=[Mark.TOLERATED], reason="for \udc80")
        stream.start(stream.open("open", mapped=True, total=2), Item(0, "x", {"é": None}), Item(1, "y", 1.5))
        many = stream.open("many", kind="call", mapped=True)
        several = [Item(n, f"key {n} \udcff", {"é": n}) for n in range(9)]
        stream.together(many, several, [[n, 2**70, 0.1, "\udc80"] for n in range(9)], digest=b"12345678")
        stream.end(many)
        stream.notice("worth \udc80 saying", group)
        stream.finish(outputs={"o": "\udc80"}, problems=[exit_failure()], seconds=3)
    return Path(store.folder)


@pytest.fixture
def file(written: Path, tmp_path: Path) -> Path:
    """A copy of its file."""
    return Path(shutil.copy(written / "run.sqlite", tmp_path / "run.sqlite"))


def check(file: Path) -> None:
    with StoredRun(str(file.parent)) as stored:
        stored.check()


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        assert connection.execute(statement).rowcount, statement


def test_what_is_as_it_was_written_is_sound(file: Path) -> None:
    check(file)


def test_a_run_that_is_killed_at_any_commit_is_sound(tmp_path: Path) -> None:
    with Store.create(tmp_path, power_safe=True) as store:

        def sound(_: object) -> None:
            with StoredRun(store.folder) as stored:
                stored.check()

        stream = Stream(store, sound)
        stream.begin("a", "m")
        stream.plain("a", result=1)
        stream.map("m", [(str(n), n, Status.SUCCEEDED, {"result": n}) for n in range(5)])
        stream.finish()


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for (table, _), names in SEALED.items() for column in names.split()]
)
def test_a_value_that_is_another_is_seen(file: Path, table: str, column: str) -> None:
    other = f"CASE WHEN {column} IS NULL THEN 'x' WHEN typeof({column}) = 'text' THEN {column} || 'x'"
    change(
        file,
        f"UPDATE OR REPLACE {table} SET {column} = {other} ELSE {column} + 1 END"
        f" WHERE {column} IS (SELECT max({column}) FROM {table})",
    )
    with pytest.raises(DamagedError) as raised:
        check(file)
    path = file.parent / "run.sqlite"
    assert raised.value.message in (
        f"{path} is damaged: a row of the table `{table}` is not what was recorded",
        f"{path} is damaged: a part of it is missing",
    )


@pytest.mark.parametrize("table", ["session", "task", "fan"])
def test_a_row_that_others_refer_to_is_missed(file: Path, table: str) -> None:
    change(file, f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})")
    with pytest.raises(DamagedError) as raised:
        check(file)
    assert raised.value.message == f"{file} is damaged: a part of it is missing"


def test_an_item_of_several_that_were_recorded_together_is_missed(tmp_path: Path) -> None:
    with Store.create(tmp_path) as store:
        stream = Stream(store)
        stream.begin("m")
        fan = stream.open("m", mapped=True)
        stream.tell(*(stream.settled(fan, Item(n, str(n), n), result=n) for n in range(5)))
    change(Path(store.folder, "run.sqlite"), 'DELETE FROM item WHERE "index" = 2')
    with pytest.raises(DamagedError):
        check(Path(store.folder, "run.sqlite"))
