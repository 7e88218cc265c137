"""Where a task is written: what it may name there, and how much of it there may be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

LONG_DELAY = "1h"
SHORT_TIMEOUT = "50ms"

LIMITS: dict[str, dict[str, Any]] = {
    "two": {"concurrency": 2},
    "three": {"concurrency": 3},
    "slow": {"rate": "3/20ms"},
    "both": {"concurrency": 2, "rate": "4/20ms"},
}

NAMES = ("alpha", "beta", "gamma", "delta", "eta", "theta", "iota", "kappa")
"""Few, so that the names of an inner body often hide those of an outer one."""


@dataclass(frozen=True)
class Known:
    """A task that others may name. `gives`: what kind of value its result, or each of them, is."""

    name: str
    mapped: bool
    gives: str
    calls: bool = True
    keys: tuple[str, ...] = ()
    """The keys of its items, where the file shows them."""
    size: int = 1
    kind: str = "calls"
    follows: bool = False
    """It is an item-wise map."""


@dataclass(frozen=True)
class Place:
    """Where a task is written."""

    depth: int = 0
    weight: int = 1
    """So many times is the body run at the most."""
    outer: tuple[Known, ...] = ()
    named: tuple[str, ...] = ()
    """The `as` names of the maps around."""
    nearest: str | None = None
    """What the nearest map around calls its item."""
    params: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    calm: bool = False
    """Nothing here may depend on the order in which things happen."""

    @property
    def mapped(self) -> bool:
        """Whether there is a map around."""
        return self.nearest is not None

    def inside(self, outer: list[Known], item: str | None, size: int, explicit: bool, calm: bool) -> Place:
        """The body of a group here; `item` is what its own map calls the item."""
        return replace(
            self,
            depth=self.depth + 1,
            weight=self.weight * max(size, 1),
            outer=tuple(outer),
            named=(*self.named, item) if item and explicit else self.named,
            nearest=item or self.nearest,
            calm=self.calm or calm,
        )

    def own_names(self, item: str | None) -> list[str]:
        """The names of items that expressions may use in a task whose map calls its item so."""
        nearest = item or self.nearest
        return [*self.named, *(["index", "key"] if nearest else []), *([nearest] if nearest else [])]
