"""`runner resume --only-failed`: what had not failed stays as it was, with its values."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

import pytest
from program import Program, steady, wait_until
from sessions import acted, report

from runner.store.lock import held

parts = """
    tasks:
      ok: {run: "echo ok >> witness; echo hi"}
      names: {result: "{{ ['u', 'v'] }}"}
      each:
        map: {over: [a, b, c]}
        run: "echo each {{ item }} >> witness; test {{ item }} != b || test -e there"
      done: {map: {over: "{{ tasks.names.result }}"}, run: "echo done {{ item }} >> witness; echo {{ item }}"}
      group:
        map: {over: [x, y]}
        tasks:
          p: {run: "echo p {{ item }} >> witness; echo {{ item }}"}
          q: {needs: [p], run: "echo q {{ item }} >> witness; test {{ item }} != y || test -e there"}
          r: {run: "echo r {{ item }} >> witness; echo r{{ item }}"}
        result: "{{ tasks.r.result }}"
      whole:
        map: {over: [1, 2]}
        tasks:
          some:
            map: {over: [u, v], max_failures: 1}
            run: "echo some {{ item }} >> witness; test {{ item }} != v"
          never: {when: false, run: "true"}
      kept: {call: "builtins:object"}
      soft: {run: "echo soft >> witness; exit 3", allow_failure: true}
      last: {needs: [each], run: "echo last >> witness"}
    outputs:
      ok: "{{ tasks.ok.result }}"
      done: "{{ tasks.done.results }}"
      group: "{{ tasks.group.results }}"
      whole: "{{ tasks.whole.results }}"
