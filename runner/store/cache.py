"""What tasks with a `cache` left, in whatever run: found again by what they were made of.

It knows neither how that is found out nor who asks. Nothing depends on it: where it cannot be read or
written, everything is done again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from runner.blake import blake2b
from runner.records import ItemSettled, Kept, Outcome, Status, Trace
from runner.store.database import Database
from runner.store.errors import DamagedError, StoreError
from runner.store.texts import decode, encode
from runner.store.values import placeholders

VERSION = 1
TABLES = """
-- `key` is made of all that an item is made of, `sum` of all that is kept of it; `files` are its inputs.
CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY, key TEXT UNIQUE, place TEXT, action TEXT, source TEXT, inputs TEXT,
    outputs TEXT, files TEXT, result TEXT, exit_code INTEGER, sum TEXT, used REAL);
CREATE INDEX IF NOT EXISTS entry_place ON entry (place, id);
-- Why nothing was kept of an item when it was done last.
CREATE TABLE IF NOT EXISTS refusal (place TEXT PRIMARY KEY, why TEXT, used REAL) WITHOUT ROWID;
"""

AT_A_PLACE = 8
"""So many entries are kept of one item, the newest."""
A_DAY = 86400.0
FEW = 3

_find = "SELECT id, outputs, result, exit_code, sum, used FROM entry WHERE key = ?"
_nearest = """
SELECT action, source, inputs, files FROM entry WHERE place = ?1
ORDER BY (action = ?2) + (source = ?3) + (inputs = ?4) DESC, id DESC LIMIT 1
"""
_columns = [
    "key",
    "place",
    "action",
    "source",
    "inputs",
    "outputs",
    "files",
    "result",
    "exit_code",
    "sum",
    "used",
]
_keep = f"INSERT OR REPLACE INTO entry {placeholders(_columns)}"
_trim = """
DELETE FROM entry WHERE place = ?1 AND id <=
    (SELECT id FROM entry WHERE place = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)
