"""A document, run for real: by the engine in this process, or by the program as its users have it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any

from checks import Follow
from event_streams import each_alone
from foretold import Prediction, Seen, compare, item_path, links, predict
from playing import explained, folder, loaded, settings_of
from program import Program
from seen import seen_in
from writing import Document, written

from runner import engine
from runner.records import Event, ItemSettled, Notice, RunFinished
from runner.store import Store

RACY = {"quorum", "fail_fast", "retry budget", "--fail-fast", "timeout of a group that strikes"}
"""Who makes use of these leaves something to the order, so that a report alone cannot be held against
a prediction: passes and attempts are not in it."""


def run(seed: int, executor: str) -> tuple[Seen, Prediction]:
    """Run the workflow of a seed by the engine, and hold it against the oracle.

    What a cache has kept of an earlier run of it is used.
    """
    document, workflow = loaded(seed)
    events: list[Event] = []
    with explained(document), Store.create(folder() / "state") as store:
        places = {"run_id": store.run_id, "log_folder": str(store.log_folder), "cache": store.cache}
        settings = settings_of(document, workflow, **places, workers=document.workers, executor=executor)
        for some in engine.run(workflow, settings, store):
            store(some)
            events += each_alone(some)
        return _checked(document, events)


def _checked(document: Document, events: list[Event]) -> tuple[Seen, Prediction]:
    follow = Follow(document)
    follow.hear(events)
    follow.finish()
    seen = seen_in(events)
    expected = predict(document, seen)
    compare(expected, seen, partial(links.tidies, document.files))
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.outputs == expected.outputs, f"outputs: {last.outputs}, not {expected.outputs}"
    status = "failed" if expected.outputs_fail else expected.status
    assert last.status.value == status, f"the run has {last.status}"
    workers = {event.outcome.worker for event in events if isinstance(event, ItemSettled) and event.outcome}
    replaced = sum(isinstance(event, Notice) for event in events)  # a thread that goes on is given up
    assert len(workers - {""}) <= document.workers + replaced, f"{workers} for {document.workers} workers"
    return seen, expected


def run_program(seed: int, executor: str, place: Path) -> None:
    """Run the workflow of a seed by the program, and hold its report against the oracle."""
    document = written(seed)
    copy(Path(__file__).parent / "lib.py", place / "lib.py")
    for name, text in document.texts().items():
        (place / name).write_text(text, encoding="utf-8")
    skip = [word for name in document.skip for word in ("--skip", name)]
    report = Program(place).report("--executor", executor, "-j", str(document.workers), *skip)
    expected = predict(document, Seen())
    with explained(document):
        assert report["outputs"] == expected.outputs
        assert report["run"]["exit_code"] == int(expected.outputs_fail or expected.status == "failed")
        _compare_report(report["tasks"], "", expected)


def _compare_report(tasks: Mapping[str, Any], at: str, expected: Prediction) -> None:
    for name, task in tasks.items():
        path = at + name
        end = expected.tasks[path]
        assert task["status"] == end.status, f"{path} is {task['status']}, not {end.status}"
        items = task.get("items", [{**task, "key": None}])
        if end.mapped:
            assert task["results"] == end.results(), f"{path} gives {task['results']}, not {end.results()}"
        for item in items if end.items else ():
            inner = item_path(path, item["key"])
            told = expected.items[inner].told()
            found = {"status": item["status"], "result": item["result"]}
            assert found == {name: told[name] for name in found}, f"{inner} is {found}, not {told}"
            passes = item["attempts"] + (item["status"] == "skipped")  # that pass does not count
            _compare_report(item.get("tasks", {}), f"{inner}~{passes}.", expected)
