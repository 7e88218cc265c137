"""The meaning of `retry` and of conditions, which a task and the file's `defaults` write the same way."""

from __future__ import annotations

from runner.expression import Template
from runner.loader.schema import RetryEntry
from runner.workflow import Retry


def retry_of(entry: RetryEntry, until: Template | None) -> Retry:
    """How often, and when, an attempt is followed by another."""
    return Retry(
        attempts=entry.attempts,
        delay=entry.delay,
        backoff=entry.backoff,
        max_delay=entry.max_delay,
        jitter=entry.jitter,
        budget=entry.budget,
        exit_codes=entry.on.exit_codes if entry.on else None,
        exceptions=entry.on.exceptions if entry.on else None,
        until=until,
    )


def condition_text(value: str | bool) -> str:
    """A condition as text; YAML's `true` and `false` are conditions too."""
    return value if isinstance(value, str) else str(value).lower()
