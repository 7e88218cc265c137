"""Files of every feature of the language load without a word, and editors find nothing in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from runner.loader import load
from runner.loader.json_schema import json_schema
from runner.problem import write_text
from runner.source import parse

corpus = Path(__file__).parent.parent / "valid"
files = sorted(corpus.glob("*.yml"))
written_schema = Path(__file__).parent.parent.parent / "schemas" / "workflow.schema.json"
validator = Draft7Validator(json_schema())


def test_there_are_at_least_sixty_files() -> None:
    assert len(files) >= 60


@pytest.mark.parametrize("file", files, ids=lambda file: file.stem)
def test_a_valid_file_loads_without_a_word(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(corpus)
    loaded = load(file.name)
    assert write_text(loaded.problems) == ""
    assert loaded.workflow is not None
    assert loaded.workflow.body.tasks


@pytest.mark.parametrize("file", files, ids=lambda file: file.stem)
def test_a_valid_file_fits_the_schema_for_editors(file: Path) -> None:
    data = parse(file.read_text(encoding="utf-8"), file.name).value
    assert [error.message for error in validator.iter_errors(data)] == []


def test_the_written_schema_is_the_generated_one() -> None:
    assert json.loads(written_schema.read_text(encoding="utf-8")) == json_schema()


def test_the_schema_is_a_schema() -> None:
    Draft7Validator.check_schema(json_schema())


def test_every_kind_of_task_has_a_title_and_a_description_for_editors() -> None:
    definitions = json_schema()["definitions"]
    actions = definitions["task"]["dependencies"].values()
    kinds = [definitions.get(kind.get("$ref", "").rpartition("/")[2], kind) for kind in actions]
    assert [kind["title"] for kind in kinds] == ["command", "callable", "group", "another file", "value"]
    assert all(kind["description"] for kind in kinds)


@pytest.mark.parametrize(
    "task",
    [
        {"run": "make", "tiemout": 3},
        {"run": "make", "call": "a:b"},
        {"needs": ["a"]},
        {"run": 3},
        {"run": "make", "timeout": "5 minutes"},
        {"run": "make", "map": {"over": [1], "matrix": {"a": [1]}}},
        {"tasks": {"a": {"run": "make"}}, "cache": True},
    ],
    ids=",".join,
)
def test_editors_see_the_common_mistakes_too(task: dict[str, object]) -> None:
    assert not validator.is_valid({"tasks": {"a": task}})
