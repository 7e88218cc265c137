"""Patterns of names of files, some parts of which are meant as they are written.

Names hold brackets, too, and what is put into a pattern by an expression may be such a name.
"""

from __future__ import annotations

from glob import escape, glob, has_magic, iglob


def found(pattern: str, folder: str) -> list[str]:
    """The names that a pattern fits, from `folder`, in no order."""
    return glob(as_meant(pattern, folder), root_dir=folder, recursive=True)


def as_meant(pattern: str, folder: str) -> str:
    """The pattern with the parts escaped that are there as they are written.

    They are those with brackets and neither `*` nor `?`, and folders in front with any of them.
    """
    parts = pattern.split("/")
    in_front = True
    for at, part in enumerate(parts):
        leads = at + 1 < len(parts)
        if not has_magic(part):
            continue
        if _may_be_a_name(part, leads and in_front) and _is_there([*parts[:at], escape(part)], leads, folder):
            parts[at] = escape(part)
        else:
            in_front = False
    return "/".join(parts)


def _may_be_a_name(part: str, folder_in_front: bool) -> bool:
    """What has nothing but `*` is always a pattern."""
    if "*" in part or "?" in part:
        return folder_in_front and bool(part.strip("*"))
    return True


def _is_there(parts: list[str], leads: bool, folder: str) -> bool:
    path = "/".join([*parts, ""] if leads else parts)
    return next(iglob(path, root_dir=folder, recursive=True), None) is not None
