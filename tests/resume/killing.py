"""Runs that are killed at random moments and resumed until they are done: what is lost, what runs twice.

    python tests/resume/killing.py [KILLS] [SEED] [runner|inner|outer|both|all|stop]

The last word says which process of the program is killed: the one that runs, one of the two that watch,
the one that runs and the nearer of those that watch, or all of them at once; or that the program is told to
stop, by TERM. The report must tell of all that is recorded as succeeded. 5 seconds later no command
may be left; if all were killed, none when the run is done. Some leave their session and run long, and some
empty their environment, too, unless all are killed: then nobody can know of them any more.

Every task appends its address to a witness file when it acts. What is recorded as succeeded when the
program is killed must have acted, and must not act again; the outputs must be those of a run that
nobody disturbed. A resume is killed as any other, from its very start on.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from runner.processes import living
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


LASTING = """
  session{n}:
    needs: [c{after}]
    run: |
      setsid sh -c 'echo $$ >>lasting; exec sleep 1000' &
      echo session{n} >>witness
"""

DAEMON = """
  daemon{n}:
    needs: [c{after}]
    run: |
      env -i PATH="$PATH" setsid sh -c '(setsid sh -c "echo \\$\\$ >>lasting; exec sleep 1000" &)'
      echo daemon{n} >>witness
