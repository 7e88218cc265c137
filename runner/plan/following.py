"""Where an item-wise map stands in the map whose items it follows. It knows nothing else of maps."""

from __future__ import annotations

from runner.hints import Generic, Protocol, TypeVar
from runner.in_c import heappop, heappush
from runner.plan.ends import Followed, Tally


class Tallied(Protocol):
    """What counts how its items have settled."""

    tally: Tally


Mapped = TypeVar("Mapped", bound=Tallied)


class Follower(Generic[Mapped]):
    """The place of an item-wise map in the map it follows: a bounded head, the rest recorded.

    `read` counts what has come into the head, in the order in which the items settled, `taken` what was
    taken out of it: the first in input order, each time.
    """

    __slots__ = ("ahead", "fan", "length", "read", "source", "taken")

    def __init__(self, fan: Mapped, source: Mapped, length: int = 1024) -> None:
        self.fan = fan
        self.source = source
        self.length = length
        self.ahead: list[tuple[int, Followed]] = []
        """A heap, by index."""
        self.read = 0
        self.taken = 0

    def push(self, followed: Followed) -> None:
        """Tell of an item that has just settled; what does not fit is read from the record."""
        if self.read == self.source.tally.settled - 1 and len(self.ahead) < self.length:
            self.add(followed)

    def add(self, followed: Followed) -> None:
        """Put an item into the head: the next of those that have settled."""
        heappush(self.ahead, (followed.item.index, followed))
        self.read += 1

    def take(self) -> Followed:
        """The first in input order of those in the head."""
        self.taken += 1
        return heappop(self.ahead)[1]

    @property
    def pending(self) -> int:
        """How many settled items it has not taken."""
        return self.source.tally.settled - self.taken
