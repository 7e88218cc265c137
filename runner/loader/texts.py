"""Values that a command is given as text, where they stand in the file as they are: do they have any?

Also the names of the variables that it is given. What holds an expression is told in the run. It
knows nothing of the keys where they stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from runner.expression import EvaluationError, Template
from runner.expression.values import text_of
from runner.findings import Findings, Path
from runner.wording import quoted

_variable = re.compile(r"[^=\0]+")
_hint = "put it in quotes if it is meant as text"


def check_shell(findings: Findings, path: Path, words: Sequence[str] | None) -> None:
    """Report what no interpreter can be given; `path` is of what has the key."""
    if words and len(words) > 1:
        check_texts(findings, [((*path, "shell", index), word) for index, word in enumerate(words)])
    elif words:
        check_texts(findings, [((*path, "shell"), words[0])])


def check_texts(
    findings: Findings, values: Iterable[tuple[Path, Any]], text: Callable[[Any], str] = text_of
) -> None:
    """Report those that have no text, as infinity has none; nothing at all is not asked for one."""
    for path, value in values:
        if value is None or not Template(value).literal:
            continue
        try:
            text(value)
        except EvaluationError as error:
            findings.add(path, "wrong-type", error.message, _hint if isinstance(value, float) else "")


def check_variables(findings: Findings, variables: Mapping[str, Any], path: Path) -> None:
    """Report variables that cannot be called so, and those whose value has no text."""
    for name in variables:
        if not _variable.fullmatch(name):
            message = f"`env` has {quoted(name)}, which cannot be the name of a variable"
            findings.add((*path, name), "bad-name", message, key=True)
    check_texts(findings, [((*path, name), one) for name, one in variables.items()])
