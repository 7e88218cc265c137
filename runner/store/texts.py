"""Values as the JSON text that stands for them in a file."""

from __future__ import annotations

from collections.abc import Callable

from runner.hints import Any
from runner.json_text import compact, read
from runner.store.errors import SIGNS_OF_DAMAGE, damaged_record


def encode(value: Any) -> str | None:
    """A value as JSON text (ASCII only), or None where JSON cannot hold it."""
    try:
        return _encode(value)
    except BaseException:  # the value's own methods may raise anything
        return None


def decode(text: str | None) -> Any:
    """The value of JSON text that was recorded."""
    if text is None:
        return None
    try:
        return read(text)
    except SIGNS_OF_DAMAGE as error:
        raise damaged_record(error) from error


_encode: Callable[[Any], str] = compact()
