"""What a run tells of how its tasks ended."""

from __future__ import annotations

import json

import pytest
from program import Program


def test_a_source_that_never_gives_anything_keeps_nothing_else_waiting_and_can_be_stopped(
    runner: Program,
) -> None:
    runner.write(
        """
        tasks:
          never: {map: {over: "{{ range(10**12) | select('lt', 0) }}"}, run: exit 1}
          value: {map: {over: "{{ range(10**12) | select('lt', 0) }}"}, result: 1}
          other: {map: {over: "{{ range(50) }}"}, run: "echo {{ item }}"}
          stop: {needs: [other], run: kill -INT $PPID}
        """
    )
    tasks = runner.report()["tasks"]
    assert tasks["other"]["status"] == tasks["stop"]["status"] == "succeeded"
    for name in ("never", "value"):
        assert (tasks[name]["status"], tasks[name]["reason"]) == ("cancelled", "stopped by SIGINT")


def test_what_failed_in_a_pass_that_was_tried_again_is_no_failure_of_the_run(runner: Program) -> None:
    runner.write(
        """
        tasks:
          again: {retry: {attempts: 2}, tasks: {once: {run: "test -e once || { touch once; exit 1; }"}}}
          after: {when: always(), result: "{{ run.status }} {{ run.failures }}"}
        outputs: {after: "{{ tasks.after.result }}"}
        """
    )
    report = runner.report()
    assert report["outputs"]["after"] == "succeeded []"
    assert report["tasks"]["again"]["marks"] == ["flaky"]
    assert "again.once failed" not in runner("report").out


def test_polling_in_vain_says_what_the_last_attempt_saw(runner: Program) -> None:
    runner.write(
        """
        tasks:
          poll: {run: "echo not yet >&2; exit 7", retry: {attempts: 3, until: "exit_code == 0"}}
        """
    )
    error = runner.report()["tasks"]["poll"]["error"]
    assert (error["kind"], error["message"]) == ("until", "`until` was not true after 3 attempts")
    assert (error["exit_code"], error["output"].strip()) == (7, "not yet")
    assert error["command"] == "echo not yet >&2; exit 7"


def test_outputs_may_name_the_status_of_what_failed_but_not_its_result(runner: Program) -> None:
    runner.write(
        """
        tasks: {a: {run: exit 3}}
        outputs:
          status: "{{ tasks.a.status }}"
          kind: "{{ tasks.a.error.kind }}"
          got: "{{ tasks.a.result }}"
        """
    )
    assert runner.report()["outputs"] == {"status": "failed", "kind": "exit", "got": None}


def test_the_error_of_a_group_says_which_task_it_was(runner: Program) -> None:
    runner.write(
        """
        tasks:
          country:
            map: {over: [fr, jp], as: code, max_failures: 100%}
            tasks:
              fetch: {run: "test {{ code }} = fr"}
              parse: {tasks: {cut: {needs: [], run: "test {{ code }} = jp"}}}
          alone: {allow_failure: true, tasks: {inner: {run: exit 9}}}
          plain: {allow_failure: true, run: exit 9}
        outputs:
          items: "{{ tasks.country.failures | map(attribute='error') | map(attribute='address') }}"
          alone: "{{ tasks.alone.error }}"
          plain: "{{ tasks.plain.error }}"
        """
    )
    exit_9 = {"kind": "exit", "message": "exit code 9"}
    assert runner.report()["outputs"] == {
        "items": ["country[fr].parse.cut", "country[jp].fetch"],
        "alone": {**exit_9, "address": "alone.inner"},
        "plain": {**exit_9, "address": None},
    }


OUTPUTS_OF_A_MAP = """outputs:
          key: "{{ tasks.fetch.by_key['cat'].result }}"
          item: ["{{ tasks.fetch.items[1].result }}", "{{ tasks.b.result }}"]
          failure: "{{ tasks.fetch.failures[0].key }}"
          why: "{{ tasks.fetch.error.message }}"
          counts: "{{ tasks.fetch.counts.succeeded }}"
          statuses: "{{ tasks.fetch.items | map(attribute='status') | list }}"
          b: "{{ tasks.b.result }}"
"""


