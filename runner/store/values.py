"""Values and rows as SQLite holds them."""

from __future__ import annotations

from collections.abc import Iterable

from runner.hints import Any

Row = tuple[Any, ...]


def to_bytes(value: Any) -> Any:
    """A text that UTF-8 cannot hold (a lone surrogate) is stored as a blob."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return value


def from_bytes(value: Any) -> Any:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def placeholders(columns: Iterable[str]) -> str:
    """`a, b` → `(a, b) VALUES (?, ?)`."""
    names = list(columns)
    return f"({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
