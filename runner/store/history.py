"""The folder of all runs: where each lies, which there were, how long their tasks took.

    .runner/  .gitignore  index.sqlite  runs/<id>/{run.sqlite, lock, logs/}

The folders are the truth; the index only remembers what is costly to read from them, and may be
deleted at any time. It knows nothing of what a run does.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator

from runner import state_folder
from runner.problem import UserError, did_you_mean
from runner.records import Pace, Status, Usual
from runner.store import queries
from runner.store.begun import has_begun
from runner.store.database import Database
from runner.store.daybook import take_over
from runner.store.entries import DIED, RUNNING, UNREADABLE, Duration, RunRecord
from runner.store.errors import DamagedError, StoreError
from runner.store.formats import UPGRADES
from runner.store.lock import Lock, held
from runner.store.opening import looks_sound, undo_unfinished
from runner.store.recorded import Recorded
from runner.store.tables import TABLES, VERSION
from runner.struct import replace

INDEX_VERSION = 1
INDEX_PATIENCE = 1.0
"""Seconds to wait for the index: what it tells stands in the records of the runs as well."""

_WHOLE = ""
"""Stands in the place of an address for the run as a whole, if it succeeded."""

INDEX_TABLES = """
CREATE TABLE IF NOT EXISTS run (
    id TEXT PRIMARY KEY, status TEXT, workflow TEXT, file TEXT, started REAL, seconds REAL,
    exit_code INTEGER);
CREATE TABLE IF NOT EXISTS duration (
    file TEXT, path TEXT, mean REAL, longest REAL, items INTEGER, PRIMARY KEY (file, path)) WITHOUT ROWID;
"""


def _folder_of_runs(state: str) -> str:
    return os.path.join(state, "runs")


def run_folder(state: str, run: str) -> str:
    """Where a run lies."""
    return os.path.join(state, "runs", run)


def state_of(folder: str) -> str:
    """The folder of all runs in which that of a run lies."""
    return os.path.dirname(os.path.dirname(folder))


def record_of(folder: str) -> str:
    """The file in which the run in a folder is recorded."""
    return os.path.join(folder, "run.sqlite")


def daybook_of(folder: str) -> str:
    """The file in which changes of that record stand until it takes them over."""
    return os.path.join(folder, "daybook")


def index_of_runs(state: str) -> str:
    """The file that remembers what is costly to read from all runs."""
    return os.path.join(state, "index.sqlite")


def open_state(state: str) -> None:
    """Make the folder of all runs."""
    try:
        state_folder.make(state)
        os.makedirs(_folder_of_runs(state), state_folder.MODE, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot make {error.filename or state}: {(error.strerror or str(error)).lower()}",
            hint="name another folder with --state-dir (`state=` in Python)",
        ) from error


def new_run_folder(state: str) -> str:
    """An own folder for a new run; its name is the run's id: short, sortable, readable."""
    while True:
        now = time.time()
        second = time.strftime("%Y%m%d-%H%M%S", time.localtime(now))
        # The fraction of the second, so that ids sort by time.
        folder = run_folder(state, f"{second}-{int(now % 1 * 0x10000):04x}")
        try:
            os.mkdir(folder, state_folder.MODE)
            os.mkdir(os.path.join(folder, "logs"), state_folder.MODE)
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreError(
                f"cannot make {folder}: {(error.strerror or str(error)).lower()}",
                hint="name another folder with --state-dir (`state=` in Python)",
            ) from error
        return folder


