"""The action and the workflow of this repository's own CI: what they say is really run by bash."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml
from actions_runner import commands
from installing import need_packages, repository, root
from program import Program

action = yaml.safe_load((root / ".github/actions/runner/action.yml").read_text())
workflow = yaml.safe_load((root / ".github/workflows/ci.yml").read_text())
install, run = action["runs"]["steps"]


class Machine:
    """A machine of GitHub with a clone of this repository, where actions are done."""

    def __init__(self, folder: Path) -> None:
        self.workspace = repository(folder)
        self.summary = folder / "summary.md"
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.environment = {
            **Program(folder).environment,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.workspace / ".github/actions/runner"),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temporary),
        }

    def bash(self, script: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a script as `shell: bash` does."""
        path = self.temporary / "script.sh"
        path.write_text(script)
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(path)],
            cwd=self.workspace,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def do(self, part: Mapping[str, Any], **inputs: str) -> subprocess.CompletedProcess[str]:
        """A part of the action with its inputs; others have their defaults."""
        given = {name: inputs.get(name, declared["default"]) for name, declared in action["inputs"].items()}

        def filled(text: str) -> str:
            return re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: given[found[1]], text)

        assert part["shell"] == "bash" and "${{" not in part["run"]
        return self.bash(part["run"], {name: filled(it) for name, it in part.get("env", {}).items()})


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """With this very program in the place where the action installs it."""
    made = Machine(tmp_path)
    program = made.temporary / "runner/bin/runner"
    program.parent.mkdir(parents=True)
    words = " ".join(Program(tmp_path).command())
    program.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    program.chmod(0o755)
    return made


@pytest.mark.timeout(900)
def test_the_example_of_our_own_ci_goes_well(tmp_path: Path) -> None:
    need_packages(tmp_path)
    machine = Machine(tmp_path)
    machine.environment.pop("PYTHONPATH", None)  # what is installed is to be run
    copytree(root / "workflows", machine.workspace / "workflows")
    (example,) = (it for it in workflow["jobs"]["example"]["steps"] if str(it.get("uses")).startswith("./"))
    assert example["uses"] == "./.github/actions/runner"
    assert set(example["with"]) <= set(action["inputs"])
    for part in (install, run):
        done = machine.do(part, **example["with"])
        assert done.returncode == 0, done.stderr
    assert {command.name for command in commands(done.stderr)} == {"group", "endgroup"}
    assert machine.summary.read_text().startswith("# ci: succeeded\n")
    assert (machine.workspace / "out/junit.xml").is_file()
    (kept,) = (it for it in workflow["jobs"]["example"]["steps"] if "upload" in str(it.get("uses")))
    assert kept["with"]["path"] == "out/junit.xml"


def test_what_is_installed_is_not_installed_again(machine: Machine) -> None:
    assert machine.do(install).stderr == ""


def test_the_default_file_is_run_where_none_is_named(machine: Machine) -> None:
    (machine.workspace / "workflow.yml").write_text("tasks: {a: {run: echo hello}}")
    done = machine.do(run)
    assert done.returncode == 0, done.stderr
    assert "::group::succeeded" in done.stderr


def test_inputs_are_arguments_whatever_they_say(machine: Machine) -> None:
    (machine.workspace / "-$(touch hacked) a.yml").write_text(
        "params: {text: a}\ntasks: {a: {result: '{{ params.text }}'}}\noutputs: {o: '{{ params.text }}'}\n"
    )
    words = "--format\njson\n\n-p\ntext=$(touch hacked) `touch hacked`; touch hacked 'a' \"b\"\n"
    done = machine.do(run, file="-$(touch hacked) a.yml", arguments=words)
    assert done.returncode == 0, done.stderr
    assert """"$(touch hacked) `touch hacked`; touch hacked 'a' \\"b\\"\"""" in done.stdout
    assert "hacked" not in os.listdir(machine.workspace)


def test_a_run_that_fails_fails_the_action(machine: Machine) -> None:
    (machine.workspace / "workflow.yml").write_text("tasks: {a: {run: exit 4}}")
    done = machine.do(run)
    assert done.returncode == 1
    assert [command.name for command in commands(done.stderr)] == ["error"]


def test_the_tests_are_run_by_the_script_that_is_there() -> None:
    scripts = [it["run"] for it in workflow["jobs"]["tests"]["steps"] if "run" in it]
    assert scripts == [".ci/run"]
    assert os.access(root / ".ci/run", os.X_OK)
