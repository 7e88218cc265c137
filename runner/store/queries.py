"""The questions that are put to the file of a run, and what a row of each answer means.

A question about items takes two numbers of items, of which the second is no longer asked for.
"""

from __future__ import annotations

from runner.hints import Any
from runner.position import Position
from runner.records import Counts, Status
from runner.store.causes import WITHOUT_OWN_KEY
from runner.store.entries import (
    RUNNING,
    AttemptRecord,
    ItemRecord,
    RunRecord,
    TaskRecord,
    failure_of,
    read_failure,
    read_marks,
)
from runner.store.tables import INDEX_BITS
from runner.store.texts import decode

RUN = """
SELECT run, status, workflow, file, (SELECT started FROM session ORDER BY number LIMIT 1), seconds, exit_code,
    params, outputs, problems, workers, tasks, options, number
FROM session ORDER BY number DESC LIMIT 1
"""

_item_columns = (
    "id, key, value, status, attempts, result, withheld, failure, reason, marks, started, seconds, "
    "exit_code, worker, log, digest, made"
)
_columns_of_item = ", ".join(f"item.{column}" for column in _item_columns.split(", "))

_task_columns = """
task.name, fan.address, fan.status, fan.id, task.path, task.kind, task.mapped, task.file, task.line,
task."column", fan.within, fan.attempt, fan.total, fan.reason, fan.failure, fan.marks, fan.succeeded,
fan.failed, fan.skipped, fan.cancelled, fan.started, fan.seconds
"""
_TASK_COLUMNS = len(_task_columns.split(","))

TASKS = f"""
SELECT {_task_columns}, {_columns_of_item} FROM fan JOIN task ON task.id = fan.task
LEFT JOIN item ON item.id = fan.id << {INDEX_BITS} AND NOT task.mapped
"""
ROOT_TASKS = f"{TASKS} WHERE task.session = ? AND fan.within IS NULL"
TASK = f"{TASKS} WHERE fan.id = ?"
TASKS_WITHIN = f"{TASKS} WHERE fan.within >= ? AND fan.within < ? ORDER BY fan.within"
FAILED_TASKS = f"{TASKS} WHERE fan.status = 'failed' AND fan.failed = 0 AND task.session = ? ORDER BY fan.id"

_between = "WHERE id >= ? AND id < ?"
ITEMS = f"SELECT {_item_columns} FROM item {_between} ORDER BY id"
ITEMS_OF_STATUS = f"SELECT {_item_columns} FROM item {_between} AND status = ? ORDER BY id"
ITEMS_BY_SETTLING = f"SELECT {_item_columns} FROM item WHERE fan = ? AND nth >= ? AND nth < ? ORDER BY nth"
ITEM_BY_KEY = f"SELECT {_item_columns} FROM item {_between} AND key = ?"
ITEM = f"SELECT {_item_columns} FROM item WHERE id = ?"
RESULTS = f"SELECT id, result FROM item {_between} AND status = 'succeeded' ORDER BY id"
IDS = f"SELECT id FROM item {_between}"
COUNTS = f"SELECT status, count(*) FROM item {_between} GROUP BY status"
COUNT_OPEN_BODIES = """
SELECT count(DISTINCT within) FROM fan WHERE within >= ?1 AND within < ?2
    AND NOT EXISTS (SELECT 1 FROM item WHERE item.id = fan.within)
"""
COUNT_FAILED = f"SELECT count(*) FROM item {_between} AND status = 'failed'"

