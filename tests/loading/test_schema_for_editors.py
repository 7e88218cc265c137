"""The schema tells of every key what it is for, what counts without it and how it is written: the truth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from runner.loader import load
from runner.loader.editors import names, told
from runner.loader.json_schema import json_schema

Json = dict[str, Any]
schema = json_schema()
models = {model.__name__: model for model in names}


def keys() -> Iterator[tuple[str, str, Json]]:
    """The model, the name and the schema of every key."""
    for model, made in {"WorkflowFile": schema, **schema["definitions"]}.items():
        for key, one in made.get("properties", {}).items():
            yield model, key, one


def examples_of(key: Json) -> list[Any]:
    return [*key.get("examples", []), *key.get("then", {}).get("examples", [])]


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


every_key = pytest.mark.parametrize(
    ("model", "key", "of"), [pytest.param(*it, id=f"{it[0]}.{it[1]}") for it in keys()]
)


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

base = {
    "params": {"width": 320, "deploy": False, "source": "a/b.txt"},
    "limits": {"api": {"concurrency": 2}, "cores": {"concurrency": 4}},
    "tasks": {name: {"run": "echo one"} for name in ("fetch", "show", "index")},
}
tasks: dict[str, Json] = {
    "RunEntry": {"run": "echo one"},
    "CallEntry": {"call": "tools.py:double", "with": {"number": 1}},
    "GroupEntry": {"tasks": {"fetch": {"run": "echo one"}, "show": {"run": "echo two"}}},
    "SubEntry": {"workflow": "./shrink.yml", "with": {"width": 1}},
    "ValueEntry": {"result": 1},
}


def file_with(model: str, key: str, given: Json) -> Json:
    """A whole file with a key of a model, or without it."""
    sources = {} if key in ("matrix", "zip") else {"over": ["a", "b"]}
    declared: Json = {} if given.get("required") else {"default": "fast" if key == "choices" else 9}
    raises = key == "exceptions"
    action = tasks["CallEntry" if raises else "RunEntry"]
    task: Json | None = {
        **{name: {**entry, **given} for name, entry in tasks.items()},
        "MapEntry": {**action, "map": {**sources, **given}},
        "RetryEntry": {**action, "retry": {"attempts": 3, **given}},
        "RetryOn": {**action, "retry": {"attempts": 3, "on": given}},
        "CacheFiles": {**action, "cache": given},
    }.get(model)
    if task is not None:
        return {**base, "tasks": {**base["tasks"], "x": task}}
    return {
        "WorkflowFile": {**base, **given},
        "ParamEntry": {**base, "params": {"x": {**declared, **given}}},
        "PoolEntry": {**base, "pool": given},
        "LimitEntry": {**base, "limits": {"api": given}},
        "DefaultsEntry": {**base, "defaults": given},
        "ReportEntry": {**base, "reports": [{"to": "out/report.html", **given}]},
    }[model]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tools.py").write_text("def double(number: int) -> int:\n    return 2 * number\n")
    (tmp_path / "shrink.yml").write_text("params: {width: 1}\ntasks: {one: {result: 1}}\n")
    (tmp_path / "params.yml").write_text("width: 160\n")
    (tmp_path / "summary.md.j2").write_text("done\n")
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
