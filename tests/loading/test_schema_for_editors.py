"""The schema tells of every key what it is for, what counts without it and how it is written: the truth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from every_key import Json, beside, every_key, examples_of, file_with, keys, schema
from jsonschema import Draft7Validator

from runner.loader import load
from runner.loader.editors import names, told

models = {model.__name__: model for model in names}


def required(model: str, key: str) -> bool:
    made = schema if model == "WorkflowFile" else schema["definitions"][model]
    return key in made.get("required", [])


def inside(part: Any) -> Iterator[Json]:
    """All mappings of the schema, from the outermost on; examples and defaults are none of it."""
    if isinstance(part, list):
        for one in part:
            yield from inside(one)
    elif isinstance(part, dict):
        yield part
        for name, one in part.items():
            if name not in ("examples", "default"):
                yield from inside(one)


@pytest.mark.parametrize("tasks", [{}, {"group": {"tasks": {}}}], ids=["file", "group"])
def test_a_body_without_tasks_is_wrong_by_the_schema_as_it_is_for_the_program(
    tasks: Json, tmp_path: Path
) -> None:
    (problem,) = Draft7Validator(schema).iter_errors({"tasks": tasks})
    assert (problem.validator, problem.instance) == ("minProperties", {})
    (tmp_path / "flow.yml").write_text(json.dumps({"tasks": tasks}))
    told = [it.message for it in load(str(tmp_path / "flow.yml")).problems]
    assert told == ["`tasks` is empty: there is nothing to do"]


@every_key
def test_a_key_says_what_it_is_for_what_counts_without_it_and_how_it_is_written(
    model: str, key: str, of: Json
) -> None:
    assert of["title"] and of["title"] == of["title"].lower()
    assert re.search(r"[a-z]\.$", of["description"].partition(" Default: ")[0])
    assert ("Default: " in of["description"]) is not required(model, key)
    assert examples_of(of)
    assert of.get("markdownDescription", of["description"]).replace("`", "") == of["description"]


@every_key
def test_the_examples_and_the_default_of_a_key_fit_its_own_schema(model: str, key: str, of: Json) -> None:
    validator = Draft7Validator({**of, "definitions": schema["definitions"]})
    given = [*examples_of(of), *([of["default"]] if "default" in of else [])]
    assert [error.message for value in given for error in validator.iter_errors(value)] == []


@every_key
def test_what_completion_offers_is_yaml_as_it_is_inserted(model: str, key: str, of: Json) -> None:
    lists = [value for value in of.get("examples", []) if isinstance(value, list)]
    assert all(yaml.safe_load(f"- {one}") == [one] for value in lists for one in value)
    assert not any(isinstance(value, dict) for value in of.get("examples", []))


def test_nothing_is_told_of_a_key_that_is_not_there() -> None:
    told_for = {(model.__name__, key) for model, texts in told.items() for key in texts}
    known = {
        (name, key) for model, key, _ in keys() for name in [it.__name__ for it in models[model].__mro__]
    }
    assert told_for - known == set()


def test_no_key_may_be_null_and_none_has_a_title_made_of_its_name() -> None:
    parts = list(inside(schema))
    assert [part for part in parts if part.get("type") == "null"] == []
    titles = [part["title"] for part in parts if isinstance(part.get("title"), str)]
    assert [title for title in titles if title != title.lower()] == []


# Held against the program ------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    beside(tmp_path)
    return tmp_path


def loaded(folder: Path, data: Json) -> Any:
    (folder / "flow.yml").write_text(json.dumps(data))
    found = load("flow.yml")
    assert [(str(it.position), it.message, it.hint) for it in found.problems] == []
    return found.workflow


@every_key
def test_the_program_takes_the_examples_of_a_key(model: str, key: str, of: Json, folder: Path) -> None:
    for value in examples_of(of):
        loaded(folder, file_with(model, key, {key: value}))


def placeless(workflow: Any) -> str:
    return re.sub(r"Position\([^)]*\)", "", repr(workflow))


@pytest.mark.parametrize(
    ("model", "key", "of"),
    [pytest.param(*it, id=f"{it[0]}.{it[1]}") for it in keys() if "default" in it[2]],
)
def test_a_default_that_is_written_out_changes_nothing(model: str, key: str, of: Json, folder: Path) -> None:
    without = loaded(folder, file_with(model, key, {}))
    written = loaded(folder, file_with(model, key, {key: of["default"]}))
    assert placeless(written) == placeless(without)
