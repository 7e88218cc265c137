"""The folder of all runs: private where this program makes it, unseen by git where it holds nothing else."""

from __future__ import annotations

import os

MODE = 0o700

_OWN = (".gitignore", "cache.sqlite", "index.sqlite", "runs")
"""What lies in it; SQLite has files beside its own that begin with its name."""


def make(state: str) -> None:
    """Make it, if it is not there: what was there before stays as it is. Raises `OSError`."""
    os.makedirs(state, MODE, exist_ok=True)
    hide(state)


def hide(state: str) -> None:
    """Have git pass over it, unless something else lies there. Raises `OSError`."""
    ignored = os.path.join(state, ".gitignore")
    if not os.path.exists(ignored) and all(name.startswith(_OWN) for name in os.listdir(state)):
        with open(ignored, "w", encoding="utf-8") as file:
            file.write("*\n")