_batch_columns = '"first", count, nth, keys, "values", results, started, seconds, digests, worker, made'
BATCHES = f'SELECT {_batch_columns} FROM batch WHERE "first" >= ? AND "first" < ? ORDER BY "first"'
SOME_BATCHES = f"SELECT {_batch_columns} FROM batch LIMIT ?"
BATCHED = 'SELECT total(count) FROM batch WHERE "first" >= ? AND "first" < ?'
# The first one may begin before what is asked for.
BATCHES_ACROSS = """
SELECT "first", "first" + count FROM batch WHERE "first" < ?2 AND "first" + count > ?1
    AND "first" >= coalesce((SELECT max("first") FROM batch WHERE "first" <= ?1), ?1)
"""
RESULTS_OF_BATCHES = 'SELECT "first", results FROM batch WHERE "first" >= ? AND "first" < ? ORDER BY "first"'
REMARKABLE = f"""
SELECT total(instr(marks, 'flaky') > 0), total(instr(marks, 'reused') > 0), total(withheld = 'opaque'),
    total(withheld = 'secret') FROM item {_between}
"""
ALL_ATTEMPTS = f"SELECT sum(attempts) FROM item {_between}"

# What failed because of what is inside it has that one's address in its failure.
FAILED_ITEMS = f"""
SELECT {_columns_of_item} FROM item
JOIN fan ON fan.id = item.id >> {INDEX_BITS} JOIN task ON task.id = fan.task
WHERE item.status = 'failed' AND task.session = ? AND item.id >= ?
    AND instr(item.failure, ',"address":') = 0
ORDER BY item.id
"""

CAUSES = f"""
SELECT {WITHOUT_OWN_KEY} AS cause, count(*), reason FROM item
{_between} AND status IN ('skipped', 'cancelled') AND reason IS NOT NULL
GROUP BY cause ORDER BY count(*) DESC, min(id) LIMIT ?
"""

# Passes that were followed by another do not count, nor does anything inside them.
_repeated = f"""
WITH RECURSIVE repeated (fan) AS (
    SELECT fan.id FROM fan JOIN attempt ON attempt.item = fan.within AND attempt.number = fan.attempt
    WHERE fan.within IS NOT NULL AND attempt.wait IS NOT NULL
    UNION SELECT fan.id FROM repeated JOIN fan
    ON fan.within >= repeated.fan << {INDEX_BITS} AND fan.within < repeated.fan + 1 << {INDEX_BITS})
"""
_inside = "task.session = ? AND substr(task.path, 1, length(?)) = ? AND fan.id NOT IN repeated"
INSIDE = f"""
{_repeated}
SELECT task.id, task.path, task.mapped, fan.status, fan.reason, count(*),
    sum(fan.succeeded), sum(fan.failed), sum(fan.skipped), sum(fan.cancelled)
FROM fan JOIN task ON task.id = fan.task
WHERE {_inside}
GROUP BY task.id, fan.status, fan.reason ORDER BY task.id, min(fan.id)
"""
_tolerates = "(instr(coalesce(fan.marks, ''), 'tolerated') OR task.mapped AND fan.status = 'succeeded')"
# From each failure outward, as far as a group whose budget or `allow_failure` tolerates it.
TOLERATED_INSIDE = f"""
{_repeated}, outward (task, fan) AS (
    SELECT fan.task, fan.within >> {INDEX_BITS} FROM fan JOIN task ON task.id = fan.task
    WHERE {_inside} AND fan.status = 'failed' AND NOT {_tolerates}
    UNION ALL SELECT outward.task, fan.within >> {INDEX_BITS} FROM outward
    JOIN fan ON fan.id = outward.fan JOIN task ON task.id = fan.task
    WHERE fan.within IS NOT NULL AND NOT {_tolerates})
SELECT failed.path, task.path, task.mapped, fan.status, fan.reason, fan.marks, count(*)
FROM outward JOIN fan ON fan.id = outward.fan JOIN task ON task.id = fan.task
JOIN task AS failed ON failed.id = outward.task
WHERE {_tolerates}
GROUP BY failed.id, task.id, fan.status, fan.reason, fan.marks ORDER BY failed.id, min(fan.id)
"""
CAUSES_INSIDE = f"""
{_repeated}
SELECT task.path, {WITHOUT_OWN_KEY.replace("reason", "item.reason")} AS cause, count(*), item.reason
FROM fan JOIN task ON task.id = fan.task
JOIN item ON item.id >= fan.id << {INDEX_BITS} AND item.id < fan.id + 1 << {INDEX_BITS}
WHERE {_inside} AND task.mapped AND fan.skipped + fan.cancelled > 0
    AND item.status IN ('skipped', 'cancelled') AND item.reason IS NOT NULL
GROUP BY task.id, cause ORDER BY task.id, count(*) DESC, min(item.id)
"""
MARKS_INSIDE = f"""
{_repeated}
SELECT task.path, total(instr(item.marks, 'flaky') > 0), total(instr(item.marks, 'reused') > 0)
FROM fan JOIN task ON task.id = fan.task
JOIN item ON item.id >= fan.id << {INDEX_BITS} AND item.id < fan.id + 1 << {INDEX_BITS}
WHERE {_inside} AND item.marks IS NOT NULL GROUP BY task.id
"""

