"""What is done after sessions that died half-way: of several that knew an item, the newest counts."""

from __future__ import annotations

import subprocess

from program import Program

WORKFLOW = """
tasks:
  each: {{map: {{over: [a, b, c]{budget}}}, run: "echo {{{{ item }}}} >> witness; {script}"}}
  gate: {{run: test -e there}}
"""


def session(runner: Program, script: str, *arguments: str, budget: str = "") -> tuple[int, list[str]]:
    """The exit code of a session, and what it did, item by item."""
    runner.write(WORKFLOW.format(script=script, budget=budget))
    (runner.folder / "witness").write_text("")
    code = runner(*arguments, "-q", "-j", "1").code
    return code, (runner.folder / "witness").read_text().split()


def test_an_item_of_a_map_that_once_succeeded_was_under_way_at_a_later_death(runner: Program) -> None:
    assert session(runner, "true", "run") == (1, ["a", "b", "c"])
    code, acted = session(runner, "test {{ item }} != b || kill -9 $PPID", "resume")
    assert (code, acted) == (-9, ["a", "b"])
    (runner.folder / "there").touch()
    assert session(runner, "test {{ item }}", "resume") == (0, ["a", "b", "c"])
    assert runner("report", "--format", "json").out.count('"cancelled"') == 0


def test_a_body_of_a_group_that_once_succeeded_was_open_at_a_later_death(runner: Program) -> None:
    text = """
        tasks:
          group:
            map: {over: [a, b]}
            tasks: {one: {run: "echo {{ item }}"}, two: {run: "echo {{ tasks.one.result }}; SCRIPT"}}
            result: "{{ tasks.two.result }}"
          gate: {run: test -e there}
        outputs: {group: "{{ tasks.group.results }}"}
    """
    runner.write(text.replace("SCRIPT", "true"))
    assert runner("run", "-q").code == 1
    runner.write(text.replace("SCRIPT", "test {{ item }} != b || kill -9 $PPID"))
    assert runner("resume", "-q").code == -9
    (runner.folder / "there").touch()
    runner.write(text.replace("SCRIPT", "true"))
    assert '"outputs": {"group": ["a", "b"]}' in runner("resume", "-q", "--format", "json").out


def test_an_item_that_failed_before_a_later_death_has_not_had_its_end(runner: Program) -> None:
    assert session(runner, "true", "run") == (1, ["a", "b", "c"])
    fails = "test {{ item }} != a; test {{ item }} != b || kill -9 $PPID"
    assert session(runner, fails, "resume") == (-9, ["a", "b"])
    (runner.folder / "there").touch()
    fixed = fails.replace("kill", "true kill").replace("test {{ item }} != a", "true {{ item }} != a")
    assert session(runner, fixed, "resume") == (0, ["a", "b", "c"])


def test_an_item_that_its_map_tolerates_has_had_its_end_though_a_later_session_died(runner: Program) -> None:
    script = "test {{ item }} != a"
    assert session(runner, script, "run", budget=", max_failures: 1") == (1, ["a", "b", "c"])
    killed = runner.folder / "killed.yml"
    assert not killed.exists()
    text = WORKFLOW.format(script=script, budget=", max_failures: 1")
    runner.write(text.replace("test -e there", "kill -9 $PPID"))
    assert subprocess.run(runner.command("resume", "-q"), cwd=runner.folder, check=False).returncode == -9
    (runner.folder / "there").touch()
    assert session(runner, script, "resume", budget=", max_failures: 1") == (0, [])
