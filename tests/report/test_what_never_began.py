"""What reports say of a run that was stopped on its way: how much there was to do, not what was begun."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import xmlschema
from event_streams import Stream, exit_failure
from program import Program, steady

from runner.records import Failure, FailureKind, Item, Status

SCHEMA = Path(__file__).with_name("junit-10.xsd")

COUNTED = """
    name: flow
    tasks:
      m:
        map: {over: "{{ range(1000) }}"}
        run: "test {{ item }} != 30 || { echo up > ready; exec sleep 100; }"
"""
FOLLOWED = """
    name: flow
    tasks:
      m:
        map: {over: "{{ range(1000) }}"}
        run: "test {{ item }} != 30 || { echo up > ready; exec sleep 100; }"
      next:
        map: {over: "{{ tasks.m.results }}"}
        run: "true"
      last:
        map: {over: "{{ tasks.next.results }}"}
        run: "true"
      late:
        needs: [m]
        map: {over: "{{ range(7) }}"}
        run: "true"
      after:
        needs: [m]
        run: "true"
"""
GROUPS = """
    name: flow
    tasks:
      g:
        map: {over: "{{ range(100) }}"}
        tasks:
          a: {run: "test {{ item }} != 2 || { echo up > ready; exec sleep 100; }"}
          b: {needs: [a], run: "true"}
"""


def stopped(runner: Program, text: str, number: int) -> None:
    """A run that got a signal while it did one thing only."""
    runner.write(text)
    os.mkfifo(runner.folder / "ready")
    stopped_on_its_way(runner, "run", number)


def stopped_on_its_way(runner: Program, what: str, number: int) -> None:
    """A run, or the resume of one, that gets a signal where the file says that it is ready."""
    command = runner.command(what, "-q", "-j", "1")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(
        command, cwd=runner.folder, env=runner.environment, start_new_session=True, **quiet
    ) as process:
        assert (runner.folder / "ready").read_text() == "up\n"
        os.killpg(process.pid, number)


def written(runner: Program, form: str) -> str:
    return runner("report", "--format", form).out


def facts(page: str) -> dict[str, str]:
    """What the head of the HTML report counts."""
    rows = re.findall(r"<div><dt>(.*?)</dt><dd[^>]*>(.*?)</dd></div>", page.partition("</header>")[0])
    return {re.sub("<[^>]*>", "", name): re.sub("<[^>]*>", "", value) for name, value in rows}


def bar(page: str) -> dict[str, int]:
    """The parts of the bar in the head of the HTML report."""
    drawn = page.partition('<svg class="share"')[2].partition("</svg>")[0]
    return {name: int(width) for name, width in re.findall(r'class="(\w+)" x="\d+" width="(\d+)"', drawn)}


def graph(page: str) -> dict[str, str]:
    """What the boxes of the graph say, by their names."""
    boxes = re.findall(r'<g class="(?:task|group) .*?</g>', page, re.DOTALL)
    names = [re.findall(r'class="name"[^>]*>(.*?)<', box)[0] for box in boxes]
    texts = [", ".join(re.findall(r'class="text"[^>]*>(.*?)<', box)) for box in boxes]
    return dict(zip(names, texts, strict=True))


def rows(page: str) -> dict[str, str]:
    """What the table of tasks says of each."""
    return {name: note for name, (_, note) in standings(page).items()}


def standings(page: str) -> dict[str, tuple[str, str]]:
    """The status of each task in the table of tasks, and what else it says."""
    table = page.partition('<table class="tasks">')[2].partition("</table>")[0]
    cells = re.findall(r'<th scope="row">.*?</th>', table, re.DOTALL)
    return {
        re.findall(r'class="address">(.*?)<', cell)[0]: (
            re.findall(r'class="unseen">(.*?)<', cell)[0],
            "".join(re.findall(r'class="note">(.*?)<', cell)),
        )
        for cell in cells
    }


def standings_in_text(text: str) -> dict[str, tuple[str, str]]:
    """The same of the text report, without the times."""
    found = re.findall(r"^(\w+(?: \w+)?)  +(\w+)  +(?:[\d.]+m?s  +)?(.+)$", text, re.MULTILINE)
    return {name: (status, note) for status, name, note in found}


def standings_in_markdown(text: str) -> dict[str, tuple[str, str]]:
    """The same of the Markdown report."""
    found = re.findall(r"^\| ([\w ]+) \| [· ]*`(\w+)` \| [^|]* \| (.*) \|$", text, re.MULTILINE)
    return {name: (status, re.sub(r"[\\`]", "", note)) for status, name, note in found}


def titles(page: str) -> dict[str, tuple[str, str]]:
    """The same of the graph."""
    boxes = re.findall(
        r'<g class="(?:task|group) .*?<title>([\w.]+): (.*?)(?:; (.*?))?</title>', page, re.DOTALL
    )
    return {path.rpartition(".")[2]: (status, note) for path, status, note in boxes}


def items_in_json(tasks: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    """How many items the maps in the JSON report have, how many succeeded, and how many never began."""
    found: dict[str, tuple[int, int, int]] = {}
    for name, task in tasks.items():
        items = task.get("items", ())
        if task.get("items_total") is not None:
            succeeded = sum(item["status"] == "succeeded" for item in items)
            before = found.get(name, (0, 0, 0))
            told = (task["items_total"], succeeded, task["not_begun"])
            found[name] = (before[0] + told[0], before[1] + told[1], before[2] + told[2])
        for item in items:
            for inner, (total, succeeded, left) in items_in_json(item.get("tasks", {})).items():
                before = found.get(inner, (0, 0, 0))
                found[inner] = (before[0] + total, before[1] + succeeded, before[2] + left)
    return found


def figures(runner: Program) -> dict[str, object]:
    """What the reports count of each task, and which cases the JUnit one has."""
    tasks = json.loads(written(runner, "json"))["tasks"]
    counted = {
        name: (task["status"], task.get("items_total"), task.get("not_begun"), kinds(task.get("items", ())))
        for name, task in tasks.items()
    }
    cases = ElementTree.fromstring(written(runner, "junit")).iter("testcase")
    return counted | {"cases": [(case.get("name"), *(it.get("message") for it in case)) for case in cases]}


def kinds(items: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(item["status"], item["attempts"]) for item in items]


def test_a_map_that_was_interrupted_is_told_with_all_of_its_items(runner: Program) -> None:
    stopped(runner, COUNTED, signal.SIGINT)
    words = "30 of 1000 items succeeded, 1 cancelled, 969 not begun; stopped by SIGINT"
    assert words in written(runner, "text")
    assert words in written(runner, "markdown")
    page = written(runner, "html")
    assert words in page
    told = {name: number for name, number in facts(page).items() if name not in ("Took", "Busy workers")}
    assert told == {"Done": "30 of 1,000 commands and calls", "Cancelled": "1", "Not begun": "969"}
    assert bar(page) == {"succeeded": 30, "cancelled": 1, "not_begun": 969}
    assert re.findall(r'<text class="text"[^>]*>(.*?)</text>', page) == [
        "30 of 1,000, 1 cancelled",
        "969 not begun",
    ]
    task = json.loads(written(runner, "json"))["tasks"]["m"]
    assert (task["items_total"], task["not_begun"], len(task["items"])) == (1000, 969, 31)


BRIEF = """
    import threading

    def call(number):
        if number == 200:
            with open("ready", "w") as ready:
                ready.write("up\\n")
            threading.Event().wait()
