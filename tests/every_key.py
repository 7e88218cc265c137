"""Every key of the schema, and a whole file that has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from runner.loader.json_schema import json_schema

Json = dict[str, Any]
schema = json_schema()


def keys() -> Iterator[tuple[str, str, Json]]:
    """The model, the name and the schema of every key."""
    for model, made in {"WorkflowFile": schema, **schema["definitions"]}.items():
        for key, one in made.get("properties", {}).items():
            yield model, key, one


def examples_of(key: Json) -> list[Any]:
    return [*key.get("examples", []), *key.get("then", {}).get("examples", [])]


every_key = pytest.mark.parametrize(
    ("model", "key", "of"), [pytest.param(*it, id=f"{it[0]}.{it[1]}") for it in keys()]
)

tasks: dict[str, Json] = {
    "RunEntry": {"run": "echo one"},
    "CallEntry": {"call": "tools.py:double", "with": {"number": 1}},
    "GroupEntry": {"tasks": {"fetch": {"run": "echo one"}, "show": {"run": "echo two"}}},
    "SubEntry": {"workflow": "./shrink.yml", "with": {"width": 1}},
    "ValueEntry": {"result": 1},
}
base = {
    "params": {"width": 320, "deploy": False, "source": "a/b.txt"},
    "limits": {"api": {"concurrency": 2}, "cores": {"concurrency": 4}},
    "tasks": dict.fromkeys(("fetch", "show", "index"), tasks["RunEntry"]),
}


def beside(folder: Path) -> None:
    """Write the files that those workflows name."""
    (folder / "tools.py").write_text("def double(number: int) -> int:\n    return 2 * number\n")
    (folder / "shrink.yml").write_text("params: {width: 1}\ntasks: {one: {result: 1}}\n")
    (folder / "params.yml").write_text("width: 160\n")
    (folder / "summary.md.j2").write_text("done\n")


def file_with(model: str, key: str, given: Json) -> Json:
    """A whole file with a key of a model, or without it."""
    if task := task_with(model, key, given):
        return {**base, "tasks": {**base["tasks"], "x": task}}
    declared: Json = {} if given.get("required") else {"default": "fast" if key == "choices" else 9}
    return {
        "WorkflowFile": {**base, **given},
        "ParamEntry": {**base, "params": {"x": {**declared, **given}}},
        "PoolEntry": {**base, "pool": given},
        "LimitEntry": {**base, "limits": {"api": given}},
        "DefaultsEntry": {**base, "defaults": given},
        "ReportEntry": {**base, "reports": [{"to": "out/report.html", **given}]},
    }[model]


def task_with(model: str, key: str, given: Json) -> Json | None:
    """The task that has it, if it is a key of a task."""
    action = tasks["CallEntry" if key == "exceptions" else "RunEntry"]
    source = {} if key in ("matrix", "zip") else {"over": ["a", "b"]}
    return {
        **{name: {**entry, **given} for name, entry in tasks.items()},
        "MapEntry": {**action, "map": {**source, **given}},
        "RetryEntry": {**action, "retry": {"attempts": 3, **given}},
        "RetryOn": {**action, "retry": {"attempts": 3, "on": given}},
        "CacheFiles": {**action, "cache": given},
    }.get(model)
