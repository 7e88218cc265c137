"""A task that is being written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from writing.place import Known, Place
from writing.sources import Written

Entry = dict[str, Any]


@dataclass
class Draft:
    """A task that is being written: what it may name, and the map that it has."""

    name: str
    place: Place = field(default_factory=Place)
    visible: list[Known] = field(default_factory=list)
    outer: list[Known] = field(default_factory=list)
    made: Written | None = None
    entry: Entry = field(default_factory=dict)

    @property
    def item(self) -> str | None:
        """What its own map calls the item."""
        return self.made.item if self.made else None

    @property
    def size(self) -> int:
        """So many items it may have."""
        return self.made.size if self.made else 1

    @property
    def racy(self) -> bool:
        """Which of its items come to an end depends on the order."""
        return self.made is not None and self.made.racy

    @property
    def who(self) -> str:
        """A template of the path of its items."""
        return f"{{{{ env.AT }}}}{self.name}" + ("[{{ key }}]" if self.made else "")

    @property
    def within(self) -> str:
        """A template of the path of what is inside one pass."""
        return f"{self.who}~{{{{ attempt }}}}."
