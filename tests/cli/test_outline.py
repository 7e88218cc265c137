"""`runner plan`: what would run, in which order, how many items, as text, data and drawings."""

from __future__ import annotations

import json
import re
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
    assert list(tasks) == ["fetch", "sizes", "shrink", "country", "index", "apologise"]
    assert [task["turn"] for task in tasks.values()] == [1, 1, 2, 2, 3, 4]
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
        "retry_budget": None,
        "timeout": 0.5,
        "allow_failure": False,
        "foreseen": None,
        "map": {
            "as": "url",
            "items": 3,
            "unknown_because": None,
            "keys": ["a", "b", "c"],
            "max_parallel": 3,
            "max_failures": 0,
            "fail_fast": False,
            "quorum": None,
            "on_empty": "succeed",
        },
    }
    assert plan["longest_chain"] == ["sizes", "country.parse", "country.load", "index", "apologise"]
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
        1  missing  value {{ item }}  items (as things stand, none: there is no file no-such-file)
        1  group    1 task            2 items: 1, 2
           1.1  inner  value {{ item }}  items (how many depends on outer)
        2  each     value {{ item }}  items (how many depends on tasks.list.result); after list
        3  follow   value {{ item }}  items, each as soon as its own of each has succeeded

        longest chain: list → each → follow (3 tasks)
        """
    )


def test_caps_empty_lists_and_combinations_are_shown_where_they_are_known(runner: Program) -> None:
    runner.write(
        """
        name: caps
        params: {none: {type: list, default: []}, sizes: [1, 2]}
        tasks:
          matrix: {map: {matrix: {os: [linux, mac], py: [11, 12], exclude: [{os: mac, py: 11}]}}, run: echo}
          race: {map: {over: "{{ range(10**6) }}", quorum: 2, fail_fast: true}, run: echo}
          some: {map: {over: [1, 2], max_failures: 5%, max_parallel: 1, fail_fast: true}, run: echo}
          none: {map: {over: "{{ params.none }}"}, run: echo}
          skip: {map: {over: "{{ params.none }}", on_empty: skip}, run: echo}
          fail: {map: {over: "{{ params.none }}", on_empty: fail}, run: echo}
          quorum: {map: {over: "{{ params.none }}", quorum: 1}, run: echo}
          two: {map: {over: [1, 2, 3], max_failures: 2}, allow_failure: true, run: echo}
          both: {map: {over: "{{ params.none }}", quorum: 1, on_empty: skip}, run: echo}
          follows: {map: {over: "{{ tasks.none.results }}", on_empty: skip}, run: echo}
          hindered: {map: {over: "{{ tasks.fail.results }}"}, run: echo}
        """
    )
    assert runner("plan").out.partition("\n\n")[2] == dedent(
        """\
        1  matrix    run echo  3 items: linux-11, linux-12, mac-12
        1  race      run echo  1,000,000 items: 0, 1, 2, …; until 2 have succeeded; stops once so many cannot
        1  some      run echo  2 items: 1, 2; 1 at once; 5% of its items may fail; stops once more have failed
        1  none      run echo  no items: it succeeds at once
        1  skip      run echo  no items: it is skipped (on_empty: skip)
        1  fail      run echo  no items: it fails (on_empty: fail)
        1  quorum    run echo  no items: it fails (quorum: 1)
        1  two       run echo  3 items: 1, 2, 3; 2 items may fail; the run does not fail for it
        1  both      run echo  no items: it is skipped (on_empty: skip)
        2  follows   run echo  no items: it is skipped (on_empty: skip)
        2  hindered  run echo  no items: it is skipped (needs fail, which does not succeed)
        """
    )


def test_a_plan_tells_what_becomes_of_a_map_without_items_and_of_what_needs_it(runner: Program) -> None:
    runner.write(
        """
        name: empty
        params: {none: [], off: false}
        tasks:
          f: {map: {over: "{{ params.none }}", on_empty: skip}, result: 1}
          b: {map: {over: "{{ params.none }}"}, needs: [f], result: 1}
          c: {needs: [f], result: 1}
          d: {map: {over: [1, 2]}, needs: [c], result: 1}
          e: {map: {over: "{{ tasks.d.results }}"}, when: always(), result: 1}
          always: {map: {over: "{{ params.none }}"}, needs: [f], when: always(), result: 1}
          good: {map: {over: "{{ params.none }}"}, needs: [always], when: success(), result: 1}
          j: {map: {over: "{{ params.none }}", on_empty: fail}, allow_failure: true, result: 1}
          k: {map: {over: "{{ tasks.j.results }}"}, result: 1}
          l: {map: {over: "{{ tasks.j.results }}", on_empty: fail}, result: 1}
          off: {map: {over: "{{ params.none }}"}, when: params.off, result: 1}
          follows: {map: {over: "{{ tasks.off.results }}"}, result: 1}
          group:
            tasks:
              one: {result: 1}
              two: {tasks: {three: {needs: [f], result: 1}}}
          fails: {tasks: {one: {needs: [k], map: {over: "{{ params.none }}", quorum: 1}, result: 1}}}
          bears: {map: {over: "{{ params.none }}"}, tasks: {one: {needs: [f], result: 1}}}
          last: {needs: [group, fails], result: 1}
        """
    )
    assert runner("plan").out.partition("\n\n")[2] == dedent(
        """\
        1  f        value 1  no items: it is skipped (on_empty: skip)
        1  j        value 1  no items: it fails (on_empty: fail); the run does not fail for it
        1  off      value 1  no items: it is skipped (its `when` gives false); when params.off
        1  group    2 tasks  it is skipped (two inside it is skipped)
           1.1  one  value 1
           1.1  two  1 task   it is skipped (three inside it is skipped)
              1.1.1  three  value 1  it is skipped (needs f, which does not succeed); after f
        2  b        value 1  no items: it is skipped (needs f, which does not succeed); after f
        2  c        value 1  it is skipped (needs f, which does not succeed); after f
        2  always   value 1  no items: it succeeds at once; after f; when always()
        2  k        value 1  no items: it succeeds at once
        2  l        value 1  no items: it fails (on_empty: fail)
        2  follows  value 1  no items: it is skipped (needs off, which does not succeed)
        2  bears    1 task   no items: it succeeds at once
           2.1  one  value 1  it is skipped (needs f, which does not succeed); after f
        3  d        value 1  it is skipped (needs c, which does not succeed); 2 items: 1, 2; after c
        3  good     value 1  no items: it succeeds at once; after always; when success()
        3  fails    1 task   it fails (one inside it fails)
           3.1  one  value 1  no items: it fails (quorum: 1); after k
        4  e        value 1  items (how many depends on tasks.d.results); after d; when always()
        4  last     value 1  it is skipped (needs group, which does not succeed); after group and fails
        """
    )
    plan = json.loads(runner("plan", "--format", "json").out)
    really = {name: task["status"] for name, task in runner.report()["tasks"].items()}
    foreseen = {task["name"]: task["foreseen"]["status"] for task in plan["tasks"] if task["foreseen"]}
    assert foreseen == {
        name: status for name, status in really.items() if name not in ("always", "good", "e")
    }


def test_what_is_sure_not_to_run_is_no_link_of_the_longest_chain(runner: Program) -> None:
    runner.write(
        "tasks: {u: {run: echo}, v: {needs: [u], run: echo}, w: {needs: [v], run: echo}}", "inner.yml"
    )
    runner.write(
        """
        name: links
        params: {none: [], zero: 0}
        tasks:
          empty:
            map: {over: "{{ params.none }}"}
            tasks: {x: {run: echo}, y: {needs: [x], run: echo}, z: {needs: [y], run: echo}}
          off: {when: "false", workflow: inner.yml}
          hindered: {needs: [off], run: echo}
          wrong: {when: "1 / params.zero == 1", workflow: inner.yml}
          first: {run: echo}
          between: {needs: [first], map: {over: "{{ params.none }}"}, run: echo}
          second:
            needs: [between]
            tasks:
              one: {run: echo}
              two: {needs: [one], map: {over: "{{ params.none }}", on_empty: fail}, run: echo}
        """
    )
    assert runner("plan").out.splitlines()[-1] == "longest chain: first → second.one (2 tasks)"
    assert json.loads(runner("plan", "--format", "json").out)["longest_chain"] == ["first", "second.one"]


def test_what_is_without_items_as_things_stand_is_a_link_of_the_longest_chain(runner: Program) -> None:
    runner.write(
        """
        name: links
        tasks:
          make: {run: touch a.txt}
          each: {needs: [make], map: {over: "{{ glob('*.txt') }}"}, run: echo}
        """
    )
    assert runner("plan").out.splitlines()[-1] == "longest chain: make → each (2 tasks)"


def test_a_plan_of_what_never_runs_has_no_longest_chain(runner: Program) -> None:
    runner.write('tasks: {a: {when: "false", run: echo}, b: {needs: [a], when: success(), run: echo}}')
    assert "longest chain" not in runner("plan").out
    assert json.loads(runner("plan", "--format", "json").out)["longest_chain"] == []


def test_a_mapped_group_fails_for_what_fails_in_each_pass_beyond_its_budget(runner: Program) -> None:
    runner.write("{tasks: {c: {map: {over: [], on_empty: fail}, run: echo}}}", "inner.yml")
    runner.write(
        """
        name: passes
        tasks:
          two: {map: {over: [1, 2]}, tasks: {c: {map: {over: [], on_empty: fail}, run: echo}}}
          after: {needs: [two], run: echo}
          file: {map: {over: [1, 2], max_failures: 1}, workflow: inner.yml}
          share: {map: {over: [1, 2], max_failures: 99%}, workflow: inner.yml}
          quorum: {map: {over: [1, 2], quorum: 1}, workflow: inner.yml}
          borne: {map: {over: [1, 2], max_failures: 2}, workflow: inner.yml}
          all: {map: {over: [1, 2], max_failures: 100%}, workflow: inner.yml}
          each: {map: {over: [1, 2]}, when: "item > 2", workflow: inner.yml}
          read: {map: {over: "{{ lines('names.txt') }}"}, workflow: inner.yml}
          ours: {map: {over: [1, 2]}, tasks: {a: {needs: [two], run: echo}}}
        """
    )
    runner.write("a", "names.txt")
    plan = json.loads(runner("plan", "--format", "json").out)
    foreseen = {task["name"]: task["foreseen"] for task in plan["tasks"]}
    fails = {"status": "failed", "because": "c inside it fails"}
    assert foreseen == {
        "two": fails,
        "after": {"status": "skipped", "because": "needs two, which does not succeed"},
        "file": fails,
        "share": fails,
        "quorum": fails,
        "borne": None,
        "all": None,
        "each": None,
        "read": None,
        "ours": {"status": "skipped", "because": "a inside it is skipped"},
    }
    really = {name: task["status"] for name, task in runner.report()["tasks"].items()}
    assert {name for name, status in really.items() if status == "failed"} == {
        *(name for name, fate in foreseen.items() if fate == fails),
        "read",
    }


def test_what_is_read_from_files_may_be_there_when_the_map_starts(runner: Program) -> None:
    runner.write("params: {urls: []}\ntasks: {x: {map: {over: '{{ params.urls }}'}, result: 1}}", "inner.yml")
    runner.write(
        """
        name: files
        tasks:
          make: {run: touch a.txt}
          a: {needs: [make], map: {over: "{{ glob('*.txt') }}", on_empty: skip}, result: 1}
          b: {map: {over: "{{ tasks.a.results }}"}, result: 1}
          c: {needs: [b], result: 1}
          sub: {needs: [make], workflow: inner.yml, with: {urls: "{{ glob('*.txt') }}"}}
          asks: {needs: [make], when: "glob('*.txt') == []", result: 1}
        """
    )
    assert runner("plan").out.partition("\n\n")[2].partition("\n\n")[0] == dedent(
        """\
        1  make  run touch a.txt
        2  a     value 1          as things stand, no items: it is skipped (on_empty: skip); after make
        2  sub   workflow inner   after make
           2.1  x  value 1  as things stand, no items: it succeeds at once
        2  asks  value 1          after make; when glob('*.txt') == []
        3  b     value 1          as things stand, no items: it succeeds at once
        4  c     value 1          after b"""
    )
    assert runner.report()["tasks"]["c"]["status"] == "succeeded"


def test_maps_over_the_file_s_own_env_are_counted(runner: Program) -> None:
    runner.write(
        """
        name: own
        secrets: [TOKEN]
        params: {more: c}
        env: {NAMES: "a b {{ params.more }}"}
        tasks:
          each: {map: {over: "{{ env.NAMES.split() }}"}, result: 1}
          asks: {when: "env.NAMES == 'a b c'", result: 1}
        """
    )
    rows = runner("plan").out.partition("\n\n")[2]
    assert rows == "1  each  value 1  3 items: a, b, c\n1  asks  value 1  when env.NAMES == 'a b c'\n"
    runner.write(
        """
        name: own
        secrets: [TOKEN]
        env: {NAMES: "{{ secrets.TOKEN }}"}
        tasks: {each: {map: {over: "{{ env.NAMES.split() }}"}, result: 1}}
        """
    )
    rows = runner("plan").out.partition("\n\n")[2]
    assert rows == "1  each  value 1  items (how many depends on env.NAMES)\n"


def test_the_retries_that_all_items_share_are_shown(runner: Program) -> None:
    runner.write(
        """
        name: retries
        defaults: {retry: {attempts: 2, budget: 1}}
        tasks:
          plain: {run: echo}
          each: {map: {over: [1, 2]}, run: echo, retry: {attempts: 5, budget: 3}}
          group: {map: {over: [1, 2]}, retry: {attempts: 3, budget: 0}, tasks: {inner: {run: echo}}}
          free: {run: echo, retry: {attempts: 3}}
        """
    )
    assert runner("plan").out.partition("\n\n")[2] == dedent(
        """\
        1  plain  run echo  up to 2 attempts, 1 retry in all
        1  each   run echo  2 items: 1, 2; up to 5 attempts, 3 retries in all
        1  group  1 task    2 items: 1, 2; up to 3 attempts, 0 retries in all
           1.1  inner  run echo  up to 2 attempts, 1 retry in all
        1  free   run echo  up to 3 attempts
        """
    )
    tasks = json.loads(runner("plan", "--format", "json").out)["tasks"]
    assert [(task["attempts"], task["retry_budget"]) for task in tasks] == [(2, 1), (5, 3), (3, 0), (3, None)]


def test_the_timeout_of_a_file_that_a_task_runs_is_shown(runner: Program) -> None:
    runner.write("name: inner\ntimeout: 5m\ntasks: {x: {run: echo}}", "inner.yml")
    runner.write(
        """
        name: outer
        tasks:
          file: {workflow: inner.yml}
          less: {workflow: inner.yml, timeout: 1m}
          more: {workflow: inner.yml, timeout: 1h}
        """
    )
    assert runner("plan").out.partition("\n\n")[2] == dedent(
        """\
        1  file  workflow inner  within 5m
           1.1  x  run echo
        1  less  workflow inner  within 1m
           1.1  x  run echo
        1  more  workflow inner  within 5m
           1.1  x  run echo
        """
    )
    tasks = json.loads(runner("plan", "--format", "json").out)["tasks"]
    assert [task["timeout"] for task in tasks] == [300, 60, 300]


def test_items_that_cannot_be_had_say_why(runner: Program) -> None:
    runner.write(
        """
        params: {sizes: [1, 2]}
        tasks: {zip: {map: {zip: {a: "{{ params.sizes }}", b: [1, 2, 3]}}, run: echo}}
        """
    )
    assert runner("plan").out.splitlines()[-1] == (
        "1  zip  run echo  items (as things stand, none: "
        "`zip` goes through lists of one length: 'a' has 2 elements and 'b' has 3)"
    )


def test_what_is_needed_inside_a_group_comes_before_the_group(runner: Program) -> None:
    runner.write("limits: {m: {concurrency: 1}}\ntasks: {x: {run: echo, limit: m}}", "inner.yml")
    runner.write(
        """
        name: order
        tasks:
          after: {needs: [group], workflow: inner.yml}
          group: {tasks: {x: {needs: [second], run: echo}}}
          second: {needs: [first], run: echo}
          first: {run: echo}
        """
    )
    assert runner("plan").out == dedent(
        """\
        order
        workflow.yml · 4 tasks · limit m: 1 at once

        1  first   run echo
        2  second  run echo        after first
        3  group   1 task
           3.1  x  run echo  after second
        4  after   workflow inner  after group
           4.1  x  run echo  limit m

        longest chain: first → second → group.x → after.x (4 tasks)
        """
    )


waiting_inside = """
    name: inside
    tasks:
      o1: {run: echo}
      o2: {run: echo, needs: o1}
      o3: {run: echo, needs: o2}
      g:
        tasks:
          x: {run: echo}
          y: {run: echo, needs: x}
          z: {run: echo, needs: o3}
          late: {needs: [y], tasks: {last: {run: echo, needs: o2}}}
      after: {needs: [g], workflow: inner.yml}
      all: {tasks: {b: {tasks: {c: {run: echo, needs: o1}}}, d: {run: echo, needs: b}}}
