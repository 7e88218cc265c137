"""How tasks and items end: what the oracle predicts, and what was seen, in the same shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Try:
    """How one attempt goes. `again`: another one may follow."""

    status: str = "succeeded"
    kind: str | None = None
    result: Any = None
    exception: str = ""
    again: bool = False


@dataclass
class ItemEnd:
    """How an item ends; a plain task has one, without a key."""

    index: int = 0
    key: str | None = None
    item: Any = None
    status: str = "succeeded"
    kind: str | None = None
    result: Any = None
    attempts: int = 0
    exception: str = ""
    outward: int = 0
    """How many bodies outward the need stands for whose sake it was skipped."""
    lacks: bool = False
    """It was skipped for the sake of a need outside of its body."""
    tries: list[Try] = field(default_factory=list)
    """All attempts that there may be, whatever budget they share."""
    why: set[str] = field(default_factory=set)
    """What the reason may be, if it was skipped."""
    polls: bool = False
    """It is tried again until a condition is true."""
    marks: tuple[str, ...] | None = None
    """Those that were seen."""

    @property
    def flaky(self) -> bool:
        """Whether it is marked as having succeeded after a failure."""
        if self.marks is not None:
            return "flaky" in self.marks
        return self.status == "succeeded" and self.attempts > 1 and not self.polls

    def take(self, tried: Try) -> None:
        """End as this attempt did."""
        self.status, self.kind, self.exception = tried.status, tried.kind, tried.exception
        self.result = tried.result

    def told(self) -> dict[str, Any]:
        """What is the same in every run."""
        tried = self.status == "succeeded" or self.kind in ("exception", "until")
        return {
            "status": self.status,
            "kind": self.kind,
            "result": self.result if self.status == "succeeded" else None,
            "attempts": self.attempts if tried else None,
            "flaky": self.flaky,
        }

    def record(self) -> dict[str, Any]:
        """The record of the item, as expressions see it."""
        error = {"kind": self.kind} if self.kind else None
        result = self.result if self.status == "succeeded" else None
        shown = {"index": self.index, "key": self.key, "item": self.item, "status": self.status}
        return {**shown, "result": result, "error": error, "attempts": self.attempts}


@dataclass
class End:
    """How a task ends."""

    mapped: bool
    status: str
    kind: str | None = None
    items: list[ItemEnd] = field(default_factory=list)
    tolerated: bool = False
    tainted: bool = False
    """It failed for good, or something that it needs did, directly or through others."""
    reach: int = -1
    """How many bodies outward the farthest need stands that taints it."""
    outward: int = 0
    why: set[str] = field(default_factory=set)
    exception: str = ""

    @property
    def fine(self) -> bool:
        return self.status == "succeeded" or self.tolerated

    @property
    def failed_for_good(self) -> bool:
        return self.status == "failed" and not self.tolerated

    def told(self) -> dict[str, Any]:
        """What is the same in every run."""
        counts = self.counts() if self.mapped else None
        return {"status": self.status, "kind": self.kind, "counts": counts, "tolerated": self.tolerated}

    def counts(self) -> dict[str, int]:
        """How many of its items have each status."""
        statuses = [item.status for item in self.items]
        return {name: statuses.count(name) for name in ("succeeded", "failed", "skipped", "cancelled")}

    def results(self) -> list[Any]:
        """The results of the items that succeeded, in input order."""
        return [item.result for item in self.items if item.status == "succeeded"]

    def attribute(self, name: str) -> Any:
        """`tasks.<it>.<name>`."""
        records = [item.record() for item in self.items]
        match name:
            case "status":
                return self.status
            case "failed":
                return self.status == "failed"
            case "counts":
                return self.counts()
            case "results":
                return self.results()
            case "items":
                return records
            case "failures":
                return [record for record in records if record["status"] == "failed"]
            case "by_key":
                return {record["key"]: record for record in records}
            case "result":
                return self.items[0].result if self.status == "succeeded" else None
            case "attempts":
                return self.items[0].attempts if self.items else 0
        raise AssertionError(f"not in the small set: .{name}")


@dataclass
class Prediction:
    """How everything ends, by path. `chosen`: something was taken over from what was seen."""

    tasks: dict[str, End] = field(default_factory=dict)
    items: dict[str, ItemEnd] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    outputs_fail: bool = False
    status: str = ""
    loose: list[str] = field(default_factory=list)
    """What begins with these paths was cancelled at some moment."""
    chosen: bool = False
    effects: set[str] = field(default_factory=set)
    """What came about, for the census."""


def item_path(path: str, key: str | None) -> str:
    """The path of a task's item."""
    return path if key is None else f"{path}[{key}]"