EARLIER_FANS = """
SELECT fan.id, fan.status, fan.total, fan.reason, fan.failure, fan.marks, fan.started, fan.seconds,
    fan.succeeded, fan.failed, fan.skipped, fan.cancelled
FROM fan JOIN task ON task.id = fan.task
WHERE fan.address = ? AND task.session < ? ORDER BY fan.id DESC
"""
DONE_THERE = """
SELECT fan.id FROM fan JOIN task ON task.id = fan.task WHERE fan.id = ? AND (
    EXISTS (SELECT 1 FROM slice WHERE slice.fan = fan.id)
    OR EXISTS (SELECT 1 FROM item WHERE item.fan = fan.id AND item.made = task.session))
"""
MADE_THERE = """
SELECT 1 FROM item JOIN fan ON fan.id = item.fan JOIN task ON task.id = fan.task
WHERE item.fan = ? AND item.made = task.session LIMIT 1
"""
ACTED_INSIDE = """
SELECT 1 FROM fan JOIN task ON task.id = fan.task
WHERE fan.address >= ? AND fan.address < ? AND task.session = ? AND task.kind IN ('run', 'call') AND (
    EXISTS (SELECT 1 FROM slice WHERE slice.fan = fan.id)
    OR EXISTS (SELECT 1 FROM item WHERE item.fan = fan.id AND item.made = task.session)) LIMIT 1
"""
LAST_ITEM = f"SELECT max(id) FROM item {_between}"
PAGE_OF_ITEMS = f"{ITEMS} LIMIT 512"
EARLIER_BY_KEY = f"SELECT {_item_columns} FROM item WHERE fan = ? AND key = ?"
EARLIER_BY_VALUE = f"SELECT {_item_columns} FROM item WHERE fan = ? AND value = ? AND id >= ? ORDER BY id"
EARLIER_COPY = f"""
SELECT {_item_columns} FROM item
WHERE fan = ? AND started = ? AND seconds IS ? AND made = ? AND +value IS ? AND log IS ? LIMIT 1
"""
INDEX_OF_COPIES = "CREATE INDEX IF NOT EXISTS item_started ON item (fan, started)"
INDEXES_OF_EARLIER = (
    "CREATE INDEX IF NOT EXISTS fan_address ON fan (address)",
    "CREATE INDEX IF NOT EXISTS item_key ON item (fan, key)",
    "CREATE INDEX IF NOT EXISTS item_value ON item (fan, value)",
)
DONE = """
SELECT fan.address, task.mapped, item.key, item."index" FROM item
JOIN fan ON fan.id = item.fan JOIN task ON task.id = fan.task
WHERE item.status = 'succeeded' AND task.kind IN ('run', 'call')
"""
DONE_IN_BATCHES = f"""
SELECT fan.address, {", ".join(f"batch.{column}" for column in _batch_columns.split(", "))} FROM batch
JOIN fan ON fan.id = batch."first" >> {INDEX_BITS} JOIN task ON task.id = fan.task
WHERE task.kind IN ('run', 'call')
"""
OPEN_AND_CONTINUED = """
SELECT 1 FROM session WHERE number > 1 AND status IS NULL AND number = (SELECT max(number) FROM session)
"""
DECLARED = "SELECT tasks FROM declared WHERE session = ?"
PATHS = "SELECT id, path FROM task WHERE session = ?"
TASK_BEFORE = """
SELECT kind, mapped, file, line, "column" FROM task WHERE path = ? AND session < ? ORDER BY id DESC LIMIT 1
"""
FAN_OF_ADDRESS = """
SELECT fan.id, fan.status FROM fan JOIN task ON task.id = fan.task
WHERE fan.address = ? AND task.session = ? ORDER BY fan.id DESC LIMIT 1
"""
LAST_PASS = "SELECT ifnull(max(attempt), 0) FROM fan WHERE within = ?"
LATER_FANS = """
SELECT fan.id, task.session, fan.address, fan.status, fan.reason, task.mapped
FROM fan JOIN task ON task.id = fan.task
WHERE task.session > ? ORDER BY fan.id
"""
FIRST_FREE = """
SELECT (SELECT ifnull(max(number), 0) + 1 FROM session), (SELECT ifnull(max(id), 0) + 1 FROM fan),
    (SELECT ifnull(max(id), 0) + 1 FROM task)
"""

