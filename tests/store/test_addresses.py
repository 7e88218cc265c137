"""What an address names in a recorded run, and the logs that belong to it."""

from __future__ import annotations

from pathlib import Path

import pytest
from event_streams import Stream, exit_failure

from runner.problem import UserError
from runner.records import Item, Status
from runner.store import Store
from runner.store.stored_run import StoredRun, open_run

S, F = Status.SUCCEEDED, Status.FAILED


@pytest.fixture
def run(store: Store, stream: Stream) -> Store:
    stream.begin("fetch", "country", "plain", "late")
    stream.map("fetch", [("cat.jpg", 1, S, {"details": {"log": ("1-0-1.out",)}}), ("dog.jpg", 2, S, {})])
    group = stream.open("country", kind="tasks", mapped=True)
    inner = stream.open("parse", within=(group, 0, "country[fr.x]"), mapped=True)
    stream.settle(inner, Item(0, "3", 3), details={"log": ("3-0-1.out", "3-0-1.err")})
    stream.end(inner)
    stream.settle(group, Item(0, "fr.x", "fr"))
    stream.end(group)
    plain = stream.open("plain")
    stream.retry(plain, Item(0, None, None), exit_failure(), log=("4-0-1.err",))
    stream.settle(plain, Item(0, None, None, attempt=2), details={"log": ("4-0-2.out",)})
    stream.end(plain)
    for name in ("1-0-1.out", "3-0-1.out", "3-0-1.err", "4-0-1.err", "4-0-2.out"):
        Path(store.log_folder, name).write_text(f"this is {name}\n")
    return store


@pytest.mark.parametrize(
    ("address", "found", "key"),
    [
        ("fetch", "fetch", None),
        ("fetch[cat.jpg]", "fetch", "cat.jpg"),
        ("country[fr.x]", "country", "fr.x"),
        ("country[fr.x].parse", "country[fr.x].parse", None),
        ("country.parse", "country[fr.x].parse", None),
        ("country[fr.x].parse[3]", "country[fr.x].parse", "3"),
        ("plain", "plain", None),
        ("late", "late", None),
    ],
)
def test_an_address_names_a_task_or_an_item(run: Store, address: str, found: str, key: str | None) -> None:
    with StoredRun(run.folder) as stored:
        (named,) = stored.find(address)
    assert named.task.address == found
    assert (named.item and named.item.key) == key


@pytest.mark.parametrize(
    ("address", "message", "hint"),
    [
        ("fetsh", "no 'fetsh' in this run: there is no task 'fetsh'", "did you mean 'fetch'?"),
        (
            "x[1]",
            "no 'x[1]' in this run: there is no task 'x'",
            "there are fetch, country, plain, late",
        ),
        ("fetch[owl]", "no 'fetch[owl]' in this run: fetch has no item 'owl'", ""),
        ("fetch[]", "no 'fetch[]' in this run: fetch has no item ''", ""),
        ("plain[1]", "no 'plain[1]' in this run: plain is no map, it has no items", ""),
        ("late[1]", "no 'late[1]' in this run: late was not reached", ""),
        ("plain.x", "no 'plain.x' in this run: plain has no tasks inside", ""),
        (
            "country.prase",
            "no 'country.prase' in this run: there is no task 'prase'",
            "did you mean 'parse'?",
        ),
        ("a[b", "'a[b' is no address of a task", "write it as in fetch, fetch[cat.jpg] or country[fr].parse"),
        ("", "'' is no address of a task", "write it as in fetch, fetch[cat.jpg] or country[fr].parse"),
    ],
)
def test_what_is_not_there_is_said(run: Store, address: str, message: str, hint: str) -> None:
    with StoredRun(run.folder) as stored, pytest.raises(UserError) as raised:
        list(stored.find(address))
    assert (raised.value.message, raised.value.hint) == (message, hint)


def logs(run: Store, address: str) -> list[tuple[str, int, str]]:
    with StoredRun(run.folder) as stored:
        return [
            (log.address, log.attempt, Path(log.path).name)
            for found in stored.find(address)
            for log in stored.log_files(found)
        ]


def test_logs_are_those_of_all_attempts_and_of_all_that_is_inside(run: Store) -> None:
    assert logs(run, "fetch[cat.jpg]") == [("fetch[cat.jpg]", 1, "1-0-1.out")]
    assert logs(run, "fetch") == [("fetch[cat.jpg]", 1, "1-0-1.out")]
    assert logs(run, "plain") == [("plain", 1, "4-0-1.err"), ("plain", 2, "4-0-2.out")]
    inner = [
        ("country[fr.x].parse[3]", 1, "3-0-1.out"),
        ("country[fr.x].parse[3]", 1, "3-0-1.err"),
    ]
    assert logs(run, "country") == inner
    assert logs(run, "country[fr.x].parse[3]") == inner
    assert logs(run, "late") == []
    with StoredRun(run.folder) as stored:
        assert len(list(stored.all_log_files())) == 5


def test_a_log_that_was_deleted_is_passed_over(run: Store) -> None:
    Path(run.log_folder, "4-0-1.err").unlink()
    assert logs(run, "plain") == [("plain", 2, "4-0-2.out")]


def test_the_log_of_what_runs_now_is_found(state: Path, store: Store, stream: Stream) -> None:
    stream.begin("m")
    fan = stream.open("m", mapped=True)
    stream.start(fan, Item(0, "x", 0))
    Path(store.log_folder, f"{fan}-0-1.out").write_text("so far")
    with open_run(state) as stored:
        (found,) = stored.find("m[x]")
        (log,) = stored.log_files(found)
        assert (log.address, Path(log.path).read_text()) == ("m[x]", "so far")