"""


def test_only_what_waits_inside_a_group_comes_after_what_is_needed_there(runner: Program) -> None:
    runner.write("tasks: {one: {run: echo}, two: {needs: one, run: echo}}", "inner.yml")
    runner.write(waiting_inside)
    assert runner("plan").out == dedent(
        """\
        inside
        workflow.yml · 6 tasks

        1  o1     run echo
        1  g      4 tasks
           1.1  x     run echo
           1.1  z     run echo  after o3
           1.2  y     run echo  after x
           1.3  late  1 task    after y
              1.3.1  last  run echo  after o2
        2  o2     run echo        after o1
        2  all    2 tasks
           2.1  b  1 task
              2.1.1  c  run echo  after o1
           2.2  d  run echo  after b
        3  o3     run echo        after o2
        5  after  workflow inner  after g
           5.1  one  run echo
           5.2  two  run echo  after one

        longest chain: o1 → o2 → o3 → g.z → after.one → after.two (6 tasks)
        """
    )
    plan = json.loads(runner("plan", "--format", "json").out)
    assert plan["longest_chain"] == ["o1", "o2", "o3", "g.z", "after.one", "after.two"]
    assert [(task["name"], task["turn"]) for task in plan["tasks"]] == [
        ("o1", 1),
        ("g", 1),
        ("o2", 2),
        ("all", 2),
        ("o3", 3),
        ("after", 5),
    ]


def test_drawings_show_what_waits_inside_a_group_where_it_stands(runner: Program) -> None:
    runner.write("tasks: {one: {run: echo}, two: {needs: one, run: echo}}", "inner.yml")
    runner.write(waiting_inside)
    drawn = runner("plan", "--format", "dot").out.splitlines()
    assert [line.strip().rstrip(";") for line in drawn if "->" in line] == [
        '"o3" -> "g.z"',
        '"g.x" -> "g.y"',
        '"g.y" -> "g.late.last" [lhead="cluster g.late"]',
        '"o2" -> "g.late.last"',
        '"o1" -> "o2"',
        '"o1" -> "all.b.c"',
        '"all.b.c" -> "all.d" [ltail="cluster all.b"]',
        '"o2" -> "o3"',
        '"g.late.last" -> "after.one" [ltail="cluster g", lhead="cluster after"]',
        '"after.one" -> "after.two"',
    ]
    drawn = runner("plan", "--format", "mermaid").out.splitlines()
    names = dict(re.findall(r"(t\d+)\[\"(\w+)\"\]", "\n".join(drawn)))
    arrows = [line.split(" --> ") for line in drawn if "-->" in line]
    assert [(names[tail.strip()], names[head]) for tail, head in arrows] == [
        ("o3", "z"),
        ("x", "y"),
        ("y", "late"),
        ("o2", "last"),
        ("o1", "o2"),
        ("o1", "c"),
        ("b", "d"),
        ("o2", "o3"),
        ("g", "after"),
        ("one", "two"),
    ]


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


def test_maps_of_another_file_are_counted_as_far_as_what_it_is_given_is_known(runner: Program) -> None:
    runner.write(
        """
        name: inner
        params: {n: 1, names: [x], fixed: [1, 2]}
        tasks:
          count: {map: {over: "{{ range(params.n) }}"}, result: 1}
          name: {map: {over: "{{ params.names }}", key: "{{ params.n }}-{{ item }}"}, result: 1}
          fixed: {map: {over: "{{ params.fixed }}"}, result: 1}
          follow: {map: {over: "{{ tasks.count.results }}"}, result: 1}
          all: {map: {over: "{{ params }}"}, result: 1}
          env: {map: {over: "{{ env.NAMES.split() }}"}, result: 1}
        """,
        "inner.yml",
    )
    runner.write(
        """
        name: outer
        params: {w: 3}
        tasks:
          known: {workflow: inner.yml, with: {n: "{{ params.w }}", names: [a, b]}}
          each: {map: {over: [1, 2]}, workflow: inner.yml, with: {n: "{{ item }}"}}
          wrong: {workflow: inner.yml, with: {n: "{{ [params.w | string] | first }}"}}
          deep: {tasks: {sub: {workflow: inner.yml, with: {n: "{{ params.w + 1 }}"}}}}
        """
    )
    assert runner("plan").out.partition("\n\n")[2].partition("\n\n")[0] == dedent(
        """\
        1  known  workflow inner
           1.1  count   value 1  3 items: 0, 1, 2
           1.1  name    value 1  2 items: 3-a, 3-b
           1.1  fixed   value 1  2 items: 1, 2
           1.1  all     value 1  3 items: n, names, fixed
           1.1  env     value 1  items (how many depends on env.NAMES)
           1.2  follow  value 1  3 items, each as soon as its own of count has succeeded
        1  each   workflow inner  2 items: 1, 2
           1.1  count   value 1  items (how many depends on params.n)
           1.1  name    value 1  1 item
           1.1  fixed   value 1  2 items: 1, 2
           1.1  all     value 1  items (how many depends on params)
           1.1  env     value 1  items (how many depends on env.NAMES)
           1.2  follow  value 1  items, each as soon as its own of count has succeeded
        1  wrong  workflow inner
           1.1  count   value 1  items (how many depends on params.n)
           1.1  name    value 1  1 item
           1.1  fixed   value 1  2 items: 1, 2
           1.1  all     value 1  items (how many depends on params)
           1.1  env     value 1  items (how many depends on env.NAMES)
           1.2  follow  value 1  items, each as soon as its own of count has succeeded
        1  deep   1 task
           1.1  sub  workflow inner
              1.1.1  count   value 1  4 items: 0, 1, 2, …
              1.1.1  name    value 1  1 item: 4-x
              1.1.1  fixed   value 1  2 items: 1, 2
              1.1.1  all     value 1  3 items: n, names, fixed
              1.1.1  env     value 1  items (how many depends on env.NAMES)
              1.1.2  follow  value 1  4 items, each as soon as its own of count has succeeded"""
    )


def test_a_level_more_is_a_few_columns_more(runner: Program) -> None:
    body = "{end: {run: echo}}"
    for _ in range(40):
        body = f"{{g: {{tasks: {body}}}}}"
    runner.write(f"name: deep\ntasks: {body}")
    lines = runner("plan").out.splitlines()[3:]
    assert lines[:3] == ["1  g  1 task", "   1.1  g  1 task", "      1.1.1  g  1 task"]
    assert max(map(len, lines[:41])) == 3 * 40 + 2 * 40 + len("1  end  run echo")


def test_ten_thousand_tasks_are_laid_out(runner: Program) -> None:
    tasks = [
        f"  t{number}: {{run: [echo], needs: [{f't{number - 1}' if number else ''}]}}"
        for number in range(10000)
    ]
    runner.write("name: chain\ntasks:\n" + "\n".join(reversed(tasks)))
    lines = runner("plan").out.splitlines()
    assert lines[3].split() == ["1", "t0", "run", "echo"]
    assert lines[-3].split() == ["10000", "t9999", "run", "echo", "after", "t9998"]
    assert lines[-1] == "longest chain: t0 → t1 → t2 → t3 → t4 → t5 → … → t9999 (10,000 tasks)"


def test_how_long_it_would_take_is_told_by_earlier_runs(runner: Program) -> None:
    runner.write("""
        pool: {max_workers: 2}
        tasks:
          first: {run: "sleep 0.5"}
          each: {needs: [first], map: {over: [1, 2, 3, 4]}, run: "sleep 0.5"}
          value: {result: "{{ tasks.each.results }}"}
          new: {when: tasks.first.status == 'failed', run: "sleep 9"}
    """)
    assert "expected" not in runner("plan").out
    assert json.loads(runner("plan", "--format", "json").out)["expected_seconds"] is None
    assert runner("run", "-q").code == 0
    told = re.search(
        r"^expected: about (.*)s, as earlier runs took, 1 task of 3 yet to be timed$",
        runner("plan").out,
        re.M,
    )
    assert told and float(told[1]) >= 1.5
    assert json.loads(runner("plan", "--format", "json").out)["expected_seconds"] >= 1.5


@pytest.mark.parametrize(
    ("limit", "tasks", "least"),
    [
        ("{rate: 2/s}", "{a: {map: {over: [1, 2, 3]}, run: [echo], limit: slow}}", 1.0),
        ("{concurrency: 1}", "{a: {map: {over: [1, 2, 3]}, run: sleep 0.2, limit: slow}}", 0.6),
        ("{concurrency: 2}", "{a: {map: {over: [1, 2, 3]}, run: sleep 0.2, limit: {slow: 2}}}", 0.6),
        ("{concurrency: 1}", "{a: {run: sleep 0.3, limit: slow}, b: {run: sleep 0.3, limit: slow}}", 0.6),
        (
            "{concurrency: 1}",
            "{g: {map: {over: [1, 2]}, tasks: {a: {run: sleep 0.3, limit: slow}}}}",
            0.6,
        ),
    ],
    ids=["a rate", "one at a time", "all units at a time", "two tasks", "inside a group"],
)
def test_how_long_limits_make_it_is_expected_too(
    runner: Program, limit: str, tasks: str, least: float
) -> None:
    runner.write(f"pool: {{max_workers: 8}}\nlimits: {{slow: {limit}}}\ntasks: {tasks}\n")
    assert runner("run", "-q").code == 0
    assert json.loads(runner("plan", "--format", "json").out)["expected_seconds"] >= least


def test_what_a_limit_makes_long_starts_first(runner: Program) -> None:
    runner.write("""
        pool: {max_workers: 1}
        limits: {slow: {rate: 1/s}}
        tasks:
          brief: {run: "echo brief >> log; sleep 0.2"}
          limited: {map: {over: [1, 2]}, run: "echo limited >> log", limit: slow}
    """)
    log = runner.folder / "log"
    runner("run", "-q")
    assert log.read_text().split() == ["brief", "limited", "limited"]
    log.unlink()
    runner("run", "-q")
    assert log.read_text().split() == ["limited", "brief", "limited"]


def test_what_took_longest_before_starts_first(runner: Program) -> None:
    runner.write("""
        pool: {max_workers: 1}
        tasks:
          first: {run: "echo first >> log"}
          second: {needs: [first], run: "echo second >> log"}
          long: {run: "echo long >> log; sleep 0.5"}
    """)
    log = runner.folder / "log"
    runner("run", "-q")
    assert log.read_text().split() == ["first", "second", "long"]
    log.unlink()
    runner("run", "-q")
    assert log.read_text().split() == ["long", "first", "second"]


steering = r"""
name: "evil \e[31m red\nsecond"
description: "clear \e[2J\nall"
params: {p: {type: int, required: true, help: "help \e[31m text"}}
tasks:
  a: {run: "echo \"\e[5m\"; exit 1", when: "'\e[1m' == 'x'"}