def run_ids(state: str) -> list[str]:
    """The ids of all runs, the newest first. Raises `FileNotFoundError` in a folder that is gone."""
    if not os.path.isabs(state):
        os.getcwd()
    try:
        entries = os.scandir(_folder_of_runs(state))
        return sorted((entry.name for entry in entries if entry.is_dir()), reverse=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StoreError(f"cannot read {state}: {(error.strerror or str(error)).lower()}") from error


def list_runs(state: str) -> Iterator[RunRecord]:
    """All runs that have begun, the newest first; one whose file cannot be read is `unreadable`."""
    known = {run.id: run for run in remembered(state)}
    for name in run_ids(state):
        run = known.get(name)
        if run is None:
            try:
                run = read_run(run_folder(state, name))
            except StoreError:
                run = _unreadable(name)
        elif not _has_record(run_folder(state, name)):
            run = _unreadable(name)
        if run is not None:
            yield run


def _unreadable(name: str) -> RunRecord:
    return RunRecord(name, UNREADABLE, "", "", began(name))


def began(run: str) -> float:
    """When a run began, as its id tells; now, if its id is none of ours."""
    with contextlib.suppress(ValueError, OverflowError):
        return time.mktime(time.strptime(run[:15], "%Y%m%d-%H%M%S"))
    return time.time()


def _has_record(folder: str) -> bool:
    """Whether there is a file that looks like the whole record of a run."""
    try:
        return looks_sound(record_of(folder))
    except OSError:
        return False


def find_run(state: str, prefix: str | None = None) -> str:
    """The folder of the run whose id begins with `prefix`, or of the newest run."""
    ids = run_ids(state)
    if prefix is None:
        newest = next(list_runs(state), None)
        if newest is None:
            raise UserError(f"no run is recorded in {state}", hint="`runner run` makes one")
        return run_folder(state, newest.id)
    found = [name for name in ids if name.startswith(prefix)] if prefix else []
    if prefix in found:
        found = [prefix]
    if len(found) > 1:
        some = ", ".join(found[:5]) + (", …" if len(found) > 5 else "")
        raise UserError(f"{len(found)} runs begin with '{prefix}': {some}", hint="give more of the id")
    if not found:
        hint = did_you_mean(prefix, ids) or "`runner runs` lists them"
        raise UserError(f"no run begins with '{prefix}' in {state}", hint=hint)
    return run_folder(state, found[0])


def read_run(folder: str) -> RunRecord | None:
    """A run as a whole, from its own file; None before its start is recorded."""
    path = record_of(folder)
    performed = held(folder)  # asked first: if it is none, nobody records anything meanwhile
    complete(folder)
    undo_unfinished(path)
    run = None
    if os.path.exists(path) and os.path.getsize(path):
        database = Database.read(path, VERSION, upgrades=UPGRADES)
        with contextlib.closing(database):
            from runner.store.soundness import check_table

            check_table(database, "session")
            run = Recorded(database).run()
    if run is None and not performed and has_begun(folder):
        raise begins_nowhere(path)
    return run and living(run, folder)


def complete(folder: str) -> None:
    """Let the record of a run have what was recorded last, if a program died that performed it."""
    book, path = daybook_of(folder), record_of(folder)
    if not os.path.exists(book) or held(folder):
        return
    # Whoever reads it tells what is wrong with it.
    with contextlib.suppress(UserError, OSError), contextlib.closing(Lock(folder)):
        if os.path.getsize(path):
            with contextlib.closing(_to_write(folder)) as record:
                take_over(record, book)


def complete_session(database: Database, folder: str) -> bool:
    """Let the record of a run have what it had not come to if it died while it was continued.

    `database` is that record, to be read; whether anything was to be done.
    """
    if database.row(queries.OPEN_AND_CONTINUED) is None or held(folder):
        return False
    from runner.store.untold import tell

    # It takes no lock: while it goes on, nobody performs the run, and who would waits for the record.
    with contextlib.suppress(UserError, OSError), contextlib.closing(_to_write(folder)) as record:
        tell(record, lambda: held(folder))
    return True


def _to_write(folder: str) -> Database:
    return Database.create(record_of(folder), TABLES, VERSION, upgrades=UPGRADES)


def begins_nowhere(path: str) -> DamagedError:
    """An error that tells that a run has begun, but that its file does not say so any more."""
    return DamagedError(f"{path} is damaged: the beginning of the run is missing")


def living(run: RunRecord, folder: str) -> RunRecord:
    """A run that is recorded as running, but that nobody performs, has died."""
    died = run.status == RUNNING and not held(folder)
    return replace(run, id=os.path.basename(folder), status=DIED if died else run.status)


def remember(state: str, run: RunRecord, durations: Iterable[Duration] = ()) -> None:
    """Put a finished run into the index, if the index can be written: nothing depends on it.

    A run that did only some tasks or items tells how long they take only where nothing is known.
    """
    some = run.part[0] or run.continued_in_part
    change = "INSERT OR IGNORE" if some else "INSERT OR REPLACE"
    told = [(run.file, each.path, each.mean, each.longest, each.items) for each in durations]
    if run.status == Status.SUCCEEDED and run.session == 1:
        told.append((run.file, _WHOLE, run.seconds or 0.0, run.seconds or 0.0, 0))
    with contextlib.suppress(StoreError), _changing_index(state) as index:
        index.change(
            "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(run.id, run.status, run.workflow, run.file, run.started, run.seconds, run.exit_code)],
        )
        index.change(
            f"{change} INTO duration VALUES (?, ?, ?, ?, ?)",
            told,
        )


def forget(state: str, run: str) -> None:
    """Take a run out of the index, since it goes on."""
    with contextlib.suppress(StoreError), _changing_index(state) as index:
        index.change("DELETE FROM run WHERE id = ?", [(run,)])


def mistrust(state: str, run: str) -> None:
    """Let the index say of a run in it that its record cannot be read, whatever that said of itself."""
    with contextlib.suppress(StoreError), _changing_index(state) as index:
        index.change("UPDATE run SET status = ? WHERE id = ?", [(UNREADABLE, run)])


def remove_run(state: str, run: str) -> None:
    """Take a run off the disk, unless somebody performs it; raises `UserError` if it cannot be removed."""
    from shutil import rmtree

    folder = run_folder(state, run)
    try:
        with contextlib.closing(Lock(folder)):
            forget(state, run)
            rmtree(folder)
    except FileNotFoundError:  # somebody else does the same
        return
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StoreError(f"cannot remove {error.filename or folder}: {reason}") from error


def paces(state: str, file: str) -> dict[str, Pace]:
    """How long the tasks of a workflow file took when last done as a whole, by address without keys."""
    query = "SELECT path, mean, longest, items FROM duration WHERE file = ? AND path != ''"
    try:
        index = Database.read(index_of_runs(state), INDEX_VERSION, patience=INDEX_PATIENCE)
        with contextlib.closing(index):
            found = index.records(_duration, query, [file])
            return {each.path: Pace(each.mean, each.items) for each in found}
    except StoreError:
        return {}


def usual(state: str, file: str) -> Usual:
    """How a workflow file was done before, as far as the index tells."""
    query = "SELECT mean FROM duration WHERE file = ? AND path = ''"
    try:
        index = Database.read(index_of_runs(state), INDEX_VERSION, patience=INDEX_PATIENCE)
        with contextlib.closing(index):
            last = index.row(query, [file])
    except StoreError:
        return Usual()
    return Usual(paces(state, file), last[0] if last else None)


def remembered(state: str) -> list[RunRecord]:
    """The runs that have ended, as far as the index tells."""
    query = "SELECT id, status, workflow, file, started, seconds, exit_code FROM run"
    try:
        index = Database.read(index_of_runs(state), INDEX_VERSION, patience=INDEX_PATIENCE)
        with contextlib.closing(index):
            return list(index.records(_run, query))
    except StoreError:
        return []


def _run(
    run: str, status: str, workflow: str, file: str, started: float, seconds: float, code: int
) -> RunRecord:
    run, status, workflow, file = map(_text, (run, status, workflow, file))
    return RunRecord(run, status, workflow, file, float(started), float(seconds), int(code))


def _duration(path: str, mean: float, longest: float, items: int) -> Duration:
    return Duration(_text(path), float(mean), float(longest), int(items))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("what stands for a text is none")
    return value


@contextlib.contextmanager
def _changing_index(state: str) -> Iterator[Database]:
    with contextlib.closing(_index_to_write(state)) as index, index.transaction():
        yield index


def _index_to_write(state: str) -> Database:
    """The index; one that is damaged is made anew, one of a newer version is left alone."""
    path = index_of_runs(state)
    try:
        return Database.create(path, INDEX_TABLES, INDEX_VERSION, durability="none", patience=INDEX_PATIENCE)
    except DamagedError:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        return Database.create(path, INDEX_TABLES, INDEX_VERSION, durability="none", patience=INDEX_PATIENCE)