@pytest.mark.parametrize("why", ["when: params.never", "when: success(), needs: [s]"])
def test_an_output_of_a_skipped_map_that_has_no_value_is_none(runner: Program, why: str) -> None:
    runner.write(
        f"""
        params: {{never: false}}
        tasks:
          s: {{when: params.never, run: echo}}
          fetch: {{map: {{over: [cat, dog]}}, run: "echo {{{{ item }}}}", {why}}}
          b: {{run: echo hi}}
        {OUTPUTS_OF_A_MAP}
        """
    )
    report = runner.report()
    assert (report["run"]["status"], report["problems"]) == ("succeeded", [])
    none = dict.fromkeys(("key", "item", "failure", "why"))
    assert report["outputs"] == {**none, "counts": 0, "statuses": [], "b": "hi"}


def test_an_output_of_a_failed_map_has_its_value_wherever_there_is_one(runner: Program) -> None:
    runner.write(
        f"""
        tasks:
          fetch: {{map: {{over: [cat, dog]}}, run: "[ {{{{ item }}}} = cat ] && echo {{{{ item }}}}"}}
          b: {{run: echo hi}}
        {OUTPUTS_OF_A_MAP}
          owl: "{{{{ tasks.fetch.by_key['owl'].result }}}}"
        """
    )
    report = runner.report()
    assert report["problems"] == []
    assert report["outputs"] == {
        "key": "cat",
        "item": [None, "hi"],
        "failure": "dog",
        "why": "1 of 2 items failed",
        "counts": 1,
        "statuses": ["succeeded", "failed"],
        "b": "hi",
        "owl": None,
    }


def test_an_output_of_a_map_that_succeeded_and_has_no_such_item_fails_the_run(runner: Program) -> None:
    runner.write(
        """
        tasks: {fetch: {map: {over: [cat]}, run: "echo {{ item }}"}}
        outputs: {dog: "{{ tasks.fetch.by_key['dog'].result }}"}
        """
    )
    report = runner.report()
    assert (report["run"]["exit_code"], report["outputs"]) == (1, {"dog": None})
    (problem,) = report["problems"]
    assert problem["message"] == (
        "outputs.dog: `tasks.fetch.by_key` has no 'dog', in `tasks.fetch.by_key['dog'].result` (it has: cat)"
    )


def test_outputs_of_another_file_are_none_alike(runner: Program) -> None:
    runner.write(
        """
        tasks: {fetch: {map: {over: [cat]}, when: "1 > 2", run: "echo {{ item }}"}}
        outputs: {cat: "{{ tasks.fetch.by_key['cat'].result }}", count: "{{ tasks.fetch.items | length }}"}
        """,
        "other.yml",
    )
    runner.write(
        'tasks: {other: {workflow: other.yml}}\noutputs: {other: "{{ tasks.other.result }}"}',
    )
    assert runner.report()["outputs"] == {"other": {"cat": None, "count": 0}}


def test_a_pipeline_finishes_what_it_began_before_it_begins_more(runner: Program) -> None:
    runner.write(
        """
        tasks:
          first: {map: {over: "{{ range(50) }}"}, run: "echo first >>order"}
          second: {map: {over: "{{ tasks.first.results }}"}, run: "echo second >>order"}
        """
    )
    assert runner("run", "-j", "2").code == 0
    order = (runner.folder / "order").read_text().split()
    ahead = most = 0
    for name in order:
        ahead += 1 if name == "first" else -1
        most = max(most, ahead)
    assert most <= 4


def test_values_that_follow_a_map_wait_for_its_items(runner: Program) -> None:
    runner.write(
        """
        tasks:
          first: {map: {over: [a, b, c]}, run: "echo {{ item }}"}
          second: {map: {over: "{{ tasks.first.results }}", as: letter}, result: "{{ letter | upper }}"}
        outputs: {letters: "{{ tasks.second.results }}"}
        """
    )
    assert runner.report("-j", "1")["outputs"]["letters"] == ["A", "B", "C"]


def test_the_timeout_of_the_run_is_told_as_its_failure(runner: Program) -> None:
    runner.write("timeout: 200ms\ntasks: {a: {run: sleep 60}}\n")
    ended = runner("run")
    assert ended.code == 1
    assert "the run took longer than its timeout of 200ms at workflow.yml:1" in ended.out


