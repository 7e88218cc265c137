"""How tasks and items are addressed: `fetch[cat.jpg]`, `country[fr].parse[3]`.

It does not know which tasks and items there are.
"""

from __future__ import annotations

from collections.abc import Iterable

from runner.problem import UserError

Step = tuple[str, str | None]
"""The name of a task, and the key of one of its items."""

_step = r"([^\[\].]+)(?:\[([^\[\]]*)\])?"
_address = rf"{_step}(?:\.{_step})*"


def forbidden_in(key: str) -> str:
    """Why a text cannot be a key, or nothing."""
    if not key:
        return "is empty"
    for character in key:
        if character in "[]":
            return f"holds {character!r}"
        if ord(character) < 32 or 127 <= ord(character) < 160 or character in "\u2028\u2029":
            return f"holds the control character {character!r}"
    return ""


def address_of(task: str, mapped: bool | int, key: str | None, index: int) -> str:
    """`fetch[cat.jpg]` for an item of a map, the task's own address for a plain task."""
    if not mapped:
        return task
    return f"{task}[{index if key is None else key}]"


def written(steps: Iterable[Step]) -> str:
    """The address that these steps make up."""
    return ".".join(name if key is None else f"{name}[{key}]" for name, key in steps)


def steps_of(address: str) -> tuple[Step, ...]:
    """`country[fr].parse[3]` → country with fr, parse with 3. Raises `UserError`."""
    import re

    if not re.fullmatch(_address, address):
        raise UserError(
            f"'{address}' is no address of a task",
            hint="write it as in fetch, fetch[cat.jpg] or country[fr].parse",
        )
    return tuple((match[1], match[2]) for match in re.finditer(_step, address))
