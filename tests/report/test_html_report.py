"""The HTML report as a text: what it says, in which order, and that nothing a run says is markup in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from event_streams import BEGIN, Stream, exit_failure
from program import Program

from runner.records import Counts, Declared, Failure, FailureKind, Item, Mark, Status, TaskSettled
from runner.report import eject

S, F, K = Status.SUCCEEDED, Status.FAILED, Status.SKIPPED
Told = Callable[..., str]


class Page(HTMLParser):
    """The elements of a page with their attributes, and the texts in them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "input", "br"):
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def attributes(self, name: str) -> list[str]:
        return [attributes[name] or "" for _, attributes in self.elements if name in attributes]


def analysis(told: Told, tmp_path: Path, part: str) -> Any:
    """A part of what templates get."""
    (tmp_path / "part.txt.j2").write_text(f"{{{{ analysis.{part} | json }}}}")
    return json.loads(told(template=tmp_path / "part.txt.j2"))


@pytest.fixture
def failed(stream: Stream) -> Stream:
    """A run with a hostile failure, a flaky item, something skipped, and a group."""
    stream.begin(
        "fetch",
        "g",
        "index",
        params={"</script>": "<img src=x onerror=alert(1)>"},
        declared=[
            Declared("fetch", "run", True),
            Declared("g", "tasks", False, (("fetch", "whole"),)),
            Declared("g.t", "call", False),
            Declared("index", "run", False, (("fetch", "items"), ("g", "whole"))),
        ],
    )
    hostile = exit_failure(
        3, "\x1b[31mred\x1b[0m</script><script>alert(1)</script>\n", "echo '</script>' \"$x\""
    )
    fan = stream.open("fetch", mapped=True, total=3, line=14)
    retried = Item(1, "b'\"</title>", None)
    stream.retry(fan, retried, Failure(FailureKind.EXCEPTION, "once\u2028<b>"), worker="worker-2")
    stream.settle(fan, Item(0, "a", None), F, failure=hostile)
    again = Item(1, retried.key, None, attempt=2)
    stream.settle(fan, again, S, marks=(Mark.FLAKY,), attempts=2)
    stream.settle(fan, Item(2, "c", None), S)
    stream.end(fan, F, failure=Failure(FailureKind.BUDGET, "1 of 3 items failed"))
    group = stream.open("g", kind="tasks", line=20)
    error = Failure(
        FailureKind.EXCEPTION, "ValueError: no", traceback="Traceback:\n  <module>\nValueError: no\n"
    )
    stream.plain("t", F, within=(group, 0, "g"), line=21, failure=error)
    stream.settle(group, Item(0, None, None), F, failure=Failure(error.kind, "no", address="g.t"))
    stream.end(group, F, failure=Failure(error.kind, "no", address="g.t"))
    stream.plain("index", K, line=30, reason="needs fetch, which failed at flow.yml:14")
    stream.finish(F, outputs={"o": "&amp;"})
    return stream


def test_the_verdict_comes_first_then_failures_then_all_else(failed: Stream, told: Told) -> None:
    page = Page(told("html"))
    assert page.texts["title"][0] == "thumbnails: failed"
    assert page.texts["h1"] == ["thumbnails"]
    assert [name for name in page.attributes("id") if not name.startswith("h-")] == [
        "main",
        "failures",
        "timeline",
        "graph",
        "arrow",
        "tasks",
        "critical",
        "retries",
        "items",
        "explorer",
        "search",
        "status",
        "task",
        "found",
        "window",
        "table",
        "about",
        "data",
    ]


def test_a_failure_has_its_place_reason_command_output_and_traceback(failed: Stream, told: Told) -> None:
    page = Page(told("html"))
    first, second = page.texts["article"]
    for said in (
        "fetch[a]",
        "flow.yml:14:3",
        "exited with 3",
        "echo '</script>' \"$x\"",
        "\\x1b[31mred\\x1b[0m</script><script>alert(1)</script>",
        "runner run /home/me/flow.yml --only 'fetch[a]' --again",
    ):
        assert said in first
    for said in ("g.t", "flow.yml:21:3", "ValueError: no", "Traceback:\n  <module>\n"):
        assert said in second


def test_nothing_that_a_run_says_becomes_markup_or_leaves_its_script(failed: Stream, told: Told) -> None:
    text = told("html")
    page = Page(text)
    assert {name for name, _ in page.elements if name in ("img", "b", "link", "iframe", "object")} == set()
    assert [attributes.get("type") for name, attributes in page.elements if name == "script"] == [
        "application/json",
        None,
    ]
    assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]", text)
    (block,) = json.loads(page.texts["script"][0])["blocks"]
    assert block["addresses"].split("\n")[:2] == ["0 fetch[a]", "6 b'\"</title>]"]


