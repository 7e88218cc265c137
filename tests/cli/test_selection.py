"""`--only` and `--skip`: what was asked for and what it needs runs, all else is not selected."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from program import Program

gallery = """
    params: {names: [cat.jpg, dog.jpg, owl.jpg]}
    tasks:
      base: {run: echo base}
      fetch:
        map: {over: "{{ params.names }}"}
        run: echo {{ item }} {{ tasks.base.result }}
      shrink: {map: {over: "{{ tasks.fetch.results }}", as: picture}, run: "echo {{ picture }}"}
      count: {result: "{{ tasks.shrink.results | length }}"}
      side: {run: echo side}
      country:
        map: {over: [fr, de], as: code}
        tasks:
          ask: {run: "echo {{ code }} {{ tasks.side.result }}"}
          parse: {map: {over: [1, 2, 3]}, run: "echo {{ item }} {{ tasks.ask.result }}"}
          load: {run: "echo {{ tasks.parse.results }}"}
          clean: {when: always(), run: echo clean}
        result: "{{ tasks.load.result | upper }}"
      plain: {tasks: {first: {run: echo 1}, second: {run: echo 2}}}
      late: {map: {over: "{{ tasks.base.result.split('a') }}"}, run: "echo {{ item }}"}
      notify: {when: always(), run: "echo {{ run.status }}"}
"""


@pytest.fixture
def run(runner: Program) -> Program:
    runner.write(gallery)
    return runner


def what_ran(tasks: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The addresses of all that ran; what did not is skipped because it was not selected."""
    for name, task in tasks.items():
        if "items" in task:
            for item in task["items"]:
                address = f"{prefix}{name}[{item['key']}]"
                yield from one(address, item)
        else:
            yield from one(prefix + name, task)


def one(address: str, record: Mapping[str, Any]) -> Iterator[str]:
    if record["status"] == "succeeded":
        yield address
        yield from what_ran(record.get("tasks", {}), f"{address}.")
    else:
        assert (record["status"], record["reason"]) == ("skipped", "not selected")


@pytest.mark.parametrize(
    ("only", "ran"),
    [
        (["fetch[dog.jpg]"], "base fetch[dog.jpg]"),
        (["shrink[dog.jpg]"], "base fetch[dog.jpg] shrink[dog.jpg]"),
        (["shrink[dog.jpg]", "fetch[owl.jpg]"], "base fetch[dog.jpg] fetch[owl.jpg] shrink[dog.jpg]"),
        (
            ["count", "fetch[dog.jpg]"],
            "base fetch[cat.jpg] fetch[dog.jpg] fetch[owl.jpg] shrink[cat.jpg] shrink[dog.jpg]"
            " shrink[owl.jpg] count",
        ),
        (["late[b]"], "base late[b]"),
        (
            ["country[fr].parse[2]"],
            "side country[fr] country[fr].ask country[fr].parse[2]",
        ),
        (
            ["country[fr].parse[2]", "country.clean", "country[de].ask"],
            "side country[fr] country[fr].ask country[fr].parse[2] country[fr].clean"
            " country[de] country[de].ask country[de].clean",
        ),
        (
            ["country[fr]", "country.ask"],
            "side country[fr] country[fr].ask country[fr].parse[1] country[fr].parse[2] country[fr].parse[3]"
            " country[fr].load country[fr].clean country[de] country[de].ask",
        ),
        (["plain.second"], "plain plain.second"),
        (["plain"], "plain plain.first plain.second"),
        (["notify"], "notify"),
    ],
)
@pytest.mark.parametrize("executor", ["thread", "inline"])
def test_only_runs_what_is_asked_for_and_what_it_needs(
    run: Program, only: list[str], ran: str, executor: str
) -> None:
    words = [word for address in only for word in ("--only", address)]
    report = run.report(*words, "--executor", executor)
    assert list(what_ran(report["tasks"])) == ran.split()
    assert report["run"]["status"] == "succeeded"


def test_what_does_not_run_whole_gives_no_result(run: Program) -> None:
    country = run.report("--only", "country[fr].ask", "--only", "country[de]")["tasks"]["country"]
    assert country["results"] == [None, "1 DE SIDE 2 DE SIDE 3 DE SIDE"]


def test_skip_leaves_a_task_out_and_what_needs_it_is_skipped(run: Program) -> None:
    tasks = run.report("--skip", "base", "--skip", "notify")["tasks"]
    assert tasks["base"]["reason"] == tasks["notify"]["reason"] == "not selected"
    assert tasks["fetch"]["reason"] == "needs base, which was not selected"
    assert tasks["country"]["status"] == "succeeded"


def test_status_functions_do_not_see_what_is_not_selected(runner: Program) -> None:
    runner.write(
        """
        tasks:
          bad: {run: exit 1}
          good: {run: echo}
          group: {tasks: {bad: {run: exit 1}, good: {run: echo}, told: {when: success(), run: echo}}}
          told: {when: failure(), run: echo}
        """
    )
    chosen = ["good", "group.good", "group.told", "told"]
    tasks = runner.report(*(word for address in chosen for word in ("--only", address)))["tasks"]
    assert tasks["told"]["reason"] == "when: failure()"
    assert tasks["group"]["tasks"]["told"]["status"] == "succeeded"


