"""Keys of mappings in which somebody has written an expression: keys are read as they stand.

It knows where the mapping stands, not what it is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from runner.expression import json_of
from runner.expression.holes import Expression, Part, cut
from runner.findings import Findings, Path
from runner.regex import regex

_named = ("env", "with", "outputs")
"""Keys whose mappings have names that are known before the run, and cannot be an expression."""
_hole = regex(r"\{\{.*?\}\}", re.DOTALL)
_simple = regex(r"[\w.]+")
_longest = 100


def check_keys(findings: Findings, value: Any, path: Path) -> None:
    """Report the first key of each mapping in `value` that holds a `{{ }}`."""
    for at, mapping in _mappings(value, path):
        for key in mapping:
            if hole := _hole.search(key):
                message = f"a key is read as it stands: `{hole[0]}` is not evaluated"
                whole = f'write all of the mapping as an expression: "{{{{ {_expression(mapping)} }}}}"'
                hint = "write the name out" if at == path and path[-1] in _named else whole
                findings.add((*at, key), "computed-key", message, hint, key=True)
                break


def _mappings(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(value, dict):
        yield path, value
    for key, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from _mappings(inner, (*path, key))


def _expression(mapping: dict[str, Any]) -> str:
    """The mapping as an expression; an example, where it is too long or has quotes."""
    text = _written(mapping)
    return text if len(text) <= _longest and not re.search(r"[\"\\\n]", text) else "{key: value}"


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_written(key)}: {_written(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    if isinstance(value, str):
        parts = cut(value).parts
        alone = len(parts) == 1
        return " ~ ".join(_of_part(part, alone) for part in parts) or "''"
    return "none" if value is None else json_of(value)


def _of_part(part: Part, alone: bool) -> str:
    if not isinstance(part, Expression):
        return f"'{part.text}'" if "'" not in part.text else '"'
    source = part.hole.source.strip()
    return source if alone or _simple.fullmatch(source) else f"({source})"
