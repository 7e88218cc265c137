"""What goes wrong outside of the program is said in a sentence, and nothing untrue is recorded."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from event_streams import Stream

from runner.problem import UserError
from runner.records import Item, Status
from runner.store import Store, syncing
from runner.store.errors import StoreError
from runner.store.failed import failures
from runner.store.opening import APPLICATION
from runner.store.stored_run import StoredRun, open_run
from runner.store.tables import VERSION

as_root = os.geteuid() == 0


@pytest.fixture
def run(state: Path) -> Path:
    """The folder of a run that is over."""
    with Store.create(state) as store:
        stream = Stream(store)
        stream.begin("a", "m")
        stream.plain("a", result="x" * 5000)
        stream.map("m", [(str(n), n, Status.SUCCEEDED, {"result": n}) for n in range(300)])
        stream.finish()
    return Path(store.folder)


def read_everything(folder: Path) -> list[object]:
    with StoredRun(folder) as stored:
        run = stored.run()
        tasks = list(stored.tasks())
        items = [
            (item.key, item.value, item.status, item.result, item.failure, item.marks)
            for task in tasks
            if task.fan is not None
            for item in stored.read.items(task.fan)
        ]
        return [run, tasks, items, list(failures(stored.read, run)), list(stored.read.notices(run))]


def test_a_file_of_another_program_is_refused(run: Path) -> None:
    (run / "run.sqlite").unlink()
    with sqlite3.connect(run / "run.sqlite") as connection:
        connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(UserError) as raised:
        StoredRun(run)
    assert raised.value.message == f"{run / 'run.sqlite'} is not a file of runner"


def test_a_file_that_is_no_database_is_refused(run: Path) -> None:
    (run / "run.sqlite").write_text("hello " * 1000)
    with pytest.raises(UserError) as raised:
        StoredRun(run)
    assert raised.value.message == f"{run / 'run.sqlite'} is not a file of runner"


def test_a_file_of_a_newer_version_is_refused_with_both_versions(run: Path) -> None:
    with sqlite3.connect(run / "run.sqlite") as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(UserError) as raised:
        StoredRun(run)
    assert (raised.value.message, raised.value.hint) == (
        f"{run / 'run.sqlite'} was written by a newer version of runner"
        f" (format {VERSION + 1}; this one reads {VERSION})",
        "use that version, or another folder with --state-dir (`state=` in Python)",
    )


def test_a_file_without_our_tables_is_damaged(run: Path) -> None:
    (run / "run.sqlite").unlink()
    with sqlite3.connect(run / "run.sqlite") as connection:
        connection.execute("CREATE TABLE x (y)")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.close()
    with pytest.raises(UserError) as raised:
        StoredRun(run)
    assert raised.value.message == f"{run / 'run.sqlite'} is damaged (no such table: session)"


def test_a_run_without_its_file_is_said_to_have_none(run: Path) -> None:
    (run / "run.sqlite").unlink()
    with pytest.raises(UserError) as raised:
        StoredRun(run)
    assert raised.value.message == f"cannot open {run / 'run.sqlite'}: there is no such file"


def test_a_file_cut_short_anywhere_is_damaged_or_whole_but_never_a_traceback(run: Path) -> None:
    contents = (run / "run.sqlite").read_bytes()
    whole = read_everything(run)
    for length in range(0, len(contents), 977):
        (run / "run.sqlite").write_bytes(contents[:length])
        with contextlib.suppress(UserError):
            assert read_everything(run) == whole


def test_a_flipped_bit_is_never_a_traceback(run: Path) -> None:
    contents = bytearray((run / "run.sqlite").read_bytes())
    for place in range(0, len(contents), 389):
        flipped = bytearray(contents)
        flipped[place] ^= 1 << place % 8
        (run / "run.sqlite").write_bytes(flipped)
        with contextlib.suppress(UserError):
            read_everything(run)


def test_a_state_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError) as raised:
        Store.create(tmp_path / "file" / ".runner")
    assert raised.value.message == f"cannot make {tmp_path / 'file' / '.runner'}: not a directory"
    assert raised.value.hint == "name another folder with --state-dir (`state=` in Python)"


def _as_nobody(script: str) -> str:
    """What a script prints that runs without the power to write everywhere."""
    drop = "import os; os.setgid(65534); os.setuid(65534)\n" if as_root else ""
    paths = f"import sys; sys.path[:0] = {[str(Path(__file__).parent.parent), *sys.path]!r}\n"
    imports = (
        "from runner.problem import UserError\nfrom runner.store import Store\n"
        "from runner.store.stored_run import StoredRun, open_run\nfrom runner.store import history\n"
        "from event_streams import *\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", paths + imports + drop + script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture
def reachable(tmp_path: Path) -> Iterator[Path]:
    """A folder that anybody may reach."""
    import tempfile

    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_read_only_folder_is_said_in_a_sentence(reachable: Path) -> None:
    script = f"""
