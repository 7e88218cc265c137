"""One SQLite file: opened, checked, written in transactions, read in rows.

It does not know what its tables mean. What is committed survives the death of the program (WAL);
a thread syncs it to the disk a moment later, so that a power cut costs at most that moment.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

from runner.hints import Any, TypeVar
from runner.store.errors import (
    FAULTS,
    SIGNS_OF_DAMAGE,
    DamagedError,
    StoreError,
    in_words,
    told,
    worded,
)
from runner.store.sqlite import sqlite3
from runner.store.syncing import Syncer, sync_file, sync_new
from runner.store.uncut import Uncut, refuse_ruined, ruin
from runner.struct import struct

APPLICATION = 0x52554E52
"""What the header of every file of ours says: `RUNR`."""

PATIENCE = 10.0
"""Seconds to wait for another program that has locked a file."""

Row = tuple[Any, ...]
Record = TypeVar("Record")


@struct
class Upgrades:
    """The script that makes of each older format the next one, and the functions that scripts call."""

    scripts: Mapping[int, str]
    functions: Mapping[str, Callable[[Row], Any]]


NO_UPGRADES = Upgrades({}, {})


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
        refuse_ruined(path)
        with in_words(path):
            connection = sqlite3.connect(
                path, isolation_level=None, timeout=patience, check_same_thread=False
            )
            try:
                found = _check(connection, path, version, empty_is_fine=True)
                level = {"power": "FULL", "none": "OFF"}.get(durability, "NORMAL")
                begins_log = level == "NORMAL" and not os.path.exists(f"{path}-wal")
                connection.execute("PRAGMA synchronous = OFF")
                if found < version or _is_empty(connection):
                    connection.executescript(
                        f"BEGIN IMMEDIATE; {_upgrade(connection, upgrades, found)}; {tables};"
                        f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {version}; COMMIT"
                    )
                journal = "DELETE" if durability == "none" else "WAL"
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
        undo_unfinished(path, patience)
        refuse_ruined(path)
        with in_words(path):
            if not os.path.isfile(path):
                why = "it is no file" if os.path.exists(path) else "there is no such file"
                raise StoreError(f"cannot open {path}: {why}")
            if not os.path.getsize(path):
                raise StoreError(f"{path} is empty: nothing has been recorded in it")
            try:
                connection = _opened(path, "mode=ro", patience)
            except sqlite3.OperationalError:
                if os.path.exists(f"{path}-wal") or os.access(os.path.dirname(path), os.W_OK):
                    raise
                connection = _opened(path, "mode=ro&immutable=1", patience)
            try:
                found = _check(connection, path, version, empty_is_fine=False)
                if not is_whole(path):
                    raise DamagedError(f"{path} is damaged: a part of it is missing")
                if found < version:
                    connection = _upgraded(connection, upgrades, found)
            except BaseException:
                connection.close()
                raise
        return cls(connection, path)

    def rows(self, query: str, values: Sequence[Any] = ()) -> Generator[Row, None, None]:
        """The rows of a query, one at a time."""
        with in_words(self._path):
            cursor = self._connection.execute(query, tuple(map(_to_bytes, values)))
            for row in cursor:
                yield row if bytes not in map(type, row) else tuple(map(_from_bytes, row))

    def records(
        self, make: Callable[..., Record], query: str, values: Sequence[Any] = ()
    ) -> Generator[Record, None, None]:
        """What `make` makes of the rows of a query, one at a time."""
        for row in self.rows(query, values):
            yield self._made(make, row)

    def row(self, query: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of a query."""
        try:
            row = self._connection.execute(query, tuple(map(_to_bytes, values))).fetchone()
        except FAULTS as error:
            raise told(self._path, error) from error
        return row if row is None or bytes not in map(type, row) else tuple(map(_from_bytes, row))

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
            self._connection.executemany(statement, [tuple(map(_to_bytes, row)) for row in rows])

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes inside are committed together, or none of them is."""
        with self._uncut or contextlib.nullcontext():
            yield from self._committed()
        self.is_to_sync()

    def _committed(self) -> Iterator[None]:
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
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
            connection = _opened(self._path, "mode=rw", PATIENCE)  # of a file that is gone it makes none
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
        _define(self._connection, name, function)

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


def undo_unfinished(path: str, patience: float = PATIENCE) -> None:
    """Undo what a program that was killed had begun to write without the write-ahead log.

    That is at the very beginning and end of a file; who only reads could not, and would be refused.
    """
    with contextlib.suppress(sqlite3.Error, OSError):  # whoever opens it next tells what is wrong
        if os.path.exists(f"{path}-journal"):
            _opened(path, "mode=rw", patience).close()


def _opened(path: str, mode: str, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{_quoted(path)}?{mode}",
        uri=True,
        isolation_level=None,
        timeout=patience,
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA user_version")
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _quoted(path: str) -> str:
    """A path as it stands in a URI."""
    plain = b"/-_.~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in os.fsencode(path))


def is_whole(path: str) -> bool:
    """Whether a file has the length that its header tells. With a log beside it, it may lack pages."""
    log = f"{path}-wal"
    if os.path.exists(log) and os.path.getsize(log):
        return True
    with open(path, "rb") as file:
        header = file.read(100)
    page, pages = int.from_bytes(header[16:18]), int.from_bytes(header[28:32])
    return os.path.getsize(path) == pages * (65536 if page == 1 else page)


def looks_sound(path: str) -> bool:
    """Whether a file looks like a whole one of ours."""
    with open(path, "rb") as file:
        header = file.read(100)
    return header[:16] == b"SQLite format 3\0" and header[68:72] == APPLICATION.to_bytes(4) and is_whole(path)


def _define(connection: sqlite3.Connection, name: str, function: Callable[[Row], Any]) -> None:
    def called(*values: Any) -> Any:
        return function(tuple(map(_from_bytes, values)))

    connection.create_function(name, -1, called, deterministic=True)


def _upgrade(connection: sqlite3.Connection, upgrades: Upgrades, found: int) -> str:
    """The script that makes of the format that was found the newest one."""
    for name, function in upgrades.functions.items():
        _define(connection, name, function)
    return "".join(script for older, script in sorted(upgrades.scripts.items()) if older >= found)


def _upgraded(connection: sqlite3.Connection, upgrades: Upgrades, found: int) -> sqlite3.Connection:
    """A copy in memory, in the newest format."""
    copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.backup(copy)
    copy.executescript(_upgrade(copy, upgrades, found))
    connection.close()
    return copy


def _is_empty(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is None


def _check(connection: sqlite3.Connection, path: str, version: int, *, empty_is_fine: bool) -> int:
    """The format that a file has; raises `StoreError` if it cannot be read."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    if empty_is_fine and _is_empty(connection):
        return version
    if application != APPLICATION:
        raise StoreError(f"{path} is not a file of runner")
    if found > version:
        raise StoreError(
            f"{path} was written by a newer version of runner (format {found}; this one reads {version})",
            hint="use that version, or another folder with --state-dir (`state=` in Python)",
        )
    return int(found)


def _to_bytes(value: Any) -> Any:
    """A text that UTF-8 cannot hold (a lone surrogate) is stored as a blob."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogatepass")
    return value


def _from_bytes(value: Any) -> Any:
    return value.decode("utf-8", "surrogatepass") if isinstance(value, bytes) else value


def placeholders(columns: Iterable[str]) -> str:
    """`a, b` → `(a, b) VALUES (?, ?)`."""
    names = list(columns)
    return f"({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