def test_a_module_of_the_users_shadows_none_of_the_library(runner: Program) -> None:
    (runner.folder / "json.py").write_text("raise SystemExit('shadowed')\n")
    runner.write("tasks: {a: {run: 'true'}}\n")
    assert runner("run").code == 0


def test_the_result_of_another_file_sees_what_stands_around_the_task_that_names_it(runner: Program) -> None:
    runner.write("tasks: {one: {result: 1}}\noutputs: {one: '{{ tasks.one.result }}'}", "other.yml")
    runner.write(
        """
        params: {width: 320}
        tasks:
          word: {result: shared}
          each:
            map: {over: [a]}
            workflow: ./other.yml
            result: "{{ item }} {{ params.width }} {{ tasks.word.result }} {{ result.one }} {{ attempt }}"
        outputs: {each: "{{ tasks.each.results }}"}
        """
    )
    assert runner.report()["outputs"]["each"] == ["a 320 shared 1 1"]


def test_until_and_result_of_a_group_may_name_the_attempt_the_item_and_tasks_around_it(
    runner: Program,
) -> None:
    runner.write(
        """
        tasks:
          goal: {result: 3}
          poll:
            map: {over: [a]}
            retry: {attempts: 5, until: attempt == tasks.goal.result and item == 'a'}
            env: {WORD: inner}
            tasks: {one: {result: 1}}
            result: "{{ attempt }} {{ env.WORD }} {{ tasks.one.result }} {{ tasks.goal.result }}"
        outputs: {poll: "{{ tasks.poll.results }}"}
        """
    )
    assert runner.report()["outputs"]["poll"] == ["3 inner 1 3"]


def test_a_map_over_results_that_asks_how_things_went_waits_for_the_whole_of_them(runner: Program) -> None:
    runner.write(
        """
        tasks:
          fetch: {map: {over: [0, 1, 2]}, run: "echo {{ item }}; exit {{ item }}"}
          keep: {map: {over: "{{ tasks.fetch.results }}"}, when: always(), result: "{{ item }}"}
          tell: {map: {over: "{{ tasks.fetch.results }}"}, when: failure(), result: "{{ item }}"}
        outputs: {keep: "{{ tasks.keep.results }}", tell: "{{ tasks.tell.results }}"}
        """
    )
    assert runner.report()["outputs"] == {"keep": ["0"], "tell": ["0"]}


def test_what_a_file_says_of_a_map_without_items_counts_under_a_quorum_too(runner: Program) -> None:
    runner.write(
        """
        tasks:
          unsaid: {map: {over: "{{ [] }}", quorum: 1}, run: echo}
          skip: {map: {over: [], quorum: 1, on_empty: skip}, run: echo}
          succeed: {map: {over: [], quorum: 1, on_empty: succeed}, run: echo}
          fail: {map: {over: [], quorum: 1, on_empty: fail}, run: echo}
        """
    )
    tasks = runner.report()["tasks"]
    assert {name: task["status"] for name, task in tasks.items()} == {
        "unsaid": "failed",
        "skip": "skipped",
        "succeed": "succeeded",
        "fail": "failed",
    }
    assert tasks["unsaid"]["error"]["kind"] == "budget"
    assert tasks["unsaid"]["error"]["message"] == "0 of 0 items succeeded (quorum: 1)"
    assert tasks["skip"]["reason"] == "its map has no items (on_empty: skip)"
    assert tasks["fail"]["error"]["message"] == "its map has no items (on_empty: fail)"


def test_a_quorum_that_cannot_be_reached_fails_the_map_however_it_was_stopped(runner: Program) -> None:
    runner.write(
        """
        tasks:
          early:
            map: {over: [1, 2, 3, 4], quorum: 3, fail_fast: true, max_parallel: 1}
            run: test {{ item }} -gt 2
          group:
            map: {over: [1]}
            tasks:
              inner: {map: {over: [1, 2, 3], quorum: 3, fail_fast: true, max_parallel: 1}, run: exit 1}
          source: {map: {over: "{{ range(6) }}"}, result: "{{ item }}"}
          follows:
            map: {over: "{{ tasks.source.results }}", quorum: 6, fail_fast: true, max_parallel: 1}
            run: test {{ item }} -gt 0
          told: {needs: [early], when: failure(), run: echo}
        """
    )
    report = runner.report()
    tasks = report["tasks"]
    assert report["run"]["exit_code"] == 1
    assert [tasks[name]["status"] for name in ("early", "group", "follows", "told")] == [
        "failed",
        "failed",
        "failed",
        "succeeded",
    ]
    never = "fail_fast: quorum: {} cannot be reached any more"
    assert [item["reason"] for item in tasks["early"]["items"]] == [None, None, *[never.format(3)] * 2]
    assert [item["reason"] for item in tasks["follows"]["items"]] == [None, *[never.format(6)] * 5]


