"""What is recorded is read back as it was, by the run itself and by anybody else."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from event_streams import BEGIN, Stream, exit_failure

from runner.engine.masking import masked
from runner.masks import Mask
from runner.records import Failure, FailureKind, Item, Mark, Status
from runner.store import Store
from runner.store.entries import OPAQUE, SECRET
from runner.store.failed import failures
from runner.store.stored_run import StoredRun, open_run

S, F, K, C = Status.SUCCEEDED, Status.FAILED, Status.SKIPPED, Status.CANCELLED


def test_results_of_a_map_are_in_input_order_whatever_finished_first(store: Store, stream: Stream) -> None:
    stream.begin("m")
    fan = stream.open("m", mapped=True, total=4)
    for index in (2, 0, 3, 1):
        stream.settle(fan, Item(index, f"k{index}", index), result={"n": index})
    stream.end(fan)
    assert store.results(fan) == [{"n": 0}, {"n": 1}, {"n": 2}, {"n": 3}]


def test_items_that_did_not_succeed_are_in_the_records_but_not_in_the_results(
    store: Store, stream: Stream
) -> None:
    stream.begin("m")
    fan = stream.map(
        "m",
        [
            ("a", 1, S, {"result": "one"}),
            ("b", [2], F, {"failure": exit_failure(7)}),
            ("c", {"x": 3}, K, {"reason": "when is false"}),
            ("d", None, C, {"reason": "stopped"}),
        ],
        F,
    )
    assert store.results(fan) == ["one"]
    assert store.items(fan) == [
        {
            "index": 0,
            "key": "a",
            "item": 1,
            "status": "succeeded",
            "result": "one",
            "error": None,
            "attempts": 1,
            "seconds": 1.0,
        },
        {
            "index": 1,
            "key": "b",
            "item": [2],
            "status": "failed",
            "result": None,
            "error": {"kind": "exit", "message": "exited with 7", "address": None},
            "attempts": 1,
            "seconds": 1.0,
        },
        {
            "index": 2,
            "key": "c",
            "item": {"x": 3},
            "status": "skipped",
            "result": None,
            "error": None,
            "attempts": 0,
            "seconds": None,
        },
        {
            "index": 3,
            "key": "d",
            "item": None,
            "status": "cancelled",
            "result": None,
            "error": None,
            "attempts": 0,
            "seconds": None,
        },
    ]
    assert [record["key"] for record in store.failures(fan)] == ["b"]
    assert store.by_key(fan)["c"]["item"] == {"x": 3}


def test_settled_items_are_told_in_the_order_in_which_they_settled(store: Store, stream: Stream) -> None:
    stream.begin("m", "n")
    fan = stream.open("m", mapped=True)
    other = stream.open("n", mapped=True)
    for index in (3, 1, 0, 2):
        stream.settle(other, Item(index, str(index), index), result=0)
        status = F if index == 0 else S
        failure = exit_failure() if index == 0 else None
        stream.settle(fan, Item(index, str(index), index), status, result=index * 10, failure=failure)
    assert store.settled(fan, 0, 2) == [
        (3, "3", "succeeded", 30, 0, None),
        (1, "1", "succeeded", 10, 0, None),
    ]
    assert store.settled(fan, 2, 10) == [
        (0, "0", "failed", None, 0, None),
        (2, "2", "succeeded", 20, 0, None),
    ]
    stream.settle(fan, Item(4, "4", 4), result=40)
    assert store.settled(fan, 4, 10) == [(4, "4", "succeeded", 40, 0, None)]


def test_items_of_a_map_that_ended_well_are_tolerated_failures(store: Store, stream: Stream) -> None:
    stream.begin("m", "n")
    items = [("a", 1, S, {}), ("b", 2, F, {"failure": exit_failure()})]
    within_budget = stream.map("m", items, S, marks=[Mark.TOLERATED])
    over_budget = stream.map("n", items, F)
    assert [record["key"] for record in store.failures(within_budget)] == ["b"]
    assert [record["key"] for record in store.failures(over_budget)] == ["b"]
    assert [failure["address"] for failure in store.run_failures()] == ["n[b]"]


def test_a_result_that_json_cannot_hold_is_passed_on_by_reference(store: Store, stream: Stream) -> None:
    stream.begin("m")
    whole = object()
    fan = stream.map("m", [("a", 1, S, {"result": whole}), ("b", 2, S, {"result": 2})])
    assert store.results(fan) == [whole, 2]
    assert store.items(fan)[0]["result"] is whole
    assert store.settled(fan, 0, 1)[0][3] is whole
    with StoredRun(store.folder) as stored:
        items = list(stored.read.items(fan))
    assert [(item.result, item.withheld) for item in items] == [(None, OPAQUE), (2, None)]


def test_an_item_that_json_cannot_hold_is_passed_on_by_reference(store: Store, stream: Stream) -> None:
    stream.begin("m")
    whole = {1, 2}
    fan = stream.map("m", [("a", whole, S, {}), ("b", float("nan"), S, {})])
    records = store.items(fan)
    assert records[0]["item"] is whole
    assert str(records[1]["item"]) == "nan"
    with StoredRun(store.folder) as stored:
        assert [item.value for item in stored.read.items(fan)] == [None, None]


def test_a_secret_is_passed_on_whole_but_recorded_masked(state: Path) -> None:
    mask = Mask({"TOKEN": "hunter2hunter2"})
    with Store.create(state) as store:
        stream = Stream(lambda events: store(next(masked((each for each in [list(events)]), mask))))
        stream.begin("m", params={"p": "x hunter2hunter2"})
        failure = Failure(FailureKind.EXCEPTION, "bad hunter2hunter2", traceback="at hunter2hunter2")
        fan = stream.map(
            "m",
            [
                ("hunter2hunter2", "item hunter2hunter2", S, {"result": ["hunter2hunter2"]}),
                ("b", 2, F, {"failure": failure}),
                ("c", {"hunter2hunter2": 3}, K, {"reason": "not hunter2hunter2"}),
            ],
            F,
            reason="because of hunter2hunter2",
        )
        assert store.results(fan) == [["hunter2hunter2"]]
        first = store.items(fan)[0]
        assert (first["key"], first["item"]) == ("hunter2hunter2", "item hunter2hunter2")
        assert list(store.by_key(fan)) == ["hunter2hunter2", "b", "c"]
        assert store.settled(fan, 0, 1) == [(0, "hunter2hunter2", "succeeded", ["hunter2hunter2"], 0, None)]
        stream.notice("left hunter2hunter2")
        stream.finish(F, outputs={"o": "hunter2hunter2"})
        with StoredRun(store.folder) as stored:
            shown = next(stored.read.items(fan))
            assert (shown.key, shown.value, shown.result) == ("***", "item ***", ["***"])
            assert shown.withheld == SECRET
    contents = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert b"hunter2" not in contents


@pytest.mark.parametrize(
    "text", ["", "é ü 漢 🎉", "a\x00b", "bytes \udcff\udc80", "\x1b[31m", "'; DROP TABLE item; --", "\u2028"]
)
def test_any_text_comes_back_as_it_was(store: Store, stream: Stream, text: str) -> None:
    stream.begin("m", params={"p": text})
    fan = stream.map(
        "m",
        [
            (f"k{text}", text, S, {"result": {text: [text]}}),
            ("f", text, F, {"failure": Failure(FailureKind.EXIT, text, output=text)}),
            ("s", text, K, {"reason": text}),
        ],
        K,
        reason=text,
    )
    stream.finish(outputs={"o": text})
    assert store.results(fan) == [{text: [text]}]
    with StoredRun(store.folder) as stored:
        one, two, three = stored.read.items(fan)
        assert (one.key, one.value, one.result) == (f"k{text}", text, {text: [text]})
        assert two.failure == Failure(FailureKind.EXIT, text, output=text)
        assert three.reason == text
        assert next(stored.tasks()).reason == text
        assert (stored.run().params, stored.run().outputs) == ({"p": text}, {"o": text})
        assert stored.read.item_by_key(fan, f"k{text}") == one


@pytest.mark.parametrize("value", [0, -1, 10**30, 1.5, True, None, "1", [], {}, [[1, {"a": None}]], 1e300])
def test_any_json_value_comes_back_with_its_type(store: Store, stream: Stream, value: Any) -> None:
    stream.begin("m")
    fan = stream.map("m", [("k", value, S, {"result": value})])
    (record,) = store.items(fan)
    assert json.dumps([record["item"], record["result"]]) == json.dumps([value, value])


def test_a_run_is_read_while_it_goes_on(store: Store, stream: Stream, state: Path) -> None:
    stream.begin("a", "m", "z")
    stream.plain("a", result=1)
    fan = stream.open("m", mapped=True, total=3)
    stream.start(fan, Item(0, "x", "vx"), Item(1, "y", "vy"), at=BEGIN + 5)
    stream.settle(fan, Item(1, "y", "vy"), result=2)
    with open_run(state) as stored:
        assert stored.run().status == "running"
        statuses = {task.name: task.status.value for task in stored.tasks()}
        assert statuses == {"a": "succeeded", "m": "running", "z": "waiting"}
        items = [(item.index, item.key, item.value, item.status) for item in stored.read.items(fan)]
        assert items == [(0, "x", "vx", "running"), (1, "y", "vy", "succeeded")]
        stream.settle(fan, Item(0, "x", "vx"), result=1)
        assert [item.status for item in stored.read.items(fan)] == ["succeeded", "succeeded"]


def test_what_is_read_in_a_snapshot_is_of_one_moment(store: Store, stream: Stream, state: Path) -> None:
    stream.begin("a", "b")
    with open_run(state) as stored:
        with stored.snapshot():
            before = [task.status for task in stored.tasks()]
            stream.plain("a")
            assert [task.status for task in stored.tasks()] == before
        assert [task.status for task in stored.tasks()] != before


def test_an_item_waiting_for_another_attempt_keeps_the_attempts_it_had(store: Store, stream: Stream) -> None:
    stream.begin("m")
    fan = stream.open("m", mapped=True)
    stream.start(fan, Item(0, "x", 0))
    stream.retry(fan, Item(0, "x", 0), exit_failure(3), log=("1-0-1.err",), seconds=0.5)
    stream.start(fan, Item(0, "x", 0, attempt=2))
    with StoredRun(store.folder) as stored:
        (item,) = stored.read.items(fan)
        assert (item.status, item.attempts) == ("running", 2)
        assert [attempt.number for attempt in stored.read.attempts(item)] == [1]
        stream.settle(fan, Item(0, "x", 0, attempt=2), result=1, details={"log": ("1-0-2.out",)})
        (item,) = stored.read.items(fan)
        tries = stored.read.attempts(item)
    assert [(each.number, each.log, each.wait) for each in tries] == [
        (1, ("1-0-1.err",), 1.0),
        (2, ("1-0-2.out",), None),
    ]
    assert tries[0].failure == exit_failure(3)


def test_a_single_attempt_is_told_without_a_record_of_its_own(store: Store, stream: Stream) -> None:
    stream.begin("a")
    fan = stream.plain("a", F, failure=exit_failure(4), details={"log": ("1-0-1.out", "1-0-1.err")})
    with StoredRun(store.folder) as stored:
        (item,) = stored.read.items(fan)
        (attempt,) = stored.read.attempts(item)
    assert (attempt.number, attempt.exit_code, attempt.log) == (1, 4, ("1-0-1.out", "1-0-1.err"))


def test_nested_bodies_are_found_under_their_items_in_file_order(store: Store, stream: Stream) -> None:
    stream.begin("country")
    group = stream.open("country", kind="tasks", mapped=True, line=2)
    for index, key in enumerate(["fr", "de"]):
        within = (group, index, f"country[{key}]")
        stream.plain("late", line=9, within=within, result=f"{key} late")
        stream.plain("early", line=4, within=within, result=f"{key} early")
        stream.settle(group, Item(index, key, key), result=None)
    stream.end(group)
    with StoredRun(store.folder) as stored:
        (country,) = stored.tasks()
        bodies = [body for _, body in stored.read.items_with_bodies(country)]
        addresses = [[task.address for task in tasks] for tasks in bodies]
        assert addresses == [
            ["country[fr].early", "country[fr].late"],
            ["country[de].early", "country[de].late"],
        ]
        (found,) = stored.find("country[de].late")
        assert found.item is not None
        assert found.item.result == "de late"


def test_a_group_that_was_tried_again_shows_its_last_pass(store: Store, stream: Stream) -> None:
    stream.begin("g")
    group = stream.open("g", kind="tasks")
    stream.plain("inner", F, within=(group, 0, "g"), failure=exit_failure(1))
    stream.plain("other", within=(group, 0, "g"))
    stream.retry(group, Item(0, None, None), exit_failure(1))
    stream.plain("inner", within=(group, 0, "g"), result="second")
    stream.settle(group, Item(0, None, None, attempt=2), result=None)
    stream.end(group)
    with StoredRun(store.folder) as stored:
        (task,) = stored.tasks()
        assert task.item is not None
        inner = stored.read.body(task.item.id)
        assert [(each.name, each.status.value) for each in inner] == [("inner", "succeeded")]


def test_failures_are_those_of_what_failed_by_itself(store: Store, stream: Stream) -> None:
    stream.begin("a", "g", "t", "m", "e")
    stream.plain("a", F, failure=exit_failure(1))
    group = stream.open("g", kind="tasks", mapped=True)
    stream.plain("inner", F, within=(group, 0, "g[x]"), failure=exit_failure(2))
    inner = Failure(FailureKind.EXIT, "exited with 2", address="g[x].inner")
    stream.settle(group, Item(0, "x", 0), F, failure=inner)
    late = Failure(FailureKind.TIMEOUT, "took longer than 5 s")
    stream.settle(group, Item(1, "y", 0), F, failure=late)
    stream.end(group, F, failure=Failure(FailureKind.BUDGET, "2 of 2 items failed"))
    stream.plain("t", F, failure=exit_failure(3), marks=[Mark.TOLERATED])
    stream.map("m", [("k", 1, F, {"failure": exit_failure(4)})], S)
    empty = stream.open("e", mapped=True)
    stream.end(empty, F, failure=Failure(FailureKind.ITEMS, "over: not a list"))
    with StoredRun(store.folder) as stored:
        found = [
            (each.address, each.failure.message, each.tolerated)
            for each in failures(stored.read, stored.run())
        ]
    assert found == [
        ("a", "exited with 1", False),
        ("g[y]", "took longer than 5 s", False),
        ("g[x].inner", "exited with 2", False),
        ("t", "exited with 3", True),
        ("m[k]", "exited with 4", True),
        ("e", "over: not a list", False),
    ]


def test_a_failure_inside_a_tolerated_group_is_tolerated(store: Store, stream: Stream) -> None:
    stream.begin("g")
    group = stream.open("g", kind="tasks")
    stream.plain("inner", F, within=(group, 0, "g"), failure=exit_failure(2))
    inner = Failure(FailureKind.EXIT, "exited with 2", address="g.inner")
    stream.settle(group, Item(0, None, None), F, failure=inner)
    assert [failure["address"] for failure in store.run_failures()] == ["g.inner"]
    stream.end(group, F, failure=inner, marks=[Mark.TOLERATED])
    assert store.run_failures() == []


def test_notices_come_back_in_their_order(store: Store, stream: Stream) -> None:
    stream.begin("m")
    fan = stream.map("m", [("k", 1, S, {})])
    stream.notice("m left a command running in the background: 123 sleep", fan)
    stream.notice("the run was interrupted")
    with StoredRun(store.folder) as stored:
        notices = [(notice.address, notice.text) for notice in stored.read.notices(stored.run())]
    assert notices == [
        ("m", "m left a command running in the background: 123 sleep"),
        (None, "the run was interrupted"),
    ]


def test_a_run_of_many_events_in_one_list_is_recorded_as_one(store: Store, stream: Stream) -> None:
    told: list[Any] = []
    quiet = Stream(told.extend)
    quiet.begin("a", "b")
    quiet.plain("a", result=1)
    quiet.map("b", [("k", 1, S, {"result": 2})])
    quiet.finish(outputs={"o": 3})
    store(told)
    with StoredRun(store.folder) as stored:
        assert stored.run().status == "succeeded"
        assert [task.status.value for task in stored.tasks()] == ["succeeded", "succeeded"]


def test_nothing_of_a_list_is_recorded_when_part_of_it_cannot_be(store: Store, stream: Stream) -> None:
    stream.begin("a")
    opened = stream.open("a")
    good = stream.settled(opened, Item(0, None, None), result=1)
    bad = stream.settled(opened, Item(2**70, None, None), result=1)
    with pytest.raises(OverflowError):
        store([good, bad])
    assert store.items(opened) == []


def test_slices_are_gone_once_their_task_has_settled(store: Store, stream: Stream) -> None:
    stream.begin("m")
    fan = stream.open("m", mapped=True)
    for index in range(3):
        stream.start(fan, Item(index, str(index), index))
        stream.settle(fan, Item(index, str(index), index))
    stream.end(fan)
    with sqlite3.connect(f"{store.folder}/run.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM slice").fetchone() == (0,)
    connection.close()
