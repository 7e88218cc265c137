"""Records that are damaged after a run, and what is made of them: reported, listed, gone on with, or refused.

    python tests/resume/damaging.py [EVERY] [FLIPS] [SEED] [PROCESSES]

Of a run that was killed, of one that ended, and of one that was killed and then ended, each file is cut
at every so many bytes, and has its share of so many random bits flipped one at a time, and of a tenth
as many pages overwritten by others. Each time the program must end with 0, 1 or 2 and without a
traceback. Every task appends its address to a witness file when it acts: if the program says that the
run has succeeded, each must have acted, and the outputs must be those of a run that nobody disturbed.

Commands are given in children of this process, which has imported the program already.
"""

from __future__ import annotations

import atexit
import os
import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import TypeAdapter

from runner import callables, items, loader
from runner.cli import app, archive, doors, entry, pruning, reporting, resuming, running
from runner.store.stored_run import StoredRun

imported = (app, archive, callables, doors, items, loader, pruning, reporting, resuming, running, TypeAdapter)

PAGE = 4096
IN_MEMORY = "/dev/shm"
KINDS = {
    "killed": ("run.sqlite", "run.sqlite-wal", "daybook"),
    "ended": ("run.sqlite", "index.sqlite"),
    "killed and ended": ("run.sqlite", "index.sqlite"),
}
"""Runs, and the files that they leave; a daybook only if much was recorded in a moment."""

LIBRARY = """
import os, signal

def act(address, value):
    with open("witness", "a") as witness:
        witness.write(address + "\\n")
    return value

def survive():
    if os.path.exists("deadly"):
        os.kill(os.getpid(), signal.SIGKILL)
    act("survive", None)

def succeed():
    assert os.path.exists("good")
    act("good", None)
"""

WORKFLOW = """
params: {width: 160, rows: [{n: 3}, {n: 1}, {n: 2}]}
tasks:
  base: {call: lib.py:act, with: {address: base, value: basis}}
  keyed:
    map: {over: [ada, grace, edsger, barbara]}
    call: lib.py:act
    with: {address: "keyed[{{ item }}]", value: "{{ item }} {{ params.width }} {{ tasks.base.result }}"}
  placed:
    map: {over: "{{ params.rows }}"}
    call: lib.py:act
    with: {address: "placed[{{ item.n }}]", value: "{{ item.n }}"}
  each:
    map: {over: [left, right]}
    tasks:
      one: {call: lib.py:act, with: {address: "each[{{ item }}].one", value: "{{ item }}"}}
      two: {call: lib.py:act, with: {address: "each[{{ item }}].two", value: "{{ tasks.one.result }}"}}
    result: "{{ tasks.two.result }}"
  same1: {call: lib.py:act, with: {address: same, value: "{{ tasks.keyed.results }}"}}
  same2: {call: lib.py:act, with: {address: same, value: "{{ tasks.keyed.results }}"}}
  survive: {call: lib.py:survive, needs: [keyed, placed, each, same1]}
  after: {call: lib.py:act, with: {address: after, value: 1}, needs: [survive, same2]}
  good: {call: lib.py:succeed, needs: [survive]}
  last: {call: lib.py:act, with: {address: last, value: 2}, needs: [good]}
outputs:
  keyed: "{{ tasks.keyed.results }}"
  placed: "{{ tasks.placed.results }}"
  each: "{{ tasks.each.results }}"
"""


@dataclass
class Ended:
    """How a command ended, and what it said on stderr."""

    code: int
    said: str


@dataclass
class Campaign:
    """What has been found so far: how `resume` ended, and all that must not be."""

    ends: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, other: Campaign) -> None:
        self.ends.update(other.ends)
        self.wrong += other.wrong


