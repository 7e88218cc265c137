"""Every mistake of the corpus is told as its `.out` file says, to the letter."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

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


def test_every_pinned_text_has_its_file() -> None:
    assert {out.stem for out in corpus.glob("*.out")} == {file.stem for file in files}
