"""The trace: whole texts, and whether it is what the format of Chrome's tracing asks for.

`read` holds it to the rules by which Perfetto and Chrome read it: what each kind of event must have, slices
of a lane that do not lie over each other, and arrows that begin and end in a slice.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from event_streams import BEGIN, Stream, exit_failure
from program import Program

from runner.records import Declared, Failure, FailureKind, Item, Mark, RunStarted, Status

S, F, K = Status.SUCCEEDED, Status.FAILED, Status.SKIPPED
Told = Callable[..., str]
Event = dict[str, Any]


class Trace:
    """A trace that holds to the rules: its slices, its arrows by the names at both ends, and its curve."""

    def __init__(self, text: str) -> None:
        whole = json.loads(text)
        self.about: Event = whole["otherData"]
        self.events: list[Event] = whole["traceEvents"]
        self.lanes: dict[tuple[int, int], str] = {}
        for event in self.events:
            self._check(event)
        self.slices = [event for event in self.events if event["ph"] == "X"]
        self.attempts = [event for event in self.slices if event["pid"] == 1]
        self._check_lanes()
        self.arrows = sorted(self._arrows())
        self.curve = [event["args"]["busy"] for event in self.events if event["ph"] == "C"]

    def _check(self, event: Event) -> None:
        assert isinstance(event["name"], str) and event["name"]
        assert all(isinstance(event[name], int) for name in ("pid", "tid"))
        assert event["ts"] >= 0
        match event["ph"]:
            case "X":
                assert event["dur"] >= 0 and isinstance(event["cat"], str)
                assert isinstance(event["args"], dict)
            case "M":
                assert event["name"] in ("process_name", "thread_name", "thread_sort_index")
                if event["name"] == "thread_name":
                    self.lanes[event["pid"], event["tid"]] = event["args"]["name"]
            case "C":
                assert all(isinstance(value, int | float) for value in event["args"].values())
            case "s" | "f":
                assert event["cat"] and event["id"]
                assert (event["ph"] == "f") == (event.get("bp") == "e")
            case other:
                raise AssertionError(other)

    def _check_lanes(self) -> None:
        for nanoseconds in (round, int):  # as Perfetto reads them, and as it used to
            ends: dict[tuple[int, int], int] = defaultdict(int)
            for event in sorted(self.slices, key=lambda it: it["ts"]):
                lane = event["pid"], event["tid"]
                assert lane in self.lanes
                start = nanoseconds(event["ts"] * 1000)
                assert start >= ends[lane]
                ends[lane] = start + nanoseconds(event["dur"] * 1000)

    def _arrows(self) -> list[tuple[str, str]]:
        ends: dict[int, dict[str, Event]] = defaultdict(dict)
        for event in self.events:
            if event["ph"] in ("s", "f"):
                assert event["ph"] not in ends[event["id"]]
                ends[event["id"]][event["ph"]] = event
        for end in ends.values():
            assert end["s"]["ts"] <= end["f"]["ts"] + 1000
        return [(self._slice_at(end["s"]), self._slice_at(end["f"])) for end in ends.values()]

    def _slice_at(self, event: Event) -> str:
        (name,) = [
            it["name"]
            for it in self.slices
            if (it["pid"], it["tid"]) == (event["pid"], event["tid"])
            and it["ts"] <= event["ts"] < it["ts"] + max(it["dur"], 0.001)
        ]
        return str(name)


def begin(stream: Stream, *declared: Declared) -> None:
    """The run starts, with these tasks."""
    tasks = tuple(task.path for task in declared if "." not in task.path)
    stream.tell(RunStarted("r1", "thumbnails", "/home/me/flow.yml", BEGIN, {}, 2, tasks, declared))


def at(start: float, seconds: float, worker: str = "worker-1") -> dict[str, Any]:
    """When and by whom an attempt was made."""
    made = {"started": BEGIN + start, "seconds": seconds}
    return {**made, "details": {**made, "worker": worker}}


def test_a_small_run(stream: Stream, told: Told) -> None:
    begin(stream, Declared("fetch", "run", True), Declared("index", "run", False, (("fetch", "whole"),)))
    fan = stream.open("fetch", mapped=True, total=2, line=4)
    failure = exit_failure(22)
    stream.retry(fan, Item(0, "a", 1), failure, started=BEGIN, seconds=0.5)
    stream.settle(fan, Item(1, "b", 2), **at(0.25, 1.0, "worker-2"))
    stream.settle(fan, Item(0, "a", 1, attempt=2), marks=(Mark.FLAKY,), **at(1.5, 0.5))
    stream.end(fan, seconds=2.0)
    stream.plain("index", line=9, **at(2.0, 1.0, "worker-2"))
    stream.finish()
    text = told("trace")
    lines = text.splitlines()
    assert [line for line in lines if '"ph": "C"' not in line] == [
        '{"displayTimeUnit": "ms", "otherData": {"run": "RUN", "workflow": "thumbnails",'
        ' "file": "/home/me/flow.yml", "status": "succeeded", "started": "2025-11-22T14:00:00.000+00:00"},'
        ' "traceEvents": [',
        '{"ph": "M", "pid": 1, "tid": 0, "ts": 0, "name": "process_name", "args": {"name": "workers"}},',
        '{"ph": "M", "pid": 2, "tid": 0, "ts": 0, "name": "process_name",'
        ' "args": {"name": "tasks of thumbnails"}},',
        '{"ph": "M", "pid": 2, "tid": 1, "ts": 0, "name": "thread_name", "args": {"name": "fetch"}},',
        '{"ph": "M", "pid": 2, "tid": 1, "ts": 0, "name": "thread_sort_index", "args": {"sort_index": 1}},',
        '{"ph": "X", "pid": 2, "tid": 1, "ts": 0.0, "dur": 2000000.0, "name": "fetch", "cat": "run",'
        ' "args": {"status": "succeeded", "place": "flow.yml:4:3", "succeeded": 2}},',
        '{"ph": "M", "pid": 2, "tid": 2, "ts": 0, "name": "thread_name", "args": {"name": "index"}},',
        '{"ph": "M", "pid": 2, "tid": 2, "ts": 0, "name": "thread_sort_index", "args": {"sort_index": 2}},',
        '{"ph": "X", "pid": 2, "tid": 2, "ts": 0.0, "dur": 1000000.0, "name": "index", "cat": "run",'
        ' "args": {"status": "succeeded", "place": "flow.yml:9:3"}},',
        '{"ph": "M", "pid": 1, "tid": 1, "ts": 0, "name": "thread_name", "args": {"name": "worker-1"}},',
        '{"ph": "M", "pid": 1, "tid": 1, "ts": 0, "name": "thread_sort_index", "args": {"sort_index": 1}},',
        '{"ph": "M", "pid": 1, "tid": 2, "ts": 0, "name": "thread_name", "args": {"name": "worker-2"}},',
        '{"ph": "M", "pid": 1, "tid": 2, "ts": 0, "name": "thread_sort_index", "args": {"sort_index": 2}},',
        '{"ph": "X", "pid": 1, "tid": 1, "ts": 0.0, "dur": 500000.0, "name": "fetch[a]", "cat": "run",'
        ' "args": {"task":"fetch","status":"failed","attempt":1,"attempts":2,"exit_code":22,"kind":"exit",'
        '"message":"exited with 22"}},',
        '{"ph": "X", "pid": 1, "tid": 2, "ts": 250000.0, "dur": 1000000.0, "name": "fetch[b]", "cat": "run",'
        ' "args": {"task":"fetch","status":"succeeded","attempt":1}},',
        '{"ph": "X", "pid": 1, "tid": 1, "ts": 1500000.0, "dur": 500000.0, "name": "fetch[a] (attempt 2)",'
        ' "cat": "run", "args": {"task":"fetch","status":"succeeded","attempt":2,"attempts":2}},',
        '{"ph": "s", "pid": 1, "tid": 1, "ts": 1999999.0, "id": 1, "name": "needs", "cat": "needs"},',
        '{"ph": "X", "pid": 1, "tid": 2, "ts": 2000000.0, "dur": 1000000.0, "name": "index", "cat": "run",'
        ' "args": {"task":"index","status":"succeeded","attempt":1}},',
        '{"ph": "f", "pid": 1, "tid": 2, "ts": 2000000.0, "id": 1, "name": "needs", "cat": "needs",'
        ' "bp": "e"},',
        "]}",
    ]
    trace = Trace(text)
    assert trace.arrows == [("fetch[a] (attempt 2)", "index")]
    assert [busy for busy in trace.curve if busy == int(busy)] == [1, 2, 1, 0, 1, 0]


everything = """\
tasks:
  numbers: {run: seq 3, capture: lines}
  square:
    map: {over: "{{ tasks.numbers.result }}"}
    run: "echo {{ item }}; test {{ item }} != 2"
    allow_failure: true
  follows: {map: {over: "{{ tasks.square.results }}"}, run: "echo {{ item }}"}
  value: {result: "{{ tasks.square.status }}"}
  again:
    needs: [square]
    retry: {attempts: 2}
    tasks:
      one: {run: echo}
      two: {needs: [one], run: "test -e mark || { touch mark; exit 5; }"}
  group:
    map: {over: [x, y]}
    needs: [again]
    tasks:
      left: {run: echo}
      right: {needs: [left], run: echo}
  late: {run: sleep 60, timeout: 50ms, allow_failure: true}
  end: {when: always(), run: echo}
