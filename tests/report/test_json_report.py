"""The JSON report: what programs read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from event_streams import Stream, exit_failure

from runner.records import Failure, FailureKind, Item, Mark, Status
from runner.store import Store
from runner.store.stored_run import StoredRun

S, F, K, C = Status.SUCCEEDED, Status.FAILED, Status.SKIPPED, Status.CANCELLED
Told = Callable[..., str]

schema = json.loads((Path(__file__).parents[2] / "schemas" / "report.schema.json").read_text())
validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())


def read(told: Told) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(told("json"))
    validator.validate(report)
    return report


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema)


def test_a_plain_task_and_the_run_around_it(stream: Stream, told: Told) -> None:
    stream.begin("a", params={"width": 320})
    stream.plain("a", result={"path": "é"})
    stream.finish(outputs={"o": [1, None]})
    assert read(told) == {
        "run": {
            "id": "RUN",
            "status": "succeeded",
            "started": "2025-11-22T14:00:00.000+00:00",
            "seconds": 3.25,
            "exit_code": 0,
        },
        "workflow": {"name": "thumbnails", "file": "/home/me/flow.yml"},
        "params": {"width": 320},
        "outputs": {"o": [1, None]},
        "problems": [],
        "notices": [],
        "tasks": {
            "a": {
                "status": "succeeded",
                "reason": None,
                "result": {"path": "é"},
                "error": None,
                "attempts": 1,
                "started": "2025-11-22T14:00:00.000+00:00",
                "seconds": 1.0,
                "marks": [],
            }
        },
    }


def test_a_map_has_its_results_and_a_record_for_every_item(stream: Stream, told: Told) -> None:
    stream.begin("m")
    stream.map(
        "m",
        [
            ("a", {"n": 1}, S, {"result": "one", "marks": (Mark.FLAKY,), "attempts": 2}),
            ("b", 2, F, {"failure": exit_failure(22, "no such file\n", "curl x")}),
            ("c", 3, K, {"reason": "`when` is false"}),
            ("d", 4, C, {"reason": "fail_fast"}),
        ],
        F,
        line=14,
        failure=Failure(FailureKind.BUDGET, "1 of 2 items failed"),
    )
    stream.finish(F)
    task = read(told)["tasks"]["m"]
    assert task["results"] == ["one"]
    assert task["items"] == [
        {
            "index": 0,
            "key": "a",
            "item": {"n": 1},
            "status": "succeeded",
            "reason": None,
            "result": "one",
            "error": None,
            "attempts": 2,
            "seconds": 1.0,
            "marks": ["flaky"],
        },
        {
            "index": 1,
            "key": "b",
            "item": 2,
            "status": "failed",
            "reason": None,
            "result": None,
            "error": {
                "kind": "exit",
                "message": "exited with 22",
                "traceback": None,
                "exit_code": 22,
                "command": "curl x",
                "output": "no such file\n",
                "position": "flow.yml:14:3",
                "address": None,
            },
            "attempts": 1,
            "seconds": 1.0,
            "marks": [],
        },
        {
            "index": 2,
            "key": "c",
            "item": 3,
            "status": "skipped",
            "reason": "`when` is false",
            "result": None,
            "error": None,
            "attempts": 0,
            "seconds": None,
            "marks": [],
        },
        {
            "index": 3,
            "key": "d",
            "item": 4,
            "status": "cancelled",
            "reason": "fail_fast",
            "result": None,
            "error": None,
            "attempts": 0,
            "seconds": None,
            "marks": [],
        },
    ]
    assert (task["status"], task["attempts"]) == ("failed", 3)
    assert (task["error"]["kind"], task["error"]["message"]) == ("budget", "1 of 2 items failed")


def test_an_empty_map_is_a_map(stream: Stream, told: Told) -> None:
    stream.begin("m")
    stream.map("m", [])
    stream.finish()
    task = read(told)["tasks"]["m"]
    assert (task["results"], task["items"], task["started"], task["attempts"]) == ([], [], None, 0)


def test_groups_hold_their_tasks_and_mapped_groups_hold_them_in_each_item(stream: Stream, told: Told) -> None:
    stream.begin("country", "once")
    group = stream.open("country", kind="tasks", mapped=True, line=2)
    for index, key in enumerate(["fr", "de"]):
        within = (group, index, f"country[{key}]")
        inner = stream.open("parse", within=within, mapped=True, line=3)
        stream.settle(inner, Item(0, "x", "x"), result=f"{key}x")
        stream.end(inner)
        stream.settle(group, Item(index, key, key), result={"parse": [f"{key}x"]})
    stream.end(group)
    once = stream.open("once", kind="tasks", line=9)
    deeper = stream.open("deeper", kind="tasks", within=(once, 0, "once"), line=10)
    stream.plain("leaf", within=(deeper, 0, "once.deeper"), line=11, result=7)
    stream.settle(deeper, Item(0, None, None), result={"leaf": 7})
    stream.end(deeper)
    stream.settle(once, Item(0, None, None), result={"deeper": {"leaf": 7}})
    stream.end(once)
    stream.finish()
    tasks = read(told)["tasks"]
    assert [item["tasks"]["parse"]["results"] for item in tasks["country"]["items"]] == [["frx"], ["dex"]]
    assert tasks["country"]["results"] == [{"parse": ["frx"]}, {"parse": ["dex"]}]
    assert tasks["once"]["tasks"]["deeper"]["tasks"]["leaf"]["result"] == 7


def test_items_of_groups_that_are_under_way_or_never_opened_keep_their_place(
    stream: Stream, told: Told
) -> None:
    stream.begin("g")
    group = stream.open("g", kind="tasks", mapped=True)
    stream.plain("t", within=(group, 0, "g[a.b]"))
    stream.settle(group, Item(1, "skipped", 1), K, reason="`when` is false")
    stream.plain("t", within=(group, 2, "g[c]"))
    stream.settle(group, Item(2, "c", 2))
    stream.plain("t", within=(group, 3, "g[d]"))
    items = read(told)["tasks"]["g"]["items"]
    assert [(item["index"], item["key"], item["status"], [*item["tasks"]]) for item in items] == [
        (0, "a.b", "running", ["t"]),
        (1, "skipped", "skipped", []),
        (2, "c", "succeeded", ["t"]),
        (3, "d", "running", ["t"]),
    ]


def test_a_run_that_goes_on_is_a_report_too(stream: Stream, told: Told) -> None:
    stream.begin("a", "m", "z")
    fan = stream.open("m", mapped=True)
    stream.start(fan, Item(0, "x", "v"))
    report = read(told)
    assert report["run"]["status"] == "running"
    assert report["run"]["seconds"] is None
    statuses = {name: task["status"] for name, task in report["tasks"].items()}
    assert statuses == {"a": "waiting", "m": "running", "z": "waiting"}
    assert report["tasks"]["m"]["items"][0]["item"] == "v"


def test_a_stored_run_gives_the_report_of_the_live_one(stream: Stream, store: Store, told: Told) -> None:
    stream.begin("a")
    stream.plain("a", result=1)
    stream.finish()
    live = told("json")
    store.close()
    with StoredRun(store.folder) as stored:
        assert stored.run().status == "succeeded"
    assert told("json") == live


def test_failures_within_a_budget_are_marked_as_tolerated(stream: Stream, told: Told) -> None:
    stream.begin("m")
    stream.map("m", [("a", 1, S, {}), ("b", 2, F, {"failure": exit_failure()})], S)
    stream.finish()
    assert [item["marks"] for item in read(told)["tasks"]["m"]["items"]] == [[], ["tolerated"]]


def test_what_json_cannot_hold_is_null(stream: Stream, told: Told) -> None:
    stream.begin("m", "a")
    stream.map("m", [("a", object(), S, {"result": object()})])
    stream.plain("a", result=object())
    stream.finish(outputs={"o": object(), "p": float("nan")})
    report = read(told)
    assert report["tasks"]["m"]["results"] == [None]
    assert report["tasks"]["m"]["items"][0]["item"] is None
    assert report["tasks"]["a"]["result"] is None
    assert report["outputs"] == {"o": None, "p": None}


@pytest.mark.parametrize("text", ["\udcff\ud800", "\x00\x1b", '"\\', "</script>", "\u2028é🎉"])
def test_any_text_survives(stream: Stream, told: Told, text: str) -> None:
    stream.begin("m", params={text: text})
    stream.map("m", [(f"k{text}", text, F, {"failure": Failure(FailureKind.EXIT, text, output=text)})], F)
    stream.finish(F, outputs={text: text})
    report = read(told)
    (item,) = report["tasks"]["m"]["items"]
    assert (item["key"], item["item"], item["error"]["output"]) == (f"k{text}", text, text)
    assert (report["params"], report["outputs"]) == ({text: text}, {text: text})
