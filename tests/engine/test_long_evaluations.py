"""Expressions that take long, one or many, in real runs: signals, timeouts and other tasks do not wait."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from datetime import datetime
from typing import Any

import pytest
from program import Program, wait_until
from watching import PATIENCE, processor_time, wait_for

MANY, FEW = 50_000, 10

ENDLESS = "tasks.names.result | reject('in', tasks.others.result) | list | length"
"""Half a minute for `MANY` lines."""

SLOW = "tasks.others.result | map('replace', 'x', item ~ '') | list | length"
"""Hundredths of a second for each of `MANY` items: no item takes long, and all of them minutes."""

HEAD = """
params: {file: many.txt}
tasks:
  names: {result: "{{ lines(params.file) }}"}
  others: {result: "{{ tasks.names.result | map('upper') | list }}"}
  begun: {needs: [others], run: 'echo $PPID >runner; until [ -e going ]; do sleep 0.01; done'}
  beside: {needs: [others], run: 'echo >going; exec sleep 1000'}
"""

ONE = {
    "value": f'result: "{{{{ {ENDLESS} }}}}"',
    "when": f'when: "{ENDLESS} > 0", run: echo',
    "over": f'map: {{over: "{{{{ range({ENDLESS}) }}}}"}}, run: echo',
    "key": f'map: {{over: [1, 2], key: "{{{{ {ENDLESS} ~ item }}}}"}}, run: echo',
    "cwd of a group": f'cwd: "{{{{ {ENDLESS} }}}}", tasks: {{a: {{run: echo}}}}',
    "result of a group": f'tasks: {{a: {{run: ":"}}}}, result: "{{{{ {ENDLESS} }}}}"',
}

OVER = f'over: "{{{{ range({MANY}) }}}}"'

SOME = {
    "values": f'map: {{{OVER}}}, result: "{{{{ {SLOW} }}}}"',
    "whens": f'map: {{{OVER}}}, when: "{SLOW} < 0", run: echo',
    "keys": f'map: {{{OVER}, key: "{{{{ {SLOW} ~ item }}}}"}}, when: index < 0, run: echo',
}


def started(runner: Program, text: str) -> subprocess.Popen[bytes]:
    """A run, with files of many and of few lines."""
    for name, count in (("many.txt", MANY), ("few.txt", FEW)):
        (runner.folder / name).write_text("".join(f"name {number}\n" for number in range(count)))
    runner.write(text)
    return subprocess.Popen(
        runner.command("run", "--report", "json=report.json"),
        cwd=runner.folder,
        env=runner.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


BROKEN_OFF = "outputs.long is null, as its evaluation was broken off"


def with_outputs(beside: str) -> str:
    """A workflow with an output that is evaluated for long, and what one of its commands does then."""
    head = HEAD.replace("exec sleep 1000", beside)
    return f'{head}outputs: {{brief: "{{{{ tasks.begun.exit_code }}}}", long: "{{{{ {ENDLESS} }}}}"}}\n'


def with_long(keys: str) -> str:
    """A workflow with a task that evaluates for long."""
    return f"{HEAD}  long: {{needs: [begun], {keys}}}\n"


def is_evaluating(runner: Program) -> None:
    """Wait until what comes after `begun` has taken a while of a processor's time."""
    wait_until((runner.folder / "going").exists)
    pid = int(wait_for(runner.folder / "runner"))
    before = processor_time(pid)
    wait_until(lambda: processor_time(pid) > before + 0.2)


def report(runner: Program) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((runner.folder / "report.json").read_text())
    return found


@pytest.mark.parametrize("keys", [*ONE.values(), *SOME.values()], ids=[*ONE, *SOME])
def test_a_signal_is_told_at_once_and_ends_the_run_in_order(runner: Program, keys: str) -> None:
    process = started(runner, with_long(keys))
    is_evaluating(runner)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    told = err.decode()
    assert "Ctrl-C: ending 1 task within 5s (Ctrl-C again: at once): beside" in told
    assert "Traceback" not in told + out.decode()
    ends = {name: (task["status"], task["reason"]) for name, task in report(runner)["tasks"].items()}
    assert ends["beside"] == ("cancelled", "stopped by SIGINT")
    assert ends["long"][0] == "cancelled"
    assert ends["long"][1].startswith("stopped by SIGINT")


