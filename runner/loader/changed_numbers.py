"""Numbers that were meant as text: of `3.10` YAML keeps 3.1, and of `007` it keeps 7."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.expression.values import json_of
from runner.findings import Findings, Path
from runner.regex import regex

_like_a_name = regex(r"[1-9][0-9]*\.[1-9]0|0[0-9]*[1-9][0-9]*")
"""What nobody writes who means a number, such as `3.10`, and as `0644` of older YAML."""

_anywhere = regex(r"\.[1-9]0|\b0[0-9]")

_Number = tuple[Path, float, bool]
"""Where a number stands, which it is, and whether it surely becomes text."""


def warn_of_changed_numbers(data: Any, findings: Findings) -> None:
    """Warn of each number that is written otherwise than it will be read, where it may become text."""
    document = findings.document
    told = set()
    is_any_like_a_name = _anywhere.search(document.text)  # or a million numbers are looked up for nothing
    for path, number, is_text in _of_entry(data, ()):
        if not (is_text or is_any_like_a_name):
            continue
        written = document.written(path)
        if not (_like_a_name.fullmatch(written) or (is_text and written != json_of(number))):
            continue
        position, text = document.mark(path), json_of(number)
        if position not in told:
            told.add(position)
            message = f"{written} is the number {text} here"
            hint = f'put it in quotes if {_what_counts(written, text)}: "{written}"'
            code = "lost-zero" if _without_zeros(written) == _without_zeros(text) else "changed-number"
            findings.add_at(position, code, message, hint, length=len(written), severity="warning")


def _what_counts(written: str, text: str) -> str:
    if written == text + "0":
        return "its last 0 counts"
    return "it is meant as it is written"


def _without_zeros(text: str) -> str:
    return text.replace("0", "").rstrip(".")


def _of_entry(data: Any, path: Path) -> Iterator[_Number]:
    """The numbers of a file or a task, and of the tasks inside it, where any value may stand."""
    if not isinstance(data, dict):
        return
    yield from _numbers(data.get("env"), (*path, "env"), True)
    yield from _numbers(data.get("with"), (*path, "with"))
    yield from _numbers(data.get("stdin"), (*path, "stdin"), not isinstance(data.get("stdin"), dict | list))
    if isinstance(data.get("run"), list):
        yield from _numbers(data["run"], (*path, "run"), True)
    source = data.get("map")
    if isinstance(source, dict):
        for key in ("matrix", "zip", "over"):
            yield from _numbers(source.get(key), (*path, "map", key))
    for name, param in _named(data.get("params")):
        yield from _of_param(param, (*path, "params", name))
    for name, task in _named(data.get("tasks")):
        yield from _of_entry(task, (*path, "tasks", name))


def _of_param(param: Any, path: Path) -> Iterator[_Number]:
    """Those of a param that is not declared to be a number."""
    if not isinstance(param, dict):
        yield from _numbers(param, path)
    elif param.get("type") in (None, "list", "dict"):
        for key in ("default", "choices"):
            yield from _numbers(param.get(key), (*path, key))


def _named(entries: Any) -> Iterator[tuple[Any, Any]]:
    yield from entries.items() if isinstance(entries, dict) else ()


def _numbers(value: Any, path: Path, is_text: bool = False) -> Iterator[_Number]:
    if isinstance(value, float | int) and not isinstance(value, bool):
        if abs(value) < float("inf"):
            yield path, value, is_text
    elif isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(one, (*path, key), is_text)
