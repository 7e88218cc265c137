"""How the runner says that it ends by itself, so that whoever watches over it can tell any other end.

A page that they share, since user code may close every descriptor.
"""

from __future__ import annotations

from mmap import mmap

_page: mmap | None = None


def share() -> None:
    """Make the page that processes forked from now on share."""
    global _page
    _page = mmap(-1, 1)


def say() -> None:
    """The program ends of its own accord, by whatever exit code."""
    if _page is not None:
        _page[0] = 1


def was_said() -> bool:
    """Whether one of those who share the page has said it."""
    return _page is not None and _page[0] == 1
