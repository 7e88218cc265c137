"""Runs that die at named points, and are resumed until they are done: what is lost, what runs twice.

    python tests/resume/points.py [STRIDE] [intent|act|before-commit|after-commit|write]

The points: an intent is recorded and nothing of it has begun; an action has ended and nothing is told of
it; just before and just after a commit; and, where there is `strace`, at each write to a database, of which
a commit takes several. A run dies the n-th time that it comes to a point, for n from 1 on
in strides until there is no n-th time; the resume that follows dies there as well, if it comes so far.
What is looked at each time is what `killing` looks at.
"""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import dying
from killing import RUNNER, Campaign, Folder, check, undisturbed, workflow

TASKS = 25

POINTS = (*dying.POINTS, "write")


def program(point: str, times: int) -> Sequence[str]:
    """The program that dies the n-th time that it comes to a point."""
    if point == "write":
        kill = f"inject=pwrite64:signal=KILL:when={times}"
        return ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=pwrite64", "-e", kill, *RUNNER)
    return (sys.executable, dying.__file__, point, str(times))


def campaign(point: str, stride: int = 1, first: int = 1) -> Campaign:
    """Die at every place of a point, or at some of them."""
    text, found = workflow(TASKS, "runner"), Campaign()
    expected, _ = undisturbed(text)
    with TemporaryDirectory() as base:
        for times in count(first, stride):
            folder = Folder(Path(base, "dying"), text)
            died = _until_done(folder, point, times, found)
            assert folder.outputs() == expected, f"{point} {times}: other outputs than an undisturbed run"
            shutil.rmtree(folder.path)
            if not died:
                return found
    raise AssertionError("unreachable")


def _until_done(folder: Folder, point: str, times: int, found: Campaign) -> bool:
    """Whether the run came so far that it died. It is done when this returns."""
    died = _dies(folder, ["run"], point, times, found)
    if died:
        command = folder.next_command()
        if _dies(folder, command, point, times, found):
            found.resumes += command == ["resume"]
            process = folder.start(*folder.next_command())
            _, err = process.communicate()
            assert process.returncode == 0, f"{point} {times}: {err.decode()}"
            found.left += folder.left()
            check(folder, found)
    return died


def _dies(folder: Folder, command: list[str], point: str, times: int, found: Campaign) -> bool:
    process = folder.start(*command, program=program(point, times))
    _, err = process.communicate()
    assert process.returncode in (0, -signal.SIGKILL), f"{point} {times}: {err.decode()}"
    found.left += folder.left()
    check(folder, found)
    found.kills += process.returncode != 0
    return process.returncode != 0


if __name__ == "__main__":
    words = dict(enumerate(sys.argv[1:]))
    for name in [words[1]] if 1 in words else POINTS:
        result = campaign(name, int(words.get(0, "1")))
        print(f"{name}: {result.kills} kills, {result.resumes} of them of a resume;")
        print(f"  recorded and lost {len(result.lost)}, recorded and done again {len(result.repeated)},")
        print(f"  had acted and was not recorded: {result.commands} commands, {result.calls} calls at most,")
        print(f"  commands left running {result.left}")