def test_it_asks_for_nothing_elsewhere_and_allows_only_its_own_script_and_style(
    failed: Stream, told: Told
) -> None:
    text = told("html")
    page = Page(text)
    policy = next(it["content"] for name, it in page.elements if it.get("http-equiv"))
    assert policy == (
        f"default-src 'none'; style-src '{_hash(page.texts['style'][0])}'; "
        f"script-src '{_hash(page.texts['script'][1])}'; base-uri 'none'; form-action 'none'"
    )
    assert [it for it in page.attributes("href") if not it.startswith("#")] == []
    assert page.attributes("src") == page.attributes("style") == page.attributes("action") == []
    assert "url(" not in page.texts["style"][0] and "@import" not in page.texts["style"][0]
    assert "http:" not in text and "https:" not in text


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_the_template_can_be_taken_out_and_changed(failed: Stream, told: Told, tmp_path: Path) -> None:
    mine = tmp_path / "mine.html.j2"
    mine.write_text(eject("html"))
    assert told(template=mine) == told("html")
    mine.write_text(
        '{% extends "runner/report.html.j2" %}{% block after_failures %}<p>{{ params | items | list }}</p>'
        "{% endblock %}"
    )
    assert "<p>[[&#34;&lt;/script&gt;" in told(template=mine)
    mine.write_text(eject("html").replace('{% include "runner/report.css" %}', "body { color: red }"))
    page = Page(told(template=mine))
    assert page.texts["style"] == ["body { color: red }"]
    assert _hash("body { color: red }") in next(
        it["content"] for _, it in page.elements if it.get("http-equiv")
    )


def test_times_tell_running_from_waiting_and_which_path_was_critical(
    stream: Stream, told: Told, tmp_path: Path
) -> None:
    stream.begin(
        "a",
        "b",
        "c",
        declared=[
            Declared("a", "run", False),
            Declared("b", "run", True, (("a", "whole"),)),
            Declared("c", "run", True, (("b", "items"),)),
        ],
    )
    fans = [stream.open("a"), *(stream.open(name, mapped=True, total=2) for name in "bc")]
    took = {  # since the beginning of the run: start and end
        ("a", 0): (0, 2),
        ("b", 0): (2.5, 3.5),
        ("b", 1): (3.5, 5.5),
        ("c", 0): (4, 4.5),
        ("c", 1): (6, 7),
    }
    for (name, index), (start, end) in took.items():
        times = {"started": BEGIN + start, "seconds": float(end - start)}
        item = Item(index, None if name == "a" else f"k{index}", None)
        stream.settle(
            fans["abc".index(name)], item, S, details={**times, "worker": f"worker-{index}"}, **times
        )
    for fan, seconds in zip(fans, (2.0, 3.0, 3.0), strict=True):
        stream.end(fan, seconds=seconds)
    stream.finish(seconds=7.25)
    _, b, c = analysis(told, tmp_path, "tasks")
    assert b["running"] == {"total": 3.0, "median": 1.0, "p95": 2.0, "longest": 2.0}
    assert b["waiting"] == {"total": 2.0, "median": 0.5, "p95": 1.5, "longest": 1.5}
    assert c["waiting"] == {"total": 1.0, "median": 0.5, "p95": 0.5, "longest": 0.5}
    assert analysis(told, tmp_path, "critical_path") == [
        {"address": "a", "task": "a", "begins": 0.0, "waited": 0.0, "took": 2.0},
        {"address": "b[k1]", "task": "b", "begins": 2.0, "waited": 1.5, "took": 2.0},
        {"address": "c[k1]", "task": "c", "begins": 5.5, "waited": 0.5, "took": 1.0},
    ]
    line = analysis(told, tmp_path, "timeline")
    assert (line["peak"], line["lanes"], line["seconds"]) == (2, ["worker-0", "worker-1"], 7.25)
    assert [mark["title"] for mark in line["marks"]][-1] == "c[k1]: 1.0s"


