"""`--durability power`: what is recorded is on the disk before anything goes on."""

from __future__ import annotations

import shutil

import pytest
from program import Program

CHAIN = 100


pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="strace counts the syncs")

LINKS = "".join(
    f"  t{n}: {{call: 'lib.py:go', needs: [{f't{n - 1}' if n else 'gate'}]}}\n" for n in range(CHAIN)
)


def syncs(runner: Program, *arguments: str) -> int:
    """How often it syncs something."""
    traced = "strace -f -qq -e trace=fsync,fdatasync -e signal=none -o syncs"
    ended = runner.shell(f"{traced} {' '.join(runner.command(*arguments, '-q'))}")
    assert ended.code == 0, ended.err
    return (runner.folder / "syncs").read_text().count("sync(")


def test_with_power_every_outcome_is_synced_before_what_depends_on_it(runner: Program) -> None:
    runner.write("def go():\n    pass\n", "lib.py")
    runner.write("tasks:\n  gate: {run: 'true'}\n" + LINKS)
    assert syncs(runner, "run", "--durability", "power") >= CHAIN


def test_what_a_run_is_safe_from_its_resume_is_safe_from(runner: Program) -> None:
    runner.write("def go():\n    pass\n", "lib.py")
    runner.write("tasks:\n  gate: {run: test -e there}\n" + LINKS)
    assert runner("run", "-q", "--durability", "power").code == 1
    (runner.folder / "there").touch()
    assert syncs(runner, "resume") >= CHAIN