ATTEMPTS = """
SELECT number, started, seconds, failure, exit_code, worker, log, wait FROM attempt
WHERE item = ? ORDER BY number
"""
# An item that is reused, where it was really done: its last log was the same, then its value and its key.
ITEM_AS_IT_WAS_DONE = """
SELECT item.id FROM item JOIN fan ON fan.id = item.fan JOIN task ON task.id = fan.task
WHERE fan.address = (SELECT address FROM fan WHERE id = ?) AND task.session = ?
    AND (item.key IS ? OR item.value IS ?)
ORDER BY item.log IS ? DESC, item.value IS ? DESC LIMIT 1
"""

# A slice of neighbours that have all settled need not be looked into.
OPEN_SLICES = """
SELECT at, "first", "last" + 1, items FROM slice WHERE fan = ? AND NOT (
    "last" - "first" + 1 = count
    AND (SELECT count(*) FROM item WHERE id BETWEEN slice."first" AND slice."last") + (
        SELECT total(min("last" + 1, batch."first" + batch.count) - max(slice."first", batch."first"))
        FROM batch WHERE batch."first" <= "last" AND batch."first" + batch.count > slice."first"
            AND batch."first" >= coalesce(
                (SELECT max(it."first") FROM batch AS it WHERE it."first" <= slice."first"), slice."first")
    ) = slice.count)
ORDER BY submission
"""
FIRST_START = "SELECT min(at) FROM slice WHERE fan = ?"

DURATIONS = f"""
SELECT path, sum(seconds) / sum(number), max(longest), sum(number) FROM (
    SELECT task.id, task.path, sum(item.seconds) AS seconds, max(item.seconds) AS longest, count(*) AS number
    FROM item JOIN fan ON fan.id = item.id >> {INDEX_BITS} JOIN task ON task.id = fan.task
    WHERE item.status = 'succeeded' AND item.started IS NOT NULL AND item.seconds IS NOT NULL
        AND task.session = ?1
        AND (item.marks IS NULL OR instr(item.marks, 'reused') = 0 OR item.made < task.session)
    GROUP BY task.id
    UNION ALL
    SELECT task.id, task.path, sum(batch.spent), max(batch.longest), sum(batch.count)
    FROM batch JOIN fan ON fan.id = batch."first" >> {INDEX_BITS} JOIN task ON task.id = fan.task
    WHERE task.session = ?1 GROUP BY task.id)
GROUP BY id ORDER BY id
"""

