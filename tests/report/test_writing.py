"""Report files: whole or not there at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from event_streams import Stream

from runner.problem import UserError
from runner.report import format_named, format_of, write_report, writer
from runner.report.publish import PublishError, publish
from runner.store import Store
from runner.store.stored_run import StoredRun


@pytest.fixture
def run(stream: Stream, store: Store) -> Iterator[StoredRun]:
    stream.begin("a")
    stream.plain("a")
    stream.finish()
    with StoredRun(store.folder) as stored:
        yield stored


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("r.json", "{\n"),
        ("r.md", "# thumbnails"),
        ("r.txt", "thumbnails succeeded"),
        ("r.xml", "<?xml version="),
        ("R.Trace.JSON", '{"displayTimeUnit"'),
    ],
)
def test_the_suffix_tells_the_format(run: StoredRun, tmp_path: Path, name: str, start: str) -> None:
    write_report(run, str(tmp_path / "new" / "folders" / name))
    assert (tmp_path / "new" / "folders" / name).read_text().startswith(start)
    assert os.listdir(tmp_path / "new" / "folders") == [name]


def test_a_format_may_be_named_and_then_the_suffix_is_free(run: StoredRun, tmp_path: Path) -> None:
    write_report(run, str(tmp_path / "summary"), form="markdown")
    assert (tmp_path / "summary").read_text().startswith("# thumbnails")


def test_an_unknown_format_is_found_before_anything_is_written() -> None:
    with pytest.raises(UserError) as raised:
        format_named("markdwon")
    assert (raised.value.message, raised.value.hint) == (
        "no report format 'markdwon'",
        "did you mean 'markdown'?",
    )
    with pytest.raises(UserError) as raised:
        format_of("out/report.pdf")
    assert raised.value.message == "no report format for 'out/report.pdf'"
    assert raised.value.hint == (
        "end its name in one of .txt, .text, .json, .html, .htm, .md, .markdown, .xml, .trace.json,"
        " or name the format"
    )


def test_without_a_format_it_is_text(run: StoredRun) -> None:
    assert "".join(writer()(run)).startswith("thumbnails succeeded")


def test_an_earlier_report_is_replaced_and_keeps_its_mode(run: StoredRun, tmp_path: Path) -> None:
    target = tmp_path / "r.json"
    target.write_text("old")
    target.chmod(0o640)
    write_report(run, str(target))
    assert target.read_text().startswith("{\n")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_new_report_is_as_readable_as_any_new_file(run: StoredRun, tmp_path: Path) -> None:
    write_report(run, str(tmp_path / "r.json"))
    (tmp_path / "other").write_text("")
    assert (tmp_path / "r.json").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_stays_and_what_it_leads_to_is_written(run: StoredRun, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "r.json").symlink_to(tmp_path / "real" / "r.json")
    write_report(run, str(tmp_path / "r.json"))
    assert (tmp_path / "r.json").is_symlink()
    assert (tmp_path / "real" / "r.json").read_text().startswith("{\n")


def test_a_pipe_is_written_to_not_replaced(run: StoredRun, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "r.json")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "r.json").read_text()))
    reader.start()
    write_report(run, str(tmp_path / "r.json"))
    reader.join()
    assert read[0].startswith("{\n")
    assert (tmp_path / "r.json").is_fifo()


def test_when_making_it_fails_the_earlier_report_stays(tmp_path: Path) -> None:
    target = tmp_path / "r.txt"
    target.write_text("old")

    def pieces() -> Iterator[str]:
        yield "new" * 100_000
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError):
        publish(target, pieces())
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["r.txt"]


def test_a_full_disk_is_said_in_a_sentence() -> None:
    with pytest.raises(PublishError) as raised:
        publish(Path("/dev/full"), ["x"])
    assert raised.value.message == "cannot write /dev/full: no space left on device"


@pytest.mark.parametrize(
    ("path", "reason"), [("folder", "is a directory"), ("file/r.txt", "{folder}/file is no folder")]
)
def test_a_path_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path, path: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishError) as raised:
        publish(tmp_path / path, ["x"])
    assert raised.value.message == f"cannot write {tmp_path / path}: {reason.format(folder=tmp_path)}"


def test_a_large_run_is_reported_in_bounded_memory(tmp_path: Path) -> None:
    script = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent.parent)!r})
from event_streams import *
from runner.store import Store
from runner.store.stored_run import StoredRun
from runner.report import write_report
with Store.create({str(tmp_path)!r}) as store:
    stream = Stream(store)
    stream.begin("m")
    fan = stream.open("m", mapped=True)
    def fill(first, end):
        for start in range(first, end, 500):
            items = [Item(index, str(index), index) for index in range(start, start + 500)]
            store([SliceStarted(fan, start + 1, tuple(items), 0.0)])
            store([stream.settled(fan, item, result="x" * 100) for item in items])
    def report():
        with StoredRun(store.folder) as stored:
            for name in ("r.json", "r.md", "r.txt"):
                write_report(stored, {str(tmp_path)!r} + "/" + name)
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fill(0, 2_000)
    few = report()
    fill(2_000, 60_000)
    print(few, report())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=100
    )
    few, many = map(float, done.stdout.split())
    assert many - few < 10
    assert (tmp_path / "r.json").stat().st_size > 60_000 * 200
