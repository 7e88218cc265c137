"""What the limits of all files of a workflow are together, and who takes more of one than there is.

A limit of the same name is one limit. Its numbers are those of the file that is outermost of those that
declare it; of files that are equally far out, those of the one that is named first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from runner.findings import Findings, Path
from runner.loader.mistakes import no_expression
from runner.loader.schema import LimitEntry
from runner.position import Position
from runner.problem import did_you_mean
from runner.struct import field, struct
from runner.wording import there_are
from runner.workflow import Limit

_around = "the number is that of the file around this one"
_beside = (
    "a limit of the same name is one limit: give its numbers in the outermost file, or this one another name"
)


@struct
class Take:
    """A task, or `defaults`, that takes units of a limit: at `path`."""

    path: Path
    name: str
    units: int


@struct(frozen=False, eq=False)
class FileLimits:
    """What one file declares and takes, and the files that it runs, in their order."""

    findings: Findings
    declared: dict[str, Limit | None] = field(default_factory=dict)
    """None for one that cannot be read."""
    known: bool = True
    """`limits` could be read, so that what it does not declare is nowhere."""
    takes: list[Take] = field(default_factory=list)
    runs: list[FileLimits] = field(default_factory=list)

    @property
    def file(self) -> str:
        return self.findings.document.name

    def declare(self, written: Any, entries: Mapping[str, LimitEntry]) -> None:
        """Take over what stands in `limits`, of which `entries` could be read."""
        self.known = isinstance(written, dict)
        self.declared = dict.fromkeys(written) if self.known else {}
        for name, entry in entries.items():
            starts, per = entry.rate or (None, 1.0)
            self.declared[name] = Limit(name, entry.concurrency, starts, per)

    def take(self, units: Mapping[str, int], written: Any, path: Path) -> None:
        """Note what an attempt takes, and report limits that the file does not declare."""
        for name, wanted in units.items():
            if name in self.declared:
                self.takes.append(Take((*path, name), name, wanted))
            elif self.known:
                self._unknown(name, written, path)

    def _unknown(self, name: str, written: Any, path: Path) -> None:
        hint = no_expression(name) or did_you_mean(name, self.declared)
        if not hint:
            example = f"declare it: `limits: {{{name}: {{concurrency: 2}}}}`"
            hint = there_are("limits", list(self.declared)) if self.declared else example
        at = path
        if isinstance(written, dict | list):
            at = (*path, name if isinstance(written, dict) else written.index(name))
        self.findings.add(at, "unknown-limit", f"unknown limit '{name}'", hint, key=isinstance(written, dict))

    def place(self, name: str) -> tuple[Position, str]:
        """Where it declares a limit."""
        return self.findings.document.mark(("limits", name), key=True), f"'{name}' is declared"

    def inside(self, name: str) -> Iterable[FileLimits]:
        """The files that it runs and whose numbers of a limit may count, since it has none itself."""
        return () if name in self.declared else self.runs


def together(root: FileLimits) -> dict[str, Limit]:
    """The limits of a file and of all that it runs. Reports whoever takes more than there is."""
    files = _inward(root, lambda file: file.runs)
    found = {}
    for name in dict.fromkeys(name for file in files for name in file.declared):
        beside = _declaring(root, name)
        limit = beside[0].declared[name]
        found[name] = limit or Limit(name)
        if limit is not None:
            told = _report_too_many(beside[0], files, limit)
            _warn_of_others(beside, limit, told)
    return found


def _declaring(root: FileLimits, name: str) -> list[FileLimits]:
    """The files that declare a limit which no file around them does; the numbers of the first count."""
    return [file for file in _inward(root, lambda it: it.inside(name)) if name in file.declared]


def _inward(root: FileLimits, inside: Callable[[FileLimits], Iterable[FileLimits]]) -> list[FileLimits]:
    """A file and those inside it, each once, the outermost first."""
    found, known = [root], {root}
    for file in found:
        new = [it for it in dict.fromkeys(inside(file)) if it not in known]
        found += new
        known.update(new)
    return found


def _report_too_many(first: FileLimits, files: Iterable[FileLimits], limit: Limit) -> set[FileLimits]:
    """The files in which somebody takes more than the file `first` says that there is."""
    most = limit.concurrency
    wrong: set[FileLimits] = set()
    if most is None:
        return wrong
    below = _inward(first, lambda file: file.runs)
    for file in files:
        for take in file.takes:
            if take.name != limit.name or take.units <= most:
                continue
            message = f"takes {take.units} of '{limit.name}', but there are only {most}"
            hint = "" if file is first else _around if file in below else _beside
            file.findings.add(take.path, "too-many-units", message, hint, related=[first.place(limit.name)])
            wrong.add(file)
    return wrong


def _warn_of_others(beside: Iterable[FileLimits], limit: Limit, told: Collection[FileLimits]) -> None:
    """Numbers that do not count, although no file around says otherwise."""
    first, *others = beside
    for file in others:
        own = file.declared[limit.name]
        if own is None or own == limit or file in told:
            continue
        message = f"these numbers of '{limit.name}' do not count, but those of {first.file}"
        file.findings.add(
            ("limits", limit.name),
            "other-numbers",
            message,
            _beside,
            key=True,
            severity="warning",
            related=[first.place(limit.name)],
        )
