"""Batches → the items in them, each in a row of its own: for who looks for one by its key or its value."""

from __future__ import annotations

from runner.store import queries
from runner.store.batches import Batch
from runner.store.database import Database
from runner.store.statements import NEW_ITEM, sealed_together
from runner.store.values import Row

AT_ONCE = 64


def unpack_all(database: Database) -> None:
    """Leave no batch in the file of a run, some of them in each transaction."""
    while batches := list(database.records(Batch, queries.SOME_BATCHES, [AT_ONCE])):
        with database.transaction():
            for batch in batches:
                database.change(NEW_ITEM.statement, sealed_together(_rows(batch)))
            database.change('DELETE FROM batch WHERE "first" = ?', [(batch.first,) for batch in batches])


def _rows(batch: Batch) -> list[Row]:
    return [
        (
            item.id,
            nth,
            item.key,
            item.value_text,
            item.status,
            item.attempts,
            item.result_text,
            None,
            None,
            None,
            None,
            None,
            item.worker,
            None,
            item.digest,
            item.made,
            item.started,
            item.seconds,
        )
        for nth, item in enumerate(batch.items(), batch.nth)
    ]