"""


@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
def test_calls_that_were_given_out_together_and_never_began_are_not_begun(
    runner: Program, executor: str
) -> None:
    runner.write(BRIEF, "lib.py")
    stopped(
        runner,
        f"""
        pool: {{executor: {executor}, max_workers: 1}}
        tasks:
          m:
            map: {{over: "{{{{ range(1000) }}}}", as: number}}
            call: "lib.py:call"
            with: {{number: "{{{{ number }}}}"}}
        """,
        signal.SIGINT,
    )
    task = json.loads(written(runner, "json"))["tasks"]["m"]
    assert (task["items_total"], task["not_begun"], len(task["items"])) == (1000, 799, 201)
    assert {item["attempts"] for item in task["items"]} == {1}
    assert ", 799 not begun; stopped by SIGINT" in written(runner, "text")


def test_a_map_that_broke_off_is_told_with_all_of_its_items(runner: Program) -> None:
    stopped(runner, COUNTED, signal.SIGKILL)
    assert "broke off  m  30 of 1000 items succeeded, 1 broke off, 969 not begun\n" in written(runner, "text")
    page = written(runner, "html")
    told = {name: number for name, number in facts(page).items() if name not in ("Took", "Busy workers")}
    assert told == {"Done": "30 of 1,000 commands and calls", "Broke off": "1", "Not begun": "969"}
    assert bar(page) == {"succeeded": 30, "under_way": 1, "not_begun": 969}
    task = json.loads(written(runner, "json"))["tasks"]["m"]
    assert (task["items_total"], task["not_begun"], len(task["items"])) == (1000, 969, 31)


def test_a_map_that_follows_another_has_as_many_items_and_one_that_was_not_opened_is_not_counted(
    runner: Program,
) -> None:
    stopped(runner, FOLLOWED, signal.SIGINT)
    assert steady(written(runner, "text")).startswith(
        "flow was cancelled (run ID)\n"
        "\n"
        "cancelled  m  TIME  30 of 1000 items succeeded, 1 cancelled, 969 not begun; stopped by SIGINT\n"
        "cancelled  next  TIME  30 of 1000 items succeeded, 970 not begun; stopped by SIGINT\n"
        "cancelled  last  TIME  30 of 1000 items succeeded, 970 not begun; stopped by SIGINT\n"
        "cancelled  late  stopped by SIGINT\n"
        "cancelled  after  stopped by SIGINT\n"
    )
    told = facts(written(runner, "html"))
    assert told["Done"] == "90 of more than 3,001 commands and calls"
    assert told["Not begun"] == "2,909 and the items of 1 map"
    tasks = json.loads(written(runner, "json"))["tasks"]
    assert {name: (task.get("items_total"), task.get("not_begun")) for name, task in tasks.items()} == {
        "m": (1000, 969),
        "next": (1000, 970),
        "last": (1000, 970),
        "late": (None, None),
        "after": (None, None),
    }


def test_a_resume_that_is_stopped_is_told_with_all_of_the_items_that_it_did_not_come_to(
    runner: Program,
) -> None:
    stopped(runner, FOLLOWED, signal.SIGINT)
    stopped_on_its_way(runner, "resume", signal.SIGINT)
    assert steady(written(runner, "text")).startswith(
        "flow was cancelled (run ID)\n"
        "\n"
        "cancelled  m  TIME  30 of 1000 items succeeded, 1 cancelled, 969 not begun, 30 reused; "
        "stopped by SIGINT\n"
        "cancelled  next  TIME  30 of 1000 items succeeded, 970 not begun, 30 reused; stopped by SIGINT\n"
        "cancelled  last  TIME  30 of 1000 items succeeded, 970 not begun, 30 reused; stopped by SIGINT\n"
        "cancelled  late  stopped by SIGINT\n"
        "cancelled  after  stopped by SIGINT\n"
    )
    assert facts(written(runner, "html"))["Not begun"] == "2,909 and the items of 1 map"


@pytest.mark.parametrize("text", [COUNTED, FOLLOWED, GROUPS])
def test_a_resume_that_is_stopped_where_the_run_was_is_told_as_the_run(runner: Program, text: str) -> None:
    stopped(runner, text, signal.SIGINT)
    first = figures(runner)
    stopped_on_its_way(runner, "resume", signal.SIGINT)
    assert figures(runner) == first


def test_of_a_map_whose_source_is_long_it_is_said_that_the_rest_was_not_counted(runner: Program) -> None:
    runner.write("".join(f"{n}\n" for n in range(300_000)), "lines.txt")
    stopped(
        runner,
        """
        name: flow
        tasks:
          m:
            map: {over: "{{ lines('lines.txt') }}"}
            run: "test {{ item }} != 30 || { echo up > ready; exec sleep 100; }"
        """,
        signal.SIGINT,
    )
    words = "30 of 31 items succeeded, 1 cancelled, the rest not counted; stopped by SIGINT"
    assert words in written(runner, "text")
    page = written(runner, "html")
    assert words in page
    told = facts(page)
    assert told["Done"] == "30 of more than 31 commands and calls"
    assert told["Not begun"] == "1 map items not counted"
    assert bar(page) == {"succeeded": 30, "cancelled": 1, "uncounted": 11}
    said = [
        skipped.get("message") for skipped in ElementTree.fromstring(written(runner, "junit")).iter("skipped")
    ]
    assert said == [
        "cancelled: stopped by SIGINT",
        "its other items, which were not counted, never began: stopped by SIGINT",
    ]
    task = json.loads(written(runner, "json"))["tasks"]["m"]
    assert (task["items_total"], task["not_begun"], len(task["items"])) == (None, None, 31)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_what_is_in_a_group_never_began_with_the_items_of_the_group(runner: Program, number: int) -> None:
    stopped(runner, GROUPS, number)
    page = written(runner, "html")
    parts = bar(page)
    task = json.loads(written(runner, "json"))["tasks"]["g"]
    assert (task["items_total"], task["not_begun"] + len(task["items"])) == (100, 100)
    assert (sum(parts.values()), parts["succeeded"]) == (200, 4)
    assert parts["not_begun"] >= 2 * task["not_begun"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_rows_of_what_is_in_a_group_count_what_never_began_as_the_graph_does(
    runner: Program, number: int
) -> None:
    stopped(
        runner,
        """
        name: flow
        tasks:
          g:
            map: {over: "{{ range(100) }}", max_parallel: 1}
            tasks:
              a: {run: "test {{ item }} != 2 || { echo up > ready; exec sleep 100; }"}
              b: {needs: [a], run: "true"}
              m: {needs: [a], map: {over: [1, 2]}, run: "true"}
              h: {needs: [a], tasks: {x: {run: "true"}}}
        """,
        number,
    )
    page = written(runner, "html")
    is_kill = number == signal.SIGKILL
    one, left = ("1 broke off", "98 not begun") if is_kill else ("1 cancelled", "97 not begun")
    assert graph(page) == {
        "g": f"2 of 100, {one}, 97 not begun",
        "a": f"2 of 100, {one}, 97 not begun",
        "b": "2 of 100, 98 not begun" if is_kill else "2 of 100, 1 cancelled, 97 not begun",
        "m": "4 of 4, 98 maps not counted",
        "h": "2 of 100, 98 not begun" if is_kill else "2 of 100, 1 cancelled, 97 not begun",
        "x": "2 of 100, 98 not begun",
    }
    why = "" if is_kill else "; stopped by SIGINT"
    waiting = left if is_kill else f"1 cancelled, {left}"
    assert rows(page) == {
        "g": f"2 of 100 items succeeded, {one}, 97 not begun{why}",
        "a": f"2 succeeded, {one}, 97 not begun{why}",
        "b": f"2 succeeded, {waiting}{why}",
        "m": f"2 succeeded{'' if is_kill else ', 1 cancelled'}{why}; "
        "4 of 4 items succeeded, 98 maps not counted",
        "h": f"2 succeeded, {waiting}{why}",
        "x": "2 succeeded, 98 not begun",
    }


def test_all_reports_of_a_stopped_run_tell_the_same_of_what_is_in_a_group(runner: Program) -> None:
    stopped(
        runner,
        """
        name: flow
        tasks:
          g:
            map: {over: [a, b, c], as: n, max_parallel: 1}
            tasks:
              first: {run: "true"}
              x:
                needs: [first]
                map: {over: "{{ range(4) }}"}
                run: "test {{ n }}{{ item }} != b2 || { echo up > ready; exec sleep 100; }"
              y: {map: {over: "{{ tasks.x.results }}"}, run: "true"}
              z: {needs: [y], run: "true"}
              h: {needs: [y], map: {over: [1, 2], as: k}, tasks: {u: {run: "true"}}}
        """,
        signal.SIGINT,
    )
    why = "stopped by SIGINT"
    told = {
        "g": ("cancelled", f"1 of 3 items succeeded, 1 cancelled, 1 not begun; {why}"),
        "first": ("not begun", "2 succeeded, 1 not begun"),
        "x": (
            "cancelled",
            f"1 succeeded, 1 cancelled; {why}; "
            "6 of 8 items succeeded, 1 cancelled, 1 not begun, rest not counted",
        ),
        "y": (
            "cancelled",
            f"1 succeeded, 1 cancelled; {why}; 6 of 8 items succeeded, 2 not begun, rest not counted",
        ),
        "z": ("cancelled", f"1 succeeded, 1 cancelled, 1 not begun; {why}"),
        "h": ("cancelled", f"1 succeeded, 1 cancelled; {why}; 2 of 2 items succeeded, 2 maps not counted"),
        "u": ("not begun", "2 succeeded, rest not counted"),
    }
    assert standings_in_text(written(runner, "text")) == told
    assert standings_in_markdown(written(runner, "markdown")) == told
    page = written(runner, "html")
    assert standings(page) == told
    assert titles(page) == told
    assert graph(page) == {
        "g": "1 of 3, 1 cancelled, 1 not begun",
        "first": "2 of 3, 1 not begun",
        "x": "6 of 8, 1 cancelled, 1 not begun, rest not counted",
        "y": "6 of 8, 2 not begun, rest not counted",
        "z": "1 of 3, 1 cancelled, 1 not begun",
        "h": "2 of 2, 2 maps not counted",
        "u": "2 of 2, rest not counted",
    }
    tasks = json.loads(written(runner, "json"))["tasks"]
    assert items_in_json(tasks) == {"g": (3, 1, 1), "x": (8, 6, 1), "y": (8, 6, 2), "h": (2, 2, 0)}
    suite = ElementTree.fromstring(written(runner, "junit"))[0]
    said = {case.get("name"): case[0].get("message") for case in suite if len(case)}
    assert said == {
        "g": f"1 of 3 items never began: {why}",
        "g[b].x[2]": f"cancelled: {why}",
        "g[b].x": f"1 of 4 items never began: {why}",
        "g[b].y": f"2 of 4 items never began: {why}",
        "g[b].z": f"cancelled: {why}",
        "g[b].h": f"cancelled: {why}",
    }


def test_what_is_in_a_group_has_the_worst_status_of_all_passes_in_all_reports(runner: Program) -> None:
    runner.write("""
        tasks:
          g:
            map: {over: [a, b, c], as: x, max_failures: 100%}
            tasks:
              z: {run: "test {{ x }} = a"}
              y: {needs: [z], run: "true"}
              w: {run: "true"}
    """)
    assert runner("run", "-q").code == 0
    told = {
        "g": ("succeeded", "1 of 3 items succeeded, 2 failed; tolerated by max_failures: 100%"),
        "z": ("failed", "1 succeeded, 2 failed; tolerated by max_failures: 100% of g"),
        "y": ("skipped", "1 succeeded, 2 skipped; needs z, which failed at workflow.yml:6"),
    }
    plain = {"w": ("succeeded", "3 succeeded")}
    assert standings_in_text(written(runner, "text")) == told
    assert standings_in_markdown(written(runner, "markdown")) == told
    page = written(runner, "html")
    assert standings(page) == told | plain
    assert titles(page) == told | plain


def test_a_map_that_was_interrupted_has_one_case_for_all_that_never_began(runner: Program) -> None:
    stopped(runner, COUNTED, signal.SIGINT)
    text = written(runner, "junit")
    xmlschema.XMLSchema(SCHEMA).validate(text)
    suite = ElementTree.fromstring(text)[0]
    assert (suite.get("tests"), suite.get("skipped"), suite.get("failures")) == ("32", "2", "0")
    said = {case.get("name"): case[0].get("message") for case in suite if len(case)}
    assert said == {
        "m[30]": "cancelled: stopped by SIGINT",
        "m": "969 of 1000 items never began: stopped by SIGINT",
    }


def test_a_map_that_failed_and_left_items_out_has_a_case_beside_those_that_failed(
    stream: Stream, told: Callable[..., str]
) -> None:
    stream.begin("m")
    fan = stream.open("m", mapped=True, total=50)
    stream.settle(fan, Item(0, "a", None))
    stream.settle(fan, Item(1, "b", None), Status.FAILED, failure=exit_failure())
    stream.end(fan, Status.FAILED, failure=Failure(FailureKind.BUDGET, "1 of 2 items failed"))
    stream.finish(Status.FAILED)
    cases = ElementTree.fromstring(told("junit"))[0]
    said = {case.get("name"): [(it.tag, it.get("message")) for it in case] for case in cases}
    assert said == {
        "m[a]": [],
        "m[b]": [("failure", "exited with 1")],
        "m": [("skipped", "48 of 50 items never began")],
    }


def test_nothing_is_missed_in_a_run_that_came_to_its_end(runner: Program) -> None:
    runner.write("""
        tasks:
          m: {map: {over: [1, 2]}, run: "true"}
          n: {map: {over: "{{ tasks.m.results }}"}, run: "true"}
          none: {when: "false", map: {over: [1, 2, 3]}, run: "true"}
          g:
            map: {over: [1, 2], key: "k{{ item }}"}
            when: item == 2
            tasks: {a: {run: "true"}, h: {tasks: {b: {run: "true"}}}}
    """)
    assert runner("run", "-q").code == 0
    page = written(runner, "html")
    assert facts(page)["Done"] == "6 of 6 commands and calls"
    assert bar(page) == {"succeeded": 6}
    assert ElementTree.fromstring(written(runner, "junit")).get("tests") == "8"
