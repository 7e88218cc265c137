"""What `runner` is to who imports it: cheap until something is asked for, and typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hosts import Script

import runner as package


def test_importing_the_package_imports_nothing_else(script: Script) -> None:
    ended = script.run("""
        import sys
        before = set(sys.modules)
        import runner
        print(sorted(set(sys.modules) - before))
    """)
    assert ended.out == "['runner']\n"


def test_what_the_package_names_is_there_and_nothing_else_is() -> None:
    assert set(package.__all__) <= set(dir(package))
    assert package.run.__module__ == "runner.api.running"
    with pytest.raises(AttributeError, match="module 'runner' has no attribute 'runn'"):
        _ = package.runn  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match="cannot import name 'runn'"):
        from runner import runn  # type: ignore[attr-defined]  # noqa: F401


def test_a_program_that_a_type_checker_accepts_runs(script: Script) -> None:
    script.write("params: {names: [x]}\ntasks: {a: {map: {over: '{{ params.names }}'}, result: 1}}")
    text = (Path(__file__).parent / "typed_program.py").read_text(encoding="utf-8")
    ended = script.run(text, "workflow.yml")
    assert (ended.code, ended.out, ended.err) == (0, "None succeeded\nnot-found\n", "")


def test_results_and_errors_show_where_they_belong(script: Script) -> None:
    script.write("tasks: {a: {run: echo}}")
    ended = script.run("from runner import run\nrun('workflow.yml', {'n': 1})\n")
    assert ended.err.endswith("runner.problem.UserError: unknown param 'n'\n  = there are no params\n")
