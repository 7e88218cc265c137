"""Why something did not run, or does not count: in the words of the file, in every report."""

from __future__ import annotations

import json

import pytest
from program import Program, steady

everything = """\
tasks:
  bad: {map: {over: [1, 2, 3]}, run: "test {{ item }} -lt 3"}
  follows: {map: {over: "{{ tasks.bad.results }}"}, run: echo}
  race: {map: {over: [1, 2, 3], max_parallel: 1, quorum: 1}, run: echo}
  stops: {map: {over: [1, 2, 3], max_parallel: 1, fail_fast: true}, run: exit 1}
  asked: {map: {over: [1, 2, 3]}, when: item > 2, run: echo}
  budget: {map: {over: [1, 2, 3], max_failures: 50%}, run: "test {{ item }} -lt 3"}
  lint: {allow_failure: true, run: exit 3}
  again: {run: exit 4, retry: {attempts: 3, budget: 1}}
  needs: {needs: [bad], run: echo}
  through: {needs: [needs], run: echo}
  success: {needs: [bad], when: success(), run: echo}
  both: {needs: [bad], when: success() and params.on, run: echo}
  off: {when: params.on, run: echo}
  group:
    map: {over: [1, 2, 3]}
    tasks:
      part: {run: "test {{ item }} -ne 2", allow_failure: true}
      last: {when: tasks.part.status == 'succeeded', run: echo}
      never: {needs: [bad], run: echo}
params: {on: false}
"""


@pytest.fixture
def run(runner: Program) -> Program:
    runner.write(everything)
    assert runner("run").code == 1
    return runner


def test_the_text_says_why_beside_every_task(run: Program) -> None:
    told = steady(run("report").out)
    assert (
        told[told.index("failed  bad") :]
        == """\
failed  bad  TIME  2 of 3 items succeeded, 1 failed
skipped  follows  TIME  2 of 3 items succeeded, 1 skipped; needs bad, which failed at workflow.yml:2
succeeded  race  TIME  1 of 3 items succeeded, 2 cancelled; quorum: 1 is reached
failed  stops  TIME  0 of 3 items succeeded, 1 failed, 2 cancelled; fail_fast: stops[1] failed
succeeded  asked  TIME  1 of 3 items succeeded, 2 skipped; when: item > 2
succeeded  budget  TIME  2 of 3 items succeeded, 1 failed; tolerated by max_failures: 50%
failed  lint  TIME  tolerated by allow_failure
failed  again  TIME  not tried again: the retry budget of 1 is used up
skipped  needs  needs bad, which failed at workflow.yml:2
skipped  through  needs needs, which was skipped: bad failed at workflow.yml:2
skipped  success  needs bad, which failed at workflow.yml:2
skipped  both  when: success() and params.on; needs bad, which failed at workflow.yml:2
skipped  off  when: params.on
skipped  group  TIME  0 of 3 items succeeded, 3 skipped; needs bad, which failed at workflow.yml:2
failed  part  2 succeeded, 1 failed; tolerated by allow_failure
skipped  last  2 succeeded, 1 skipped; when: tasks.part.status == 'succeeded'
skipped  never  3 skipped; needs bad, which failed at workflow.yml:2

3 failed, 1 failed (tolerated), 7 skipped, 3 succeeded in TIME
"""
    )


