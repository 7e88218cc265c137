"""What a run is started with, besides the workflow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runner.addresses import Step


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is started with, besides the workflow. Paths are absolute.

    `environment` is that of the process and the dotenv files. `only` are addresses of the tasks and
    items that are asked for (none: all of them), `skip` names of root tasks.
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
    only: tuple[Sequence[Step], ...] = ()
    skip: frozenset[str] = frozenset()