try:
    Store.create({str(reachable / ".runner")!r})
except UserError as error:
    print(error.message, "|", error.hint)
"""
    assert _as_nobody(script) == (
        f"cannot make {reachable}/.runner: permission denied | "
        "name another folder with --state-dir (`state=` in Python)\n"
    )


def test_a_run_that_is_over_can_be_read_where_nothing_can_be_written(run: Path, reachable: Path) -> None:
    state = run.parent.parent
    shutil.copytree(state, reachable / ".runner")
    for folder, _, files in os.walk(reachable):
        for name in files:
            os.chmod(Path(folder, name), 0o444)
        os.chmod(folder, 0o555)
    script = f"""
with open_run({str(reachable / ".runner")!r}) as stored:
    print(stored.run().status, [task.status.value for task in stored.tasks()])
print([each.status for each in history.list_runs({str(reachable / ".runner")!r})])
"""
    printed = _as_nobody(script)
    for folder, _, _ in os.walk(reachable):
        os.chmod(folder, 0o755)
    assert printed == "succeeded ['succeeded', 'succeeded']\n['succeeded']\n"


@pytest.mark.parametrize("power_safe", [True, False])
def test_when_a_file_may_not_grow_any_more_it_is_said_and_what_was_recorded_stays(
    state: Path, power_safe: bool
) -> None:
    script = f"""
import resource, signal, sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from event_streams import *
from runner.problem import UserError
from runner.store import Store
store = Store.create({str(state)!r}, power_safe={power_safe})
stream = Stream(store)
stream.begin("m")
fan = stream.open("m", mapped=True)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
recorded = 0
try:
    for index in range(1000):
        stream.settle(fan, Item(index, str(index), index), result="x" * 9000)
        recorded += 1
except UserError as error:
    print(error.message)
print(recorded)
store.close()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    message, recorded = done.stdout.splitlines()
    path = next((state / "runs").iterdir()) / "run.sqlite"
    assert message == f"cannot write {path}: no file may be larger than 976 KiB"
    assert 0 < int(recorded) < 1000
    with open_run(state) as stored:
        assert stored.read.counts(1).succeeded == int(recorded)


def test_a_file_can_be_closed_at_the_moment_at_which_it_is_to_be_synced(tmp_path: Path) -> None:
    class ClosedMeanwhile(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            closed = self.is_set()
            self.set()
            syncer._dirty.set()
            return closed

    syncer = syncing.Syncer(tmp_path / "run.sqlite")
    syncer._closing = ClosedMeanwhile()
    syncer.changed()
    assert syncer._thread is not None
    syncer._thread.join(timeout=20)
    assert not syncer._thread.is_alive()


def test_a_file_locked_by_another_program_is_said_to_be(
    store: Store, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream.begin("a")
    store._database.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(f"{store.folder}/run.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as raised:
        stream.open("a")
    assert raised.value.message == f"{store.folder}/run.sqlite is locked by another program"
    other.execute("ROLLBACK")
    other.close()
    fan = stream.open("b")
    stream.settle(fan, Item(0, None, None), result=1)
    assert store.results(fan) == [1]
