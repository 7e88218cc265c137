"""Where a task stands: in its life, and among those of its body. It knows nothing of what the task does."""

from __future__ import annotations

from enum import IntEnum

from runner.struct import struct


class Life(IntEnum):
    """Where a fan is, in the order of its life."""

    WAITING = 0
    """Something it needs has not settled."""
    DUE = 1
    """All it needs has settled; the next turn begins it."""
    OPEN = 2
    """It has items to give, or some of them are under way."""
    CLOSING = 3
    """It gives nothing more; what is under way comes in."""
    SETTLED = 4


@struct
class Place:
    """Where a task stands in its body: `behind` counts the item-wise maps up to it, `remaining` the
    length of the longest path that begins with it.

    Each item that was given out makes a map `item` shorter, down to `least`.
    """

    behind: int
    remaining: float
    least: float
    item: float
