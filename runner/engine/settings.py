"""What a run is started with, besides the workflow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is started with, besides the workflow. Paths are absolute.

    `environment` is that of the process and the dotenv files; `skip` and `only` are names of
    root tasks, `only` with all that they need.
    """

    run_id: str
    start_folder: str
    log_folder: str
    params: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    workers: int | None = None
    executor: str | None = None
    fail_fast: bool = False
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
