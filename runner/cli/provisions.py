"""What a run imports on demand, imported before it begins where descriptors may run short on the way."""

from __future__ import annotations

import os

PLENTY = 256
"""So many descriptors are enough for whatever a task of a usual program leaves open."""

OF_A_WORKER = 8
"""So many descriptors a worker has open at the most."""

ON_DEMAND = (
    "base64",
    "html",
    "json",
    "linecache",
    "random",
    "re",
    "resource",
    "shlex",
    "shutil",
    "struct",
    "tempfile",
    "textwrap",
    "traceback",
    "unicodedata",
    "urllib.parse",
    "runner.callables.finding",
    "runner.callables.fitting",
    "runner.callables.looking",
    "runner.engine.callables",
    "runner.engine.masking",
    "runner.expression.columns",
    "runner.expression.compilation",
    "runner.expression.faults",
    "runner.expression.text_filters",
    "runner.items",
    "runner.likeness",
    "runner.pasting",
    "runner.patterns",
    "runner.progress.region",
    "runner.report.as_json",
    "runner.report.as_trace",
    "runner.report.context",
    "runner.report.failure_text",
    "runner.report.insides",
    "runner.report.publish",
    "runner.store.batches",
    "runner.store.earlier",
    "runner.store.insides",
    "runner.store.whole",
    "runner.work.calling",
    "runner.work.logged",
    "runner.work.tracing",
)


def provide(workers: int) -> None:
    """Import what the run may yet need, unless it can open enough files to do so when it does."""
    if 0 <= os.sysconf("SC_OPEN_MAX") < PLENTY + OF_A_WORKER * workers:
        from importlib import import_module

        for name in ON_DEMAND:
            import_module(name)
