"""What executors are called: which names there are, and what is said of one that is none.

Whether one that is named so is to be had is for the engine to find out.
"""

from __future__ import annotations

from runner.problem import did_you_mean

OWN = ("thread", "process", "inline")
"""Those that are always to be had."""

names = (*OWN, "interpreter", "dask")

_dask = r"dask(?:=(\w+://\S+))?"


def address_of_scheduler(name: str) -> str | None:
    """Of the Dask cluster that is meant: empty for one that is to be started; None for another executor."""
    import re

    found = re.fullmatch(_dask, name)
    return None if found is None else found[1] or ""


def wrong_name(name: str) -> tuple[str, str] | None:
    """A message and a hint, if it is neither a name that there is nor may be that of a factory."""
    if name in names or address_of_scheduler(name) is not None:
        return None
    if name.startswith("dask="):
        hint = "a cluster that is there is named by the address of its scheduler: `dask=tcp://host:8786`"
        return f"'{name}' names no Dask cluster", hint
    if ":" in name:
        return None
    in_words = f"there are {', '.join(names)}, `dask=ADDRESS`, and `module:factory` for one of your own"
    return f"there is no executor '{name}'", did_you_mean(name, names) or in_words
