"""Brief items are given to a worker together: one that takes long among them holds up none of the others."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections import Counter
from typing import Any

import pytest
from program import Program, wait_until

LIBRARY = """
import os, time

def act(n, slow, until):
    with open("acted", "a") as acted:
        acted.write(f"{n}\\n")
    if n == slow:
        open("slow", "w").close()
        while not os.path.exists(until):
            time.sleep(0.001)
    return n
"""

CALLS = 'call: lib.py:act, with: {n: "{{ item }}", slow: 40, until: never}'
COMMANDS = (
    'run: "echo {{ item }} >> acted; test {{ item }} != 40 || '
    '{ touch slow; until test -e never; do sleep 0.01; done; }; echo {{ item }}", capture: json'
)
RESULT = 'call: lib.py:act, with: {n: "{{ item }}", slow: 40, until: never}, result: "{{ result * 1 }}"'


def begun(runner: Program, action: str) -> subprocess.Popen[bytes]:
    """A run with one worker, which has come to the item that takes long."""
    runner.write(LIBRARY, "lib.py")
    runner.write(f'tasks: {{each: {{map: {{over: "{{{{ range(100) }}}}"}}, {action}}}}}')
    process = subprocess.Popen(
        runner.command("run", "-q", "-j", "1"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    wait_until((runner.folder / "slow").exists)
    return process


def told(runner: Program) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(runner("report", "--format", "json").out)
    return report


def succeeded(runner: Program) -> list[int]:
    items = told(runner)["tasks"]["each"]["items"]
    return [item["result"] for item in items if item["status"] == "succeeded"]


def acted(runner: Program) -> Counter[str]:
    return Counter((runner.folder / "acted").read_text().split())


@pytest.mark.parametrize("action", [CALLS, COMMANDS, RESULT], ids=["calls", "commands", "results"])
def test_what_has_ended_is_recorded_while_the_next_goes_on(runner: Program, action: str) -> None:
    process = begun(runner, action)
    wait_until(lambda: succeeded(runner) == list(range(40)))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (runner.folder / "never").touch()
    assert runner("resume", "-q").code == 0
    assert succeeded(runner) == list(range(100))
    assert [n for n, times in acted(runner).items() if times > 1] == ["40"]


def test_what_has_ended_is_none_of_what_a_ctrl_c_gives_up(runner: Program) -> None:
    process = begun(runner, CALLS)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    items = told(runner)["tasks"]["each"]["items"]
    assert [item["status"] for item in items] == ["succeeded"] * 40 + ["cancelled"]
    note = (
        "note: each[40] was still running when it was given up: Python cannot stop a thread. "
        "Its late result is thrown away."
    )
    assert note in runner("report").out.splitlines()


def test_what_follows_an_item_does_not_wait_for_one_that_takes_long(runner: Program) -> None:
    runner.write(LIBRARY, "lib.py")
    runner.write("""
        tasks:
          each:
            map: {over: "{{ range(100) }}"}
            call: lib.py:act
            with: {n: "{{ item }}", slow: 40, until: followed}
          next:
            map: {over: "{{ tasks.each.results }}", as: n}
            run: "test {{ n }} != 39 || touch followed"
    """)
    assert runner("run", "-q", "-j", "2").code == 0


def test_an_item_that_failed_before_is_tried_again_meanwhile(runner: Program) -> None:
    runner.write(
        LIBRARY.replace(
            "return n",
            "if n == 39 and not os.path.exists('again'):\n"
            "        open('again', 'w').close()\n        raise ValueError(n)\n    return n",
        ),
        "lib.py",
    )
    runner.write("""
        tasks:
          each:
            map: {over: "{{ range(100) }}"}
            call: lib.py:act
            with: {n: "{{ item }}", slow: "{{ 40 if attempt == 1 else -1 }}", until: mended}
            retry: {attempts: 2}
          next:
            map: {over: "{{ tasks.each.results }}", as: n}
            run: "test {{ n }} != 39 || touch mended"
    """)
    assert runner("run", "-q", "-j", "2").code == 0


def test_what_is_made_of_a_result_is_made_once(runner: Program) -> None:
    rows = "[{'a': i, 'b': 'x'} for i in range(60)]"
    runner.write(f"def give(n):\n    return {{'n': n, 'rows': {rows}}}\n", "lib.py")
    runner.write("""
        tasks:
          each:
            map: {over: "{{ range(5000) }}"}
            call: lib.py:give
            with: {n: "{{ item }}"}
            result: {n: "{{ result.n + 1 }}", rows: "{{ result.rows }}"}
        outputs: {sum: "{{ tasks.each.results | map(attribute='n') | sum }}"}
    """)
    assert runner.report("-q", "-j", "2")["outputs"] == {"sum": 5000 * 5001 // 2}


@pytest.mark.parametrize("executor", ["process", "concurrent.futures:ThreadPoolExecutor"])
def test_elsewhere_all_that_is_known_of_an_item_comes_with_it(runner: Program, executor: str) -> None:
    runner.write(
        """
        import time

        def say(n):
            print("said", n)
            if n % 40 == 39:
                time.sleep(0.1)
            if n == 37:
                raise ValueError(n)
            return n
        """,
        "lib.py",
    )
    runner.write("""
        tasks:
          each: {map: {over: "{{ range(120) }}"}, call: lib.py:say, with: {n: "{{ item }}"}, cache: true}
    """)
    assert runner("run", "-q", "-j", "2", "--executor", executor, "--no-cache").code == 1
    assert runner("logs", "each").out.count("said") == 120
    (failed,) = (it for it in told(runner)["tasks"]["each"]["items"] if it["status"] == "failed")
    assert failed["error"]["output"] == "said 37"
    explained = runner("resume", "--explain", "--no-cache", "--executor", executor).err.splitlines()
    assert [line.split(":")[0].split()[-1] for line in explained if "rerun" in line] == ["each[37]"]
