"""Whether arguments fit what has been imported, for what its source did not show."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from runner.callables.inspection import ArgumentFault, check_arguments
from runner.callables.signatures import signature_of


def misfits(reference: str, function: Callable[..., Any], names: Collection[str]) -> list[ArgumentFault]:
    """Each of the arguments that do not fit, and each that is missing."""
    return check_arguments(signature_of(function, reference.rpartition(":")[2]), names)