def test_a_pass_that_was_repeated_is_no_waiting_of_the_next(
    stream: Stream, told: Told, tmp_path: Path
) -> None:
    stream.begin("g", declared=[Declared("g", "tasks", False), Declared("g.t", "run", False)])
    group = stream.open("g", kind="tasks")
    error = Failure(FailureKind.EXIT, "no", address="g.t")
    for attempt, status in ((1, F), (2, S)):
        inner = stream.open("t", within=(group, 0, "g"))
        times = {"started": BEGIN + 2.0 * attempt - 1, "seconds": 1.0}
        stream.settle(inner, Item(0, None, None), status, details=times, **times)
        stream.tell(TaskSettled(inner, status, Counts(), None, None, (), times["started"], 1.0))
        if attempt == 1:
            stream.retry(group, Item(0, None, None), error)
    stream.settle(group, Item(0, None, None, attempt=2), S, attempts=2)
    stream.end(group)
    stream.finish(seconds=4.0)
    _, inside = analysis(told, tmp_path, "tasks")
    assert (inside["items"], inside["running"]["total"], inside["waiting"]["total"]) == (2, 2.0, 2.0)


def test_a_report_of_a_run_that_goes_on_says_what_is_under_way(
    stream: Stream, told: Told, tmp_path: Path
) -> None:
    stream.begin("a", "b")
    fan = stream.open("a", mapped=True, total=4)
    stream.start(fan, Item(0, "x", 1), Item(1, "y", 1))
    stream.start(fan, Item(2, "z", 1))
    stream.settle(fan, Item(2, "z", 1))
    assert analysis(told, tmp_path, "counts") == {
        "succeeded": 1,
        "failed": 0,
        "skipped": 0,
        "cancelled": 0,
        "under_way": 2,
        "not_begun": 1,
        "uncounted": 0,
    }
    text = told("html")
    assert Page(text).texts["title"][0] == "thumbnails: running"
    section = text.partition('id="under-way"')[2].partition("</section>")[0]
    assert re.findall(r'class="address">([^<]*)<', section) == ["a[x]", "a[y]"]


def test_what_is_to_be_pasted_does_it_again(runner: Program) -> None:
    runner.write(
        """
        params: {mood: fine}
        tasks:
          each:
            map: {over: ["it's", "b c"]}
            run: "echo {{ item }} {{ params.mood }} >> done; test -e there"
          other: {run: echo other >> done}
        """
    )
    assert runner("run", "-q", "-p", "mood=it's $so", "--report", "out/r.html").code == 1
    lines = Page((runner.folder / "out" / "r.html").read_text()).texts["code"]
    again = [line for line in lines if line.startswith("runner run")]
    assert len(again) == 2
    (runner.folder / "there").touch()
    (runner.folder / "done").unlink()
    assert runner.shell(again[1]).code == 0
    assert (runner.folder / "done").read_text() == "b c it's $so\n"
    (resume,) = [line for line in lines if line.startswith("runner resume")]
    (runner.folder / "done").unlink()
    assert runner.shell(resume).code == 0
    assert sorted((runner.folder / "done").read_text().splitlines()) == ["b c it's $so", "it's it's $so"]


def test_a_run_is_compared_with_the_one_before_of_the_same_file(runner: Program) -> None:
    runner.write(
        """
        params: {bad: a}
        tasks:
          each: {map: {over: [a, b]}, run: "sleep 0.01; test {{ item }} != {{ params.bad }}"}
        """
    )
    runner.write("tasks: {other: {run: echo}}", "other.yml")
    assert runner("run", "-q").code == 1
    assert runner("run", "-q", "other.yml").code == 0
    assert runner("run", "-q", "-p", "bad=b", "--report", "r.html").code == 1
    text = (runner.folder / "r.html").read_text().partition('id="previous"')[2].partition("</section>")[0]
    page = Page(text)
    assert page.texts["h3"] == [
        "Fails now, and did not before: 1",
        "Failed before, and does not now: 1",
        "Params that were others before",
    ]
    assert [item.strip() for item in page.texts["li"]] == ["each[b]", "each[a]", "bad: a, now b"]


def test_a_comparison_says_what_it_counts_and_what_it_leaves_out(runner: Program) -> None:
    runner.write("def brief(n): return n", "calls.py")
    runner.write("""
        params: {off: false}
        tasks:
          each: {map: {over: "{{ range(5) }}", max_failures: 2}, run: "sleep 0.01; test {{ item }} != 3"}
          brief: {map: {over: "{{ range(50) }}"}, call: calls.py:brief, with: {n: "{{ item }}"}}
          once: {when: not params.off, run: sleep 0.01}
          wrong: {run: "false", allow_failure: true}
          none: {map: {over: [a, b]}, run: "false"}
          never: {when: "false", run: "true"}
    """)
    assert runner("run", "-q").code == 1
    assert runner("run", "-q", "-p", "off=true", "--report", "r.html").code == 1
    text = (runner.folder / "r.html").read_text().partition('id="previous"')[2].partition("</section>")[0]
    page = Page(text)
    assert page.texts["th"][:3] == ["Task", "succeeded before", "now"]
    assert page.texts["td"][:2] == ["4", "4"]
    assert page.texts["h3"] == ["Fails now as it did before: 4", "Params that were others before"]
    assert [item.strip() for item in page.texts["li"]][:4] == ["each[3]", "wrong", "none[a]", "none[b]"]
    assert [hint for hint in page.texts["p"] if hint.startswith("Not compared")] == [
        "Not compared, as an item took less than 1ms both times: brief",
        "Not compared, as nothing of it succeeded in one of the runs: once",
    ]