def test_however_long_a_chain_of_skips_is_each_names_what_is_at_its_root(runner: Program) -> None:
    runner.write(
        """\
        params: {on: false}
        tasks:
          off: {when: params.on, run: echo}
          off_1: {needs: [off], run: echo}
          off_2: {needs: [off_1], run: echo}
          off_3: {needs: [off_2], when: success() and not params.on, run: echo}
          off_4: {needs: [off_3], run: echo}
          none: {map: {over: [], on_empty: skip}, run: echo}
          none_1: {needs: [none], run: echo}
          none_2: {needs: [none_1], run: echo}
          bad: {run: exit 1}
          bad_1: {needs: [bad], run: echo}
          group: {needs: [bad_1], tasks: {inner: {run: echo}}}
          after: {needs: [group], run: echo}
          some: {map: {over: [a, b]}, when: item == 'a', run: echo x}
          some_1: {map: {over: "{{ tasks.some.results }}"}, run: echo x}
          some_2: {map: {over: "{{ tasks.some_1.results }}"}, run: echo x}
          some_3: {map: {over: "{{ tasks.some_2.results }}"}, run: echo x}
        """
    )
    tasks = runner.report()["tasks"]
    assert {name: task["reason"] for name, task in tasks.items() if task["status"] == "skipped"} == {
        "off": "when: params.on",
        "off_1": "needs off, which was skipped: when: params.on",
        "off_2": "needs off_1, which was skipped: off has when: params.on",
        "off_3": "when: success() and not params.on; needs off_2, which was skipped: off has when: params.on",
        "off_4": "needs off_3, which was skipped: off has when: params.on",
        "none": "its map has no items (on_empty: skip)",
        "none_1": "needs none, which was skipped: its map has no items (on_empty: skip)",
        "none_2": "needs none_1, which was skipped: none has no items (on_empty: skip)",
        "bad_1": "needs bad, which failed at workflow.yml:11",
        "group": "needs bad_1, which was skipped: bad failed at workflow.yml:11",
        "after": "needs group, which was skipped: bad failed at workflow.yml:11",
    }
    assert [tasks[name]["items"][1]["reason"] for name in ("some", "some_1", "some_2", "some_3")] == [
        "when: item == 'a'",
        "needs some[b], which was skipped: when: item == 'a'",
        "needs some_1[b], which was skipped: some[b] has when: item == 'a'",
        "needs some_2[b], which was skipped: some[b] has when: item == 'a'",
    ]


def test_the_failure_says_why_it_was_not_tried_again(run: Program) -> None:
    told = run("report").out
    assert (
        "workflow.yml:9:3: again failed after 2 attempts: exit code 4 [exit]\n"
        "    not tried again: the retry budget of 1 is used up\n"
        "    $ exit 4\n"
    ) in told


def test_markdown_says_the_same(run: Program) -> None:
    text = {line.split()[1]: line for line in steady(run("report").out).splitlines() if "  " in line}
    rows = [line.split(" | ") for line in run("report", "--format", "markdown").out.splitlines()]
    notes = {row[1].strip("· `"): row[3].strip("| ") for row in rows if len(row) == 4}
    for name in ("follows", "race", "lint", "both", "part", "never"):
        plain = notes[name].replace("\\", "").replace("&gt;", ">")
        assert plain and text[name].endswith(plain)


def test_json_says_why_for_every_task_and_item(run: Program) -> None:
    tasks = json.loads(run("report", "--format", "json").out)["tasks"]
    needs = "needs bad, which failed at workflow.yml:2"
    assert {name: task["reason"] for name, task in tasks.items() if task["status"] == "skipped"} == {
        "follows": needs,
        "needs": needs,
        "through": "needs needs, which was skipped: bad failed at workflow.yml:2",
        "success": needs,
        "both": f"when: success() and params.on; {needs}",
        "off": "when: params.on",
        "group": needs,
    }
    assert tasks["follows"]["items"][2]["reason"] == "needs bad[3], which failed at workflow.yml:2"
    assert [item["reason"] for item in tasks["race"]["items"]] == [None, *["quorum: 1 is reached"] * 2]
    assert [item["reason"] for item in tasks["stops"]["items"]] == [
        None,
        *["fail_fast: stops[1] failed"] * 2,
    ]
    inside = tasks["group"]["items"][1]["tasks"]
    assert inside["part"]["reason"] == "tolerated by allow_failure"
    assert inside["last"]["reason"] == "when: tasks.part.status == 'succeeded'"
    assert inside["never"]["reason"] == needs


tree = """\
tasks:
  g:
    map: {over: [p, q], as: o}
    tasks:
      m:
        map: {over: [1, 2], max_failures: 1}
        tasks:
          x: {run: "test {{ item }} != 2"}
          never: {when: "o == 'zz'", run: echo}
      fine: {run: "true"}
      late: {needs: [m], run: exit 1}
  h: {map: {over: [1, 2, 3], max_failures: 1}, when: item != 3, run: "test {{ item }} != 1"}
  race: {map: {over: [1, 2, 3], quorum: 1, max_parallel: 1}, when: item != 1, run: echo}
  lint: {allow_failure: true, tasks: {part: {run: exit 3}}}
"""