ON_A_WORKER = {
    "text": f'run: "echo {{{{ {ENDLESS} }}}}"',
    "env": f'env: {{N: "{{{{ {ENDLESS} }}}}"}}, run: ":"',
    "stdin": f'stdin: "{{{{ {ENDLESS} }}}}", run: ":"',
    "result": f'run: ":", result: "{{{{ {ENDLESS} }}}}"',
    "until": f'run: ":", retry: {{attempts: 2, until: "{ENDLESS} < 0"}}',
    "with": f'call: work.py:half, with: {{x: "{{{{ {ENDLESS} }}}}"}}',
    "result of a call": f'call: work.py:half, with: {{x: 4}}, result: "{{{{ {ENDLESS} }}}}"',
}


@pytest.mark.parametrize("keys", ON_A_WORKER.values(), ids=ON_A_WORKER)
@pytest.mark.parametrize("executor", ["thread", "process", "inline"])
def test_a_signal_ends_what_is_evaluated_where_commands_are_run(
    runner: Program, executor: str, keys: str
) -> None:
    head = HEAD[: HEAD.index("  beside:")].replace("until [ -e going ]; do sleep 0.01; done", "echo >going")
    text = f"{head}  long: {{needs: [begun], {keys}}}\n  after: {{needs: [long], run: echo >after}}\n"
    runner.write("def half(x):\n    return x / 2\n", "work.py")
    process = started(runner, f"pool: {{executor: {executor}}}\n{text}")
    is_evaluating(runner)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert "Traceback" not in err.decode() + out.decode()
    assert "was killed" not in err.decode()
    ends = {name: (task["status"], task["reason"]) for name, task in report(runner)["tasks"].items()}
    assert ends["long"] == ends["after"] == ("cancelled", "stopped by SIGINT")
    assert not (runner.folder / "after").exists()


def test_a_signal_breaks_off_what_an_object_gives_without_end(runner: Program) -> None:
    runner.write(
        "import itertools\n\nclass Endless:\n    def __iter__(self):\n        return itertools.repeat(1)\n",
        "work.py",
    )
    long = 'map: {over: "{{ tasks.endless.result }}"}, run: echo'
    process = started(runner, f"{with_long(long)}  endless: {{call: 'work.py:Endless'}}\n")
    is_evaluating(runner)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    assert report(runner)["tasks"]["long"]["status"] == "cancelled", err


def test_what_was_broken_off_is_evaluated_when_the_run_is_resumed(runner: Program) -> None:
    process = started(runner, with_long(ONE["value"]).replace("exec sleep 1000", ""))
    is_evaluating(runner)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    ended = runner("resume", "-p", "file=few.txt", "--report", "json=report.json")
    assert ended.code == 0, ended.err
    assert report(runner)["tasks"]["long"]["result"] == FEW


@pytest.mark.parametrize("beside", ["", "exec sleep 1000"], ids=["at the end", "while a command runs"])
def test_a_signal_leaves_no_time_for_long_outputs_and_a_resume_gives_them(
    runner: Program, beside: str
) -> None:
    process = started(runner, with_outputs(beside))
    if beside:
        wait_until((runner.folder / "going").exists)
    else:
        is_evaluating(runner)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    told = err.decode()
    assert "stopping" in told and "Ctrl-C: " in told
    assert "Traceback" not in told + out.decode()
    found = report(runner)
    assert found["run"]["status"] == "cancelled"
    assert found["outputs"] == {"brief": 0, "long": None}
    assert found["notices"] == [f"{BROKEN_OFF}: stopped by SIGINT"]
    runner.write(with_outputs(""))
    resumed = runner("resume", "-p", "file=few.txt", "--report", "json=report.json")
    assert resumed.code == 0, resumed.err
    assert report(runner)["outputs"] == {"brief": 0, "long": FEW}


@pytest.mark.parametrize("beside", ["", "exec sleep 1000"], ids=["at the end", "while a command runs"])
def test_the_timeout_of_the_run_leaves_no_time_for_long_outputs(runner: Program, beside: str) -> None:
    process = started(runner, f"timeout: 3s\n{with_outputs(beside)}")
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    why = "the run took longer than its timeout of 3s at workflow.yml:1"
    found = report(runner)
    assert found["run"]["status"] == "failed"
    assert [problem["message"] for problem in found["problems"]] == [why]
    assert found["outputs"]["long"] is None
    assert f"{BROKEN_OFF}: {why}" in found["notices"]