class Subject:
    """A folder with a run in it, which can be put back as it was."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        (folder / "lib.py").write_text(LIBRARY)
        (folder / "workflow.yml").write_text(WORKFLOW)
        if kind != "ended":
            (folder / "deadly").touch()
            self.program("run")
            (folder / "deadly").unlink()
        if kind != "killed":
            self.program("run" if kind == "ended" else "resume")
        (folder / "good").touch()
        (self.run,) = folder.glob(".runner/runs/*")
        self.files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def program(self, command: str) -> None:
        """The program as it is started, with the processes that watch over it."""
        line = [sys.executable, "-m", "runner", command, "-q"]
        subprocess.run(line, cwd=self.folder, capture_output=True, check=False)

    def restore(self) -> None:
        for path in self.folder.rglob("*"):
            if path.is_file() and path not in self.files:
                path.unlink()
        for path, contents in self.files.items():
            path.write_bytes(contents)

    def here(self, *arguments: str) -> Ended:
        """The same in a child."""
        child = os.fork()
        if not child:
            try:
                self._be_the_program(arguments)
            finally:
                os._exit(99)  # whatever happens: it must not go on as the tests
        _, status = os.waitpid(child, 0)
        said_by_it = (self.folder / "said").read_text(errors="replace")
        return Ended(os.waitstatus_to_exitcode(status), said_by_it)

    def _be_the_program(self, arguments: Sequence[str]) -> None:
        os.chdir(self.folder)
        for descriptor, name in ((1, "out"), (2, "said")):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), descriptor)
        sys.argv = ["runner", *arguments]
        signal.alarm(60)
        atexit._clear()  # what this process removes when it ends is not the child's
        entry.main()

    def acted(self) -> Counter[str]:
        """How often each task has acted."""
        return Counter((self.folder / "witness").read_text().split())

    def outputs(self) -> Any:
        with StoredRun(self.run) as stored:
            return stored.run().outputs


def damages(contents: bytes, every: int, flips: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """The name of each damage, and the file that has it."""
    for length in range(0, len(contents), every):
        yield f"cut at {length}", contents[:length]
    for _ in range(flips):
        place, bit = chance.randrange(len(contents)), chance.randrange(8)
        yield f"bit {bit} of {place} flipped", _with(contents, place, bytes([contents[place] ^ 1 << bit]))
    pages = range(0, len(contents) // PAGE * PAGE, PAGE)
    for _ in range(-(-flips // 10) if len(pages) > 1 else 0):
        to, taken = chance.sample(pages, 2)
        yield f"page at {to} overwritten by {taken}", _with(contents, to, contents[taken : taken + PAGE])


def _with(contents: bytes, place: int, other: bytes) -> bytes:
    return contents[:place] + other + contents[place + len(other) :]


def judged(subject: Subject, expected: Any, everything: Counter[str]) -> Campaign:
    """What the program makes of a run whose file is damaged."""
    found = Campaign()
    ended = Ended(0, "")
    for command in (["report"], ["runs"], ["resume", "-q"]):
        ended = subject.here(*command)
        if ended.code not in (0, 1, 2) or "Traceback" in ended.said:
            found.wrong.append(f"{command[0]} ended with {ended.code}: {ended.said[:300]}")
    found.ends[f"resume ended with {ended.code}"] += 1
    if ended.code == 0 and (missing := everything - subject.acted()):
        found.wrong.append(f"taken for done: {', '.join(sorted(missing))}")
    elif ended.code == 0 and subject.outputs() != expected:
        found.wrong.append("the outputs are not those of an undisturbed run")
    elif ended.code == 2 and "damaged" not in ended.said and "not a file of runner" not in ended.said:
        found.ends[f"  which said: {_steady(ended.said, subject)}"] += 1
    return found


def _steady(said: str, subject: Subject) -> str:
    first = said.replace(str(subject.run), "RUN").replace(str(subject.folder), "FOLDER")
    return first.partition("\n")[0]


def share(every: int, flips: int, seed: int, kinds: Sequence[str], base: str, nth: int, of: int) -> Campaign:
    """Every so many-th damage of some kinds of runs."""
    found = Campaign()
    calm = Subject(Path(base, f"{nth} calm"), "ended")
    assert calm.here("resume", "-q").code == 0
    outputs, acted = calm.outputs(), calm.acted()
    each = -(-flips // sum(map(len, KINDS.values())))
    for kind in kinds:
        subject = Subject(Path(base, f"{nth} {kind}"), kind)
        for name in KINDS[kind]:
            path = next((path for path in subject.files if path.name == name), None)
            if path is None:
                continue
            chance = random.Random(f"{seed} {kind} {name}")
            for count, (damage, contents) in enumerate(damages(subject.files[path], every, each, chance)):
                if count % of != nth:
                    continue
                subject.restore()
                path.write_bytes(contents)
                one = judged(subject, outputs, acted)
                one.wrong = [f"{kind}: {name}: {damage}: {what}" for what in one.wrong]
                found.add(one)
        shutil.rmtree(subject.folder)
    return found


def campaign(
    every: int, flips: int, seed: int = 1, processes: int = 1, kinds: Sequence[str] = tuple(KINDS)
) -> Campaign:
    """All damages of some kinds of runs, shared among so many processes; a file has the same in all cases."""
    found = Campaign()
    with TemporaryDirectory(dir=IN_MEMORY if os.path.isdir(IN_MEMORY) else None) as base:
        mine = partial(share, every, flips, seed, kinds, base, of=processes)
        if processes == 1:
            return mine(0)
        with ProcessPoolExecutor(processes) as pool:
            for part in pool.map(mine, range(processes)):
                found.add(part)
    return found


if __name__ == "__main__":
    numbers = dict(enumerate(map(int, sys.argv[1:])))
    result = campaign(numbers.get(0, 97), numbers.get(1, 1000), numbers.get(2, 1), numbers.get(3, 2))
    for end, count in sorted(result.ends.items(), key=lambda pair: -pair[1]):
        print(f"{count:6} {end}")
    print(f"{len(result.wrong)} wrong")
    for what in result.wrong[:100]:
        print(what)
