"""The meaning of `retry` and of conditions, which a task and the file's `defaults` write the same way."""

from __future__ import annotations

from collections.abc import Sequence

from runner.expression import Template
from runner.findings import Findings, Path
from runner.loader.exceptions import as_python_says, covers_timeouts
from runner.loader.schema import CallEntry, GroupEntry, RetryEntry, RetryOn, RunEntry, TaskEntry
from runner.workflow import Retry


def retry_of(entry: RetryEntry, until: Template | None) -> Retry:
    """How often, and when, an attempt is followed by another."""
    on = entry.on or RetryOn.of({})
    return Retry(
        attempts=entry.attempts,
        delay=entry.delay,
        backoff=entry.backoff,
        max_delay=entry.max_delay,
        jitter=entry.jitter,
        budget=entry.budget,
        exit_codes=on.exit_codes,
        exceptions=None if on.exceptions is None else tuple(map(as_python_says, on.exceptions)),
        until=until,
    )


def condition_text(value: str | bool) -> str:
    """A condition as text; YAML's `true` and `false` are conditions too."""
    return value if isinstance(value, str) else str(value).lower()


def check_retried(
    retry: RetryEntry, entry: TaskEntry, timeout: float | None, path: Path, findings: Findings
) -> None:
    """What is tried again can happen to such a task: whatever is late ends by a `TimeoutError`, too.

    `path` is that of `on`.
    """
    on, key, of = retry.on, "", ""
    if on is None:
        return
    if isinstance(entry, CallEntry) and on.exit_codes is not None:
        key, of = "exit_codes", "a command"
    elif isinstance(entry, RunEntry) and on.exceptions and not _may_be_late(on.exceptions, timeout):
        key, of = "exceptions", "a call"
    if key:
        message = f"`{key}` are those of {of}, so that this would never be tried again"
        findings.add((*path, key), "bad-key", message, key=True)


def why_no_exit_code(entry: TaskEntry) -> str:
    """What is said to who asks for the exit code of what is no command."""
    if isinstance(entry, CallEntry):
        what = "a call"
    else:
        what = "a group" if isinstance(entry, GroupEntry) else "a workflow"
    return f"`exit_code` is that of a command: {what} has none"


def _may_be_late(exceptions: Sequence[str], timeout: float | None) -> bool:
    """Whether a command may end by one of them: only by being late."""
    names = set(map(as_python_says, exceptions))
    return "TimeoutError" in names or (timeout is not None and any(map(covers_timeouts, names)))
