"""What is sure to become of the items of one task before they have settled. It knows nothing of fans."""

from __future__ import annotations

_NONE: set[int] = set()


class Prospects:
    """What is known ahead of the items of a task in one body."""

    __slots__ = ("doomed", "lost", "told", "total")

    def __init__(self) -> None:
        self.doomed = 0
        """How many open passes are sure to fail."""
        self.lost = 0
        """How many items have not run and never will, those included that are yet to come up."""
        self.told: set[int] = _NONE
        """Items that count as lost, here or in what follows, before they have settled."""
        self.total: int | None = None
        """Of an item-wise map: how many items it will have, as soon as that is known of its source."""

    def foretell(self, index: int) -> None:
        """What will become of an item has been told to those that follow."""
        if not self.told:
            self.told = set()
        self.told.add(index)

    def came_true(self, index: int) -> bool:
        """Whether that had been told of an item, which has settled now."""
        if index not in self.told:
            return False
        self.told.discard(index)
        return True
