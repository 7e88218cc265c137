"""What a run is told of earlier ones: of its own sessions, and by the cache.

Nothing here knows where that is read from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from runner.records import Done, Ended, Item, Kept, Trace


class EarlierFan(Protocol):
    """A task in one body, as earlier sessions have left it."""

    def end(self) -> Ended | None:
        """How it ended when something of it was done last, or without beginning; None: neither has been.

        Without a status: that broke off.
        """
        ...

    def items(self) -> Iterator[tuple[Item, Done]]:
        """Its items then, in input order."""
        ...

    def find(self, item: Item) -> Done | None:
        """The same item: that of its key, or where the key is only the index, of its value.

        Of equal values each is found once.
        """
        ...


class Earlier(Protocol):
    """The earlier sessions of the run. Fans of this one are numbered from `first_fan` on."""

    @property
    def session(self) -> int:
        """The number of this session; earlier ones have smaller numbers."""
        ...

    @property
    def first_fan(self) -> int:
        """The first number that no fan has."""
        ...

    def fan(self, address: str) -> EarlierFan | None:
        """What is known of the task of an address; None if it was never reached."""
        ...


class Cache(Protocol):
    """What is kept of items that succeeded, in whatever run."""

    def find(self, trace: Trace) -> Kept | None:
        """What is kept of the item, if it can be used."""
        ...

    def why_not(self, trace: Trace) -> str:
        """Why nothing of the item can be used."""
        ...
