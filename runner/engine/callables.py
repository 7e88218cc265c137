"""The callables of a workflow, imported before anything starts: what is missing is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from textwrap import indent
from typing import Any

from runner.callables.loading import ImportFailure, load
from runner.callables.sources import source_digest
from runner.masks import Mask
from runner.problem import UserError, with_hint
from runner.work.capture import route_logging
from runner.workflow import Call, Task


def import_callables(tasks: Iterable[Task], mask: Mask) -> None:
    """Import the callables of tasks; raises `UserError` for all that fail."""
    route_logging()
    faults: dict[str, str] = {}
    for task in tasks:
        if isinstance(task.action, Call):
            try:
                function = load(task.action.reference, task.action.folder)
                if not task.action.checked:
                    for number, fault in enumerate(_misfits(task.action, function)):
                        faults[f"{task.position} {number}"] = f"{task.position}: {fault}"
                if task.cache is not None:  # as it is imported: it may change while the run goes on
                    with suppress(OSError):
                        source_digest(task.action.reference, task.action.folder)
            except ImportFailure as failure:
                faults.setdefault(task.action.reference, f"{task.position}: {_told(failure, mask)}")
    if faults:
        raise UserError("\nerror: ".join(faults.values()), "nothing ran")


def _misfits(action: Call, function: Callable[..., Any]) -> Iterator[str]:
    """Which arguments do not fit what has been imported, since its source does not show what it takes."""
    from runner.callables.fitting import misfits

    return misfits(action.reference, function, list(action.arguments.value))


def _told(failure: ImportFailure, mask: Mask) -> str:
    told = with_hint(failure.message, failure.hint)
    if failure.traceback:
        # Masked before it is indented, which would part the lines of a secret that has several.
        told = f"{told}\n{indent(mask.text(failure.traceback).rstrip(), '    ')}"
    return mask.text(told)
