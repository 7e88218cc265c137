"""A disk that is full or read-only, or lets nobody in: a sentence, nothing untrue, and resume goes on."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from faulty import Faulty, remount
from program import steady

text = """
    tasks:
      first: {run: "echo first >> witness; echo one"}
      each:
        needs: [first]
        map: {over: "{{ range(20) }}"}
        run: "echo {{ item }} >> witness; seq 2000"
      last: {run: "echo last >> witness", needs: [each]}
"""
everything = ["first", *map(str, range(20)), "last"]

failing = """
    tasks:
      first: {run: "echo first >> witness"}
      last: {run: "test -e there; echo last >> witness", needs: [first]}
"""


@pytest.mark.parametrize("kilobytes", [8, 60, 72])
def test_a_run_for_which_there_is_no_room_does_not_begin(faulty: Faulty, small: Path, kilobytes: int) -> None:
    faulty.write(text)
    remount(small, f"size={kilobytes}k")
    ended = faulty("run")
    assert (ended.code, ended.out) == (2, "")
    assert steady(ended.err) == f"error: cannot write {small}/runs/ID/run.sqlite: the disk is full\n"
    assert (faulty.acted(), list(small.glob("runs/*"))) == ([], [])
    remount(small, "size=20m")
    assert faulty("run", "-q").code == 0
    assert faulty.acted() == sorted(everything)


@pytest.mark.parametrize(("kilobytes", "code"), [(16, 2), (100, 1)])
def test_a_record_that_may_not_grow_any_more_says_how_large_files_may_be(
    faulty: Faulty, kilobytes: int, code: int
) -> None:
    faulty.write(text)
    ended = faulty.shell(f"ulimit -f {kilobytes}; runner run -q")
    assert ended.code == code
    assert steady(ended.err) == (
        f"error: cannot write {faulty.folder}/.runner/runs/ID/run.sqlite:"
        f" no file may be larger than {kilobytes} KiB\n"
        "  = `ulimit -f unlimited` lifts that limit, if it may be lifted\n"
    )
    if code == 1:
        assert faulty("resume", "-q").code == 0
        assert sorted(set(faulty.acted())) == sorted(everything)


@pytest.mark.parametrize("kilobytes", [150, 300])
def test_a_disk_that_is_full_ends_the_run_and_what_is_recorded_is_true(
    faulty: Faulty, small: Path, kilobytes: int
) -> None:
    faulty.write(text)
    remount(small, f"size={kilobytes}k")
    ended = faulty("run", "-q", "-j", "2")
    assert ended.code == 1
    assert ended.err == f"error: cannot write {next(small.glob('runs/*'))}/run.sqlite: the disk is full\n"
    before = faulty.acted()
    remount(small, "size=20m")
    report = faulty("report")
    assert report.out.startswith("workflow died before its end (run ")
    done = sum(int(word) for word in report.out.partition("each ")[2].split()[:1] if word.isdigit())
    assert done <= len(before) - 1
    ended = faulty("resume", "-q")
    assert (ended.code, ended.err) == (0, "")
    assert sorted(set(faulty.acted())) == sorted(everything)
    failed = re.findall(r"each\[\d+\] failed:", report.out)  # they could not print any more
    assert len(faulty.acted()) - len(everything) <= 2 + len(failed)


def test_a_report_for_which_there_is_no_room_is_said_not_to_be_written(faulty: Faulty, small: Path) -> None:
    faulty.write("tasks: {first: {run: echo first >> witness}}")
    assert faulty("run", "-q").code == 0
    room = os.statvfs(small)
    (small / "ballast").write_bytes(bytes(room.f_bavail * room.f_frsize))
    ended = faulty("report", "-o", str(small / "out.json"))
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == f"error: cannot write {small / 'out.json'}: no space left on device\n"
    assert not (small / "out.json").exists()


def test_a_read_only_file_system_is_said_to_be_one(faulty: Faulty, small: Path) -> None:
    faulty.write(failing)
    assert faulty("run", "-q").code == 1
    (folder,) = small.glob("runs/*")
    remount(small, "ro")
    ended = faulty("run")
    assert (ended.code, ended.out) == (2, "")
    assert steady(ended.err) == (
        f"error: cannot make {small}/runs/ID: read-only file system\n"
        "  = name another folder with --state-dir (`state=` in Python)\n"
    )
    ended = faulty("resume")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"error: cannot open {folder}/lock: read-only file system\n"
    assert faulty("report").code == 0
    assert faulty("runs").code == 0
    remount(small, "rw")
    (faulty.folder / "there").touch()
    faulty.goes_on(["first", "last"])


@pytest.mark.parametrize(
    ("place", "mode", "code", "said"),
    [
        ("", 0o555, 2, "cannot write {run}/run.sqlite: it is read-only"),
        ("run.sqlite", 0o444, 2, "cannot write {run}/run.sqlite: it is read-only"),
        ("run.sqlite", 0o000, 2, "cannot open {run}/run.sqlite: permission denied"),
        ("lock", 0o444, 2, "cannot open {run}/lock: permission denied"),
        ("logs", 0o555, 2, "{run}/logs/run.log: permission denied"),
        ("../..", 0o000, 2, "cannot read {state}: permission denied"),
    ],
)
def test_what_may_not_be_written_or_read_is_named(
    faulty: Faulty, place: str, mode: int, code: int, said: str
) -> None:
    faulty.write(failing)
    assert faulty("run", "-q").code == 1
    folder = faulty.run_folder()
    locked = folder / place
    before = locked.stat().st_mode
    locked.chmod(mode)
    ended = faulty("resume")
    locked.chmod(before)
    assert (ended.code, ended.out) == (code, "")
    assert ended.err == f"error: {said.format(run=folder, state=folder.parent.parent)}\n"
    (faulty.folder / "there").touch()
    faulty.goes_on(["first", "last"])


def test_a_folder_in_which_nothing_may_be_made_has_no_run(faulty: Faulty) -> None:
    faulty.write(failing)
    faulty.folder.chmod(0o555)
    ended = faulty("run")
    faulty.folder.chmod(0o777)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"error: cannot make {faulty.folder}/.runner: permission denied\n"
        "  = name another folder with --state-dir (`state=` in Python)\n"
    )