def test_the_timeout_of_a_file_ends_one_pass_through_it(runner: Program) -> None:
    runner.write("timeout: 200ms\ntasks: {a: {run: sleep 60}}", "other.yml")
    runner.write("tasks: {other: {workflow: other.yml, timeout: 1h}}")
    error = runner.report()["tasks"]["other"]["error"]
    told = "other took longer than its timeout of 200ms at other.yml:1"
    assert (error["kind"], error["message"]) == ("timeout", told)


def test_the_timeout_of_a_group_is_named_with_its_place_by_all_that_it_cancels(runner: Program) -> None:
    runner.write(
        """\
        tasks:
          group:
            tasks:
              slow: {run: sleep 60}
              later: {needs: [slow], run: echo}
            timeout: 1.5e-1
        """
    )
    group = runner.report()["tasks"]["group"]
    told = "group took longer than its timeout of 150ms at workflow.yml:6"
    assert group["error"]["message"] == told
    assert [group["tasks"][name]["reason"] for name in ("slow", "later")] == [told, told]


def test_a_map_that_asks_only_for_success_goes_on_item_by_item(runner: Program) -> None:
    runner.write(
        """
        tasks:
          first: {map: {over: [a, b], key: "<{{ item }}>", max_failures: 1}, run: "test {{ item }} = b"}
          second: {map: {over: "{{ tasks.first.results }}"}, when: success(), run: echo}
          third: {map: {over: "{{ tasks.first.results }}"}, when: success() and index == 1, run: echo}
        """
    )
    tasks = runner.report()["tasks"]
    for name in ("second", "third"):
        assert [item["key"] for item in tasks[name]["items"]] == ["<a>", "<b>"]
        assert [item["status"] for item in tasks[name]["items"]] == ["skipped", "succeeded"]


def test_a_group_that_fails_after_fail_fast_struck_cleans_up_and_one_that_does_not_does_not(
    runner: Program,
) -> None:
    runner.write(
        """
        tasks:
          trigger: {run: "exit 1"}
          fails:
            map: {over: [1, 2]}
            tasks:
              a: {run: "until grep -q failed events; do sleep 0.01; done; exit 1"}
              undo: {when: failure(), run: "echo undone >> witness"}
              tidy: {when: always(), needs: [a], run: "echo tidied >> witness"}
          goes:
            tasks:
              a: {run: "until grep -q failed events; do sleep 0.01; done"}
              b: {needs: [a], run: "echo more >> witness"}
              tidy: {when: always(), needs: [a], run: "echo no >> witness"}
        """
    )
    ended = runner.shell("runner run --no-progress -v --format json --fail-fast -j 4 2>events")
    tasks = json.loads(ended.out)["tasks"]
    assert sorted((runner.folder / "witness").read_text().split()) == ["tidied", "tidied", "undone", "undone"]
    assert [item["status"] for item in tasks["fails"]["items"]] == ["failed", "failed"]
    goes = tasks["goes"]["tasks"]
    assert [goes[name]["status"] for name in ("a", "b", "tidy")] == ["succeeded", "cancelled", "cancelled"]
    assert goes["tidy"]["reason"] == "fail-fast: trigger failed"


def test_a_limit_of_recursion_that_a_callable_has_lowered_holds_for_nothing_else(runner: Program) -> None:
    runner.write("import sys\ndef lower():\n    sys.setrecursionlimit(50)\n    return 4\n", "lib.py")
    runner.write(
        """
        tasks:
          lower: {call: "lib.py:lower"}
          after: {needs: [lower], run: pwd}
        reports: [{to: report.md}]
        outputs: {lower: "{{ tasks.lower.result }}"}
        """
    )
    assert runner.report()["outputs"] == {"lower": 4}
    assert (runner.folder / "report.md").exists()