def test_what_is_inside_stands_under_what_it_is_inside_of_in_the_order_of_the_file(runner: Program) -> None:
    runner.write(tree)
    told = steady(runner("run").out)
    assert (
        told[told.index("failed  g") :]
        == """\
failed  g  TIME  0 of 2 items succeeded, 2 failed
succeeded  m  2 succeeded; 2 of 4 items succeeded, 2 failed; tolerated by max_failures: 1
failed  x  2 succeeded, 2 failed; tolerated by max_failures: 1 of g.m
skipped  never  4 skipped; when: o == 'zz'
failed  late  2 failed
succeeded  h  TIME  1 of 3 items succeeded, 1 failed, 1 skipped; tolerated by max_failures: 1; when: item != 3
succeeded  race  TIME  1 of 3 items succeeded, 1 skipped, 1 cancelled; \
quorum: 1 is reached; when: item != 1 (1)
failed  lint  TIME  tolerated by allow_failure
failed  part  TIME  tolerated by allow_failure of lint

1 failed, 1 failed (tolerated), 2 succeeded in TIME
"""
    )
    rows = [
        line
        for line in runner("report", "--format", "markdown").out.splitlines()
        if line.startswith("| ") and "`" in line
    ]
    assert [row.split("`")[:2] for row in rows[:6]] == [
        ["| failed | ", "g"],
        ["| succeeded | · ", "m"],
        ["| failed | · · ", "x"],
        ["| skipped | · · ", "never"],
        ["| failed | · ", "late"],
        ["| succeeded | ", "h"],
    ]


def test_a_failure_that_does_not_count_says_why(runner: Program) -> None:
    runner.write(tree)
    told = runner("run").out
    assert (
        "workflow.yml:8:11: g[p].m[2].x failed (tolerated by max_failures: 1 of g[p].m): exit code 1" in told
    )
    assert "workflow.yml:12:3: h[1] failed (tolerated by max_failures: 1): exit code 1" in told
    assert "workflow.yml:14:39: lint.part failed (tolerated by allow_failure of lint): exit code 3" in told
    assert "\n### `g[p].m[2].x` (tolerated by max\\_failures: 1 of g\\[p\\].m)\n" in (
        runner("report", "--format", "markdown").out
    )
    tasks = json.loads(runner("report", "--format", "json").out)["tasks"]
    item = tasks["g"]["items"][0]["tasks"]["m"]["items"][1]
    assert (item["marks"], item["reason"]) == (["tolerated"], "tolerated by max_failures: 1")
    inner = item["tasks"]["x"]
    assert (inner["marks"], inner["reason"]) == (["tolerated"], "tolerated by max_failures: 1 of g[p].m")
    part = tasks["lint"]["tasks"]["part"]
    assert (part["marks"], part["reason"]) == (["tolerated"], "tolerated by allow_failure of lint")


