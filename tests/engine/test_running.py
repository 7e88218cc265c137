"""Runs as a whole: what goes side by side, what one worker does, what a run costs in memory."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from program import Program


def test_two_tasks_that_wait_for_each_other_run_side_by_side(runner: Program) -> None:
    runner.write(
        """
        timeout: 60s
        tasks:
          a:
            run: |
              touch a.here
              until [ -e b.here ]; do sleep 0.01; done
          b:
            run: |
              touch b.here
              until [ -e a.here ]; do sleep 0.01; done
        """
    )
    assert runner("run").code == 0


@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
def test_one_worker_runs_one_task_after_another(runner: Program, executor: str) -> None:
    runner.write(
        """
        pool: {max_workers: 1}
        tasks:
          each:
            map: {over: "{{ range(6) }}"}
            run: |
              mkdir lock
              rmdir lock
        """
    )
    assert runner("run", "--executor", executor).code == 0


@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
def test_maps_in_groups_in_maps_end_on_one_worker_in_input_order(runner: Program, executor: str) -> None:
    runner.write(
        """
        tasks:
          outer:
            map: {over: [a, b, c], as: letter}
            tasks:
              inner:
                map: {over: "{{ range(3) }}", as: number}
                tasks:
                  say:
                    run: echo {{ letter }}{{ number }}
                result: "{{ tasks.say.result }}"
            result: "{{ tasks.inner.results }}"
        outputs: {all: "{{ tasks.outer.results }}"}
        """
    )
    report = runner.report("-j", "1", "--executor", executor)
    expected = [["a0", "a1", "a2"], ["b0", "b1", "b2"], ["c0", "c1", "c2"]]
    assert report["outputs"]["all"] == expected


def test_results_come_in_input_order_whatever_finishes_first(runner: Program) -> None:
    runner.write(
        """
        tasks:
          each:
            map: {over: [0, 1, 2, 3]}
            run: |
              until [ {{ item }} = 3 ] || [ -e done.$(( RUNNER_KEY + 1 )) ]; do sleep 0.01; done
              touch done.$RUNNER_KEY
              echo {{ item }}
        outputs: {order: "{{ tasks.each.results }}"}
        """
    )
    assert runner.report("-j", "4")["outputs"]["order"] == ["0", "1", "2", "3"]


def test_an_item_starts_in_the_second_map_as_soon_as_it_succeeded_in_the_first(runner: Program) -> None:
    runner.write(
        """
        timeout: 60s
        tasks:
          first:
            map: {over: [a, b], as: name}
            run: |
              if [ {{ name }} = b ]; then until [ -e a.second ]; do sleep 0.01; done; fi
              echo {{ name }}
          second:
            map: {over: "{{ tasks.first.results }}", as: name}
            run: touch {{ name }}.second
        """
    )
    assert runner("run", "-j", "2").code == 0


def test_idle_workers_do_what_waits_behind_an_item_that_takes_long(runner: Program) -> None:
    runner.write(
        """
        pool: {max_workers: 3}
        tasks:
          all: {map: {over: "{{ range(300) }}"}, call: acts.py:act, with: {x: "{{ item }}"}}
        outputs: {sum: "{{ tasks.all.results | sum }}"}
        """
    )
    runner.write(
        """
        import threading

        others, done = threading.Event(), []

        def act(x):
            if x in (100, 101):
                assert others.wait(60), f"only {len(done)} others were done"
            done.append(x)
            if len(done) == 298:
                others.set()
            return x
        """,
        "acts.py",
    )
    ended = runner("run", "--format", "json")
    assert (ended.code, json.loads(ended.out)["outputs"]) == (0, {"sum": 44850})


def test_callables_share_nothing_that_they_change(runner: Program) -> None:
    (runner.folder / "work.py").write_text(
        "def grow(values):\n    values.append(1)\n    return len(values)\n"
    )
    runner.write(
        """
        tasks:
          start: {result: [0]}
          each:
            map: {over: "{{ range(50) }}"}
            call: work.py:grow
            with: {values: "{{ tasks.start.result }}"}
        outputs: {lengths: "{{ tasks.each.results | unique }}"}
        """
    )
    assert runner.report()["outputs"]["lengths"] == [2]


def test_a_failing_import_is_told_before_anything_runs(runner: Program) -> None:
    (runner.folder / "work.py").write_text("import no_such_module\n\ndef go():\n    return 1\n")
    runner.write(
        """
        tasks:
          first: {run: touch ran}
          second: {call: "work.py:go", needs: [first]}
        """
    )
    ended = runner("run")
    assert ended.code == 2
    assert "no_such_module" in ended.err
    assert not (runner.folder / "ran").exists()


def test_what_a_callable_writes_to_descriptor_one_is_not_in_the_report(runner: Program) -> None:
    text = "import os\n\ndef go():\n    os.write(1, b'raw')\n    print('printed')\n"
    (runner.folder / "work.py").write_text(text)
    runner.write("tasks:\n  a: {call: 'work.py:go'}\n")
    ended = runner("run", "--format", "json")
    assert json.loads(ended.out)["run"]["status"] == "succeeded"


def test_a_callable_that_leaves_the_program_only_fails_its_task(runner: Program) -> None:
    runner.write(
        """\
        import sys
        def go(): sys.exit(7)
        def stop(): raise KeyboardInterrupt
        class Hostile(Exception):
            def __str__(self): sys.exit(4)
        class Mapping(dict):
            def __eq__(self, other): raise KeyboardInterrupt
        def tell(): raise Hostile
        def give(): return Mapping(a=(1,))
        """,
        "work.py",
    )
    runner.write(
        """
        tasks:
          a: {call: "work.py:go"}
          b: {call: "work.py:stop"}
          c: {call: "work.py:tell"}
          d: {call: "work.py:give"}
          e: {result: "{{ tasks.d.result.a }}"}
        """
    )
    tasks = runner.report()["tasks"]
    assert [tasks[name]["error"] and tasks[name]["error"]["message"] for name in "abcde"] == [
        "SystemExit: 7",
        "KeyboardInterrupt",
        "Hostile: (its message cannot be shown)",
        None,
        None,
    ]
    assert tasks["a"]["error"]["kind"] == "exception"
    assert tasks["e"]["result"] == [1]


def test_a_function_that_only_the_import_misses_is_told_where_its_name_stands(runner: Program) -> None:
    runner.write("""
        tasks:
          near: {call: "math:sqrtt"}
          far: {call: 'math:zzz'}
          method: {call: "datetime:datetime.nov"}
          value: {call: math:pi}
    """)
    assert runner("run").err == (
        "workflow.yml:3:22: error: no function 'sqrtt' in 'math' [not-imported]\n"
        '    3 |   near: {call: "math:sqrtt"}\n'
        "      |                      ^^^^^\n"
        "      = did you mean 'sqrt'?\n"
        "workflow.yml:4:21: error: no function 'zzz' in 'math' [not-imported]\n"
        "    4 |   far: {call: 'math:zzz'}\n"
        "      |                     ^^^\n"
        "workflow.yml:5:37: error: no function 'nov' in 'datetime' [not-imported]\n"
        '    5 |   method: {call: "datetime:datetime.nov"}\n'
        "      |                                     ^^^\n"
        "      = did you mean 'now'?\n"
        "workflow.yml:6:22: error: 'pi' in 'math' is not a function: it is of type float [not-imported]\n"
        "    6 |   value: {call: math:pi}\n"
        "      |                      ^^\n"
        "4 errors\n"
    )


def test_a_module_that_raises_whatever_it_is_ends_the_program_before_anything_runs(runner: Program) -> None:
    runner.write("def go(): pass\nraise KeyboardInterrupt\n", "work.py")
    runner.write("tasks: {a: {call: 'work.py:go'}}")
    ended = runner("run")
    file = runner.folder / "work.py"
    assert ended.err == (
        f"workflow.yml:1:20: error: '{file}' cannot be imported: KeyboardInterrupt [not-imported]\n"
        "    1 | tasks: {a: {call: 'work.py:go'}}\n"
        "      |                    ^^^^^^^^^^\n"
        f"      = raised in line 2 of {file}\n"
        "        Traceback (most recent call last):\n"
        f'          File "{file}", line 2, in <module>\n'
        "            raise KeyboardInterrupt\n"
        "        KeyboardInterrupt\n"
        "1 error\n"
    )
    assert (ended.code, ended.out) == (2, "")


def peak_memory(runner: Program, items: int) -> int:
    """KiB that the program held at its largest."""
    process = subprocess.Popen(
        runner.command("run", "-p", f"n={items}", "--no-progress"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


def test_many_items_need_hardly_more_memory_than_few(runner: Program) -> None:
    (runner.folder / "work.py").write_text("def same(x):\n    return x\n")
    runner.write(
        """
        params: {n: 1}
        tasks:
          each:
            map: {over: "{{ range(params.n) }}"}
            call: work.py:same
            with: {x: "{{ item }}"}
        """
    )
    os.utime(runner.folder / "workflow.yml", (0, 0))  # from its first run on it need not be read again
    peak_memory(runner, 1)
    assert peak_memory(runner, 200_000) < 1.25 * peak_memory(runner, 10_000)


def test_who_names_a_result_that_was_too_large_fails_with_the_path_of_its_log(runner: Program) -> None:
    runner.write(
        """
        tasks:
          large:
            map: {over: [10, 2000000], as: size}
            run: head -c {{ size }} /dev/zero | tr '\\0' x
          each:
            map: {over: "{{ tasks.large.results }}", as: text}
            run: echo {{ text | length }}
          whole: {result: "{{ tasks.large.results | length }}"}
        """
    )
    tasks = runner.report()["tasks"]
    assert [item["status"] for item in tasks["large"]["items"]] == ["succeeded", "succeeded"]
    assert [item["status"] for item in tasks["each"]["items"]] == ["succeeded", "failed"]
    (log,) = runner.folder.glob(".runner/runs/*/logs/1-1-1.out")
    said = f"was not kept, since it is larger than 1 MiB: read it from {log}"
    assert tasks["each"]["items"][1]["error"]["message"] == f"the result of large[2000000] {said}"
    assert tasks["whole"]["error"]["message"] == f"one of tasks.large.results {said}"


def test_a_limit_of_a_file_inside_another_is_one_limit_with_the_outer_numbers(runner: Program) -> None:
    runner.write(
        """
        limits: {own: {concurrency: 2}, inner: {concurrency: 1}}
        tasks:
          each: {run: "mkdir lock; rmdir lock", limit: [own, inner]}
        """,
        "inner.yml",
    )
    runner.write(
        """
        limits: {own: {concurrency: 1}}
        tasks:
          here: {map: {over: "{{ range(6) }}"}, run: "mkdir lock; rmdir lock", limit: own}
          there: {map: {over: "{{ range(6) }}"}, workflow: inner.yml}
        """
    )
    assert runner("run", "-j", "8").code == 0
