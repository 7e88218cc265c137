"""Which failures a report shows: the first in full, the others in a line each, as far as that goes.

It does not know how they are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice, pairwise

from runner.store.entries import FailureRecord, RunRecord
from runner.store.failed import failures
from runner.store.recorded import Recorded
from runner.struct import struct

IN_FULL_OF_A_TASK = 5
IN_A_LINE_OF_A_TASK = 200
IN_FULL = 50
MOST = 1000
MOST_LOOKED_AT = 100_000

_OF_A_TASK = IN_FULL_OF_A_TASK + IN_A_LINE_OF_A_TASK


@struct
class Shown:
    """A failure that a report shows. `brief`: in a line. `more`: so many of its map follow unseen."""

    found: FailureRecord
    brief: bool
    more: int


def shown(read: Recorded, run: RunRecord) -> Iterator[Shown]:
    """The failures to show: those that count, then what is tolerated; at most `MOST`."""
    of_task = in_full = 0
    found = islice(chain(_those(read, run, tolerated=False), _those(read, run, tolerated=True)), MOST)
    for each, following in pairwise(chain(found, [None])):
        assert each is not None
        brief = of_task >= IN_FULL_OF_A_TASK or in_full >= IN_FULL
        in_full += not brief
        fan = each.task.fan
        last = following is None or following.task.fan != fan
        hidden = read.count_failed(fan) - _OF_A_TASK if last and fan is not None else 0
        yield Shown(each, brief, max(0, hidden))
        of_task = 0 if last else of_task + 1


def _those(read: Recorded, run: RunRecord, *, tolerated: bool) -> Iterator[FailureRecord]:
    """In the order in which their tasks were reached."""
    found = islice(failures(read, run, each=_OF_A_TASK), MOST_LOOKED_AT)
    return (each for each in found if bool(each.tolerated) is tolerated)