"""


def test_all_attempts_are_on_lanes_with_arrows_from_what_they_waited_for(runner: Program) -> None:
    runner.write(everything + "reports: [{to: own.trace.json}]\n")
    ended = runner("run", "-q", "--report", "out/run.trace.json", "-j", "3")
    assert ended.code == 0, ended.out
    text = (runner.folder / "out" / "run.trace.json").read_text()
    assert runner("report", "--format", "trace").out == text
    assert (runner.folder / "own.trace.json").read_text() == text
    trace = Trace(text)
    assert Counter(attempt["name"] for attempt in trace.attempts) == Counter(
        ["numbers", "square[1]", "square[2]", "square[3]", "follows[1]", "follows[3]"]
        + ["again.one", "again.two"] * 2
        + ["group[x].left", "group[x].right", "group[y].left", "group[y].right", "late", "end"]
    )
    assert set(trace.lanes.values()) <= {f"worker-{n}" for n in range(1, 9)} | {
        *("numbers", "square", "follows", "value", "again", "group", "late", "end")
    }
    found = set(trace.arrows)
    assert {
        ("square[1]", "follows[1]"),
        ("square[3]", "follows[3]"),
        ("again.one", "again.two"),
        ("group[x].left", "group[x].right"),
        ("group[y].left", "group[y].right"),
    } <= found
    assert Counter(trace.arrows)["again.one", "again.two"] == 2
    assert [end.partition("[")[0] for start, end in trace.arrows if start == "numbers"] == ["end", "square"]
    assert any(start.startswith("square[") and end == "again.one" for start, end in found)
    assert any(start == "again.two" and end.startswith("group[") for start, end in found)
    assert trace.curve[-1] == 0 and 0 < max(trace.curve) <= 3.01


def test_what_lies_over_another_on_the_same_worker_has_a_lane_of_its_own(stream: Stream, told: Told) -> None:
    begin(stream, Declared("m", "call", True))
    times = {"a": at(0, 1.0), "b": at(0.9999, 1.0), "c": at(1.5, 1.0), "d": at(3, 0.0), "e": at(3, 1, "")}
    stream.map("m", [(key, 1, S, more) for key, more in times.items()])
    stream.finish()
    trace = Trace(told("trace"))
    lanes = {attempt["name"]: trace.lanes[1, attempt["tid"]] for attempt in trace.attempts}
    assert lanes == {
        "m[a]": "worker-1",
        "m[b]": "worker-1",
        "m[c]": "worker-1 (2)",
        "m[d]": "worker-1",
        "m[e]": "main",
    }


def test_what_follows_at_once_does_not_lie_over_what_went_before(stream: Stream, told: Told) -> None:
    begin(stream, Declared("m", "call", True))
    start, times = 0.0, []
    for number in range(1, 500):
        times.append(at(start, seconds := 1e-5 * number**0.5))
        start += seconds
    stream.map("m", [(str(number), number, S, more) for number, more in enumerate(times)])
    stream.finish()
    trace = Trace(told("trace"))
    assert {trace.lanes[1, attempt["tid"]] for attempt in trace.attempts} == {"worker-1"}
    assert abs(sum(attempt["dur"] for attempt in trace.attempts) - start * 1e6) < 50


def test_a_run_in_which_nothing_began_is_a_trace_too(stream: Stream, told: Told) -> None:
    begin(stream, Declared("a", "run", False))
    assert Trace(told("trace")).slices == []
    stream.plain("a", K, reason="when: 1 > 2")
    stream.finish()
    assert Trace(told("trace")).slices == []


def test_nothing_that_a_task_says_breaks_it(stream: Stream, told: Told) -> None:
    hostile = "".join(map(chr, range(0x20))) + '"\\\x7f\ud800\udcff\u2028</script>é😀'
    begin(stream, Declared("m", "call", True))
    failure = Failure(FailureKind.EXCEPTION, hostile)
    stream.map("m", [('"\\\udcff\u2028', 1, F, {"failure": failure})], F)
    stream.finish(F)
    text = told("trace")
    assert text.isascii()
    (attempt,) = Trace(text).attempts
    assert attempt["name"] == 'm["\\\\xff\\u2028]'
    attempt["args"]["message"].encode()


def test_what_was_done_before_a_resume_is_not_in_it(runner: Program) -> None:
    runner.write("tasks:\n  a: {run: echo}\n  b: {needs: [a], run: test -e ok}\n")
    assert runner("run", "-q").code == 1
    (runner.folder / "ok").touch()
    assert runner("resume", "-q").code == 0
    trace = Trace(runner("report", "--format", "trace").out)
    assert [attempt["name"] for attempt in trace.attempts] == ["b"]


def test_a_large_run_is_told_in_bounded_memory(tmp_path: Path) -> None:
    script = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from event_streams import *
from runner.store import Store
from runner.store.stored_run import StoredRun
from runner.report import write_report
with Store.create({str(tmp_path)!r}, power_safe=True) as store:
    stream = Stream(store)
    stream.begin("m")
    fan = stream.open("m", mapped=True)
    def fill(first, end):
        for start in range(first, end, 500):
            items = [Item(index, str(index), index) for index in range(start, start + 500)]
            store([SliceStarted(fan, start + 1, tuple(items), 0.0)])
            store([stream.settled(fan, item, started=BEGIN + item.index, seconds=0.9)
                   for item in items])
    def report():
        with StoredRun(store.folder) as stored:
            write_report(stored, {str(tmp_path)!r} + "/r.trace.json")
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fill(0, 2_000)
    few = report()
    fill(2_000, 40_000)
    print(few, report())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=100
    )
    few, many = map(float, done.stdout.split())
    assert many - few < 10
    assert (tmp_path / "r.trace.json").read_text().count('"ph": "X"') == 40_000
