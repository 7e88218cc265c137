"""Every mistake of the corpus is told as its `.out` file says, to the letter."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from runner.cli.checking import check
from runner.cli.terminal import Stdout
from runner.expression import Template
from runner.loader import load
from runner.problem import write_text

corpus = Path(__file__).parent.parent / "mistakes"
files = sorted(corpus.glob("*.yml"))


@pytest.mark.parametrize("file", files, ids=lambda file: file.stem)
def test_a_mistake_is_told_as_pinned(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(corpus)
    told = write_text(load(file.name).problems).replace(str(corpus), "<folder>")
    pinned = file.with_suffix(".out")
    if os.environ.get("PIN"):  # PIN=1 writes what is told now, to be read before it is kept
        pinned.write_text(told, encoding="utf-8")
    assert told == pinned.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", files, ids=lambda file: file.stem)
def test_a_workflow_with_an_error_is_not_given(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(corpus)
    loaded = load(file.name)
    errors = [problem for problem in loaded.problems if problem.severity == "error"]
    assert (loaded.workflow is None) == bool(errors)


@pytest.mark.parametrize("file", files, ids=lambda file: file.stem)
def test_whoever_looks_what_a_run_would_refuse_as_well_hears_no_less(
    file: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(corpus)
    check([file.name], False, "text", Stdout())
    told = capfd.readouterr().out.replace(str(corpus), "<folder>")
    for block in re.split(
        r"^(?=\S)", file.with_suffix(".out").read_text(encoding="utf-8"), flags=re.MULTILINE
    ):
        assert block in told or re.fullmatch(r"\d+ .*\n", block)


def test_every_pinned_text_has_its_file() -> None:
    assert {out.stem for out in corpus.glob("*.out")} == {file.stem for file in files}


def test_what_is_advised_for_computed_keys_is_an_expression_that_makes_the_mapping() -> None:
    names = {"item": "x", "index": 3, "params": {"x": "a"}}
    told = (corpus / "expressions_in_keys.out").read_text(encoding="utf-8")
    advised = re.findall(r'as an expression: "(.*)"$', told, re.MULTILINE)
    assert [Template(text).evaluate(names) for text in advised if "key: value" not in text] == [
        {"x": 1, "text": 3, "deep": [{"a-X-b": None}]},
        {"a-X-b": None},
        {"A": True},
        {"a": [1, 2]},
        {"a": [1]},
        {"{{ x }}": 1},
        {"a": "a"},
    ]
