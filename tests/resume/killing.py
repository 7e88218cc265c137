"""Runs that are killed at random moments and resumed until they are done: what is lost, what runs twice.

    python tests/resume/killing.py [KILLS] [SEED]

Every task appends its address to a witness file when it acts. What is recorded as succeeded when the
program is killed must have acted, and must not act again; the outputs must be those of a run that
nobody disturbed.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from runner.store.history import read_run
from runner.store.stored_run import StoredRun

LIBRARY = """
import os

def note(address, value=None):
    witness = os.open("witness", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(witness, f"{address}\\n".encode())
    os.close(witness)
    return value
"""


def workflow(tasks: int) -> str:
    """About so many tasks: commands that need each other, calls, maps, groups and retries."""
    chance = random.Random(tasks)
    lines = ["tasks:"]
    for number in range(tasks // 5):
        needs = sorted({chance.randrange(number) for _ in range(2)}) if number else []
        listed = ", ".join(f"c{need}" for need in needs)
        lines.append(f'  c{number}: {{needs: [{listed}], run: "echo c{number} >> witness; echo {number}"}}')
    lines += [
        f'  calls: {{map: {{over: "{{{{ range({tasks // 5 * 2}) }}}}"}}, call: lib.py:note,',
        '          with: {address: "calls[{{ key }}]", value: "{{ item * 2 }}"}}',
        '  follows: {map: {over: "{{ tasks.calls.results }}", as: twice}, call: lib.py:note,',
        '            with: {address: "follows[{{ key }}]", value: "{{ twice + 1 }}"}}',
        f'  group: {{map: {{over: "{{{{ range({tasks // 10}) }}}}"}}, tasks: {{',
        "    first: {run: 'echo \"group[$NUMBER].first\" >> witness; echo {{ item }}',"
        ' env: {NUMBER: "{{ item }}"}},',
        '    second: {run: \'echo "group[$NUMBER].second" >> witness; test $RUNNER_ATTEMPT = 2; '
        'echo {{ tasks.first.result }}\', env: {NUMBER: "{{ item }}"}, retry: {attempts: 2}}}}',
        "outputs:",
        '  follows: "{{ tasks.follows.results }}"',
        '  group: "{{ tasks.group.results }}"',
        f'  last: "{{{{ tasks.c{tasks // 5 - 1}.result }}}}"',
    ]
    return "\n".join(lines) + "\n"


@dataclass
class Campaign:
    """What came of a number of kills."""

    kills: int = 0
    lost: list[str] = field(default_factory=list)
    """Recorded as succeeded, though it never acted."""
    repeated: list[str] = field(default_factory=list)
    """Acted again though it was recorded as succeeded."""
    unrecorded: int = 0
    """Had acted, but was not recorded, when the program was killed: the most at one kill."""
    outputs: Any = None


class Folder:
    """A folder in which a run is performed, killed and resumed."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.settled: dict[str, int] = {}
        """How often each had acted that was recorded at the last kill."""
        path.mkdir()
        (path / "workflow.yml").write_text(text)
        (path / "lib.py").write_text(LIBRARY)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "runner", *arguments, "-q", "-j", "4"]
        return subprocess.Popen(
            command, cwd=self.path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=os.environ
        )

    def outputs(self) -> Any:
        (folder,) = self.runs()
        with StoredRun(folder) as stored:
            return stored.run().outputs

    def runs(self) -> list[Path]:
        """The runs whose start is recorded; one that was killed before that has left an empty folder."""
        return [path for path in self.path.glob(".runner/runs/*") if read_run(path)]

    def witness(self) -> list[str]:
        """Who acted, in order. A command that was under way may yet add its line: that is waited for."""
        path = self.path / "witness"
        size = -1
        while path.exists() and path.stat().st_size != size:
            size = path.stat().st_size
            time.sleep(0.05)
        return path.read_text().split() if path.exists() else []

    def recorded(self) -> set[str]:
        """What is recorded as succeeded in any session of the run."""
        found: set[str] = set()
        for folder in self.runs():
            with StoredRun(folder) as stored:
                found |= set(stored.read.done_in_any_session())
        return found


def campaign(kills: int, seed: int, tasks: int = 500) -> Campaign:
    """Kill runs until there have been so many kills, each run resumed until it is done."""
    chance = random.Random(seed)
    text, found = workflow(tasks), Campaign()
    with TemporaryDirectory() as base:
        calm = Folder(Path(base, "calm"), text)
        began = time.monotonic()
        assert calm.start("run").wait() == 0
        length = time.monotonic() - began
        expected = calm.outputs()
        while found.kills < kills:
            folder = Folder(Path(base, "killed"), text)
            _kill_until_done(folder, found, kills, chance, length)
            assert folder.outputs() == expected, "the outputs are not those of an undisturbed run"
            shutil.rmtree(folder.path)
        found.outputs = expected
    return found


def _kill_until_done(
    folder: Folder, found: Campaign, kills: int, chance: random.Random, length: float
) -> None:
    arguments = ["run"]
    while True:
        process = folder.start(*arguments)
        if found.kills < kills:
            time.sleep(chance.uniform(0.2, length))
            process.send_signal(signal.SIGKILL)
        _, err = process.communicate()
        if process.returncode == 0:
            _check(folder, found)
            return
        assert process.returncode == -signal.SIGKILL, err.decode()
        found.kills += 1
        _check(folder, found)
        arguments = ["resume"] if folder.runs() else ["run"]


def _check(folder: Folder, found: Campaign) -> None:
    """What was recorded at an earlier kill must not have acted since; what is recorded must have acted."""
    recorded, witness = folder.recorded(), Counter(folder.witness())
    found.repeated += [name for name, times in folder.settled.items() if witness[name] != times]
    found.lost += [name for name in recorded if not witness[name]]
    folder.settled = {name: witness[name] for name in recorded}
    found.unrecorded = max(found.unrecorded, len(set(witness) - recorded))


if __name__ == "__main__":
    result = campaign(*(int(word) for word in [*sys.argv[1:], "200", "1"][:2]))
    print(f"{result.kills} kills: recorded and lost {len(result.lost)}, recorded and done again")
    print(f"{len(result.repeated)}; had acted and was not recorded: {result.unrecorded} at the most")
