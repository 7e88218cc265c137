"""Texts that were probably meant as expressions, as they are written elsewhere: `${{ x }}`, `tasks.a.result`.

They are taken as they stand, and warned of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runner.findings import Path
from runner.loader.lookup import Lookup
from runner.loader.namespace import View
from runner.regex import regex

_dollar = regex(r"(?<!\$)\$(\{\{-?\s*(.*?)\s*-?\}\})")
_beginnings = ("tasks.", "params.", "secrets.")
_bare = regex(r"(tasks|params|secrets)\.([A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)*")


def warn_of_slips(lookup: Lookup, value: Any, path: Path, view: View) -> None:
    """Tell of each text in a value that stands at `path`."""
    findings = lookup.findings
    for at, text in _texts(value, path):
        for found in _dollar.finditer(text) if "${{" in text and "{% raw" not in text else ():
            message = "the `$` stands in the text as it is: it is no part of the expression"
            hint = f"did you mean {found[1]}? For a dollar write {{{{ '$' }}}}{found[1]}"
            findings.add_inside(at, found.start(), 1, "stray-dollar", message, hint, severity="warning")
        named = _bare.fullmatch(text) if text.startswith(_beginnings) else None
        if named and _is_known(named[1], named[2], lookup, view):
            message = f"`{text}` is text here: an expression stands in {{{{ }}}}"
            hint = f'did you mean "{{{{ {text} }}}}"?'
            findings.add(at, "text-like-an-expression", message, hint, severity="warning")


def _is_known(group: str, name: str, lookup: Lookup, view: View) -> bool:
    if group == "tasks":
        return view.tasks is not None and view.tasks.find(name) is not None
    return name in (lookup.params if group == "params" else lookup.secrets)


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(part, (*path, index))
