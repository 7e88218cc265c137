"""`runner plan`: what would run, in which order, how many items, as text, data and drawings."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
from program import Program

plans = Path(__file__).parent / "plans"

everything = """
    name: gallery
    description: Fetch pictures,
      shrink them.
    params: {width: 320, source: urls.txt}
    pool: {max_workers: 8}
    limits:
      api: {concurrency: 2, rate: 10/s}
      cores: {concurrency: 4}
    timeout: 1h30m
    tasks:
      fetch:
        map: {over: "{{ lines(params.source) }}", as: url, max_parallel: 3}
        run: [echo, "{{ url }}", two words]
        limit: {api: 1, cores: 2}
        retry: {attempts: 3}
        timeout: 500ms
      shrink:
        map: {over: "{{ tasks.fetch.results }}", as: picture}
        run: echo {{ picture }} {{ params.width }} and a good deal more than one line of a table holds
      sizes:
        map: {matrix: {os: [linux, mac], py: [11, 12, 13]}}
        result: "{{ item.os }}"
      country:
        map: {over: [fr, de]}
        tasks:
          parse: {run: [echo, "{{ item }}", "{{ tasks.sizes.results }}"]}
          load: {run: "echo {{ tasks.parse.result }}", allow_failure: true}
      index:
        when: success() and params.width > 100
        needs: [country]
        run: |
          echo {{ tasks.shrink.results }}
          echo done
      apologise:
        when: failure()
        run: echo sorry
    outputs: {index: "{{ tasks.index.result }}"}
"""


@pytest.fixture
def gallery(runner: Program) -> Program:
    runner.write(everything)
    runner.write("a\nb\nc\n", "urls.txt")
    return runner


@pytest.mark.parametrize("form", ["text", "mermaid", "dot"])
def test_a_plan_shows_order_items_and_what_holds_a_task_back(gallery: Program, form: str) -> None:
    ended = gallery("plan", "-p", "width=160", "--format", form)
    assert ended.out == (plans / f"gallery.{form}").read_text()
    assert (ended.code, ended.err) == (0, "")


def test_the_data_holds_all_that_the_text_shows(gallery: Program) -> None:
    plan = json.loads(gallery("plan", "--format", "json").out)
    assert plan["workflow"]["name"] == "gallery"
    assert plan["workflow"]["limits"]["api"] == {"concurrency": 2, "starts": 10, "per": 1.0}
    assert plan["params"] == {"width": 320, "source": "urls.txt"}
    assert plan["outputs"] == ["index"]
    tasks = {task["name"]: task for task in plan["tasks"]}
    assert list(tasks) == ["fetch", "sizes", "country", "shrink", "index", "apologise"]
    assert [task["turn"] for task in tasks.values()] == [1, 1, 1, 2, 3, 4]
    assert tasks["fetch"] == {
        "name": "fetch",
        "address": "fetch",
        "kind": "run",
        "does": "echo {{ url }} 'two words'",
        "description": "",
        "position": "workflow.yml:12:3",
        "turn": 1,
        "needs": [],
        "when": None,
        "limits": {"api": 1, "cores": 2},
        "attempts": 3,
        "timeout": 0.5,
        "allow_failure": False,
        "map": {"as": "url", "items": 3, "unknown_because": None, "max_parallel": 3},
    }
    assert tasks["shrink"]["needs"] == [{"task": "fetch", "how": "items"}]
    assert tasks["index"]["needs"] == [
        {"task": "country", "how": "whole"},
        {"task": "shrink", "how": "whole"},
    ]
    assert {need["how"] for need in tasks["apologise"]["needs"]} == {"cleanup"}
    inside = {task["address"]: task["needs"] for task in tasks["country"]["tasks"]}
    assert inside == {
        "country.parse": [{"task": "sizes", "how": "whole"}],
        "country.load": [{"task": "country.parse", "how": "whole"}],
    }


def test_where_the_number_of_items_is_not_known_it_says_why(runner: Program) -> None:
    runner.write(
        """
        name: unknown
        tasks:
          list: {run: [echo, a], capture: lines}
          each: {map: {over: "{{ tasks.list.result }}"}, result: "{{ item }}"}
          follow: {map: {over: "{{ tasks.each.results }}"}, result: "{{ item }}"}
          missing: {map: {over: "{{ lines('no-such-file') }}"}, result: "{{ item }}"}
          group:
            map: {over: [1, 2], as: outer}
            tasks:
              inner: {map: {over: "{{ range(outer) }}"}, result: "{{ item }}"}
        """
    )
    ended = runner("plan")
    assert ended.err == ""
    assert ended.out == dedent(
        """\
        unknown
        workflow.yml · 5 tasks

        1  list     run echo a
        1  missing  value {{ item }}  items (known once they are read)
        1  group    1 task            2 items
           1.1  inner  value {{ item }}  items (known once outer is known)
        2  each     value {{ item }}  items (known once list is done); after list
        3  follow   value {{ item }}  items, each as soon as its own of each has succeeded
        """
    )


def test_a_sub_workflow_is_shown_inside_its_task(runner: Program) -> None:
    runner.write("name: inner\nparams: {x: 1}\ntasks: {one: {run: [echo, '{{ params.x }}']}}", "inner.yml")
    runner.write("name: outer\ntasks: {sub: {workflow: ./inner.yml, with: {x: 2}}}")
    assert runner("plan").out == dedent(
        """\
        outer
        workflow.yml · 1 task

        1  sub  workflow inner
           1.1  one  run echo {{ params.x }}
        """
    )


def test_ten_thousand_tasks_are_laid_out(runner: Program) -> None:
    tasks = [
        f"  t{number}: {{run: [echo], needs: [{f't{number - 1}' if number else ''}]}}"
        for number in range(10000)
    ]
    runner.write("name: chain\ntasks:\n" + "\n".join(reversed(tasks)))
    lines = runner("plan").out.splitlines()
    assert lines[3].split() == ["1", "t0", "run", "echo"]
    assert lines[-1].split() == ["10000", "t9999", "run", "echo", "after", "t9998"]
