"""The hook for pre-commit calls the program as it is; it gets the names of files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml
from program import Program

hooks = Path(__file__).parents[2] / ".pre-commit-hooks.yaml"


def test_the_hook_refuses_what_is_wrong_and_passes_over_what_is_sound(runner: Program) -> None:
    (hook,) = yaml.safe_load(hooks.read_text())
    program, *words = shlex.split(hook["entry"])
    runner.write("tasks: {one: {run: [echo, hi]}}", "a.yml")
    runner.write("tasks: {one: {rum: [echo, hi]}}", "b.yml")
    assert (program, runner(*words, "a.yml").code, runner(*words, "a.yml", "b.yml").code) == ("runner", 0, 2)
    assert re.search(hook["files"], "workflows/a.yml") and not re.search(hook["files"], "a.txt")
