"""The formats that the file of a run has had, and how an older one becomes the next.

An upgrade is part of the transaction that opens a file for writing: it is there as a whole or not at
all. It does not know what the present format is for: that is said in `tables`.
"""

from __future__ import annotations

from runner.store.opening import Upgrades
from runner.store.seals import seal_of
from runner.store.tables import BATCHES, DAYBOOK, DECLARED, SEALED


def _with_seals() -> str:
    """Format 2: rows are sealed. What is in a file of format 1 is taken as it stands."""
    script = ""
    for (table, column), columns in SEALED.items():
        if table in ("batch", "declared", "daybook"):
            continue
        ended = " WHERE status IS NOT NULL" if column == "end_seal" else ""
        script += f"ALTER TABLE {table} ADD COLUMN {column} INTEGER;"
        script += f"UPDATE {table} SET {column} = seal_of({', '.join(columns.split())}){ended};"
    return script


UPGRADES = Upgrades({1: _with_seals(), 2: BATCHES, 3: DECLARED, 4: DAYBOOK}, {"seal_of": seal_of})
"""Format 3: items may stand in batches. Format 4: what each task waits for is told.
Format 5: what was recorded last may stand in a file beside."""
