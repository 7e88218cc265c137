"""What the file of a run holds: its tables, and the one number that an item goes by.

It does not know who writes them (`rows`) or reads them (`recorded`).
"""

from __future__ import annotations

VERSION = 5

BATCHES = """
-- Neighbours that were done one after the other and succeeded at once, as one row: see `batches`.
CREATE TABLE IF NOT EXISTS batch (
    "first" INTEGER PRIMARY KEY, count INTEGER, nth INTEGER, keys TEXT, "values" TEXT, results TEXT,
    started TEXT, seconds TEXT, digests TEXT, worker TEXT, made INTEGER, spent REAL, longest REAL,
    seal INTEGER);
"""

DECLARED = """
-- The tasks of the file as each session found them, in JSON: [path, kind, mapped, [[path, how it waits]]].
CREATE TABLE IF NOT EXISTS declared (session INTEGER PRIMARY KEY, tasks TEXT, versions TEXT, seal INTEGER);
"""

DAYBOOK = """
-- The number of the last change that was taken over from the file beside: see `daybook`.
CREATE TABLE IF NOT EXISTS daybook (id INTEGER PRIMARY KEY, taken INTEGER, seal INTEGER);
"""

TABLES = f"""
-- A `seal` is a number made of what its row says: see SEALED.

-- One row for each time that the run was started (once, and once for each resume).
CREATE TABLE IF NOT EXISTS session (
    number INTEGER PRIMARY KEY, run TEXT, workflow TEXT, file TEXT, started REAL, params TEXT,
    workers INTEGER, tasks TEXT, options TEXT,
    status TEXT, exit_code INTEGER, finished REAL, seconds REAL, outputs TEXT, problems TEXT,
    seal INTEGER, end_seal INTEGER);

-- A task of the file that was reached. `path` is its address without keys.
CREATE TABLE IF NOT EXISTS task (
    id INTEGER PRIMARY KEY, session INTEGER, path TEXT, name TEXT, kind TEXT, mapped INTEGER,
    file TEXT, line INTEGER, "column" INTEGER, seal INTEGER);

-- A task in one open body. `within` is the item of the group that it belongs to, `attempt` that
-- item's attempt: a retried group opens a fresh body.
CREATE TABLE IF NOT EXISTS fan (
    id INTEGER PRIMARY KEY, task INTEGER, within INTEGER, attempt INTEGER, address TEXT, total INTEGER,
    status TEXT, reason TEXT, failure TEXT, marks TEXT,
    succeeded INTEGER, failed INTEGER, skipped INTEGER, cancelled INTEGER, started REAL, seconds REAL,
    seal INTEGER, end_seal INTEGER);
CREATE INDEX IF NOT EXISTS fan_of_root ON fan (task) WHERE within IS NULL;
CREATE INDEX IF NOT EXISTS fan_within ON fan (within) WHERE within IS NOT NULL;

-- An item that has settled. `id` is the fan's number and the item's index in one number, so that
-- the table lies in input order; `nth` counts in the order in which the items of a fan settled.
-- `digest` is of what was bound, `made` the session in which it was really done.
CREATE TABLE IF NOT EXISTS item (
    id INTEGER PRIMARY KEY, nth INTEGER, key TEXT, value TEXT, status TEXT, attempts INTEGER,
    result TEXT, withheld TEXT, failure TEXT, reason TEXT, marks TEXT, started REAL, seconds REAL,
    exit_code INTEGER, worker TEXT, log TEXT, digest TEXT, made INTEGER, seal INTEGER,
    fan INTEGER GENERATED ALWAYS AS (id >> 36) VIRTUAL,
    "index" INTEGER GENERATED ALWAYS AS (id & 68719476735) VIRTUAL);
CREATE INDEX IF NOT EXISTS item_failed ON item (id) WHERE status = 'failed';

-- Attempts at items that were tried more than once.
CREATE TABLE IF NOT EXISTS attempt (
    item INTEGER, number INTEGER, started REAL, seconds REAL, failure TEXT, exit_code INTEGER,
    worker TEXT, log TEXT, wait REAL, seal INTEGER, PRIMARY KEY (item, number)) WITHOUT ROWID;

-- What was given to a worker and belongs to a fan that has not settled. `first` and `last` are ids of
-- items; each of `items` is [index, key, attempt, value].
CREATE TABLE IF NOT EXISTS slice (
    fan INTEGER, submission INTEGER, at REAL, "first" INTEGER, "last" INTEGER, count INTEGER, items TEXT,
    seal INTEGER, PRIMARY KEY (fan, submission)) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS notice (
    id INTEGER PRIMARY KEY, session INTEGER, fan INTEGER, text TEXT, seal INTEGER);
{BATCHES}{DECLARED}{DAYBOOK}"""

SEALED = {
    ("session", "seal"): "number run workflow file params workers tasks options",
    ("session", "end_seal"): "number status exit_code outputs problems",
    ("task", "seal"): 'id session path name kind mapped file line "column"',
    ("fan", "seal"): "id task within attempt address",
    ("fan", "end_seal"): "id status reason failure marks succeeded failed skipped cancelled",
    (
        "item",
        "seal",
    ): "id nth key value status attempts result withheld failure reason marks exit_code worker"
    " log digest made started seconds",
    (
        "batch",
        "seal",
    ): '"first" count nth keys "values" results started seconds digests worker made spent longest',
    ("attempt", "seal"): "item number failure exit_code worker log",
    ("slice", "seal"): 'fan submission "first" "last" count items',
    ("notice", "seal"): "session fan text",
    ("declared", "seal"): "session tasks versions",
    ("daybook", "seal"): "taken",
}
"""The columns that a seal is made of. An item that has none is sealed with the next that has one."""

INDEX_BITS = 36


def item_id(fan: int, index: int) -> int:
    """The number of an item in the whole run."""
    return fan << INDEX_BITS | index


def fan_of(item: int) -> int:
    """The fan that an item belongs to."""
    return item >> INDEX_BITS


def index_of(item: int) -> int:
    """The place of an item in its fan."""
    return item & (1 << INDEX_BITS) - 1
