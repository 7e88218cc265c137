"""What a fan knows of how it, and its items, ended before. Who finds that out stands in `reusing`."""

from __future__ import annotations

from enum import Enum

from runner.hints import TYPE_CHECKING
from runner.records import Done, Item

if TYPE_CHECKING:
    from runner.plan.earlier import EarlierFan


class Aim(Enum):
    """What items are given to a worker for."""

    COMPARE = "see whether what was bound in an earlier session is what is bound now"
    LOOK_UP = "see by what the cache knows them"
    ACT = "do them"


class Past:
    """What earlier sessions of the run, and the cache, have left of a fan."""

    __slots__ = (
        "again",
        "before",
        "earlier",
        "known",
        "left_out",
        "looked_up",
        "made",
        "made_by",
        "needed",
        "span",
        "spanned",
        "under_way",
    )

    def __init__(self) -> None:
        self.made = 0
        """The last session of the run in which something of the fan was really done."""
        self.made_by: dict[int, int] = {}
        """Of an item-wise map in a run that is continued: when the items it follows were done."""
        self.earlier: EarlierFan | None = None
        """What earlier sessions of the run have left of the fan."""
        self.before: dict[int, Done | None] = {}
        """How items ended in earlier sessions, from when that is looked up until they settle."""
        self.needed = (0, "")
        """When something that the fan needs was done last, and what."""
        self.span: tuple[float, float] | None = None
        """When what was done of the fan began and ended, in the last session that did anything of it."""
        self.spanned = 0
        """Which session that was."""
        self.known: dict[int, Done] = {}
        """Items that were done before, as long as it is compared whether that still holds."""
        self.again: dict[int, str] = {}
        """Why items are to be done again, until they settle."""
        self.looked_up: set[int] = set()
        """Items that the cache does not have, until they settle."""
        self.left_out = False
        """Some of its items are not told: they never began."""
        self.under_way = 0
        """Items of which a worker finds out what is known."""

    def find(self, item: Item) -> Done | None:
        """How an item ended in earlier sessions. It is looked up once: a record is that of one item only."""
        if self.earlier is None:
            return None
        if item.index not in self.before:
            self.before[item.index] = self.earlier.find(item)
        return self.before[item.index]

    def spans(self, began: float, ended: float, made: int) -> None:
        """Something of the fan was done from then till then, in the session `made`."""
        if made < self.spanned:
            return
        if self.span is not None and made == self.spanned:
            began, ended = min(began, self.span[0]), max(ended, self.span[1])
        self.span, self.spanned = (began, ended), made

    def forget(self, index: int) -> None:
        """An item has settled."""
        self.again.pop(index, None)
        self.before.pop(index, None)
        self.looked_up.discard(index)