def test_what_failed_inside_a_mapped_group_says_what_around_it_tolerates_that(runner: Program) -> None:
    runner.write(
        """\
        tasks:
          g:
            map: {over: "{{ range(20) }}", max_failures: 50%}
            tasks:
              b: {result: "{{ 1 // (item % 4) }}"}
              own: {allow_failure: true, result: "{{ 1 // (item * 0) }}"}
              in: {tasks: {deep: {needs: [b], result: "{{ 1 // (item % 5) }}"}}}
          race: {map: {over: [0, 1], quorum: 1, max_parallel: 1}, tasks: {c: {result: "{{ 1 // item }}"}}}
          soft:
            allow_failure: true
            tasks: {all: {map: {over: [1, 2]}, tasks: {d: {result: "{{ 1 // (item * 0) }}"}}}}
          some:
            map: {over: [0, 1], as: n, max_failures: 1}
            tasks:
              part: {map: {over: [0, 0, 1], max_failures: 2}, tasks: {e: {result: "{{ 1 // (item + n) }}"}}}
              half: {map: {over: [0, 0, 1], max_failures: 1}, tasks: {f: {result: "{{ 1 // (item + n) }}"}}}
          hard:
            map: {over: [0, 1], as: n}
            tasks:
              m: {map: {over: [0, 1, -1], max_failures: 1}, tasks: {x: {result: "{{ 1 // (item * n) }}"}}}
        """
    )
    told = steady(runner("run").out)
    assert (
        told[told.index("succeeded  g") :]
        == """\
succeeded  g  TIME  12 of 20 items succeeded, 8 failed; tolerated by max_failures: 50%
failed  b  15 succeeded, 5 failed; tolerated by max_failures: 50% of g
failed  own  20 failed; tolerated by allow_failure
failed  in  12 succeeded, 3 failed, 5 skipped; needs b, which failed at workflow.yml:5; \
tolerated by max_failures: 50% of g
failed  deep  12 succeeded, 3 failed, 5 skipped; needs b, which failed at workflow.yml:5; \
tolerated by max_failures: 50% of g
succeeded  race  TIME  1 of 2 items succeeded, 1 failed; quorum: 1 is reached
failed  c  1 succeeded, 1 failed; tolerated by quorum: 1 of race
failed  soft  TIME  tolerated by allow_failure
failed  all  TIME  0 of 2 items succeeded, 2 failed; tolerated by allow_failure of soft
failed  d  2 failed; tolerated by allow_failure of soft
succeeded  some  TIME  1 of 2 items succeeded, 1 failed; tolerated by max_failures: 1
succeeded  part  2 succeeded; 4 of 6 items succeeded, 2 failed; tolerated by max_failures: 2
failed  e  4 succeeded, 2 failed; tolerated by max_failures: 2 of some.part
failed  half  1 succeeded, 1 failed; tolerated by max_failures: 1 of some; 4 of 6 items succeeded, 2 failed
failed  f  4 succeeded, 2 failed; tolerated by max_failures: 1 of some
failed  hard  TIME  1 of 2 items succeeded, 1 failed
failed  m  1 succeeded, 1 failed; 2 of 6 items succeeded, 4 failed; tolerated by max_failures: 1 (1)
failed  x  2 succeeded, 4 failed; tolerated by max_failures: 1 of hard.m (1)

1 failed, 1 failed (tolerated), 3 succeeded in TIME
"""
    )
    rows = [row.split(" | ") for row in runner("report", "--format", "markdown").out.splitlines()]
    notes = {row[1].strip("· `"): row[3].strip("| ").replace("\\", "") for row in rows if len(row) == 4}
    assert {name: notes[name] for name in ("b", "deep", "c", "d", "f", "x")} == {
        "b": "15 succeeded, 5 failed; tolerated by max_failures: 50% of g",
        "deep": "12 succeeded, 3 failed, 5 skipped; needs b, which failed at workflow.yml:5; "
        "tolerated by max_failures: 50% of g",
        "c": "1 succeeded, 1 failed; tolerated by quorum: 1 of race",
        "d": "2 failed; tolerated by allow_failure of soft",
        "f": "4 succeeded, 2 failed; tolerated by max_failures: 1 of some",
        "x": "2 succeeded, 4 failed; tolerated by max_failures: 1 of hard.m (1)",
    }


