"""One run on a thread of its own: recorded, told to who asks, its reports written, and how it ended.

The program that it goes on in keeps its signals, its processes and its streams.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from typing import Any

from runner.api.handover import LOOK_EVERY, Handover
from runner.engine.orders import Orders
from runner.problem import UserError
from runner.records import Event, RunFinished
from runner.report.destinations import Destination
from runner.report.publish import publish
from runner.store import Store
from runner.store.errors import DamagedError
from runner.store.stored_run import StoredRun
from runner.struct import field, struct
from runner.work.beside import beside

LONGEST, BRIEFLY = 10.0, 1.0
"""Seconds that the program's own end waits for a run that it leaves, and for one that was told so twice."""


@struct
class Prepared:
    """A run that can begin: nothing that is known beforehand is in its way."""

    steps: Generator[list[Event]]
    store: Store
    orders: Orders
    destinations: Sequence[Destination]


@struct(frozen=False)
class Ending:
    """How a run ended. `error` is what broke it off, or why nothing of it can be read."""

    outputs: Mapping[str, Any] = field(default_factory=dict)
    opaque: Mapping[int, Any] = field(default_factory=dict)
    """By the number of their items, results that the record does not hold whole."""
    notices: list[str] = field(default_factory=list)
    unwritten: list[str] = field(default_factory=list)
    """Sentences on reports that could not be written."""
    error: BaseException | None = None


class Performance:
    """A run that goes on. It knows nothing of who asks for its events, who may be gone."""

    def __init__(self, prepared: Prepared) -> None:
        self.events: Handover[list[Event]] = Handover()
        self.ending = Ending()
        self._prepared = prepared
        self._thread = threading.Thread(
            target=self._perform, name=f"runner-{prepared.store.run_id}", daemon=True
        )
        _going_on.add(self)
        try:
            self._thread.start()
        except BaseException:
            _going_on.discard(self)
            raise

    @property
    def is_over(self) -> bool:
        """Whether it has come to its end."""
        return not self._thread.is_alive()

    def leave(self) -> None:
        """Have it end in order, whoever waits for it or not, unless it has been told to end already."""
        orders = self._prepared.orders
        if orders.is_here:  # a copy that was forked has the locks as they were
            self.events.want_no_more()
            if not orders.numbers:
                orders.tell()

    def wait(self) -> None:
        """Wait until it has ended, though all that it tells is dropped."""
        while self._thread.is_alive():
            self._thread.join(LOOK_EVERY)

    def wait_at_the_end(self) -> None:
        """The same at the end of the program, which does not wait for a function that does not return."""
        self._thread.join(LONGEST if len(self._prepared.orders.numbers) < 2 else BRIEFLY)

    def _perform(self) -> None:
        store = self._prepared.store
        try:
            with beside(), store, closing(self._prepared.steps) as steps:
                for events in steps:
                    store(events)
                    self.events.give(events)
                    if isinstance(events[-1], RunFinished):
                        self.ending.outputs = events[-1].outputs
            self._settle(store)
        except BaseException as error:  # who asks for the run is told
            self.ending.error = error
        finally:
            _going_on.discard(self)
            self.events.end()

    def _settle(self, store: Store) -> None:
        """What there is to do and to say once all is recorded."""
        ending = self.ending
        ending.opaque = store.opaque
        ending.error = store.lost
        if store.cache.fault is not None:
            ending.notices.append(f"nothing more was kept in the cache: {store.cache.fault}")
        if store.unsynced is not None:
            reason = (store.unsynced.strerror or str(store.unsynced)).lower()
            ending.notices.append(f"a power cut may cost what was recorded of this run: {reason}")
        if self._prepared.destinations and store.lost is None:
            with StoredRun(store.folder) as stored:
                ending.unwritten += filter(None, (_write(stored, it) for it in self._prepared.destinations))


def _write(stored: StoredRun, destination: Destination) -> str:
    """Write a report; a sentence on why it could not be done."""
    try:
        publish(destination.place, destination.write(stored), destination.path)
    except DamagedError:
        raise
    except UserError as error:
        return str(error)
    return ""


_going_on: set[Performance] = set()


@atexit.register
def _leave_all() -> None:
    """No run outlives the program that it goes on in: what it has started is ended."""
    left = list(_going_on)
    for performance in left:
        performance.leave()
    for performance in left:
        performance.wait_at_the_end()
