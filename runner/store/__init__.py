"""The listener that records a run: of each list of events all is recorded, or nothing is.

It also answers what expressions ask of settled maps, on the connection that it writes on. It
knows neither what made the events nor how a run is shown.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from itertools import islice
from types import TracebackType

from runner.hints import TYPE_CHECKING, Any
from runner.records import Event, ItemSettled, RunFinished, RunStarted, Status
from runner.store import history, queries, remains
from runner.store.cache import Cache
from runner.store.database import Database
from runner.store.daybook import OFTEN, Daybook
from runner.store.entries import ItemRecord
from runner.store.errors import StoreError
from runner.store.failed import failures
from runner.store.formats import UPGRADES
from runner.store.lock import Lock
from runner.store.recorded import Recorded
from runner.store.rows import Rows
from runner.store.statements import merged
from runner.store.tables import TABLES, VERSION
from runner.store.texts import decode

if TYPE_CHECKING:
    from runner.store.earlier import EarlierSessions

MOST_FAILURES = 1000
"""What an expression may see of `run.failures`: enough for any message."""


class Store:
    """One run being recorded. `run_id`, `folder` and `log_folder` are known from the beginning.

    `begun`: something of it is recorded; if not, it leaves no trace.
    """

    def __init__(
        self, state: str, folder: str, power_safe: bool, options: Mapping[str, Any], goes_on: bool = False
    ) -> None:
        self.state = state
        self.folder = folder
        self.log_folder = os.path.join(folder, "logs")
        self.run_id = os.path.basename(folder)
        with ExitStack() as undo:
            self._lock = Lock(folder)
            undo.callback(self._lock.close)
            self._database = Database.create(
                history.record_of(folder),
                TABLES,
                VERSION,
                durability="power" if power_safe else "",
                upgrades=UPGRADES,
                alone=True,
            )
            undo.callback(self._database.close)
            book = history.daybook_of(folder)
            self._daybook = Daybook(self._database, book, merged, 0.0 if power_safe else OFTEN)
            self._look_back(options, goes_on)
            undo.pop_all()
        self.cache = Cache(state)
        """What is kept of tasks with a `cache`, in this run and others."""
        self.begun = goes_on
        self.lost: StoreError | None = None
        """Once it is closed: that its record was taken away meanwhile, so that nobody can read it."""
        self._closed = False
        self._indexed_by_settling = False

    def _look_back(self, options: Mapping[str, Any], goes_on: bool) -> None:
        """Ask the record where it ends."""
        self._reading = Recorded(self._database)
        session, fan, task = self._database.row(queries.FIRST_FREE) or (1, 1, 1)
        self._rows = Rows(self.run_id, options, session, task)
        self._kept = self._rows.kept
        self.earlier = self._earlier(session, fan) if goes_on else None
        """What earlier sessions have left, if the run is continued."""
        before = self._recorded.first_started() if goes_on else None
        self.first_started = before
        """When the run was started first, in seconds since the epoch, if it is continued."""

    def _earlier(self, session: int, fan: int) -> EarlierSessions:
        from runner.store.earlier import EarlierSessions

        return EarlierSessions(self._database, session, fan)

    @classmethod
    def create(
        cls,
        state: str,
        *,
        power_safe: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> Store:
        """Begin a new run in the folder of all runs.

        `power_safe` is whether every commit is to be synced; `options` (anything JSON
        holds) are kept for whoever continues the run.
        """
        state = os.path.abspath(state)
        history.open_state(state)
        remains.clear(state)
        folder = history.new_run_folder(state)
        try:
            return cls(state, folder, power_safe, options or {})
        except BaseException:
            _remove(folder)
            raise

    @classmethod
    def resume(
        cls,
        folder: str,
        *,
        power_safe: bool = False,
        options: Mapping[str, Any] | None = None,
    ) -> Store:
        """Go on with the run that lies in `folder`; raises `UserError` if another process performs it."""
        state = history.state_of(folder)
        store = cls(state, folder, power_safe, options or {}, goes_on=True)
        history.forget(state, store.run_id)
        return store

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the run go; one that never began leaves no trace."""
        if self._closed:
            return
        self._closed = True
        self.cache.close()
        try:
            self.lost = self._lost()
            self._daybook.close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        try:
            self._database.close()
        finally:
            self._lock.close()
            if not self.begun:  # after all descriptors are free: there may be no others
                _remove(self.folder)

    @property
    def opaque(self) -> Mapping[int, Any]:
        """By the number of their items, results that the record does not hold whole."""
        return self._kept.results

    @property
    def unsynced(self) -> OSError | None:
        """Once it is closed: why not all of the record may be on the disk."""
        return self._database.unsynced

    def _lost(self) -> StoreError | None:
        """What is said of a record that is gone, while what was in it can still be read."""
        path = history.record_of(self.folder)
        if not self.begun or os.path.exists(path):
            return None
        run = self._recorded.run()
        statuses = Counter(task.status.value for task in self._recorded.root_tasks(run)) if run else {}
        tasks = ", ".join(f"{count} {status}" for status, count in statuses.items())
        return StoreError(
            f"{path} was removed while the run went on: there is no report of it",
            f"of its tasks: {tasks}" if tasks else "",
        )

    def distrust(self) -> None:
        """The record of the run, which is closed, cannot be relied on: the index is to say so."""
        history.mistrust(self.state, self.run_id)

    def __call__(self, events: Sequence[Event]) -> None:
        """Record events. When this returns, no death of the program can lose them."""
        self._daybook.enter(self._rows.of(events))
        traced = []
        for event in events:
            if type(event) is RunStarted:
                self.begun = True
            elif type(event) is RunFinished:
                self._remember()
            elif type(event) is ItemSettled and event.outcome is not None and event.outcome.trace is not None:
                traced.append(event)
        if traced:
            self.cache.keep(traced)

    @property
    def _recorded(self) -> Recorded:
        """All that was recorded, to be read."""
        self._daybook.post()
        return self._reading

    # What expressions ask of the record ---------------------------------------------------------

    def results(self, fan: int) -> list[Any]:
        """Results of the items that succeeded, in input order."""
        if self._kept.results:
            items = self._recorded.settled_items(fan, Status.SUCCEEDED)
            return [self._result(item) for item in items]
        texts = (text or "null" for text in self._recorded.result_texts(fan))
        results: list[Any] = decode(f"[{','.join(texts)}]")
        return results

    def items(self, fan: int) -> list[dict[str, Any]]:
        """One record for every item, in input order."""
        return [self._view(item) for item in self._recorded.settled_items(fan)]

    def failures(self, fan: int) -> list[dict[str, Any]]:
        """The failed records, in input order."""
        return [self._view(item) for item in self._recorded.settled_items(fan, Status.FAILED)]

    def by_key(self, fan: int) -> dict[str, dict[str, Any]]:
        """The records by key."""
        return {record["key"]: record for record in self.items(fan)}

    def run_failures(self) -> list[dict[str, Any]]:
        """`address`, `kind` and `message` of the failures so far that nothing tolerates."""
        run = self._recorded.run()
        if run is None:
            return []
        counting = (found for found in failures(self._recorded, run) if not found.tolerated)
        return [
            {"address": found.address, "kind": found.failure.kind.value, "message": found.failure.message}
            for found in islice(counting, MOST_FAILURES)
        ]

    def settled(
        self, fan: int, after: int, most: int
    ) -> list[tuple[int, str | None, str, Any, int, str | None]]:
        """Of at most so many items, in the order in which they settled: `index, key, status, result, made,
        reason`. `after` is how many to pass over.
        """
        if not self._indexed_by_settling:
            self._recorded.index_by_settling()
            self._indexed_by_settling = True
        items = self._recorded.items_by_settling(fan, after, most)
        return [
            (item.index, self._key(item), item.status, self._result(item), item.made, item.reason)
            for item in items
        ]

    def _key(self, item: ItemRecord) -> str | None:
        kept = self._kept.items
        return kept[item.id].key if kept and item.id in kept else item.key

    def _result(self, item: ItemRecord) -> Any:
        kept = self._kept.results
        return kept[item.id] if kept and item.id in kept else item.result

    def _view(self, item: ItemRecord) -> dict[str, Any]:
        kept = self._kept.items
        failure = item.failure
        return {
            "index": item.index,
            "key": self._key(item),
            "item": kept[item.id].value if kept and item.id in kept else item.value,
            "status": item.status,
            "result": self._result(item),
            "error": failure
            and {"kind": failure.kind.value, "message": failure.message, "address": failure.address},
            "attempts": item.attempts,
            "seconds": item.seconds,
        }

    def _remember(self) -> None:
        run = self._recorded.run()
        if run is None:
            return
        try:
            durations = self._recorded.durations(run)
        except StoreError:  # who reports on the run tells of it
            durations = []
        history.remember(self.state, run, durations)


def _remove(folder: str) -> None:
    from shutil import rmtree

    rmtree(folder, ignore_errors=True)
