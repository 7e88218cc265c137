"""A connection to a file of ours: looked at before it is opened, checked, brought to the newest format.

It does not know what is read and written on it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping

from runner.hints import Any
from runner.store.beside import connect, opened_beside
from runner.store.errors import DamagedError, StoreError, in_words, waited_for_in_vain
from runner.store.sqlite import sqlite3
from runner.store.uncut import refuse_ruined
from runner.store.values import Row, from_bytes
from runner.struct import struct

APPLICATION = 0x52554E52
"""What the header of every file of ours says: `RUNR`."""

PATIENCE = 10.0
"""Seconds to wait for another program that has locked a file."""


@struct
class Upgrades:
    """The script that makes of each older format the next one, and the functions that scripts call."""

    scripts: Mapping[int, str]
    functions: Mapping[str, Callable[[Row], Any]]


NO_UPGRADES = Upgrades({}, {})


def to_write(
    path: str, tables: str, version: int, upgrades: Upgrades = NO_UPGRADES, patience: float = PATIENCE
) -> sqlite3.Connection:
    """Make a file with `tables`, or open one that is there, in the newest format. Nothing is synced yet.

    `patience` is in seconds, for another program that has locked it.
    """
    refuse_ruined(path)
    with in_words(path):
        _make_private(path)
        connection = connect(
            path, path, isolation_level=None, timeout=_seconds(path, patience), check_same_thread=False
        )
        try:
            found = _check(connection, path, version, empty_is_fine=True)
            connection.execute("PRAGMA synchronous = OFF")
            if found < version or _is_empty(connection):
                connection.executescript(
                    f"BEGIN IMMEDIATE; {_upgrade(connection, upgrades, found)}; {tables};"
                    f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {version}; COMMIT"
                )
        except BaseException:
            connection.close()
            raise
    return connection


def _make_private(path: str) -> None:
    """Make the file, readable by its owner alone: so SQLite makes those that it has beside it."""
    with contextlib.suppress(OSError):  # that it is there, or else is told by who opens it
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def to_read(
    path: str, version: int, upgrades: Upgrades = NO_UPGRADES, patience: float = PATIENCE
) -> sqlite3.Connection:
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
            connection = opened(path, "mode=ro", patience)
        except sqlite3.OperationalError:
            if os.path.exists(f"{path}-wal") or os.access(os.path.dirname(path), os.W_OK):
                raise
            connection = opened(path, "mode=ro&immutable=1", patience)
        try:
            found = _check(connection, path, version, empty_is_fine=False)
            if not is_whole(path):
                raise DamagedError(f"{path} is damaged: a part of it is missing")
            if found < version:
                connection = _upgraded(connection, upgrades, found)
        except BaseException:
            connection.close()
            raise
    return connection


def undo_unfinished(path: str, patience: float = PATIENCE) -> None:
    """Undo what a program that was killed had begun to write without the write-ahead log.

    That is at the very beginning and end of a file; who only reads could not, and would be refused.
    """
    with contextlib.suppress(sqlite3.Error, OSError):  # whoever opens it next tells what is wrong
        if os.path.exists(f"{path}-journal"):
            opened(path, "mode=rw", patience).close()


def opened(path: str, mode: str, patience: float = PATIENCE) -> sqlite3.Connection:
    """A connection to a file that is there, and can be read."""
    connection = connect(
        path,
        f"file:{_quoted(path)}?{mode}",
        uri=True,
        isolation_level=None,
        timeout=_seconds(path, patience),
        check_same_thread=False,
    )
    try:
        connection.execute("PRAGMA user_version")
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _seconds(path: str, patience: float) -> float:
    return 0.0 if path in waited_for_in_vain else patience


def _quoted(path: str) -> str:
    """A path as it stands in a URI."""
    plain = b"/-_.~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in os.fsencode(path))


def is_whole(path: str) -> bool:
    """Whether a file has the length that its header tells. With a log beside it, it may lack pages."""
    log = f"{path}-wal"
    if os.path.exists(log) and os.path.getsize(log):
        return True
    header = _header(path)
    page, pages = int.from_bytes(header[16:18]), int.from_bytes(header[28:32])
    return os.path.getsize(path) == pages * (65536 if page == 1 else page)


def looks_sound(path: str) -> bool:
    """Whether a file looks like a whole one of ours."""
    header = _header(path)
    return header[:16] == b"SQLite format 3\0" and header[68:72] == APPLICATION.to_bytes(4) and is_whole(path)


def _header(path: str) -> bytes:
    with opened_beside(path) as file:
        return os.pread(file, 100, 0)


def define(connection: sqlite3.Connection, name: str, function: Callable[[Row], Any]) -> None:
    """From now on queries on a connection may call `function` with any number of values."""

    def called(*values: Any) -> Any:
        return function(tuple(map(from_bytes, values)))

    connection.create_function(name, -1, called, deterministic=True)


def _upgrade(connection: sqlite3.Connection, upgrades: Upgrades, found: int) -> str:
    """The script that makes of the format that was found the newest one."""
    for name, function in upgrades.functions.items():
        define(connection, name, function)
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