"""
_forget = "DELETE FROM entry WHERE key = ?"
_use = "UPDATE entry SET used = ? WHERE id = ?"
_prune = ("DELETE FROM entry WHERE used < ?", "DELETE FROM refusal WHERE used < ?")
_refuse = "INSERT OR REPLACE INTO refusal VALUES (?, ?, ?)"
_accept = "DELETE FROM refusal WHERE place = ?"
_refused = "SELECT why FROM refusal WHERE place = ?"


class Cache:
    """The cache of a folder of runs. Its file is opened, or made, when it is needed first.

    `fault` is why it is of no use, once that is known.
    """

    def __init__(self, state: str) -> None:
        self._path = os.path.join(state, "cache.sqlite")
        self._database: Database | None = None
        self._used: dict[int, float] = {}
        self.fault: str | None = None

    def find(self, trace: Trace) -> Kept | None:
        """What is kept of an item, if it can be used."""
        if trace.fault or self.fault:
            return None
        try:
            row = self._open().row(_find, [_key(trace)])
            return None if row is None else self._usable(trace, *row)
        except StoreError as error:
            self._give_up(error)
            return None

    def why_not(self, trace: Trace) -> str:
        """Why nothing of an item can be used."""
        try:
            return trace.fault or self._why_not(trace)
        except StoreError as error:
            self._give_up(error)
            return f"the cache is of no use: {self.fault}"

    def keep(self, settled: Iterable[ItemSettled]) -> None:
        """Keep what succeeded, and forget what failed, of items that have a trace."""
        try:
            self._keep(list(settled))
        except StoreError as error:
            self._give_up(error)

    def prune(self, before: float) -> None:
        """Forget what was not used since `before`, in seconds since the epoch."""
        if os.path.exists(self._path):
            with self._open().transaction():
                for statement in _prune:
                    self._open().change(statement, [(before,)])

    def close(self) -> None:
        """Let the file go."""
        try:
            if self._database is not None and self._used:
                with self._database.transaction():
                    self._database.change(_use, [(now, number) for number, now in self._used.items()])
            if self._database is not None:
                self._database.close()
        except StoreError as error:
            self._give_up(error)

    def _usable(
        self,
        trace: Trace,
        number: int,
        outputs: str,
        result: str,
        exit_code: int | None,
        sum_: str,
        used: float,
    ) -> Kept | None:
        if outputs != trace.outputs.hex() or sum_ != _sum(_key(trace), outputs, result, exit_code):
            return None
        now = time.time()
        if now - used > A_DAY:
            self._used[number] = now
        return Kept(decode(result), result, exit_code)

    def _why_not(self, trace: Trace) -> str:
        row = self._open().row(_find, [_key(trace)])
        if row is not None:
            altered = row[1] == trace.outputs.hex()
            return "what was kept of it is damaged" if altered else "its outputs are not as they were left"
        refused = self._open().row(_refused, [trace.place])
        if refused is not None:
            return f"nothing was kept of it: {refused[0]}"
        made_of = [trace.action.hex(), trace.source.hex(), trace.inputs.hex()]
        row = self._open().row(_nearest, [trace.place, *made_of])
        if row is None:
            return "nothing is kept of it"
        action, source, inputs, files = row
        changed = []
        if action != trace.action.hex():
            what = "arguments" if trace.source else "command"
            changed.append(f"its {what} or its environment changed")
        if source != trace.source.hex():
            changed.append("its source changed")
        if inputs != trace.inputs.hex():
            changed.append(_changed_inputs(decode(files) or {}, trace))
        return ", ".join(changed) or "what was kept of it was forgotten"

    def _keep(self, settled: list[ItemSettled]) -> None:
        rows, failed, refused = [], [], []
        for event in settled:
            outcome = event.outcome
            if outcome is None or outcome.trace is None:
                continue
            trace, why = outcome.trace, _why_it_cannot_be_kept(event.status, outcome)
            if not why:
                rows.append(_row(outcome, trace))
            elif event.status in (Status.FAILED, Status.SUCCEEDED):
                refused.append((trace.place, why, time.time()))
            if event.status is Status.FAILED and not trace.fault:
                failed.append((_key(trace),))
        if not rows and not refused:
            return
        database = self._open()
        with database.transaction():
            database.change(_forget, failed)
            database.change(_keep, rows)
            database.change(_trim, [(row[1], AT_A_PLACE) for row in rows])
            database.change(_refuse, refused)
            database.change(_accept, [(row[1],) for row in rows])

    def _open(self) -> Database:
        if self.fault is not None:
            raise StoreError(self.fault)
        if self._database is None:
            try:
                self._database = Database.create(self._path, TABLES, VERSION)
            except DamagedError:
                for end in ("", "-wal", "-shm"):
                    with suppress(FileNotFoundError):
                        os.unlink(f"{self._path}{end}")
                self._database = Database.create(self._path, TABLES, VERSION)
        return self._database

    def _give_up(self, error: StoreError) -> None:
        self.fault = self.fault or error.message


class NotAsked:
    """Answers for the cache where it is not to be asked."""

    def find(self, trace: Trace) -> None:
        """Nothing."""

    def why_not(self, trace: Trace) -> str:
        """That it is not asked."""
        return "the cache is not asked (`--no-cache`)"


def _why_it_cannot_be_kept(status: Status, outcome: Outcome) -> str:
    """Nothing where it can."""
    trace = outcome.trace
    if status is not Status.SUCCEEDED:
        return "it failed"
    if trace is not None and trace.fault:
        return trace.fault
    if outcome.secret:
        return "its result holds a secret"
    if outcome.truncated:
        return "its result is over 1 MiB"
    return "" if outcome.encoded else "JSON cannot hold its result"


def _row(outcome: Outcome, trace: Trace) -> tuple[object, ...]:
    key, outputs, result = _key(trace), trace.outputs.hex(), outcome.encoded or ""
    return (
        key,
        trace.place,
        trace.action.hex(),
        trace.source.hex(),
        trace.inputs.hex(),
        outputs,
        encode({name: content.hex() for name, content in trace.files}),
        result,
        outcome.exit_code,
        _sum(key, outputs, result, outcome.exit_code),
        time.time(),
    )


def _key(trace: Trace) -> str:
    return blake2b(b"".join((trace.action, trace.source, trace.inputs)), digest_size=16).hexdigest()


def _sum(key: str, outputs: str, result: str, exit_code: int | None) -> str:
    return blake2b(f"{key} {outputs} {exit_code} {result}".encode(), digest_size=8).hexdigest()


def _changed_inputs(before: Mapping[str, str], trace: Trace) -> str:
    """Which inputs are not what they were, as far as that is known."""
    now = {name: content.hex() for name, content in trace.files}
    if not before or not now:
        return "its inputs changed"
    told = list(_differences(before, now))
    more = f" and {len(told) - FEW} more" if len(told) > FEW else ""
    return f"its inputs changed: {', '.join(told[:FEW])}{more}"


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            yield f"{name} is new"
        elif name not in now:
            yield f"{name} is gone"
        elif before[name] != now[name]:
            yield name