outputs: {"o\e[1m\n": "{{ tasks.a.result }}"}
"""


def test_nothing_in_a_file_steers_the_terminal_that_its_plan_is_shown_on(runner: Program) -> None:
    runner.write(steering)
    assert runner("plan", "-p", "p=1").out == (
        "evil \\x1b[31m red second: clear \\x1b[2J all\n"
        "workflow.yml · 1 task\n"
        "params: p=1\n"
        "\n"
        '1  a  run echo "\\x1b[5m"; exit 1  '
        "it is skipped (its `when` gives false); when '\\x1b[1m' == 'x'\n"
        "\n"
        "outputs: o\\x1b[1m\n"
    )
    drawn = runner("plan", "-p", "p=1", "--format", "dot").out
    assert drawn.splitlines()[0] == 'digraph "evil \\\\x1b[31m red second" {'
    drawn = runner("plan", "-p", "p=1", "--format", "mermaid").out
    assert drawn.splitlines()[1] == 'title: "evil \\\\x1b[31m red second"'


def test_nothing_in_a_file_steers_the_terminal_that_its_params_or_its_runs_are_told_on(
    runner: Program,
) -> None:
    runner.write(steering)
    ended = runner("plan")
    assert ended.err == "error: the param 'p' is required: -p p=VALUE\n  = p: help \\x1b[31m text\n"
    assert runner("run", "-p", "p=1", "-q").code == 0
    heading, line = runner("runs").out.splitlines()
    assert "  succeeded  evil \\x1b[31m red second  " in line
    assert heading.index("STARTED") == line.index("20", line.index("second"))
