"""Collects the problems of one document: what is wrong, told by the path in the data.

It turns paths into places and excerpts. It does not judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from runner.position import Fault, Position
from runner.problem import Problem
from runner.source import Document
from runner.wording import shortened

Path = tuple[str | int, ...]
Severity = Literal["error", "warning"]

_of_what_is_missing = frozenset(["missing-key", "no-action", "missing-argument", "missing-param", "no-tasks"])
"""Problems of what is not in a mapping: it may stand in a part of it that could not be read."""

_of_keys = frozenset(
    [
        "bad-name",
        "bad-task-name",
        "misplaced-key",
        "unknown-argument",
        "unknown-axis",
        "unknown-key",
        "unknown-param",
    ]
)
"""Problems of what a key is called: each says more than that it is no text."""

_declared_in = {
    "unknown-task": "tasks",
    "unknown-param": "params",
    "unknown-secret": "secrets",
    "unknown-limit": "limits",
}
"""Problems of names that are not declared: they may be in a part of the file that could not be read."""


class Findings:
    """The problems of `document` so far; `broken` once one of them is an error."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self.document = document
        self.problems = problems

    def faults(self) -> None:
        """Take over what was wrong with the text itself."""
        for fault in self.document.faults:
            self._add_fault(fault)

    def add(
        self,
        path: Path,
        code: str,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        severity: Severity = "error",
        related: Sequence[tuple[Position, str]] = (),
    ) -> None:
        """A problem of the value at `path`, or of its key."""
        if code in _of_what_is_missing and (
            self.document.is_partial(path) or self.document.is_unfinished(path)
        ):
            return
        position = self.document.mark(path, key=key)
        if code == "computed-key" and any(told.position == position for told in self.problems):
            return
        if key and code in _of_keys:
            self._forget("wrong-key", position)
            self._forget("computed-key", position)
            if code != "unknown-key":  # which a comma may have made of a value
                hint = self.document.space_missing(path) or hint
        self._add(
            position,
            code,
            message,
            hint,
            severity,
            self.document.length(path, key=key),
            related,
        )

    def add_inside(
        self,
        path: Path,
        offset: int,
        length: int,
        code: str,
        message: str,
        hint: str = "",
        *,
        severity: Severity = "error",
    ) -> None:
        """A problem of `length` characters of the text at `path`, from `offset`."""
        self._add(self.document.mark_in(path, offset), code, message, hint, severity, length, ())

    def add_at(
        self,
        position: Position,
        code: str,
        message: str,
        hint: str = "",
        *,
        length: int = 1,
        severity: Severity = "error",
        related: Sequence[tuple[Position, str]] = (),
    ) -> None:
        """A problem of a place of this document."""
        self._add(position, code, message, hint, severity, length, related)

    def silent(self) -> Findings:
        """The same document, for a second look at what has been reported already."""
        return Findings(self.document, [])

    def in_quotes(self, path: Path) -> str:
        """The advice to put in quotes what stands at `path`, as it was written."""
        return f"put it in quotes: '{shortened(self.document.written(path))}'"

    def errors(self) -> int:
        """How many errors there are so far."""
        return sum(problem.severity == "error" for problem in self.problems)

    def _forget(self, code: str, position: Position) -> None:
        for told in self.problems:
            if told.code == code and told.position == position:
                self.problems.remove(told)
                return

    def _add_fault(self, fault: Fault) -> None:
        self._add(fault.position, fault.code, fault.message, fault.hint, "error", fault.length, fault.related)

    def _add(
        self,
        position: Position,
        code: str,
        message: str,
        hint: str,
        severity: Severity,
        length: int,
        related: Sequence[tuple[Position, str]],
    ) -> None:
        if code in _declared_in and self.document.is_unfinished((_declared_in[code],)):
            return
        excerpt = self.document.line(position.line)
        self.problems.append(
            Problem(position, code, message, hint, severity, max(1, length), excerpt, tuple(related))
        )


def problems_of(document: Document) -> list[Problem]:
    """What the text itself has wrong, before anything of its meaning is looked at."""
    return [Problem.of(fault, document.line(fault.position.line)) for fault in document.faults]
