"""What kinds of values tasks are sure to give, as far as the file shows it, and where None is one too few.

It evaluates nothing, and knows none of the keys where a value stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.expression import Template
from runner.expression.kinds import holes_in, kind_of, nothing
from runner.expression.marks import Path, strings
from runner.loader.namespace import Declared, View
from runner.regex import regex

_captured = {"text": "str", "lines": "list", "none": nothing}
_of_maps = frozenset({"results", "items", "failures"})

_of_task = regex(r"tasks[.\[]\S+")

Fault = tuple[str, str]
"""A message and a hint."""


def kind_captured(entry: Mapping[str, Any]) -> str | None:
    """The kind of what a command gives, before `result` makes something else of it."""
    capture = entry.get("capture", "text")
    return _captured.get(capture) if "run" in entry and isinstance(capture, str) else None


def kind_of_result(entry: Mapping[str, Any]) -> str | None:
    """The kind of what others see of a task, or of each of its items."""
    captured = kind_captured(entry)
    if "result" not in entry:
        return captured
    kind = kind_of(Template(entry["result"]), {"result": captured} if captured else {})
    return None if kind == nothing else kind


def kinds_in(template: Template, types: Mapping[str, str], view: View) -> Mapping[str, str]:
    """`types`, the kinds that the place shows, and those of the tasks that a template names."""
    kinds = dict(view.kinds)
    for one in template.references:
        found = view.tasks.find(one.task) if view.tasks is not None else None
        if found is not None and (kind := _kind_of(found[0], one.attribute)):
            kinds[f"tasks.{one.task}.{one.attribute}"] = kind
    return {**types, **kinds} if kinds else types


def _kind_of(task: Declared, attribute: str) -> str | None:
    if task.mapped:
        return "list" if attribute in _of_maps else None
    return task.kind if attribute == "result" else None


def texts_of_none(template: Template, kinds: Mapping[str, str]) -> Iterator[tuple[int, int, Path, Fault]]:
    """Where a text holds what is sure to be None: the offset, the length, and the path of the text."""
    if template.condition:
        return
    for path, text in strings(template.value, ()):
        holes = list(holes_in(text, kinds))
        for hole, kind in holes:
            if kind == nothing and (hole.offset, hole.end) != (0, len(text)):
                yield hole.offset, hole.end - hole.offset, path, why_no_text(hole.source)


def why_no_text(source: str) -> Fault:
    """What is said of an expression that gives None where text is wanted."""
    source = source.strip()
    if _of_task.fullmatch(source):
        hint = "without `capture: none` it would be what the command writes"
        return f"`{source}` is None, which has no text", hint
    return "the value is None, which has no text", "`| default('…', true)` gives it one"