"""

RUNNER = (sys.executable, "-m", "runner")

PATIENCE = 5.0
"""Seconds after which nothing may be left."""


def workflow(tasks: int, killed: str) -> str:
    """About so many tasks: commands that need each other and that last, calls, maps, groups and retries."""
    chance = random.Random(tasks)
    lines = ["tasks:"]
    for number in range(tasks // 5):
        needs = sorted({chance.randrange(number) for _ in range(2)}) if number else []
        listed = ", ".join(f"c{need}" for need in needs)
        lines.append(f'  c{number}: {{needs: [{listed}], run: "echo c{number} >> witness; echo {number}"}}')
    for number in range(3):
        for text in [LASTING] if killed == "all" else [LASTING, DAEMON]:
            lines.append(text.format(n=number, after=number * tasks // 25).strip("\n"))
    lines += [
        f'  calls: {{map: {{over: "{{{{ range({tasks // 5 * 2}) }}}}"}}, call: lib.py:note,',
        '          with: {address: "calls[{{ key }}]", value: "{{ item * 2 }}"}}',
        '  follows: {map: {over: "{{ tasks.calls.results }}", as: twice}, call: lib.py:note,',
        '            with: {address: "follows[{{ key }}]", value: "{{ twice + 1 }}"}}',
        f'  group: {{map: {{over: "{{{{ range({tasks // 10}) }}}}"}}, tasks: {{',
        "    first: {run: 'echo \"group[$NUMBER].first\" >> witness; echo {{ item }}',"
        ' env: {NUMBER: "{{ item }}"}},',
        '    second: {run: \'note="group[$NUMBER].second"; test $RUNNER_ATTEMPT = 2 || note="tried:$note"; '
        'echo "$note" >> witness; test $RUNNER_ATTEMPT = 2; '
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
    resumes: int = 0
    """How many of them hit a resume."""
    early: int = 0
    """Further kills, of runs that had not begun."""
    lost: list[str] = field(default_factory=list)
    """Recorded as succeeded, though it never acted."""
    repeated: list[str] = field(default_factory=list)
    """Acted again though it was recorded as succeeded."""
    commands: int = 0
    """Had acted, but were not recorded, when the program was killed: the most at one kill."""
    calls: int = 0
    """Calls, likewise."""
    left: int = 0
    """Commands that were left running."""
    untold: list[str] = field(default_factory=list)
    """Recorded as succeeded, though the report of the run does not say so."""
    outputs: Any = None


class Folder:
    """A folder in which a run is performed, killed and resumed."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.settled: dict[str, int] = {}
        """How often each had acted that was recorded at the last kill."""
        self.acted: Counter[str] = Counter()
        """How often each had acted at the last kill."""
        path.mkdir()
        (path / "workflow.yml").write_text(text)
        (path / "lib.py").write_text(LIBRARY)

    def start(self, *arguments: str, program: Sequence[str] = RUNNER) -> subprocess.Popen[bytes]:
        command = [*program, *arguments, "-q", "-j", "4"]
        return subprocess.Popen(
            command,
            cwd=self.path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=os.environ,
            process_group=0,
        )

    def left(self) -> int:
        """How many of the commands that last are still there, if they do not end very soon."""
        end = time.monotonic() + PATIENCE
        while (left := sum(map(self.is_here, self.lasting()))) and time.monotonic() < end:
            time.sleep(0.05)
        return left

    def lasting(self) -> list[int]:
        path = self.path / "lasting"
        return [int(word) for word in path.read_text().split()] if path.exists() else []

    def is_here(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").resolve() == self.path.resolve()
        except OSError:
            return False

    def outputs(self) -> Any:
        (folder,) = self.runs()
        with StoredRun(folder) as stored:
            return stored.run().outputs

    def runs(self) -> list[Path]:
        """The runs whose start is recorded; one that was killed before that has left an empty folder."""
        return [path for path in self.path.glob(".runner/runs/*") if read_run(path)]

    def next_command(self) -> list[str]:
        """How a user goes on after a kill."""
        return ["resume"] if self.runs() else ["run"]

    def witness(self) -> list[str]:
        """Who acted, in order. A command that was under way may yet add its line: that is waited for."""
        path = self.path / "witness"
        size = -1
        while path.exists() and path.stat().st_size != size:
            size = path.stat().st_size
            time.sleep(0.05)
        return path.read_text().split() if path.exists() else []

    def reported(self) -> set[str]:
        """What is told as succeeded in the report."""
        command = [*RUNNER, "report", "--format", "json"]
        tasks = json.loads(subprocess.run(command, cwd=self.path, capture_output=True, check=True).stdout)
        return set(_succeeded("", tasks["tasks"]))

    def recorded(self) -> set[str]:
        """What is recorded as succeeded in any session of the run."""
        found: set[str] = set()
        for folder in self.runs():
            with StoredRun(folder) as stored:
                found |= set(stored.read.done_in_any_session())
        return found


def _succeeded(prefix: str, tasks: dict[str, Any]) -> Iterator[str]:
    """The addresses of what succeeded among tasks of a JSON report, groups apart."""
    for name, task in tasks.items():
        bodies = {f"{prefix}{name}": task}
        if "items" in task:
            bodies = {f"{prefix}{name}[{item['key']}]": item for item in task["items"]}
        for address, body in bodies.items():
            if "tasks" in body:
                yield from _succeeded(f"{address}.", body["tasks"])
            elif body["status"] == "succeeded":
                yield address


@cache
def undisturbed(text: str) -> tuple[Any, float]:
    """The outputs of a workflow that nobody disturbs, and the seconds that it takes."""
    with TemporaryDirectory() as base:
        calm = Folder(Path(base, "calm"), text)
        began = time.monotonic()
        assert calm.start("run").wait() == 0
        length = time.monotonic() - began
        return calm.outputs(), length


def campaign(kills: int, seed: int, tasks: int = 500, killed: str = "runner") -> Campaign:
    """Kill runs until there have been so many kills, each run resumed until it is done."""
    chance = random.Random(seed)
    text, found = workflow(tasks, killed), Campaign()
    expected, length = undisturbed(text)
    with TemporaryDirectory() as base:
        while found.kills < kills:
            folder = Folder(Path(base, "killed"), text)
            _kill_until_done(folder, found, kills, chance, length, killed)
            assert folder.outputs() == expected, "the outputs are not those of an undisturbed run"
            shutil.rmtree(folder.path)
        found.outputs = expected
    return found


def _kill_until_done(
    folder: Folder, found: Campaign, kills: int, chance: random.Random, length: float, killed: str
) -> None:
    arguments = ["run"]
    while True:
        process = folder.start(*arguments)
        if found.kills < kills:
            time.sleep(chance.uniform(0, length))
            _kill(process, killed)
        _, err = process.communicate()
        if process.returncode == 0 or killed != "all":
            found.left += folder.left()
        if process.returncode == 0:
            check(folder, found)
            return
        ends = (128 + signal.SIGTERM, -signal.SIGTERM) if killed == "stop" else (-signal.SIGKILL,)
        assert process.returncode in ends, (process.returncode, err.decode())
        resumed, arguments = arguments == ["resume"], folder.next_command()
        begun = arguments == ["resume"]
        found.kills += begun
        found.early += not begun
        found.resumes += resumed
        check(folder, found)
        if begun:
            found.untold += folder.recorded() - folder.reported()


def _kill(process: subprocess.Popen[bytes], killed: str) -> None:
    """KILL to one of the processes of the program, or to all of them; it may have ended by itself."""
    if killed == "stop":
        process.terminate()
        return
    if killed == "all":
        os.killpg(process.pid, signal.SIGKILL)
        return
    line = [process.pid]
    while below := [it.pid for it in living().values() if (it.parent, it.group) == (line[-1], process.pid)]:
        line += below
    names = dict(zip(["outer", "inner", "runner"], line, strict=False))
    for name in ("inner", "runner") if killed == "both" else (killed,):
        if name in names:
            with contextlib.suppress(ProcessLookupError):
                os.kill(names[name], signal.SIGKILL)


def check(folder: Folder, found: Campaign) -> None:
    """What was recorded at an earlier kill must not have acted since; what is recorded must have acted."""
    recorded, witness = folder.recorded(), Counter(folder.witness())
    found.repeated += [name for name, times in folder.settled.items() if witness[name] != times]
    found.lost += [name for name in recorded if not witness[name]]
    folder.settled = {name: witness[name] for name in recorded}
    acted, folder.acted = witness - folder.acted, witness
    missed = [name for name in acted if name not in recorded and not name.startswith("tried:")]
    calls = sum(name.startswith(("calls", "follows")) for name in missed)
    found.calls, found.commands = max(found.calls, calls), max(found.commands, len(missed) - calls)


if __name__ == "__main__":
    words = dict(enumerate(sys.argv[1:]))
    result = campaign(int(words.get(0, "200")), int(words.get(1, "1")), killed=words.get(2, "runner"))
    print(f"{result.kills} kills, {result.resumes} of them of a resume,")
    print(f"and {result.early} before the record of a run had begun")
    print(f"recorded and lost {len(result.lost)}, recorded and done again {len(result.repeated)}")
    print(f"had acted and was not recorded, at the most: {result.commands} commands, {result.calls} calls")
    print(f"commands left running: {result.left}, recorded and not told: {len(result.untold)}")
