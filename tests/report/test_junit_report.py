"""The JUnit report: whole texts, and whether those who read such files accept it.

`junit-10.xsd` is the schema by which Jenkins checks them (its xunit plugin, MIT licence), as it is there.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from event_streams import Stream, exit_failure
from program import Program

from runner.records import Failure, FailureKind, Item, Mark, Status
from runner.report import eject
from runner.store import Store

S, F, K, C = Status.SUCCEEDED, Status.FAILED, Status.SKIPPED, Status.CANCELLED
Told = Callable[..., str]


@pytest.fixture(scope="module")
def schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(Path(__file__).parent / "junit-10.xsd")


def test_a_small_run(stream: Stream, told: Told, schema: xmlschema.XMLSchema) -> None:
    stream.begin("fetch", "test", "lint", "index")
    failure = exit_failure(22, "curl: (22)\n  no\n", "curl -f x")
    stream.map("fetch", [("a", 1, S, {}), ("b", 2, F, {"failure": failure})], F, line=14)
    fan, item = stream.open("test", line=20), Item(0, None, None)
    trace = 'Traceback (most recent call last):\n  File "t.py", line 3, in t\nValueError: <no>\n'
    stream.retry(fan, item, Failure(FailureKind.EXCEPTION, "ValueError: <no>", traceback=trace))
    stream.settle(fan, Item(0, None, None, attempt=2), marks=(Mark.FLAKY,))
    stream.end(fan)
    stream.plain("lint", F, line=25, failure=exit_failure(3), marks=[Mark.TOLERATED])
    stream.plain("index", K, line=30, reason="needs fetch, which failed at flow.yml:14")
    stream.notice("fetch left a command running in the background: 12 sleep")
    stream.finish(F)
    text = told("junit")
    assert text == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="thumbnails" tests="5" failures="1" errors="0" time="3.250">\n'
        '  <testsuite name="fetch" tests="2" failures="1" errors="0" skipped="0" time="1.000"'
        ' timestamp="2025-11-22T14:00:00.000+00:00" file="flow.yml">\n'
        '    <testcase classname="thumbnails.fetch" name="fetch[a]" time="1.000"/>\n'
        '    <testcase classname="thumbnails.fetch" name="fetch[b]" time="1.000">\n'
        '      <failure type="exit" message="exited with 22">flow.yml:14:3\n'
        "exited with 22\n"
        "item  2\n"
        "\n"
        "$ curl -f x\n"
        "\n"
        "curl: (22)\n"
        "  no\n"
        "</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="test" tests="1" failures="0" errors="0" skipped="0" time="1.000"'
        ' timestamp="2025-11-22T14:00:00.000+00:00" file="flow.yml">\n'
        '    <testcase classname="thumbnails.test" name="test" time="1.000">\n'
        '      <flakyFailure type="exception" message="ValueError: &lt;no&gt;">\n'
        "        <stackTrace>flow.yml:20:3\n"
        "ValueError: &lt;no&gt;\n"
        "\n"
        "Traceback (most recent call last):\n"
        "  File &#34;t.py&#34;, line 3, in t\n"
        "ValueError: &lt;no&gt;\n"
        "</stackTrace>\n"
        "      </flakyFailure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="lint" tests="1" failures="0" errors="0" skipped="1" time="1.000"'
        ' timestamp="2025-11-22T14:00:00.000+00:00" file="flow.yml">\n'
        '    <testcase classname="thumbnails.lint" name="lint" time="1.000">\n'
        '      <skipped type="exit" message="tolerated by allow_failure: exited with 3">flow.yml:25:3\n'
        "exited with 3\n"
        "\n"
        "$ false\n"
        "</skipped>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        '  <testsuite name="index" tests="1" failures="0" errors="0" skipped="1" time="0.000"'
        ' file="flow.yml">\n'
        '    <testcase classname="thumbnails.index" name="index" time="0.000">\n'
        '      <skipped type="skipped" message="needs fetch, which failed at flow.yml:14"/>\n'
        "    </testcase>\n"
        "    <system-out>\n"
        "fetch left a command running in the background: 12 sleep\n"
        "</system-out>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )
    schema.validate(text)


everything = """\
name: everything
tasks:
  plain: {run: echo 1}
  many: {map: {over: [a, b, c]}, run: "test {{ item }} != b"}
  broken: {run: "exit {{ tasks.plain.result | from_json + [] }}"}
  missing: {run: [no-such-program]}
  needs: {needs: [missing], run: echo}
  within: {map: {over: [1, 2], max_failures: 1}, run: "test {{ item }} = 1"}
  flaky: {run: "test -e one || { touch one; echo not yet; exit 3; }", retry: {attempts: 2}}
  worse: {run: exit 4, retry: {attempts: 3}}
  polled: {run: "cat two || touch two", retry: {attempts: 5, until: exit_code == 0 and result == ''}}
  group:
    tasks:
      inner: {run: echo}
      deep: {map: {over: [x, y]}, tasks: {leaf: {map: {over: [1, 2]}, run: echo}}}
  again:
    retry: {attempts: 2}
    tasks:
      outer: {tasks: {t: {map: {over: [k]}, run: "test -e three || { touch three; exit 5; }"}}}
  late: {timeout: 100ms, tasks: {sleeper: {run: sleep 60}}}
  never: {when: 1 > 2, tasks: {inside: {run: echo}}}
  empty: {map: {over: []}, run: echo}
  refused: {map: {over: [], on_empty: fail}, run: echo}