"""


def broken(runner: Program, text: str) -> None:
    """Run a file that fails, and make away with the cause."""
    runner.write(text)
    assert runner("run", "-q").code == 1
    acted(runner)
    (runner.folder / "there").touch()


def test_what_had_not_failed_is_reported_as_it_was(runner: Program) -> None:
    broken(runner, parts)
    ended = runner("resume", "--only-failed", "-q")
    assert ended.code == 0
    assert acted(runner) == ["each b", "q y"]
    assert [line for line in steady(ended.out).splitlines() if "  TIME  " in line or "skipped  " in line] == [
        "succeeded  ok  TIME  reused",
        "succeeded  names  TIME  reused",
        "succeeded  each  TIME  3 items, 2 reused",
        "succeeded  done  TIME  2 items, 2 reused",
        "succeeded  group  TIME  2 items, 1 reused",
        "succeeded  whole  TIME  2 items, 2 reused",
        "skipped  never  2 skipped; when: false",
        "succeeded  kept  TIME  its result is more than JSON holds: resume does it again; reused",
        "failed  soft  TIME  reused; tolerated by allow_failure",
        "skipped  last  not selected",
    ]
    assert report(runner)["outputs"] == {
        "ok": "hi",
        "done": ["u", "v"],
        "group": ["rx", "ry"],
        "whole": [{"some": [""], "never": None}, {"some": [""], "never": None}],
    }


def test_each_task_that_is_left_says_so(runner: Program) -> None:
    broken(runner, parts)
    said = runner("resume", "--only-failed", "--explain", "--no-progress").err
    told = sorted(
        line.strip() for line in said.splitlines() if line.split()[0] in ("rerun", "reused", "left")
    )
    why = "only what failed is asked for"
    ones = "done[u] done[v] each[a] each[c] group[x].p group[x].q group[x].r group[y].r kept ok soft"
    left = [*ones.split(), *(f"whole[{group}].some[{item}]" for group in "12" for item in "uv")]
    assert told == sorted(
        [f"left           {address}: {why}" for address in left]
        + [
            "rerun           each[b]: it failed before",
            "rerun           group[y].q: it failed before",
            "reused           group[y].p: its command, its arguments and its environment are the same",
        ]
    )


def test_what_was_left_is_known_to_the_resume_after_it(runner: Program) -> None:
    broken(runner, parts)
    assert runner("resume", "--only-failed", "-q").code == 0
    acted(runner)
    assert runner("resume", "-q").code == 0
    assert acted(runner) == ["last", "soft"]
    assert report(runner)["outputs"]["group"] == ["rx", "ry"]


def test_what_an_interrupted_resume_did_not_come_to_is_left_as_it_was_before(runner: Program) -> None:
    text = """
        tasks:
          first: {run: "test -e there"}
          each: {map: {over: [1, 2]}, run: "echo each {{ item }} >> witness; echo {{ item }}"}
          slow: {needs: [each], run: "test -e fast || echo up > ready; test -e fast || sleep 100; false"}
        outputs: {each: "{{ tasks.each.results }}"}
    """
    runner.write(text)
    (runner.folder / "fast").touch()
    assert runner("run", "-q").code == 1
    (runner.folder / "fast").unlink()
    subprocess.run(["mkfifo", runner.folder / "ready"], check=True)
    process = subprocess.Popen(
        runner.command("resume", "-q"), cwd=runner.folder, env=runner.environment, stdout=subprocess.DEVNULL
    )
    assert (runner.folder / "ready").read_text() == "up\n"
    process.terminate()
    assert process.wait() == 143
    acted(runner)
    (runner.folder / "there").touch()
    (runner.folder / "fast").touch()
    assert runner("resume", "--only-failed", "-q").code == 1
    assert acted(runner) == []
    tasks = report(runner)["tasks"]
    assert (tasks["each"]["status"], tasks["each"]["results"]) == ("succeeded", ["1", "2"])
    assert (tasks["first"]["status"], tasks["slow"]["status"]) == ("succeeded", "failed")


def test_a_large_map_that_is_left_is_passed_on_whole(runner: Program) -> None:
    broken(
        runner,
        """
        tasks:
          many: {map: {over: "{{ range(20000) }}"}, call: "builtins:str", with: {object: "{{ item }}"}}
          groups:
            map: {over: "{{ range(600) }}"}
            tasks: {a: {result: "{{ item * 2 }}"}}
            result: "{{ tasks.a.result }}"
          bad: {run: "test -e there"}
        outputs: {many: "{{ tasks.many.results | length }}", groups: "{{ tasks.groups.results | sum }}"}
    """,
    )
    assert runner("resume", "--only-failed", "-q", "--max-workers", "1").code == 0
    assert report(runner)["outputs"] == {"many": 20000, "groups": 599 * 600}


def test_every_item_of_a_group_is_left_beside_the_one_that_failed(runner: Program) -> None:
    text = """
        tasks:
          g:
            map: {over: [p, q, r, s]}
            tasks:
              u: {run: "echo u{{ item }}"}
              v: {run: "test {{ tasks.u.result }} != ur || test -e there; echo v{{ item }}"}
            result: "{{ tasks.v.result }}"
        outputs: {g: "{{ tasks.g.results }}"}
    """
    broken(runner, text)
    assert runner("resume", "--only-failed", "-q").code == 0
    assert report(runner)["outputs"] == {"g": ["vp", "vq", "vr", "vs"]}


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (signal.SIGTERM, "2 of 4 items succeeded, 1 skipped, 1 not begun"),
        (signal.SIGKILL, "2 of 3 items succeeded, 1 skipped"),
    ],
)
def test_the_items_that_an_interrupted_map_had_done_are_told_as_they_were(
    runner: Program, number: int, words: str
) -> None:
    runner.write("""
        tasks:
          bad: {run: "test -e there"}
          each:
            needs: [bad]
            when: always()
            map: {over: [a, b, c, d], max_parallel: 1}
            run: |
              if test {{ item }} = c; then echo up > ready; sleep 100; fi
              echo {{ item }}
    """)
    subprocess.run(["mkfifo", runner.folder / "ready"], check=True)
    command = runner.command("run", "-q")
    process = subprocess.Popen(
        command, cwd=runner.folder, env=runner.environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    assert (runner.folder / "ready").read_text() == "up\n"
    os.killpg(process.pid, number)
    process.wait()
    (runner.folder / "there").touch()
    assert runner("resume", "--only-failed", "-q").code == 0
    task = report(runner)["tasks"]["each"]
    assert (task["status"], task["reason"], task["results"]) == ("skipped", "not selected", ["a", "b"])
    assert [item["marks"] for item in task["items"][:2]] == [["reused"], ["reused"]]
    line = next(line for line in runner("report").out.splitlines() if line.startswith("skipped    each"))
    assert line.split("  ")[-1].strip() == f"{words}, 2 reused; not selected"


def test_what_was_tolerated_in_a_run_that_succeeded_is_tried_again_only_if_the_run_is_named(
    runner: Program,
) -> None:
    runner.write(
        """
        tasks:
          ok: {run: "echo ok >> witness"}
          soft: {run: "echo soft >> witness; test -e there", allow_failure: true}
          after: {needs: [soft], run: "echo after >> witness"}
        """
    )
    assert runner("run", "-q").code == 0
    assert acted(runner) == ["after", "ok", "soft"]
    (name,) = (path.name for path in runner.folder.glob(".runner/runs/*"))
    assert runner("resume").err == "nothing to do: every run has succeeded\n"
    assert runner("resume", "--only-failed", name).err == f"nothing to do: nothing failed in run {name}\n"
    assert acted(runner) == []
    (runner.folder / "there").touch()
    ended = runner("resume", name, "--explain")
    assert ended.code == 0
    assert "rerun           soft: it failed before\n" in ended.err
    assert "rerun           after: needs soft, which was done again\n" in ended.err
    assert acted(runner) == ["after", "soft"]


def test_a_run_of_which_only_what_failed_was_done_is_gone_on_with_next(runner: Program) -> None:
    broken(runner, "tasks: {bad: {run: test -e there}, after: {needs: [bad], run: echo after >> witness}}")
    assert runner("resume", "-q", "--only-failed").code == 0
    assert acted(runner) == []
    assert runner("resume", "-q").code == 0
    assert acted(runner) == ["after"]
    assert runner("resume").err == "nothing to do: every run has succeeded\n"


def test_what_succeeded_before_counts_first_for_a_quorum(runner: Program) -> None:
    text = """
        tasks:
          some:
            map: {over: [1, 2, 3, 4, 5, 6], max_parallel: 1, quorum: 3}
            run: "echo {{ item }} >> witness; test {{ item }} -gt 4 || test -e there; echo {{ item }}"
    """
    broken(runner, text)
    assert runner("resume", "-q").code == 0
    assert acted(runner) == ["1"]
    assert report(runner)["tasks"]["some"]["results"] == ["1", "5", "6"]
    assert runner("resume", "-q", "20").code == 0
    assert acted(runner) == []


interrupted = """
    tasks:
      each:
        map: {over: [1, 2, 3, 4]}
        run: "test {{ item }} -gt 1 || test ! -e held || { echo up > ready; sleep 100; }; echo {{ item }}"
      next: {map: {over: "{{ tasks.each.results }}"}, run: "echo {{ item }}"}
      group:
        needs: [last]
        map: {over: [x]}
        tasks: {a: {run: "echo a"}, b: {needs: [a], run: "test ! -e held || { echo up > ready; sleep 100; }"}}
      last: {run: "true"}
      bad: {run: "test -e there"}
