"""Whether anything in a value of the file is to be evaluated: told without the syntax of expressions.

Most values of most files are what they are, and then none of that is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.hints import Any

Path = tuple[str | int, ...]


def marked(text: str) -> bool:
    """Whether a text may be more than itself."""
    return "{{" in text or "{%" in text


def has_holes(value: Any) -> bool:
    """Whether anything in a value is to be evaluated."""
    if isinstance(value, str):
        return marked(value)
    if isinstance(value, Mapping):
        return any(map(has_holes, value.values()))
    return isinstance(value, list | tuple) and any(map(has_holes, value))


def strings(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every string of a value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from strings(part, (*path, key))
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value):
            yield from strings(part, (*path, index))
