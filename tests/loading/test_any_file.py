"""Whatever stands in a file, loading ends with a workflow or with problems that have a place."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drawing import SEED

from runner.loader import load
from runner.problem import write_text
from runner.source import parse

corpus = Path(__file__).parent.parent / "valid"
originals = [
    parse(file.read_text(encoding="utf-8"), file.name).value for file in sorted(corpus.glob("*.yml"))
]

Path_ = tuple[str | int, ...]

odd_values: list[Any] = [
    None, True, 3, -1, 2.5, 10**400, "", "x", "a b", "é", "\x07", "{{ item }}", "{{", "{{ tasks.a.result }}",
    "{{ tasks.a }}", "{{ 1 / 0 }}", "{% if %}", [], [1], ["x"], [None], [[]], [{}], {}, {"a": 1},
    {"run": "x"}, {"over": 3}, {"tasks": {"a": 3}}, "*", [1, "x", None, [], "{{ item }}", ""],
    {"a": 0, "b": 1, "(c)": None},
]  # fmt: skip
odd_keys = [
    "run", "call", "tasks", "workflow", "result", "map", "needs", "when", "with", "env", "retry",
    "timeout", "limit", "as", "key", "over", "on", "x-y", "a-b", "a", "(flag)",
]  # fmt: skip


def paths(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from paths(part, (*path, key))


def spoil(draw: random.Random, value: Any) -> None:
    """Change, add, rename or take away something somewhere."""
    found = list(paths(value))
    if not found:
        return
    *way, last = draw.choice(found)
    for part in way:
        value = value[part]
    odd = copy.deepcopy(draw.choice(odd_values))
    match draw.choice(["change", "change", "take", "add", "rename"]):
        case "change":
            value[last] = odd
        case "take":
            del value[last]
        case "rename" if isinstance(value, dict):
            value[draw.choice(odd_keys)] = value.pop(last)
        case _ if isinstance(value, dict):
            value[draw.choice(odd_keys)] = odd
        case _:
            value.append(odd)


@pytest.mark.parametrize("turn", range(20))
def test_no_spoilt_file_gets_past_or_breaks_the_loader(turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(corpus)
    draw = random.Random(f"{SEED}/{turn}")
    for _ in range(20):
        data = copy.deepcopy(draw.choice(originals))
        for _ in range(draw.randint(1, 3)):
            spoil(draw, data)
        text = json.dumps(data)
        loaded = load("spoilt.yml", text=text)
        errors = [problem for problem in loaded.problems if problem.severity == "error"]
        assert (loaded.workflow is None) == bool(errors), f"RUNNER_TEST_SEED={SEED}: {text}"
        for problem in loaded.problems:
            outside = problem.position.file != "spoilt.yml"
            assert outside or problem.position.column <= len(text) + 1, f"RUNNER_TEST_SEED={SEED}: {text}"
        assert write_text(loaded.problems).endswith("\n") or not loaded.problems


@pytest.mark.parametrize(
    "text", ["", "\n", "3", "null", "[]", "{}", "a", "---\n...", "? x", "tasks", "\ufeff"]
)
def test_a_file_that_is_no_workflow_is_told(text: str) -> None:
    loaded = load("flow.yml", text=text)
    assert loaded.workflow is None
    assert loaded.problems


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workflow.yml").write_text("tasks: {a: {run: make}}\n")
    loaded = load("worklow.yml")
    assert loaded.workflow is None
    assert write_text(loaded.problems) == (
        "worklow.yml: error: there is no such file [not-found]\n"
        "      = did you mean 'workflow.yml'?\n"
        "1 error\n"
    )
