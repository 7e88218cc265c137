"""A run starts nothing that is in vain: what is sure is sure at once, however deep it happened.

Each test has one worker, so that what it starts is what it chose to start; in a file `log` tasks say
that they did.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable

import pytest
from program import Program

Acts = Callable[..., list[str]]


@pytest.fixture(params=["thread", "inline"])
def acts(runner: Program, request: pytest.FixtureRequest) -> Acts:
    """What the tasks of a file do, in their order."""

    def acts(text: str, *arguments: str) -> list[str]:
        runner.write(text)
        runner("run", "-q", "-j", "1", "--executor", request.param, *arguments)
        return (runner.folder / "log").read_text().split()

    return acts


def test_a_pass_is_finished_before_the_next_is_begun(acts: Acts) -> None:
    assert acts("""
        tasks:
          g:
            map: {over: "{{ range(3) }}"}
            tasks:
              a: {run: "echo a{{ item }} >> log"}
              b: {needs: [a], run: "echo b{{ item }} >> log"}
              c: {needs: [b], run: "echo c{{ item }} >> log"}
    """) == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]  # fmt: skip


def test_a_pass_is_finished_first_though_it_reads_what_is_yet_to_be_recorded(acts: Acts) -> None:
    assert acts("""
        tasks:
          g:
            map: {over: [0, 1], as: x}
            tasks:
              each: {map: {over: [1, 2]}, run: "echo {{ x }}-{{ item }} >> log; echo {{ item }}"}
              all: {map: {over: "{{ tasks.each.results | sort }}"}, run: "echo {{ x }}-{{ item }}! >> log"}
    """) == ["0-1", "0-2", "0-1!", "0-2!", "1-1", "1-2", "1-1!", "1-2!"]  # fmt: skip


deep = "{tasks: {b: {tasks: {c: {tasks: {d: {%s}}}}}}}"


def test_a_race_between_groups_is_over_with_the_first_that_succeeds(acts: Acts) -> None:
    body = deep % 'run: "echo {{ x }} >> log"'
    assert acts(f"tasks: {{race: {{map: {{over: [1, 2, 3], as: x, quorum: 1}}, tasks: {{a: {body}}}}}}}") == [
        "1"
    ]


def test_a_race_is_over_with_a_pass_whose_results_are_yet_to_be_recorded(acts: Acts) -> None:
    assert acts("""
        tasks:
          race:
            map: {over: [1, 2, 3], as: x, quorum: 1}
            tasks: {a: {map: {over: [7, 8]}, run: "echo {{ x }}-{{ item }} >> log"}}
    """) == ["1-7", "1-8"]  # fmt: skip


def test_a_failure_deep_in_a_pass_ends_a_map_that_fails_fast(acts: Acts) -> None:
    body = deep % 'run: "echo {{ x }} >> log; exit 1"'
    text = f"tasks: {{m: {{map: {{over: [1, 2, 3], as: x, fail_fast: true}}, tasks: {{a: {body}}}}}}}"
    assert acts(text) == ["1"]


def test_a_failure_deep_in_a_group_starts_nothing_more_after_fail_fast(acts: Acts) -> None:
    body = deep % 'run: "echo bad >> log; exit 1"'
    text = f"tasks: {{a: {body}, m: {{map: {{over: [1, 2]}}, run: 'echo {{{{ item }}}} >> log'}}}}"
    acted = acts(text, "--fail-fast")  # on a busy machine to open the bodies may take another one's turn
    assert acted in (["bad"], ["1", "bad"])


def test_a_failure_in_a_map_in_a_map_starts_nothing_more_after_fail_fast(acts: Acts) -> None:
    assert acts("""
        tasks:
          o:
            map: {over: [1, 2], as: x}
            tasks:
              i: {map: {over: [1, 2], as: y}, tasks: {leaf: {run: "echo {{ x }}{{ y }} >> log; exit 1"}}}
    """, "--fail-fast") == ["11"]  # fmt: skip


passes = """
    tasks:
      g:
        map: {over: [1, 2], %s}
        tasks:
          bad: {run: "echo bad{{ item }} >> log; exit 1"}
          alone: {run: "echo alone{{ item }} >> log"}
          tidy: {needs: [bad, alone], when: failure(), run: "echo tidy{{ item }} >> log"}
