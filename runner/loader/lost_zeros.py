"""Numbers that were meant as names: of `3.10` YAML keeps 3.1, where each character may count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from runner.findings import Findings, Path

_number = re.compile(r"[1-9][0-9]*\.[1-9]0")
_one_decimal = re.compile(r"[1-9][0-9]*\.[1-9]")


def warn_of_lost_zeros(data: Any, findings: Findings) -> None:
    """Warn of each in the `env` of a file and its tasks, and in what their maps range over."""
    document = findings.document
    found = {document.mark(path): document.written(path) for path in _places(data, ())}
    for position, written in found.items():
        if _number.fullmatch(written):
            message = f"{written} is the number {written[:-1]} here"
            hint = f'put it in quotes if its last 0 counts: "{written}"'
            length = len(written)
            findings.add_at(position, "lost-zero", message, hint, length=length, severity="warning")


def _places(data: Any, path: Path) -> Iterator[Path]:
    """The numbers with one decimal in a file or a task, and in the tasks inside it."""
    if not isinstance(data, dict):
        return
    yield from _numbers(data.get("env"), (*path, "env"))
    source = data.get("map")
    if isinstance(source, dict):
        for key in ("matrix", "zip", "over"):
            yield from _numbers(source.get(key), (*path, "map", key))
    tasks = data.get("tasks")
    for name, task in tasks.items() if isinstance(tasks, dict) else ():
        yield from _places(task, (*path, "tasks", name))


def _numbers(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, float) and _one_decimal.fullmatch(repr(value)):
        yield path
    elif isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(one, (*path, key))