"""


def has_come_so_far(tasks: dict[str, Any]) -> bool:
    """Whether all is recorded that can be done while two commands are held."""
    done = [item["status"] for item in tasks["next"]["items"]].count("succeeded") == 3
    return done and tasks["bad"]["status"] == "failed"


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_what_a_broken_off_run_had_done_is_told_whole_each_time_that_only_failed_is_asked_for(
    runner: Program, by: signal.Signals
) -> None:
    runner.write(interrupted)
    (runner.folder / "held").touch()
    subprocess.run(["mkfifo", runner.folder / "ready"], check=True)
    ready = os.open(runner.folder / "ready", os.O_RDWR)
    process = subprocess.Popen(
        runner.command("run", "-q", "-j", "4"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.DEVNULL,
    )
    said = b""
    while said != b"up\nup\n":
        said += os.read(ready, 6)
    os.close(ready)
    wait_until(lambda: has_come_so_far(report(runner)["tasks"]))
    os.kill(process.pid, by)
    process.wait()
    (folder,) = (runner.folder / ".runner/runs").iterdir()
    wait_until(lambda: not held(str(folder)))  # others than the one that was killed end the run
    (runner.folder / "there").touch()
    for _ in range(2):
        assert runner("resume", "--only-failed", "-q").code == 0
        tasks = report(runner)["tasks"]
        items = {name: [item["status"] for item in tasks[name]["items"]] for name in ("each", "next")}
        assert items["each"] == ["skipped", *3 * ["succeeded"]]
        assert items["next"][-3:] == 3 * ["succeeded"]
        (body,) = (item["tasks"] for item in tasks["group"]["items"])
        assert {name: task["status"] for name, task in body.items()} == {"a": "succeeded", "b": "skipped"}
