"""What the tasks of a body find around them."""

from __future__ import annotations

from collections.abc import Mapping

from runner.hints import Any
from runner.records import RunContext
from runner.struct import struct


@struct
class Surroundings:
    """What a body's tasks see and inherit from where the body stands.

    `names` are those of expressions (`params`, `run`, the `as` names of outer maps, …), `env`
    and `cwd` the defaults of commands.
    """

    names: Mapping[str, Any]
    env: Mapping[str, str]
    cwd: str | None
    context: RunContext
    declared: frozenset[str] = frozenset()
    """The variables in `env` that files and groups declare."""
