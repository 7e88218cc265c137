"""Values that a command is given as text, where they stand in the file as they are: do they have any?

What holds an expression is told in the run. It knows nothing of the keys where they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from runner.expression import EvaluationError, Template
from runner.expression.values import text_of
from runner.findings import Findings, Path

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
