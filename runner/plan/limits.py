"""Named limits: tokens that attempts hold, and how many starts a period allows.

It does not know what takes them: whoever lacks one waits in that limit's line, best first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count

from runner.hints import Generic, Protocol, TypeVar
from runner.in_c import heappop, heappush, heapreplace
from runner.struct import struct
from runner.workflow import Limit

# An attempt acts a little after its worker has begun with it, never before: without this the
# first start of a period could slip towards the first one of the next.
SLACK = 0.01


class Ranked(Protocol):
    """Something that can stand in a line."""

    rank: tuple[float, ...]


Waiter = TypeVar("Waiter", bound=Ranked)


@struct(frozen=False, eq=False)
class Beginning:
    """When an attempt began: not before it was given out; `known` once a worker has told."""

    at: float
    known: bool = False

    def tell(self, at: float) -> None:
        """A worker began with it; the latest that is told counts."""
        self.at, self.known = max(self.at, at), True


class _Line(Generic[Waiter]):
    """One limit: what is left of it now, and who waits for it."""

    def __init__(self, limit: Limit) -> None:
        self.free = limit.concurrency
        self.starts = limit.starts
        self.period = limit.per + SLACK
        self.recent: list[tuple[float, int, Beginning]] = []
        """A heap, by moments that the attempts did not begin before."""
        self.numbers = count()
        self.waiting: list[tuple[tuple[float, ...], Waiter, int]] = []
        """A heap, by rank, with the units that each wants."""

    def lacks(self, units: int, now: float) -> bool:
        if self.free is not None and self.free < units:
            return True
        self._forget(now)
        return self.starts is not None and len(self.recent) >= self.starts

    def may_call(self, now: float) -> bool:
        """Whether the first that waits lacks nothing of this limit any more."""
        return bool(self.waiting) and not self.lacks(self.waiting[0][2], now)

    def next_due(self, now: float) -> float | None:
        """When the first that waits is to be called, unless somebody has to give units back before."""
        if self.may_call(now):
            return now
        if not self.waiting or self.starts is None or len(self.recent) < self.starts:
            return None
        units_are_free = self.free is None or self.free >= self.waiting[0][2]
        return max(self.recent[0][0] + self.period, now + SLACK) if units_are_free else None

    def note(self, beginning: Beginning) -> None:
        """One more has been given out."""
        heappush(self.recent, (beginning.at, next(self.numbers), beginning))

    def _forget(self, now: float) -> None:
        while self.recent and self.recent[0][0] + self.period <= now:
            beginning = self.recent[0][2]
            if beginning.known and beginning.at + self.period <= now:
                heappop(self.recent)
            elif beginning.known:
                heapreplace(self.recent, (beginning.at, next(self.numbers), beginning))
            else:
                return


class Limits(Generic[Waiter]):
    """All limits of a run. Units of several limits are taken together or not at all."""

    def __init__(self, limits: Iterable[Limit]) -> None:
        self._declared = {limit.name: limit for limit in limits}
        self._lines: dict[str, _Line[Waiter]] = {name: _Line(it) for name, it in self._declared.items()}

    def take(self, waiter: Waiter, units: Mapping[str, int], now: float) -> Beginning | None:
        """Take `units` for one attempt, or put `waiter` into the line of a limit it lacks."""
        for name, wanted in units.items():
            line = self._lines[name]
            overtakes = bool(line.waiting) and line.waiting[0][0] < waiter.rank
            if overtakes or line.lacks(wanted, now):
                heappush(line.waiting, (waiter.rank, waiter, wanted))
                return None
        beginning = Beginning(now)
        for name, wanted in units.items():
            line = self._lines[name]
            if line.free is not None:
                line.free -= wanted
            if line.starts is not None:
                line.note(beginning)
        return beginning

    def have_rate(self, units: Iterable[str]) -> bool:
        """Whether any of these counts starts."""
        return any(self._lines[name].starts is not None for name in units)

    def least(self, units: Mapping[str, int], seconds: float, starts: int) -> float:
        """How long so many attempts of `seconds` each take at least that take these."""
        return max(
            (self._declared[name].least(seconds * starts * each, starts) for name, each in units.items()),
            default=0.0,
        )

    def give_back(self, units: Mapping[str, int]) -> None:
        """An attempt has ended: its tokens are free again; its start still counts for the rate."""
        for name, given in units.items():
            line = self._lines[name]
            if line.free is not None:
                line.free += given

    def called(self, now: float) -> list[Waiter]:
        """The first of each line, where what it wants is free again: each may try once more."""
        return [heappop(line.waiting)[1] for line in self._lines.values() if line.may_call(now)]

    def next_due(self, now: float) -> float | None:
        """The earliest moment at which somebody in a line is to be called."""
        if not self._lines:
            return None
        dues = [due for line in self._lines.values() if (due := line.next_due(now)) is not None]
        return min(dues, default=None)
