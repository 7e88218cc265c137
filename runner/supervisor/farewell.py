"""How the runner says that it ends by itself, so that whoever watches over it can tell any other end.

A page that they share, since user code may close every descriptor.
"""

from __future__ import annotations

from mmap import mmap

_page: mmap | None = None

_by_itself, _without_files, _unheeded = 1, 2, 3


def share() -> None:
    """Make the page that processes forked from now on share."""
    global _page
    _page = mmap(-1, 2)


def say() -> None:
    """The program ends of its own accord, by whatever exit code."""
    if _page is not None:
        _page[0] = _by_itself


def say_files_are_gone() -> None:
    """The program ends because its files were closed, and can tell nobody else of it."""
    if _page is not None:
        _page[0] = _without_files


def say_unheeded() -> None:
    """The program ends as it stands, since what it runs does not heed that it was told to end."""
    if _page is not None:
        _page[0] = _unheeded


def is_unheeded() -> bool:
    """Whether one of them has said that."""
    return _page is not None and _page[0] == _unheeded


def was_said() -> bool:
    """Whether one of those who share the page has said it."""
    return _page is not None and _page[0] == _by_itself


def files_are_gone() -> bool:
    """Whether one of them has said that its files were closed."""
    return _page is not None and _page[0] == _without_files


def say_told() -> None:
    """The user has been told of an end that was not said."""
    if _page is not None:
        _page[1] = 1


def was_told() -> bool:
    """Whether one of those who share the page has told of it."""
    return _page is not None and _page[1] == 1
