"""Calls made in a worker of an executor that is not ours: it gets bytes and gives bytes.

What it has done so far stands in an area, too, if it sees that: who waits knows it even if it dies.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from runner.callables.looking import Wanted, look
from runner.records import Outcome
from runner.work import clock
from runner.work.area import Area
from runner.work.calls import Calls, attempt
from runner.work.capture import ensure_routing, route_logging
from runner.work.grounds import Place, area_at, machine
from runner.work.halt import Halt
from runner.work.pickles import Unpicklable, know, pickled, unpickled
from runner.work.returning import wrapped

READ, UNREAD = b"r", b"u"
"""What an answer begins with: that the question was read, or that it could not be."""


def answer(
    question: bytes, callables: Sequence[tuple[str, str]], offset: float, place: Place | None
) -> bytes:
    """Make the calls, or look at the callable, that is asked for."""
    area = _begin(tuple(callables), offset, place)
    try:
        asked = unpickled(question)
    except Unpicklable as error:
        return UNREAD + str(error).encode("utf-8", "backslashreplace")
    if isinstance(asked, Wanted):
        route_logging()
        return READ + pickled((area is not None, look(asked)))
    assert isinstance(asked, Calls)
    return READ + _Slice(asked, area).made()


def _begin(callables: tuple[tuple[str, str], ...], offset: float, place: Place | None) -> Area | None:
    _know(callables)
    ensure_routing()
    if place is not None and place.machine == machine():
        clock.go_by(offset)
        area = area_at(place)
        if area is not None:
            area.sign()
        return area
    return None


@cache
def _know(callables: tuple[tuple[str, str], ...]) -> None:
    know(callables)


class _Slice:
    """Calls under way."""

    def __init__(self, calls: Calls, area: Area | None) -> None:
        self._calls = calls
        self._area = area
        self._halt = Halt()
        self._outcomes: list[bytes] = []

    def made(self) -> bytes:
        """The outcomes of those that began."""
        attempt(self._calls, self._halt, self._begin, self._keep)
        return b"".join(self._outcomes)

    def _begin(self, number: int, started: float) -> None:
        if self._area is not None:
            self._area.begin(number, started)

    def _keep(self, outcome: Outcome) -> None:
        data = wrapped(outcome)
        self._outcomes.append(data)
        if self._area is not None and (not self._area.keep(data) or self._area.stopped):
            self._halt.stopping = True  # where there is no room, the rest is left to another slice
