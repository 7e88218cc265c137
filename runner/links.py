"""Paths as people write them and are told of them, and why nothing is found where something stands."""

from __future__ import annotations

import os

_streams = r"/dev/(stdout|stderr)|/(?:dev|proc/self)/fd/([12])"


def short_path(path: str) -> str:
    """`path`, or the way to it from the current folder where that is shorter."""
    return min(os.path.relpath(path), path, key=len) if os.path.isabs(path) else path


def own_stream(path: str) -> int | None:
    """The descriptor of the program's own output that a path means, such as `-` for the standard one."""
    if path == "-":
        return 1
    import re

    match = re.fullmatch(_streams, path)
    if match is None:
        return None
    return {"stdout": 1, "stderr": 2}.get(match[1] or "") or int(match[2] or 1)


def broken_link(path: str) -> str:
    """`'a' is a link to 'b', which is not there`, of the first part of the path that is one, or nothing."""
    parts = path.split(os.sep)
    for end in range(1, len(parts) + 1):
        part = os.sep.join(parts[:end])
        if os.path.islink(part) and not os.path.exists(part):
            return f"'{part}' is a link to '{os.readlink(part)}', which is not there"
    return ""