"""


def test_a_pass_that_has_failed_still_cleans_up_where_the_map_fails_fast(acts: Acts) -> None:
    assert acts(passes % "fail_fast: true") == ["bad1", "tidy1"]


def test_a_pass_that_has_failed_still_cleans_up_after_fail_fast(acts: Acts) -> None:
    assert acts(passes % "fail_fast: false", "--fail-fast") == ["bad1", "tidy1"]


def test_what_does_not_depend_on_a_failure_goes_on_where_nothing_fails_fast(acts: Acts) -> None:
    assert acts(passes % "fail_fast: false") == ["bad1", "alone1", "tidy1", "bad2", "alone2", "tidy2"]


def test_a_failure_that_a_budget_or_another_try_may_make_good_ends_nothing(acts: Acts) -> None:
    assert acts("""
        tasks:
          g:
            map: {over: [1, 2], as: x, fail_fast: true}
            retry: {attempts: 2}
            tasks:
              m: {map: {over: [1, 2], max_failures: 1}, run: "echo m{{ item }} >> log; test {{ item }} = 1"}
              once: {needs: [m], run: "echo once{{ x }} >> log; test -e {{ x }} || ! touch {{ x }}"}
    """) == [word for x in (1, 2) for word in ("m1", "m2", f"once{x}") * 2]  # fmt: skip


def test_the_words_name_what_failed_and_not_what_it_stands_in(runner: Program) -> None:
    runner.write(passes % "fail_fast: true" + "      later: {needs: [g], run: 'true'}\n")
    tasks = runner.report("-j", "1", "--fail-fast")["tasks"]
    assert tasks["later"]["reason"] == "fail-fast: g[1].bad failed"
    assert tasks["g"]["items"][1]["reason"] == "fail_fast: g[1] failed"


def test_a_share_of_what_a_file_holds_is_known_beforehand(acts: Acts, runner: Program) -> None:
    (runner.folder / "lines.txt").write_text("".join(f"{n}\n" for n in range(40)))
    assert len(acts("""
        tasks:
          a:
            map: {over: "{{ lines('lines.txt') }}", max_failures: 5%, fail_fast: true}
            run: "echo {{ item }} >> log; exit 1"
    """)) == 3  # fmt: skip


def test_a_percentage_counts_only_the_items_that_may_yet_run(acts: Acts) -> None:
    assert acts("""
        tasks:
          m:
            map: {over: "{{ range(12) }}", max_failures: 50%, fail_fast: true}
            when: item >= 8
            run: "echo {{ item }} >> log; false"
    """) == ["8", "9", "10"]  # fmt: skip


def test_a_skipped_item_may_decide_what_a_percentage_allows(acts: Acts) -> None:
    assert acts("""
        tasks:
          m:
            map: {over: "{{ range(12) }}", max_failures: 25%, fail_fast: true}
            when: item != 3
            run: "echo {{ item }} >> log; false"
    """) == ["0", "1", "2"]  # fmt: skip


def test_items_that_are_skipped_with_their_source_do_not_count_for_a_percentage(acts: Acts) -> None:
    assert acts("""
        tasks:
          s: {map: {over: "{{ range(10) }}", max_failures: 5}, run: "test {{ item }} -ge 5; echo {{ item }}"}
          t:
            map: {over: "{{ tasks.s.results }}", max_failures: 20%, fail_fast: true}
            run: "echo {{ index }} >> log; false"
    """) == ["5", "6"]  # fmt: skip


def test_the_run_ends_as_soon_as_a_percentage_is_sure_to_be_exceeded(acts: Acts) -> None:
    text = """
        tasks:
          m:
            map: {over: "{{ range(12) }}", max_failures: 50%}
            when: item >= 8
            run: "echo {{ item }} >> log; false"
    """
    assert acts(text, "--fail-fast") == ["8", "9", "10"]


def test_of_items_that_are_ready_the_first_in_input_order_starts_first(runner: Program) -> None:
    runner.write("""
        tasks:
          s:
            map: {over: [0, 1, 2, 3]}
            run: |
              until test -e seen{{ item + 1 }}; do sleep 0.01; done
              echo {{ item }}
          seen: {map: {over: "{{ tasks.s.results }}"}, run: "touch seen{{ item }}"}
          settled: {needs: [s], run: touch settled}
          t:
            map: {over: "{{ tasks.s.results }}", max_parallel: 1}
            run: |
              until test -e settled; do sleep 0.01; done
              echo {{ item }} >> log
    """)
    (runner.folder / "seen4").touch()
    assert runner("run", "-q", "-j", "6").code == 0
    assert (runner.folder / "log").read_text().split() == ["3", "0", "1", "2"]


@pytest.mark.parametrize("held", ["max_parallel: 1", "max_parallel: 2"])
@pytest.mark.parametrize("source", ["s", "between"])
def test_items_that_cannot_come_any_more_count_before_it_is_their_turn(
    runner: Program, held: str, source: str
) -> None:
    runner.write(f"""
        limits: {{one: {{concurrency: 1}}}}
        tasks:
          s:
            map: {{over: [0, 1, 2, 3, 4], max_failures: 3}}
            run: |
              test {{{{ item }}}} -eq 0 || until test -e log; do sleep 0.01; done
              test {{{{ item }}}} -lt 2
          between: {{map: {{over: "{{{{ tasks.s.results }}}}"}}, run: echo}}
          settled: {{needs: [s], run: touch settled}}
          m:
            map: {{over: "{{{{ tasks.{source}.results }}}}", {held}, max_failures: 40%, fail_fast: true}}
            limit: one
            run: |
              echo {{{{ index }}}} >> log
              until test -e settled; do sleep 0.01; done
              test {{{{ index }}}} -ne 0 || exit 1
              exec sleep 60
    """)
    result = runner("run", "--no-progress", "-j", "8")
    assert result.code == 1
    assert (runner.folder / "log").read_text() == "0\n"
    assert "fail_fast: 1 item failed (max_failures: 40%)" in result.out


def test_a_quorum_that_failed_sources_put_out_of_reach_ends_what_runs(runner: Program) -> None:
    runner.write("""
        tasks:
          s:
            map: {over: [0, 1, 2], max_failures: 2}
            run: |
              test {{ item }} -eq 0 || until test -e log; do sleep 0.01; done
              test {{ item }} -eq 0
          m:
            map: {over: "{{ tasks.s.results }}", max_parallel: 1, quorum: 2, fail_fast: true}
            run: echo {{ index }} > log; exec sleep 60
    """)
    result = runner("run", "--no-progress", "-j", "8")
    assert result.code == 1
    assert "m[0]: fail_fast: quorum: 2 cannot be reached any more" in result.err


def test_a_quorum_of_more_items_than_there_are_starts_none(acts: Acts) -> None:
    assert acts("""
        params: {of: [1, 2]}
        tasks:
          m: {map: {over: "{{ params.of }}", quorum: 3, fail_fast: true}, run: "echo {{ item }} >> log"}
          after: {when: always(), needs: [m], run: echo after >> log}
    """) == ["after"]  # fmt: skip


@pytest.mark.parametrize("body", ['run: "test {{ item }} != 1"', 'tasks: {a: {run: "test {{ item }} != 1"}}'])
@pytest.mark.parametrize("executor", ["thread", "inline"])
def test_an_item_wise_map_that_ends_the_run_and_so_its_source_has_failed(
    runner: Program, body: str, executor: str
) -> None:
    runner.write(f"""
        tasks:
          s: {{map: {{over: [1, 2, 3, 4]}}, run: "sleep 0.1; echo {{{{ item }}}}"}}
          between: {{map: {{over: "{{{{ tasks.s.results }}}}"}}, result: "{{{{ item }}}}"}}
          m: {{map: {{over: "{{{{ tasks.between.results }}}}"}}, {body}}}
          notify: {{when: failure(), run: echo notified}}
    """)
    result = runner(
        "run", "-q", "-j", "1", "--executor", executor, "--fail-fast", "--report", "json=report.json"
    )
    assert result.code == 1
    report = json.loads((runner.folder / "report.json").read_text())
    assert report["run"]["status"] == "failed"
    statuses = {name: task["status"] for name, task in report["tasks"].items()}
    assert statuses == {"s": "cancelled", "between": "cancelled", "m": "failed", "notify": "succeeded"}


@pytest.mark.parametrize("argument", [(), ("--fail-fast",)])
@pytest.mark.parametrize(
    ("on_empty", "status"), [("succeed", "succeeded"), ("skip", "skipped"), ("fail", "failed")]
)
@pytest.mark.parametrize("over", ["params.none", "glob('nothing*')", "tasks.none.results"])
def test_on_empty_decides_what_becomes_of_a_map_without_items_whatever_its_quorum(
    runner: Program, over: str, on_empty: str, status: str, argument: tuple[str, ...]
) -> None:
    runner.write(f"""
        params: {{none: {{type: list, default: []}}}}
        tasks:
          none: {{map: {{over: "{{{{ params.none }}}}"}}, run: "true"}}
          m:
            map: {{over: "{{{{ {over} }}}}", quorum: 2, fail_fast: true, on_empty: {on_empty}}}
            run: "true"
    """)
    result = runner("run", "-q", *argument)
    assert result.code == (status == "failed")
    assert f"\n{status}" in result.out
    assert ("its map has no items" in result.out) == (on_empty != "succeed")


def test_a_chain_behind_an_empty_map_that_is_skipped_ends_no_run(runner: Program) -> None:
    runner.write("""
        params: {none: {type: list, default: []}}
        tasks:
          s: {map: {over: "{{ params.none }}", on_empty: skip}, run: "true"}
          m: {map: {over: "{{ tasks.s.results }}", quorum: 1}, run: "true"}
          slow: {run: sleep 0.1}
          later: {needs: [slow], run: "true"}
    """)
    result = runner("run", "-q", "--fail-fast")
    assert result.code == 0
    assert "2 skipped, 2 succeeded" in result.out


def test_a_map_that_was_only_interrupted_has_not_exceeded_its_percentage(runner: Program) -> None:
    runner.write("""
        tasks:
          m:
            map: {over: "{{ range(40) }}", max_failures: 20%}
            run: "test {{ item }} != 0 && { echo up > ready; exec sleep 60; }"
    """)
    os.mkfifo(runner.folder / "ready")
    process = subprocess.Popen(
        runner.command("run", "-q", "-j", "1"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert (runner.folder / "ready").read_text() == "up\n"
    process.terminate()
    out, _ = process.communicate()
    assert process.returncode == 143
    line = next(line for line in out.splitlines() if line.startswith("cancelled  m"))
    assert line.endswith("0 of 40 items succeeded, 1 failed, 1 cancelled, 38 not begun; stopped by SIGTERM")