outputs:
  wrong: "{{ tasks.plain.result | from_json + [] }}"
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Program:
    runner = Program(tmp_path_factory.mktemp("everything"))
    runner.write(everything)
    assert runner("run", "--report", "out/tests.xml", "-q").code == 1
    return runner


def test_a_report_of_the_stored_run_is_the_one_that_the_run_wrote(ran: Program) -> None:
    assert ran("report", "--format", "junit").out == (ran.folder / "out" / "tests.xml").read_text()


def test_all_that_has_an_outcome_is_a_case_once(ran: Program, schema: xmlschema.XMLSchema) -> None:
    text = (ran.folder / "out" / "tests.xml").read_text()
    schema.validate(text)
    found = {
        (case.get("classname"), case.get("name")): sorted(child.tag for child in case)
        for case in ElementTree.fromstring(text).iter("testcase")
    }
    ok: list[str] = []
    assert found == {
        ("everything.plain", "plain"): ok,
        ("everything.many", "many[a]"): ok,
        ("everything.many", "many[b]"): ["failure"],
        ("everything.many", "many[c]"): ok,
        ("everything.broken", "broken"): ["error"],
        ("everything.missing", "missing"): ["error"],
        ("everything.needs", "needs"): ["skipped"],
        ("everything.within", "within[1]"): ok,
        ("everything.within", "within[2]"): ["skipped"],
        ("everything.flaky", "flaky"): ["flakyFailure"],
        ("everything.worse", "worse"): ["failure", "rerunFailure", "rerunFailure"],
        ("everything.polled", "polled"): ok,
        ("everything.group.inner", "group.inner"): ok,
        **{
            ("everything.group.deep.leaf", f"group.deep[{key}].leaf[{number}]"): ok
            for key in "xy"
            for number in "12"
        },
        ("everything.again.outer.t", "again.outer.t[k]"): ["flakyFailure"],
        ("everything.late.sleeper", "late.sleeper"): ["skipped"],
        ("everything.late", "late"): ["failure"],
        ("everything.never", "never"): ["skipped"],
        ("everything.empty", "empty"): ok,
        ("everything.refused", "refused"): ["error"],
        ("everything", "outputs.wrong"): ["error"],
    }


def test_the_counts_are_those_of_the_cases(ran: Program) -> None:
    root = ElementTree.parse(ran.folder / "out" / "tests.xml").getroot()
    for suite in root:
        tags = Counter(child.tag for case in suite.iter("testcase") for child in case)
        expected = [len(list(suite.iter("testcase"))), tags["failure"], tags["error"], tags["skipped"]]
        assert [int(suite.get(name) or "") for name in ("tests", "failures", "errors", "skipped")] == expected
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name) or "") == sum(int(suite.get(name) or "") for suite in root)
    assert (root.get("failures"), root.get("errors")) == ("3", "4")


def test_a_run_that_succeeded_has_no_failure_and_no_error(stream: Stream, told: Told) -> None:
    stream.begin("m", "g")
    stream.map("m", [("a", 1, F, {"failure": exit_failure(1)})], F, marks=[Mark.TOLERATED])
    group = stream.open("g", kind="tasks")
    stream.plain("t", F, within=(group, 0, "g"), failure=exit_failure(1))
    failed = Failure(FailureKind.EXIT, "exited with 1", address="g.t")
    stream.settle(group, Item(0, None, None), F, failure=failed)
    stream.end(group, F, failure=failed, marks=[Mark.TOLERATED])
    stream.finish()
    root = ElementTree.fromstring(told("junit"))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "0", "0")
    assert [skipped.get("message") for skipped in root.iter("skipped")] == [
        "tolerated by allow_failure: exited with 1",
        "tolerated by allow_failure of g: exited with 1",
    ]


