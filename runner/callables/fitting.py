"""Whether arguments fit what has been imported, for what its source did not show."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from runner.callables.inspection import check_arguments
from runner.callables.signatures import signature_of
from runner.problem import with_hint


def misfits(reference: str, function: Callable[..., Any], names: Collection[str]) -> Iterator[str]:
    """A sentence on each of the arguments that do not fit, and on each that is missing."""
    signature = signature_of(function, reference.rpartition(":")[2])
    for fault in check_arguments(signature, names):
        yield with_hint(fault.message, fault.hint)