def test_what_is_listed_besides_commands_and_calls_is_said(runner: Program) -> None:
    runner.write("""
        tasks:
          a: {map: {over: [1, 2]}, run: "true"}
          v: {result: 1}
          g: {map: {over: [1, 2]}, tasks: {x: {run: "true"}}}
    """)
    runner("run", "-q", "--report", "r.html")
    page = Page((runner.folder / "r.html").read_text())
    assert "4 of 4 commands and calls" in "".join(page.texts["dd"])
    said = "4 commands and calls, and 3 values and passes through groups, which take no worker."
    assert said in page.texts["p"]


def test_attempts_that_failed_and_were_cancelled_have_colours_of_their_own(
    stream: Stream, told: Told, tmp_path: Path
) -> None:
    stream.begin("a", "b")
    fan = stream.open("a", mapped=True, total=2)
    stream.settle(fan, Item(0, "x", None))
    times = {"started": BEGIN, "seconds": 1.0, "attempts": 1}
    stream.settle(fan, Item(1, "y", None), Status.CANCELLED, reason="stopped by SIGINT", **times)
    stream.end(fan, Status.CANCELLED)
    stream.plain("b", F, failure=exit_failure())
    stream.finish(Status.CANCELLED)
    line = analysis(told, tmp_path, "timeline")
    assert line["colours"] == [{"colour": 0, "task": "a"}]
    assert [(mark["title"], mark["failed"], mark["cancelled"]) for mark in line["marks"]] == [
        ("a[x]: 1.0s", False, False),
        ("a[y]: 1.0s, cancelled", False, True),
        ("b: 1.0s, failed", True, False),
    ]
    text = told("html").partition('id="timeline"')[2].partition("</section>")[0]
    assert re.findall(r'<rect class="([tfc]\d?)"', text) == ["t0", "c", "f", "t0", "f", "c"]
    assert re.findall(r"</svg>(\w[^<]*)</li>", text) == ["a", "failed attempt", "cancelled attempt"]


def test_a_run_with_nothing_to_do_says_so(runner: Program) -> None:
    runner.write("tasks: {m: {map: {over: []}, run: 'true'}}")
    assert "\nsucceeded  m  no items\n" in runner("run", "-q", "--report", "r.html", "--report", "r.md").out
    assert "| succeeded | `m` |  | no items |\n" in (runner.folder / "r.md").read_text()
    page = Page((runner.folder / "r.html").read_text())
    assert page.texts["p"].count("no items") == 1
    assert dict(zip(page.texts["dt"], page.texts["dd"], strict=True))["Commands and calls"] == "none"


def test_a_stored_run_gives_the_same_report(runner: Program) -> None:
    runner.write("tasks: {one: {run: echo one}}\nreports: [{to: a.html}]")
    assert runner("run", "-q").code == 0
    assert runner("report", "--format", "html", "-o", "b").code == 0
    assert (runner.folder / "a.html").read_bytes() == (runner.folder / "b").read_bytes()


def test_the_picture_explains_those_of_its_lines_that_it_has(runner: Program) -> None:
    runner.write("""
        tasks:
          a: {map: {over: [1, 2]}, run: "echo {{ item }}"}
          b: {map: {over: "{{ tasks.a.results }}"}, run: "echo {{ item }}"}
          c: {needs: [b], run: echo}
          clean: {when: always(), run: echo}
    """)
    assert explained(runner, "workflow.yml") == [
        "a map",
        "waits for the whole",
        "each item waits for the same item",
        "waits for all others, however they end",
    ]
    runner.write("tasks: {a: {run: echo}}", "one.yml")
    assert explained(runner, "one.yml") == []


def explained(runner: Program, file: str) -> list[str]:
    """What the picture of a run says that its lines and borders mean."""
    runner("run", file, "-q", "--report", "out.html")
    return re.findall(r"</svg> ([a-z, ]+)</li>", (runner.folder / "out.html").read_text())