def test_what_has_not_come_to_an_end_says_so(
    stream: Stream, store: Store, told: Told, schema: xmlschema.XMLSchema
) -> None:
    stream.begin("a", "m", "z")
    stream.plain("a")
    fan = stream.open("m", mapped=True)
    stream.start(fan, Item(0, "x", 1))
    goes_on = told("junit")
    store.close()
    died = told("junit")
    for text, expected in (
        (goes_on, {"m[x]": ("skipped", "it is still running"), "z": ("skipped", "it has not begun yet")}),
        (died, {"m[x]": ("error", "it broke off with the run"), "z": ("skipped", "it was not begun")}),
    ):
        schema.validate(text)
        cases = ElementTree.fromstring(text).iter("testcase")
        found = {case.get("name"): (child.tag, child.get("message")) for case in cases for child in case}
        assert found == expected


hostile = (
    "".join(map(chr, range(0x20)))
    + "\x7f\x9b]]><!-- --><![CDATA[ &lt; &#0; \ud800\udcff\ufffe\uffff\u2028 é😀 \x1b[31mred"
)


def test_it_is_legal_xml_whatever_tasks_say(stream: Stream, told: Told, schema: xmlschema.XMLSchema) -> None:
    stream.begin("m")
    failure = Failure(FailureKind.EXIT, hostile, command=hostile, output=hostile, traceback=hostile)
    keys = ["\udcff", "\\xff", "a\u2028b", "a\\u2028b", "\ufffe", "\uffff", "\ufffd", "<\"&'>", " a ", "a"]
    stream.map("m", [(key, 1, F, {"failure": failure}) for key in keys], F)
    stream.notice(hostile)
    stream.finish(F, problems=[failure])
    text = told("junit")
    text.encode()
    schema.validate(text)
    names = [case.get("name") or "" for case in ElementTree.fromstring(text).iter("testcase")]
    assert len(set(names)) == len(keys) + 1
    assert names[1::2] == ["m[\\xff]", "m[a\\u2028b]", names[5], "m[<\"&'>]", "m[a]"]
    assert names[0] == "m[\\xff] #dfe1056f"


def test_the_template_that_is_written_out_gives_the_same_report(
    stream: Stream, told: Told, tmp_path: Path
) -> None:
    stream.begin("a")
    stream.plain("a", F, failure=exit_failure(2, "no\n"))
    stream.finish(F)
    mine = tmp_path / "mine.xml.j2"
    mine.write_text(eject("junit"))
    assert told(template=mine) == told("junit")


def test_a_template_of_ones_own_may_say_more_of_a_case(runner: Program) -> None:
    runner.write("tasks: {a: {run: exit 3}}\nreports: [{to: mine.xml, template: mine.xml.j2}]\n")
    template = runner("report", "--eject", "junit").out
    changed = template.replace(
        'name="{{ case.name }}"', 'name="{{ case.name }}" file="{{ case.file }}" line="{{ case.line }}"'
    )
    runner.write(changed, "mine.xml.j2")
    assert runner("run").code == 1
    text = (runner.folder / "mine.xml").read_text()
    assert '<testcase classname="workflow.a" name="a" file="workflow.yml" line="1" time=' in text


def test_a_large_run_is_told_in_bounded_memory(tmp_path: Path) -> None:
    script = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from event_streams import *
from runner.store import Store
from runner.store.stored_run import StoredRun
from runner.report import write_report
with Store.create({str(tmp_path)!r}) as store:
    stream = Stream(store)
    stream.begin("m")
    fan = stream.open("m", mapped=True)
    def fill(first, end):
        for start in range(first, end, 500):
            items = [Item(index, str(index), index) for index in range(start, start + 500)]
            bad = exit_failure(1, "x" * 4000)
            store([SliceStarted(fan, start + 1, tuple(items), 0.0)])
            store([
                stream.settled(fan, item, Status.FAILED, failure=bad) if item.index % 20 == 0
                else stream.settled(fan, item)
                for item in items
            ])
    def report():
        with StoredRun(store.folder) as stored:
            for name in ("r.xml",):
                write_report(stored, {str(tmp_path)!r} + "/" + name)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fill(0, 5_000)
    few = report()
    fill(5_000, 40_000)
    print(few, report())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=100
    )
    few, many = map(float, done.stdout.split())
    assert many - few < 10
    assert (tmp_path / "r.xml").read_text().count("<testcase") == 40_000
