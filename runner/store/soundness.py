"""Whether the file of a run still says what was written into it, all of it. It knows of no reader.

SQLite sees whether its pages hang together, the seals whether a row is as it was, and that nothing
refers to what is not there shows that no newer part of the file is missing.
"""

from __future__ import annotations

from runner.store.database import Database
from runner.store.errors import DamagedError
from runner.store.seals import seal, seal_of
from runner.store.tables import INDEX_BITS, SEALED
from runner.store.values import Row

_referring = {
    f"SELECT DISTINCT id >> {INDEX_BITS} FROM item": "SELECT id FROM fan",
    f'SELECT DISTINCT "first" >> {INDEX_BITS} FROM batch': "SELECT id FROM fan",
    "SELECT DISTINCT fan FROM slice": "SELECT id FROM fan",
    "SELECT DISTINCT task FROM fan": "SELECT id FROM task",
    "SELECT DISTINCT session FROM task": "SELECT number FROM session",
    "SELECT session FROM declared": "SELECT number FROM session",
}


def check(database: Database) -> None:
    """Raises `DamagedError` if anything in the file is not as it was written."""
    ((found, *_), *_) = database.rows("PRAGMA integrity_check(1)")
    if found != "ok":
        raise database.damaged(found.rpartition("\n")[2])
    for table in dict.fromkeys(table for table, _ in SEALED):
        check_table(database, table)
    for referring, there in _referring.items():
        if database.row(f"{referring} EXCEPT {there}"):
            raise database.damaged("a part of it is missing")


def check_table(database: Database, table: str) -> None:
    """Raises `DamagedError` if a row of a table is not as it was written."""
    database.define("seal_of", seal_of)
    try:
        sound = all(
            _items(database, columns.split())
            if table == "item"
            else _rows(database, table, column, columns.split())
            for (sealed, column), columns in SEALED.items()
            if sealed == table
        )
    except DamagedError:  # a text that is none
        sound = False
    if not sound:
        raise database.damaged(f"a row of the table `{table}` is not what was recorded")


def _rows(database: Database, table: str, column: str, sealed: list[str]) -> bool:
    """Whether each row has its seal; what has not ended yet has no seal of its end, and no end."""
    differs = f"{column} IS NOT seal_of({', '.join(sealed)})"
    if column == "end_seal":
        differs += f" AND coalesce({column}, {', '.join(sealed[1:])}) IS NOT NULL"
    return database.row(f"SELECT 1 FROM {table} WHERE {differs} LIMIT 1") is None


def _items(database: Database, sealed: list[str]) -> bool:
    """Whether the items that were recorded together have their seal, which is in the last one."""
    together: list[Row] = []
    for *values, number in database.rows(f"SELECT {', '.join(sealed)}, seal FROM item ORDER BY fan, nth"):
        together.append(tuple(values))
        if number is not None:
            if seal(together) != number:
                return False
            together = []
    return not together
