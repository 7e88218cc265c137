"""What a script makes of the variables that the file, its groups and its task bind to values."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from runner import shell
from runner.findings import Findings, Path
from runner.shell import program_variables


def check_exposed(
    findings: Findings, task: Path, script: str, dialect: shell.Dialect, types: Mapping[str, str]
) -> None:
    """Report each value of an `env` around a task that its script would surely run."""
    found = _variables(findings.document.value, task)
    given = {name: text for name, (_, text) in found.items()}
    for name, fault in shell.exposed(script, dialect, given, types):
        path, _ = found[name]
        message = f"in the script of `{task[-1]}`, {fault.message}"
        findings.add_inside(path, fault.offset, fault.length, fault.code, message, fault.hint)


def check_exposed_in_list(
    findings: Findings, task: Path, words: Sequence[Any], types: Mapping[str, str]
) -> None:
    """The same for a script that a list gives to a shell."""
    if found := shell.script_in([str(word) for word in words]):
        check_exposed(findings, task, *found, types)


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
