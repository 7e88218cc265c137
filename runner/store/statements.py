"""The statements that write the file of a run, in their order, and the seals of the rows that they take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from runner.store.daybook import Changes
from runner.store.seals import seal, seal_of
from runner.store.tables import SEALED
from runner.store.values import Row, placeholders
from runner.struct import struct


@struct(eq=False)
class Change:
    """A statement, and how many values of each of its rows the seal is made of, the first ones."""

    statement: str
    sealed: int = 0


def _insert(table: str, unsealed: str = "", *, each: bool = True) -> Change:
    """New rows, with a seal for `each`, or given one already."""
    sealed = SEALED[table, "seal"].split()
    columns = ["seal", *sealed, *unsealed.split()]
    return Change(f"INSERT OR REPLACE INTO {table} {placeholders(columns)}", len(sealed) if each else 0)


def _end(table: str, unsealed: str) -> Change:
    """What is told later of a row that is there already; the first column says which that is.

    What is not sealed may be known already.
    """
    key, *sealed = SEALED[table, "end_seal"].split()
    changes = [f"{column} = ?" for column in sealed]
    changes += [f"{column} = coalesce({column}, ?)" for column in unsealed.split()]
    numbered = ", ".join(change.replace("?", f"?{n}") for n, change in enumerate(changes, 3))
    return Change(f"UPDATE {table} SET end_seal = ?1, {numbered} WHERE {key} = ?2", 1 + len(sealed))


NEW_SESSION = _insert("session", "started")
END_SESSION = _end("session", "finished seconds")
NEW_DECLARED = _insert("declared")
NEW_TASK = _insert("task")
NEW_FAN = _insert("fan")
COUNT_ITEMS = Change("UPDATE fan SET total = ? WHERE id = ?")
END_FAN = _end("fan", "started seconds total")
NEW_ITEM = _insert("item", each=False)
NEW_BATCH = _insert("batch")
NEW_ATTEMPT = _insert("attempt", "started seconds wait")
NEW_SLICE = _insert("slice", "at")
END_SLICES = Change("DELETE FROM slice WHERE fan = ?")
NEW_NOTICE = _insert("notice")

# In this order, whatever the order of the events in one list: a fan is there before it ends.
ORDER = (
    NEW_SESSION,
    NEW_DECLARED,
    NEW_TASK,
    NEW_FAN,
    COUNT_ITEMS,
    NEW_SLICE,
    NEW_ATTEMPT,
    NEW_ITEM,
    NEW_BATCH,
    END_FAN,
    END_SLICES,
    NEW_NOTICE,
    END_SESSION,
)


def merged(some: Sequence[Changes]) -> Changes:
    """What some lists of changes come to together. What was given to a worker and is over leaves no trace."""
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for changes in some:
        for statement, new in changes:
            rows[statement] += new
    over = {fan for (fan,) in rows.get(END_SLICES.statement, ())}
    if over and NEW_SLICE.statement in rows:
        fan = 1  # behind the seal
        rows[NEW_SLICE.statement] = [row for row in rows[NEW_SLICE.statement] if row[fan] not in over]
    return [(change.statement, rows[change.statement]) for change in ORDER if change.statement in rows]


def sealed_together(items: Sequence[Row]) -> list[Row]:
    """The rows of items, of which the last one bears the seal of all."""
    if not items:
        return []
    return [*((None, *item) for item in items[:-1]), (seal(items), *items[-1])]


def with_seals(change: Change, rows: list[Row]) -> list[Row]:
    """The rows of a statement, each with its seal."""
    sealed = change.sealed
    return [(seal_of(row[:sealed]), *row) for row in rows] if sealed else rows
