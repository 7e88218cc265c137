"""A failure as plain text, and what went wrong with the run as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from runner.display import one_line, visible
from runner.records import Failure
from runner.report.excerpts import first_lines, last_lines, traceback_lines
from runner.store.entries import FailureRecord

LONGEST_COMMAND = 4096
"""Characters of a command that are shown."""


def problem_text(problem: Failure) -> str:
    """One of the run's own problems."""
    place = f"{problem.position}: " if problem.position else ""
    return f"{visible(place + first_lines(problem.message))} [{problem.kind.value}]\n"


def failure_in_a_line(found: FailureRecord, items: Sequence[str]) -> str:
    """Which item failed, and why; `items` say more of which."""
    failure, address = found.failure, visible(found.address)
    why = f"{one_line(failure.message)} [{failure.kind.value}]"
    return f"{address} failed{_tolerated(found)}: {'; '.join([why, *items])}\n"


def _tolerated(found: FailureRecord) -> str:
    return f" ({one_line(found.tolerance)})" if found.tolerance else ""


def failure_text(found: FailureRecord, items: Sequence[str]) -> str:
    """With the evidence: which item, where, the command, the traceback, the end of what was printed."""
    failure, task = found.failure, found.task
    tries = found.item.attempts if found.item else 1
    how = f"failed after {tries} attempts" if tries > 1 else "failed"
    first, _, rest = visible(first_lines(failure.message)).partition("\n")
    place = f"{task.position}: " if task.position else ""
    head = (
        f"{visible(place)}{visible(found.address)} {how}{_tolerated(found)}: {first} [{failure.kind.value}]\n"
    )
    if found.item and found.item.reason:
        head += _indented(visible(found.item.reason), "    ")
    which = "".join(f"    {line}\n" for line in items)
    return head + _indented(rest, "    ") + which + _evidence(failure)


def _evidence(failure: Failure) -> str:
    return (
        _indented(visible(traceback_lines(failure.traceback or "", failure.message)), "    ")
        + _indented(visible(_beginning(failure.command or "")), "    $ ", "      ")
        + _indented(visible(last_lines(failure.output or "")), "    | ")
    )


def _beginning(command: str) -> str:
    """A command that is too long to be read is shown by its beginning."""
    if len(command) <= LONGEST_COMMAND:
        return first_lines(command)
    return f"{command[:LONGEST_COMMAND]}… ({len(command)} characters in all)"


def _indented(text: str, first: str, others: str | None = None) -> str:
    if not text.strip("\n"):
        return ""
    lines = text.strip("\n").split("\n")
    starts = [first] + [first if others is None else others] * (len(lines) - 1)
    return "".join(f"{start}{line}".rstrip() + "\n" for start, line in zip(starts, lines, strict=True))
