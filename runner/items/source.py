"""What the items of a map come from: their values, how many there are, and what each is called.

It does not know what was written in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from runner.struct import struct


class ItemsError(Exception):
    """The items cannot be had: a wrong source, a wrong key, unequal lengths."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


@struct
class Source:
    """The values of the items; `name` gives the default key of one, given its place and value."""

    values: Iterable[Any]
    total: int | None
    name: Callable[[int, Any], str | None]
    distinct: bool = False
    """The default keys are different by construction."""


def index_key(index: int, value: Any) -> str:
    """The key of an item that has no better name."""
    return str(index)