def test_every_address_that_names_nothing_is_told_and_nothing_runs(run: Program) -> None:
    wrong = [
        "fetsh",
        "fetch[ct.jpg]",
        "country[es]",
        "country[fr].prase",
        "side.x",
        "side[1]",
        "fetch[",
    ]
    ended = run("run", *(word for address in wrong for word in ("--only", address)), "--skip", "fetch[a]")
    assert ended.err == (
        "error: --only fetsh: there is no task 'fetsh'\n"
        "  = did you mean 'fetch'?\n"
        "error: --only fetch[ct.jpg]: fetch has no item 'ct.jpg'\n"
        "  = did you mean 'cat.jpg'?\n"
        "error: --only country[es]: country has no item 'es'\n"
        "  = it has fr, de\n"
        "error: --only country[fr].prase: there is no task 'country[fr].prase'\n"
        "  = did you mean 'parse'?\n"
        "error: --only side.x: there is no task 'side.x'\n"
        "  = side has no tasks inside\n"
        "error: --only side[1]: side is no map: it has no items\n"
        "  = --only side\n"
        "error: --only fetch[: this is no address of a task\n"
        "  = write it as in fetch, fetch[cat.jpg] or country[fr].parse\n"
        "error: --skip fetch[a]: only a whole task of the file can be named\n"
        "  = --skip fetch\n"
    )
    assert (ended.code, ended.out) == (2, "")
    assert not list(run.folder.glob(".runner/runs/*"))


def test_a_key_that_only_the_run_can_know_fails_the_map_that_lacks_it(run: Program) -> None:
    late = run.report("--only", "late[x]", "--only", "late[b]")["tasks"]["late"]
    assert (late["error"]["kind"], late["error"]["message"]) == (
        "items",
        "it has no item 'x', though `late[x]` is asked for: it has b, se",
    )
    assert [item["status"] for item in late["items"]] == ["succeeded", "skipped"]


numbers = """
    params: {names: [a, b]}
    tasks:
      each: {map: {over: "{{ params.names }}", max_failures: 1}, run: "test {{ item }} = a"}
      next: {map: {over: "{{ tasks.each.results }}"}, run: echo}
      list: {result: [1, 2, 3]}
      late: {map: {over: "{{ tasks.list.result }}", quorum: 2}, run: echo}
      after: {map: {over: "{{ tasks.late.results }}"}, run: echo}
      group:
        map: {over: [1, 2, 3], max_failures: 3}
        allow_failure: true
        tasks:
          count: {map: {over: "{{ range(item) }}", on_empty: fail}, allow_failure: true, run: echo}
          again: {map: {over: "{{ tasks.count.results }}"}, run: echo}
          fixed: {map: {over: "{{ params.names }}"}, run: echo}
      file: {workflow: inner.yml, with: {n: 2}}
"""


@pytest.fixture
def numbered(runner: Program) -> Program:
    runner.write(numbers)
    runner.write('params: {n: 1}\ntasks: {m: {map: {over: "{{ range(params.n) }}"}, run: echo}}', "inner.yml")
    return runner


def test_keys_that_can_be_known_are_known_before_the_run(numbered: Program) -> None:
    wrong = ["next[c]", "group[1].fixed[c]", "group.fixed[c]", "file.m[2]"]
    ended = numbered("run", *(word for address in wrong for word in ("--only", address)))
    assert ended.err == (
        "error: --only next[c]: next has no item 'c'\n"
        "  = it has a, b\n"
        "error: --only group[1].fixed[c]: fixed has no item 'c'\n"
        "  = it has a, b\n"
        "error: --only group.fixed[c]: fixed has no item 'c'\n"
        "  = it has a, b\n"
        "error: --only file.m[2]: m has no item '2'\n"
        "  = it has 0, 1\n"
    )
    assert (ended.code, ended.out) == (2, "")


@pytest.mark.parametrize(
    ("only", "place", "message"),
    [
        (
            "group[2].count[7]",
            "group[2].count",
            "it has no item '7', though `group[2].count[7]` is asked for: it has 0, 1",
        ),
        (
            "group[2].again[7]",
            "group[2].again",
            "it has no item '7', though `group[2].again[7]` is asked for: it has 0, 1",
        ),
        (
            "group.count[7]",
            "group",
            "no item of it has what is asked for as `group.count[7]`: group[1].count has 0",
        ),
        ("after[9]", "after", "it has no item '9', though `after[9]` is asked for: it has 1, 2, 3"),
    ],
)
def test_an_item_that_was_asked_for_and_is_not_there_fails_the_run_whatever_may_fail(
    numbered: Program, only: str, place: str, message: str
) -> None:
    ended = numbered("run", "--only", only)
    assert ended.code == 1
    assert f" {place} failed: {message} [items]\n" in ended.out


