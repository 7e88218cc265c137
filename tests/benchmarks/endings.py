"""How long a run takes to end after a signal, beside the grace that its commands have.

    python tests/benchmarks/endings.py [TIMES]

Each case is a run in a process of its own that is told to end once all in it is under way. The time is
that from the last signal to the end of the program, its report included. The promise for the first signal
is the grace and half a second; a second one is to end at once.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from runner.processes import grace

root = Path(__file__).parents[2]

LIBRARY = """
import time

def begin():
    with open("begun", "a") as file:
        file.write("yes\\n")

def sleep():
    begin()
    time.sleep(1000)

def spin():
    begin()
    while True:
        pass
"""
PLAIN = "echo >>begun; exec sleep 1000"
STUBBORN = "trap '' TERM; echo >>begun; while :; do sleep 0.05; done"
FAMILY = "(trap '' TERM; setsid sh -c 'echo >>begun; exec sleep 1000') & wait"

CASES = {
    "8 commands": (f'map: {{over: "{{{{ range(8) }}}}"}}, run: "{PLAIN}"', 8, "thread", 1, 0.0),
    "a command that ignores TERM": (f'run: "{STUBBORN}"', 1, "thread", 1, grace),
    "a command whose child has left it": (f'run: "{FAMILY}"', 1, "thread", 1, grace),
    "8 callables that sleep": ('map: {over: "{{ range(8) }}"}, call: lib.py:sleep', 8, "thread", 1, 0.0),
    "8 callables that never rest": ('map: {over: "{{ range(8) }}"}, call: lib.py:spin', 8, "thread", 1, 0.0),
    "a command that ignores TERM, twice told": (f'run: "{STUBBORN}"', 1, "thread", 2, 0.0),
    "a callable inline, twice told": ("call: lib.py:spin", 1, "inline", 2, 0.0),
}


def seconds(folder: Path, task: str, begun: int, executor: str, signals: int) -> float:
    """From the last of so many signals to the end of the program."""
    (folder / "lib.py").write_text(LIBRARY)
    (folder / "workflow.yml").write_text(f"tasks: {{a: {{{task}}}}}\nreports: [{{to: report.json}}]\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "runner", "run", "-q", "-j", "8", "--executor", executor],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL,
    )
    seen = folder / "begun"
    while not seen.exists() or seen.read_text().count("\n") < begun:
        time.sleep(0.01)
    for number in (signal.SIGINT, signal.SIGTERM)[:signals]:
        told = time.monotonic()
        process.send_signal(number)
        if signals == 2 and number == signal.SIGINT:
            time.sleep(0.5)
    process.wait()
    assert process.returncode == 130, process.returncode
    assert (folder / "report.json").exists()
    return time.monotonic() - told


def main(times: int) -> None:
    print(f"{'':42} {'median':>8} {'longest':>8} {'grace':>6}")
    for name, (task, begun, executor, signals, patience) in CASES.items():
        found = []
        for _ in range(times):
            with TemporaryDirectory() as folder:
                found.append(seconds(Path(folder), task, begun, executor, signals))
        found.sort()
        print(f"{name:42} {found[len(found) // 2]:7.2f}s {found[-1]:7.2f}s {patience:5.1f}s", flush=True)


if __name__ == "__main__":
    main(int(dict(enumerate(sys.argv[1:])).get(0, "10")))
