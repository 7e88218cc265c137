"""Encodings other than UTF-8, as far as a text tells them by what it begins with."""

from __future__ import annotations

_marks = (
    (b"\xff\xfe\0\0", "UTF-32"),
    (b"\0\0\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
"""A longer mark begins as a shorter one does."""
longest_mark = 4


def other_encoding(begin: bytes) -> str:
    """The encoding that a byte order mark names, or nothing."""
    return next((name for mark, name in _marks if begin.startswith(mark)), "")
