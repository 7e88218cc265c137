"""One SQLite file: written in transactions, read in rows. How it is opened is said in `opening`.

It does not know what its tables mean. What is committed survives the death of the program (WAL);
a thread syncs it to the disk a moment later, so that a power cut costs at most that moment.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterator, Sequence

from runner.hints import Any, TypeVar
from runner.store.errors import (
    FAULTS,
    SIGNS_OF_DAMAGE,
    DamagedError,
    in_words,
    told,
    waited_for_in_vain,
    worded,
)
from runner.store.opening import NO_UPGRADES, PATIENCE, Upgrades, define, opened, to_read, to_write
from runner.store.sqlite import sqlite3
from runner.store.syncing import Syncer, sync_file, sync_new
from runner.store.uncut import Uncut, ruin
from runner.store.values import Row, from_bytes, to_bytes

Record = TypeVar("Record")

# The head of a log is synced when it is written, which only matters where a log begins again: of a new one
# the first commit would wait for that.
_AT_FIRST = "PRAGMA wal_autocheckpoint = 0"
_FROM_THEN_ON = ("PRAGMA synchronous = NORMAL", "PRAGMA wal_autocheckpoint = 1000")


class Database:
    """A connection to one file. Every error of SQLite leaves it as a `StoreError`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: str,
        syncer: Syncer | None = None,
        writes_ahead: bool = False,
        begins_log: bool = False,
        uncut: Uncut | None = None,
    ) -> None:
        self._connection = connection
        self._writes_ahead = writes_ahead
        self._path = path
        self._syncer = syncer
        self._begins_log = begins_log
        self._uncut = uncut
        self.unsynced: OSError | None = None
        """Once it is closed: why not all of it may be on the disk."""

    @classmethod
    def create(
        cls,
        path: str,
        tables: str,
        version: int,
        *,
        durability: str = "",
        upgrades: Upgrades = NO_UPGRADES,
        patience: float = PATIENCE,
        alone: bool = False,
    ) -> Database:
        """Make a file with `tables`, or open for writing one that is there, in the newest format.

        `durability`: `power` syncs every commit, `none` leaves it all to the system. `patience` is in
        seconds, for another program that has locked it. `alone`: no other program may write it meanwhile,
        so that one sees whether somebody cuts it.
        """
        with in_words(path):
            connection = to_write(path, tables, version, upgrades, patience)
            try:
                level = {"power": "FULL", "none": "OFF"}.get(durability, "NORMAL")
                begins_log = level == "NORMAL" and not os.path.exists(f"{path}-wal")
                journal = "DELETE" if durability == "none" else "WAL"
                # For that nobody waits, if somebody else is about to write.
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
                connection.execute(f"PRAGMA journal_mode = {journal}")
                connection.execute(_AT_FIRST if begins_log else f"PRAGMA synchronous = {level}")
                if durability == "power":
                    sync_new(path)
            except BaseException:
                connection.close()
                raise
        syncer = None if durability else Syncer(path)
        uncut = Uncut(path) if alone else None
        return cls(connection, path, syncer, durability != "none", begins_log, uncut)

    @classmethod
    def read(
        cls, path: str, version: int, *, upgrades: Upgrades = NO_UPGRADES, patience: float = PATIENCE
    ) -> Database:
        """Open a file for reading, also while another program writes it or where nobody may write.

        What is read of a file of an older format is a copy in the newest one.
        """
        return cls(to_read(path, version, upgrades, patience), path)

    def rows(self, query: str, values: Sequence[Any] = ()) -> Generator[Row, None, None]:
        """The rows of a query, one at a time."""
        with in_words(self._path):
            cursor = self._connection.execute(query, tuple(map(to_bytes, values)))
            for row in cursor:
                yield row if bytes not in map(type, row) else tuple(map(from_bytes, row))

    def records(
        self, make: Callable[..., Record], query: str, values: Sequence[Any] = ()
    ) -> Generator[Record, None, None]:
        """What `make` makes of the rows of a query, one at a time."""
        for row in self.rows(query, values):
            yield self._made(make, row)

    def row(self, query: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query."""
        try:
            row = self._connection.execute(query, tuple(map(to_bytes, values))).fetchone()
        except FAULTS as error:
            raise told(self._path, error) from error
        return row if row is None or bytes not in map(type, row) else tuple(map(from_bytes, row))

    def record(self, make: Callable[..., Record], query: str, values: Sequence[Any] = ()) -> Record | None:
        """What `make` makes of the first row of a query."""
        row = self.row(query, values)
        return None if row is None else self._made(make, row)

    def _made(self, make: Callable[..., Record], row: Row) -> Record:
        try:
            return make(*row)
        except SIGNS_OF_DAMAGE as error:
            raise DamagedError(f"{self._path} is damaged ({error})") from error

    def change(self, statement: str, rows: Sequence[Row]) -> None:
        """Carry out `statement` once a row."""
        try:
            self._connection.executemany(statement, rows)
        except UnicodeEncodeError:
            self._connection.executemany(statement, [tuple(map(to_bytes, row)) for row in rows])

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside are committed together, or none of them is."""
        with self._uncut or contextlib.nullcontext():
            yield from self._committed()
        self.is_to_sync()

    def _committed(self) -> Iterator[None]:
        connection = self._connection
        if self._path in waited_for_in_vain:
            connection.execute("PRAGMA busy_timeout = 0")
        try:
            connection.execute("BEGIN IMMEDIATE")
            waited_for_in_vain.discard(self._path)
            yield
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.Error):
                raise worded(self._path, error) from error
            raise
        if self._begins_log:
            self._begins_log = False
            for statement in _FROM_THEN_ON:
                connection.execute(statement)

    def is_to_sync(self) -> None:
        """Let it be synced in a moment, if that is done."""
        if self._syncer:
            self._syncer.changed()

    def beside(self) -> Database:
        """Another connection to the same file, for another thread: in one of them only one may be at work."""
        with in_words(self._path):
            connection = opened(self._path, "mode=rw")  # of a file that is gone it makes none
            connection.execute("PRAGMA synchronous = NORMAL")
        return Database(connection, self._path, uncut=self._uncut)

    def before_it_syncs(self, act: Callable[[], None]) -> None:
        """Do this each time before, in the thread that syncs."""
        if self._syncer:
            self._syncer.before = act

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever is written meanwhile."""
        with in_words(self._path):
            self._connection.execute("BEGIN")
        try:
            yield
        finally:
            with contextlib.suppress(sqlite3.Error):  # there is nothing to be kept
                self._connection.execute("ROLLBACK")

    def define(self, name: str, function: Callable[[Row], Any]) -> None:
        """From now on queries may call `function` with any number of values."""
        define(self._connection, name, function)

    def damaged(self, how: str) -> DamagedError:
        """An error that tells what of the file is not as it was written."""
        return DamagedError(f"{self._path} is damaged: {how}")

    def execute(self, statement: str) -> None:
        """Carry out one statement outside of a transaction."""
        with self._uncut or contextlib.nullcontext(), in_words(self._path):
            self._connection.execute(statement)

    def close(self) -> None:
        """Sync what is not synced and let the file go: one plain file again, unless others read it."""
        with in_words(self._path):
            if self._syncer:
                self._syncer.close()
                self.unsynced = self._syncer.fault
                self._syncer = None
            try:
                if self._writes_ahead:
                    self._fold()
            finally:
                self._connection.close()
                if self._writes_ahead and self._uncut and self._uncut.is_cut:
                    ruin(self._path)

    def _fold(self) -> None:
        if self._uncut:
            self._uncut.check()
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA busy_timeout = 0")
            (others, *_) = self._connection.execute("PRAGMA wal_checkpoint(FULL)").fetchone()
            if others:
                sync_file(f"{self._path}-wal")
                return
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute("PRAGMA journal_mode = DELETE")
