"""The meaning of `retry` and `limit`, which a task and the file's `defaults` write the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.expression import Template
from runner.findings import Path
from runner.loader.context import FileContext
from runner.loader.schema import RetryEntry
from runner.problem import did_you_mean
from runner.wording import there_are
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


def check_limits(context: FileContext, units: Mapping[str, int], written: Any, path: Path) -> None:
    """Report limits that the file does not declare, and more units than there are."""
    for name, wanted in units.items():
        limit = context.limits.get(name)
        if limit is None:
            _unknown_limit(context, name, written, path)
        elif limit.concurrency is not None and wanted > limit.concurrency:
            message = f"takes {wanted} of '{name}', but there are only {limit.concurrency}"
            hint = "the number is that of the file around this one" if name in context.limits_around else ""
            context.findings.add((*path, name), "too-many-units", message, hint)


def _unknown_limit(context: FileContext, name: str, written: Any, path: Path) -> None:
    if not context.limits_known:
        return
    hint = did_you_mean(name, context.limits)
    if not hint:
        example = f"declare it: `limits: {{{name}: {{concurrency: 2}}}}`"
        hint = there_are("limits", list(context.limits)) if context.limits else example
    at = path
    if isinstance(written, dict | list):
        at = (*path, name if isinstance(written, dict) else written.index(name))
    context.findings.add(at, "unknown-limit", f"unknown limit '{name}'", hint, key=isinstance(written, dict))