@pytest.mark.parametrize("kind", ["value", "over"])
def test_the_timeout_of_the_run_ends_an_evaluation(runner: Program, kind: str) -> None:
    process = started(runner, f"timeout: 3s\n{with_long(ONE[kind])}")
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    why = "the run took longer than its timeout of 3s at workflow.yml:1"
    assert [report(runner)["tasks"][name]["reason"] for name in ("long", "beside")] == [why, why]


def test_the_timeout_of_the_run_ends_an_evaluation_before_anything_has_started(runner: Program) -> None:
    alone = "lines('many.txt') | list | reject('in', lines('many.txt') | map('upper') | list) | list"
    process = started(
        runner, f'timeout: 1s\ntasks: {{long: {{map: {{over: "{{{{ {alone} }}}}"}}, run: echo}}}}\n'
    )
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1, err
    assert report(runner)["tasks"]["long"]["reason"].startswith("the run took longer than its timeout of 1s")


@pytest.mark.parametrize("keys", SOME.values(), ids=SOME)
def test_while_many_expressions_are_evaluated_other_tasks_start_and_end(runner: Program, keys: str) -> None:
    text = f"""{with_long(keys)}
  next: {{needs: [begun], run: ":"}}
  late: {{needs: [next], run: sleep 1000, timeout: 100ms, allow_failure: true}}
  last: {{needs: [late], run: echo >last}}
"""
    process = started(runner, text)
    wait_for(runner.folder / "last")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, err
    ends = {name: task["status"] for name, task in report(runner)["tasks"].items()}
    assert (ends["late"], ends["last"], ends["long"]) == ("failed", "succeeded", "cancelled")


def test_the_time_of_a_value_is_what_its_expression_took(runner: Program) -> None:
    (runner.folder / "many.txt").write_text("name\n" * 50_000)
    runner.write(
        """
        tasks:
          one: {result: "{{ lines('many.txt') | map('upper') | unique | list }}"}
          each: {map: {over: [1, 2]}, result: "{{ lines('many.txt') | map('upper') | unique | list }}"}
        """
    )
    assert runner("run", "--report", "json=report.json").code == 0
    one, each = (report(runner)["tasks"][name] for name in ("one", "each"))
    assert one["seconds"] > 0.001
    assert all(item["seconds"] > 0.001 for item in each["items"])
    assert each["seconds"] > 0.99 * sum(item["seconds"] for item in each["items"])


def test_what_ended_meanwhile_took_no_longer_for_it(runner: Program) -> None:
    (runner.folder / "some.txt").write_text("".join(f"name {number}\n" for number in range(6000)))
    long = "lines('some.txt') | reject('in', lines('some.txt') | map('upper') | list) | list | length"
    runner.write(
        f"""
        tasks:
          group: {{tasks: {{inside: {{run: sleep 0.1}}}}}}
          plain: {{run: sleep 0.1}}
          late: {{run: sleep 1000, timeout: 100ms, allow_failure: true}}
          each: {{map: {{over: [1]}}, run: sleep 0.1}}
          begun: {{run: ":"}}
          long: {{needs: [begun], result: "{{{{ {long} }}}}"}}
        """
    )
    ended = runner("run", "--report", "json=report.json", "-v")
    assert ended.code == 0, ended.err
    lines = re.findall(r"^ +(?:succeeded|failed) \[ *(\S+)\] (\w+)\b", ended.err, re.MULTILINE)
    told = {name: took for took, name in lines}
    shown = dict(re.findall(r"^(?:succeeded|failed) +(\w+) +(\S+)", ended.out, re.MULTILINE))
    assert [shown[name] for name in ("plain", "late")] == [told[name] for name in ("plain", "late")]
    tasks = report(runner)["tasks"]
    assert tasks["each"]["seconds"] == pytest.approx(tasks["each"]["items"][0]["seconds"], abs=1e-5)
    assert end(tasks["group"]) == pytest.approx(end(tasks["group"]["tasks"]["inside"]), abs=0.002)


def end(record: dict[str, Any]) -> float:
    return datetime.fromisoformat(record["started"]).timestamp() + float(record["seconds"])