@pytest.mark.parametrize("name", ["count", "again"])
def test_of_the_passes_through_a_group_those_that_lack_the_item_have_nothing_to_do(
    numbered: Program, name: str
) -> None:
    ended = numbered("run", "--only", f"group.{name}[1]", "--format", "json")
    group = json.loads(ended.out)["tasks"]["group"]
    assert (ended.code, group["status"], group["reason"]) == (0, "succeeded", None)
    statuses = [[item["status"] for item in each["tasks"][name].get("items", ())] for each in group["items"]]
    assert statuses == [["skipped"], ["skipped", "succeeded"], ["skipped", "succeeded", "skipped"]]


def test_an_item_whose_source_failed_is_not_said_to_be_missing(numbered: Program) -> None:
    ended = numbered("run", "--only", "next[b]", "--format", "json")
    tasks = json.loads(ended.out)["tasks"]
    assert (ended.code, tasks["next"]["status"]) == (0, "succeeded")
    assert tasks["next"]["items"][1]["reason"] == "needs each[b], which failed at workflow.yml:4"


@pytest.mark.parametrize("address", ["country[zz]", "country[zz].parse", "country[zz].parse[1]"])
def test_a_key_that_only_the_run_could_know_fails_the_map_that_lacks_it(
    runner: Program, address: str
) -> None:
    runner.write(
        """
        tasks:
          known: {result: [fr, jp]}
          country:
            map: {over: "{{ tasks.known.result }}"}
            tasks: {parse: {map: {over: [1, 2]}, run: "echo {{ item }}"}}
        """
    )
    ended = runner("run", "-q", "--only", address)
    asked = f"it has no item 'zz', though `{address}` is asked for: it has fr, jp"
    assert (ended.code, ended.out.splitlines()[2]) == (
        1,
        f"workflow.yml:4:3: country failed: {asked} [items]",
    )


@pytest.mark.parametrize(
    ("only", "outputs"),
    [
        ("side", {"cat": None, "second": None, "passed": None, "first": None}),
        ("fetch[cat]", {"cat": "cat", "second": None, "passed": None, "first": None}),
        ("g[1]", {"cat": None, "second": None, "passed": "hi", "first": None}),
        ("g[1].b", {"cat": None, "second": None, "passed": None, "first": None}),
        ("plain.first", {"cat": None, "second": None, "passed": None, "first": None}),
    ],
)
def test_an_output_of_what_was_not_selected_is_none(
    runner: Program, only: str, outputs: dict[str, Any]
) -> None:
    runner.write(
        """
        tasks:
          fetch: {map: {over: [cat, dog]}, run: "echo {{ item }}", result: {said: "{{ result }}"}}
          g: {map: {over: [1, 2]}, tasks: {a: {run: echo}, b: {run: echo hi}}}
          plain: {tasks: {first: {run: echo 1}, second: {run: echo 2}}}
          side: {run: echo}
        outputs:
          cat: "{{ tasks.fetch.by_key['cat'].result.said }}"
          second: "{{ tasks.fetch.items[1].result.said }}"
          passed: "{{ tasks.g.items[0].result.b }}"
          first: "{{ tasks.plain.result.first }}"
        """
    )
    report = runner.report("--only", only)
    assert (report["run"]["exit_code"], report["problems"]) == (0, [])
    assert report["outputs"] == outputs


lowered = """
    tasks:
      q: {map: {over: [a, b, c, d], max_parallel: 1, fail_fast: FAST, quorum: 2}, run: "test {{ item }} != a"}
"""


def test_a_quorum_of_more_than_was_asked_for_is_told_as_the_file_has_it(runner: Program) -> None:
    runner.write(lowered.replace("FAST", "false"))
    fewer = "quorum: 2, lowered to the 1 asked for"
    reached = runner.report("--only", "q[c]")["tasks"]["q"]
    assert (reached["status"], reached["reason"]) == ("succeeded", f"{fewer}, is reached")
    failed = runner.report("--only", "q[a]")["tasks"]["q"]["error"]["message"]
    assert failed == f"0 of 4 items succeeded ({fewer})"
    enough = runner.report("--only", "q[b]", "--only", "q[c]", "--only", "q[d]")["tasks"]["q"]
    assert [item["reason"] for item in enough["items"]] == [
        "not selected",
        None,
        None,
        "quorum: 2 is reached",
    ]
    assert enough["reason"] == "quorum: 2 is reached"


def test_a_quorum_that_was_lowered_and_cannot_be_reached_is_told_so(runner: Program) -> None:
    runner.write(lowered.replace("quorum: 2", "quorum: 3").replace("FAST", "true").replace("!= a", "!= c"))
    items = runner.report("--only", "q[c]", "--only", "q[d]")["tasks"]["q"]["items"]
    told = "fail_fast: quorum: 3, lowered to the 2 asked for, cannot be reached any more"
    assert [item["reason"] for item in items] == ["not selected", "not selected", None, told]