# Before the last: whether the pass was repeated, and whether failures of its items are tolerated.
ALL_FANS = """
SELECT fan.id, task.path, fan.address, task.kind, task.mapped, fan.within, fan.status, fan.started,
    fan.seconds, EXISTS (SELECT 1 FROM attempt
        WHERE attempt.item = fan.within AND attempt.number = fan.attempt AND attempt.wait IS NOT NULL),
    CASE WHEN task.mapped THEN fan.status IS 'succeeded'
        ELSE coalesce(instr(fan.marks, 'tolerated'), 0) > 0 END,
    fan.total, fan.succeeded + fan.failed + fan.skipped + fan.cancelled
FROM fan JOIN task ON task.id = fan.task WHERE task.session = ? ORDER BY fan.id
"""
BY_PATH = f"""
{_repeated}
SELECT task.path, task.kind, task.mapped, task.file, task.line, fan.status,
    coalesce(instr(fan.marks, 'tolerated'), 0) > 0 AS tolerated, count(*), total(fan.succeeded),
    total(fan.failed), total(fan.skipped), total(fan.cancelled), sum(fan.seconds),
    total(EXISTS (SELECT 1 FROM slice WHERE slice.fan = fan.id))
FROM fan JOIN task ON task.id = fan.task
WHERE task.session = ? AND fan.id NOT IN repeated
GROUP BY task.id, fan.status, tolerated ORDER BY task.id
"""
_in_brief = ", ".join(
    "NULL" if column in ("value", "result", "digest") else column for column in _item_columns.split(", ")
)
ALL_ITEMS = f"SELECT {_in_brief} FROM item WHERE id >= ? ORDER BY id"
ALL_BATCHES = f'SELECT {_batch_columns} FROM batch WHERE "first" >= ? ORDER BY "first"'
BATCH_UP_TO = f'SELECT {_batch_columns} FROM batch WHERE "first" <= ? ORDER BY "first" DESC LIMIT 1'
ALL_TRIES = """
SELECT item, started, seconds, failure IS NOT NULL, worker FROM attempt
WHERE item >= ? AND started IS NOT NULL ORDER BY item, number
"""
_tried_again = "FROM item WHERE id >= ? AND attempts > 1 AND (marks IS NULL OR instr(marks, 'reused') = 0)"
TRIED_AGAIN = f"SELECT {_in_brief} {_tried_again} ORDER BY status = 'succeeded', id LIMIT ?"
COUNT_TRIED_AGAIN = f"SELECT count(*), total(status = 'succeeded') {_tried_again}"

NOTICES = """
SELECT notice.text, fan.address FROM notice LEFT JOIN fan ON fan.id = notice.fan
WHERE notice.session = ? ORDER BY notice.id
"""


def run_record(*row: Any) -> RunRecord:
    """The run that a row tells of."""
    run, status, workflow, file, started, seconds, exit_code, *texts, session = row
    params, outputs, problems, workers, tasks, options = texts
    return RunRecord(
        run,
        status or RUNNING,
        workflow,
        file,
        started,
        seconds,
        exit_code,
        decode(params) or {},
        decode(outputs) or {},
        tuple(map(failure_of, decode(problems) or ())),
        workers,
        tuple(decode(tasks)),
        decode(options) or {},
        session,
    )


def task_record(*row: Any) -> TaskRecord:
    """The task that a row tells of."""
    name, address, status, fan, path, kind, mapped, file, line, column, *rest = row[:_TASK_COLUMNS]
    within, attempt, total, reason, failure, marks, *counts, started, seconds = rest
    item = row[_TASK_COLUMNS:]
    return TaskRecord(
        name,
        address,
        Status(status) if status else Status.WAITING,
        fan,
        path,
        kind,
        bool(mapped),
        Position(file, line, column),
        within,
        attempt,
        total,
        reason,
        read_failure(failure),
        read_marks(marks),
        Counts(*(count or 0 for count in counts)),
        started,
        seconds,
        None if item[0] is None else ItemRecord(*item),
    )


def attempt_record(*row: Any) -> AttemptRecord:
    """The attempt that a row tells of."""
    number, started, seconds, failure, exit_code, worker, log, wait = row
    logs = tuple(log.split("\n")) if log else ()
    return AttemptRecord(number, started, seconds, read_failure(failure), exit_code, worker, logs, wait)
