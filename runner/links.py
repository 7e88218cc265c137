"""Links to what is not there: why nothing is found at a path where something stands."""

from __future__ import annotations

import os


def broken_link(path: str) -> str:
    """`'a' is a link to 'b', which is not there`, of the first part of the path that is one, or nothing."""
    parts = path.split(os.sep)
    for end in range(1, len(parts) + 1):
        part = os.sep.join(parts[:end])
        if os.path.islink(part) and not os.path.exists(part):
            return f"'{part}' is a link to '{os.readlink(part)}', which is not there"
    return ""
