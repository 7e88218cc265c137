"""What a script makes of the variables that the file, its groups and its task bind to values."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from runner import shell
from runner.findings import Findings, Path
from runner.loader.known_items import has_own_keys
from runner.regex import regex
from runner.shell import program_variables

_of_other = regex(r"\{\{\s*tasks\.(\w+)\.results\s*\}\}")


def check_exposed(
    findings: Findings,
    task: Path,
    script: str,
    dialect: shell.Dialect,
    types: Mapping[str, str],
    at: Path = ("run",),
) -> None:
    """Report each value of an `env` or a `cwd` around a task, and each key, that its script would surely run.

    The script stands `at` a place in the task.
    """
    document = findings.document.value
    found = {**_variables(document, task), **_folder(document, task)}
    keys = _keys(document, task) if "RUNNER_" in script else {}
    given = {**keys, **{name: text for name, (_, text) in found.items()}}
    for name, fault in shell.exposed(script, dialect, given, types):
        message = f"in the script of `{task[-1]}`, {fault.message}"
        path = found[name][0] if name in found else (*task, *at)
        findings.add_inside(path, fault.offset, fault.length, fault.code, message, fault.hint)


def check_exposed_in_list(
    findings: Findings, task: Path, words: Sequence[Any], types: Mapping[str, str]
) -> None:
    """The same for a script that a list gives to a shell, and for the arguments that it gives to that."""
    texts = [str(word) for word in words]
    if found := shell.script_in(texts):
        check_exposed(findings, task, *found, types, ("run", texts.index(found[0])))
    for index, fault in shell.argued(texts, types):
        message = f"in the script of `{task[-1]}`, {fault.message}"
        path = (*task, "run", index)
        findings.add_inside(path, fault.offset, fault.length, fault.code, message, fault.hint)


def check_fed(findings: Findings, path: Path, given: Any, command: Any, types: Mapping[str, str]) -> None:
    """Report each value in the input of a command that runs what it reads, however deep it stands."""
    if isinstance(given, dict | list):
        for key, one in given.items() if isinstance(given, dict) else enumerate(given):
            check_fed(findings, (*path, key), one, command, types)
    script = command
    if isinstance(command, tuple):
        words = [str(word) for word in command]
        script, _ = shell.script_in(words) or (shlex.join(words), "sh")
    if isinstance(given, str) and isinstance(script, str):
        for fault in shell.fed(given, script, types):
            findings.add_inside(path, fault.offset, fault.length, fault.code, fault.message, fault.hint)


def _variables(document: Any, task: Path) -> dict[str, tuple[Path, str]]:
    """Those texts that have a value in them, with their places; what stands further inside wins."""
    found: dict[str, tuple[Path, str]] = {}
    entry = document
    for depth, key in enumerate((None, *task)):
        entry = entry if key is None else entry.get(key) if isinstance(entry, dict) else None
        own = entry.get("env") if isinstance(entry, dict) and depth % 2 == 0 else None
        for name, text in own.items() if isinstance(own, dict) else ():
            found.pop(name, None)
            if isinstance(text, str) and "{{" in text and name not in program_variables:
                found[name] = ((*task[:depth], "env", name), text)
    return found


def _folder(document: Any, task: Path) -> dict[str, tuple[Path, str]]:
    """The same for the folder of its commands, by the variable that holds it."""
    for depth in range(len(task), -1, -2):
        path = (*task[:depth], "cwd") if depth else ("defaults", "cwd")
        text = _at(document, path)
        if text is not None:
            return {"PWD": (path, text)} if isinstance(text, str) and "{{" in text else {}
    return {}


def _keys(document: Any, task: Path) -> dict[str, str]:
    """The variables that tell a task its key and those around it, where these may be any text."""
    own, *around = (_may_be_any(document, task[:depth]) for depth in range(len(task), 0, -2))
    found = {"RUNNER_KEY": "{{ key }}"} if own else {}
    return {**found, **({"RUNNER_TASK": "{{ key }}"} if any(around) else {})}


def _may_be_any(document: Any, task: Path) -> bool:
    """Whether the keys of a map are not only what the file says; an item-wise one has those of another."""
    asked: set[Path] = set()
    while task not in asked:
        asked.add(task)
        data = _at(document, (*task, "map"))
        if not isinstance(data, dict) or has_own_keys(data):
            return False
        source = None if "key" in data else _of_other.fullmatch(str(data.get("over", "")))
        if source is not None:
            task = (*task[:-1], source[1])
    return True


def _at(document: Any, path: Path) -> Any:
    """What stands at a place of a file; None where there is nothing."""
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document
