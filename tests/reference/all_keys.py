"""The tables of all keys, made from the models.

`python tests/reference/all_keys.py` writes them into the reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from runner.loader.editors import names, told_of
from runner.loader.json_schema import json_schema, without
from runner.loader.keys import Spelled
from runner.loader.schema import WorkflowFile, entries

page = Path(__file__).parents[2] / "schemas" / "README.md"
begin, end = "<!-- all keys -->\n", "<!-- end of all keys -->\n"

Row = tuple[str, ...]
schema = json_schema()
headings = {
    "file": "The file",
    "param": "A param, in `params`",
    "pool": "`pool`",
    "limit": "A limit, in `limits`",
    "defaults": "`defaults`",
    "report": "A report, in `reports`",
    "map": "`map`",
    "retry": "`retry`",
    "on": "`on`, in `retry`",
    "cache": "`cache`",
}


def tables() -> str:
    """All keys, in the order of the models."""
    actions = {model: action for action, model in entries.items()}
    parts = []
    for model, name in names.items():
        if name in headings:
            parts.append(table(headings[name], [row_of(model, key, of) for key, of in keys_of(model)]))
        elif model is next(iter(actions)):
            parts.append(table("A task, in `tasks`", list(rows_of_tasks()), of="`of`"))
    return "\n".join(parts)


def table(heading: str, rows: list[Row], of: str = "") -> str:
    columns = ("key", *(["of"] if of else []), "type", "default", "meaning", "example")
    lines = [columns, ("---",) * len(columns), *rows]
    return f"**{heading}**\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def rows_of_tasks() -> Iterator[Row]:
    """A row for what is told of a key, with the actions that have it so."""
    rows: dict[Row, list[str]] = {}
    for action, model in entries.items():
        for key, of in keys_of(model):
            rows.setdefault(row_of(model, key, of), []).append(f"`{action}`")
    everywhere = len(entries)
    for (key, *rest), of_these in sorted(rows.items(), key=lambda it: -len(it[1])):
        yield (key, "all" if len(of_these) == everywhere else ", ".join(of_these), *rest)


def keys_of(model: type[Spelled]) -> Iterator[tuple[str, dict[str, Any]]]:
    made = schema if model is WorkflowFile else schema["definitions"][model.__name__]
    for key, of in made["properties"].items():
        yield key, {**of, "required": key in made.get("required", [])}


def row_of(model: type[Spelled], key: str, of: dict[str, Any]) -> Row:
    told = told_of(model, key)
    kind = ", ".join(f"`{word}`" for word in of["enum"]) if "enum" in of else of["title"]
    default = "required" if of["required"] else without(of, told)
    example = f"`{key}: {in_one_line(told.examples[0])}`"
    return tuple(cell.replace("|", "\\|") for cell in (f"`{key}`", kind, default, told.meaning, example))


def in_one_line(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, width=1000, sort_keys=False)
    return text.removesuffix("...\n").strip()


def with_tables(text: str) -> str:
    """The page with the tables as they should be."""
    before, rest = text.split(begin)
    _, after = rest.split(end)
    return f"{before}{begin}\n{tables()}\n{end}{after}"


if __name__ == "__main__":
    page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")
