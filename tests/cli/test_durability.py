"""`--durability power`: what is recorded is on the disk before anything goes on."""

from __future__ import annotations

import shutil

import pytest
from program import Program

CHAIN = 100


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace counts the syncs")
def test_with_power_every_outcome_is_synced_before_what_depends_on_it(runner: Program) -> None:
    runner.write("def go():\n    pass\n", "lib.py")
    chain = [f"  t{n}: {{call: 'lib.py:go', needs: [{f't{n - 1}' if n else ''}]}}\n" for n in range(CHAIN)]
    runner.write("tasks:\n" + "".join(chain))
    traced = "strace -f -qq -e trace=fsync,fdatasync -e signal=none -o syncs"
    ended = runner.shell(f"{traced} {' '.join(runner.command('run', '-q', '--durability', 'power'))}")
    assert ended.code == 0, ended.err
    assert (runner.folder / "syncs").read_text().count("sync(") >= CHAIN