def test_a_cause_that_many_items_have_in_common_is_told_once(runner: Program) -> None:
    runner.write(
        """\
        tasks:
          k: {map: {over: "{{ range(3000) }}", max_failures: 100%}, result: "{{ [1][[item, 1] | min] }}"}
          l: {map: {over: "{{ tasks.k.results }}"}, result: "{{ item }}"}
          m: {map: {over: "{{ tasks.l.results }}"}, result: "{{ item }}"}
          off: {map: {over: [[], [], [], [4]]}, when: "item != []", run: echo}
          on: {map: {over: "{{ tasks.off.results }}"}, run: echo}
          slow:
            map: {over: [a, b, c], max_failures: 3}
            timeout: 100ms
            tasks: {sleeps: {run: sleep 60}}
        """
    )
    told = steady(runner("run").out)
    assert (
        told[told.index("succeeded  l") :]
        == """\
succeeded  l  TIME  1 of 3000 items succeeded, 2999 skipped; \
2999 need their item of k, which failed at workflow.yml:2
succeeded  m  TIME  1 of 3000 items succeeded, 2999 skipped; \
2999 need their item of l, which was skipped: k failed at workflow.yml:2
succeeded  off  TIME  1 of 4 items succeeded, 3 skipped; when: item != []
succeeded  on  TIME  1 of 4 items succeeded, 3 skipped; \
3 need their item of off, which was skipped: when: item != []
succeeded  slow  TIME  0 of 3 items succeeded, 3 failed; tolerated by max_failures: 3
cancelled  sleeps  3 cancelled; slow took longer than its timeout of TIME at workflow.yml:9

6 succeeded in TIME
"""
    )
    items = json.loads(runner("report", "--format", "json").out)["tasks"]["m"]["items"]
    assert items[7]["reason"] == "needs l[7], which was skipped: k[7] failed at workflow.yml:2"


def test_of_a_map_inside_a_map_the_items_of_all_passes_are_told_together(runner: Program) -> None:
    runner.write(
        """\
        tasks:
          g:
            map: {over: [a, b]}
            tasks:
              k: {map: {over: [1, 2, 3]}, when: item > 1, run: echo}
              l: {map: {over: "{{ tasks.k.results }}"}, run: echo}
              q: {map: {over: [1, 2, 3], quorum: 1, max_parallel: 1}, run: echo}
              n: {map: {over: [1, 2, 3]}, run: echo}
        """
    )
    told = steady(runner("run").out)
    assert (
        told[told.index("succeeded  g") :]
        == """\
succeeded  g  TIME  2 items
succeeded  k  2 succeeded; 4 of 6 items succeeded, 2 skipped; when: item > 1
succeeded  l  2 succeeded; 4 of 6 items succeeded, 2 skipped; \
2 need their item of g.k, which was skipped: when: item > 1
succeeded  q  2 succeeded; quorum: 1 is reached; 2 of 6 items succeeded, 4 cancelled

1 succeeded in TIME
"""
    )


def test_a_pass_that_was_followed_by_another_does_not_count_nor_what_is_inside_it(runner: Program) -> None:
    runner.write(
        """\
        tasks:
          g:
            map: {over: [a, b]}
            retry: {attempts: 2}
            tasks:
              m: {map: {over: [1, 2]}, tasks: {x: {when: "item == 1", run: echo}}}
              bad: {needs: [m], run: exit 1}
        """
    )
    told = steady(runner("run").out)
    assert (
        told[told.index("failed  g  ") :]
        == """\
failed  g  TIME  0 of 2 items succeeded, 2 failed
succeeded  m  2 succeeded
skipped  x  2 succeeded, 2 skipped; when: item == 1
failed  bad  2 failed

1 failed in TIME
"""
    )


def test_a_map_whose_passes_lack_something_from_outside_holds_up_what_needs_it(runner: Program) -> None:
    runner.write(
        """
        name: ship
        tasks:
          build: {run: exit 3}
          test:
            map: {over: [x, y], as: n}
            tasks:
              t: {run: "echo {{ n }} {{ tasks.build.result }}"}
          publish: {needs: [test], run: echo published}
          tidy: {needs: [test], when: failure(), run: echo tidied}
        """
    )
    needs = "needs build, which failed at workflow.yml:4"
    assert steady(runner("run", "-q").out).split("\n\n", 2)[2] == (
        "failed  build  TIME\n"
        f"skipped  test  TIME  0 of 2 items succeeded, 2 skipped; {needs}\n"
        f"skipped  t  2 skipped; {needs}\n"
        "skipped  publish  needs test, which was skipped: build failed at workflow.yml:4\n"
        "succeeded  tidy  TIME\n\n"
        "1 failed, 2 skipped, 1 succeeded in TIME\n"
    )
