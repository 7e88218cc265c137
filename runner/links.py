"""Paths as people are told of them; why nothing is found where something stands."""

from __future__ import annotations

import os


def short_path(path: str) -> str:
    """`path`, or the way to it from the current folder where that is shorter."""
    return min(os.path.relpath(path), path, key=len) if os.path.isabs(path) else path


def broken_link(path: str) -> str:
    """`'a' is a link to 'b', which is not there`, of the first part of the path that is one, or nothing."""
    parts = path.split(os.sep)
    for end in range(1, len(parts) + 1):
        part = os.sep.join(parts[:end])
        if os.path.islink(part) and not os.path.exists(part):
            return f"'{part}' is a link to '{os.readlink(part)}', which is not there"
    return ""
