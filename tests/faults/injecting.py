"""Runs to which the system refuses something from the N-th time on: said in a sentence, resumed until done.

    python tests/faults/injecting.py [KIND|all] [FIRST] [LAST] [STEP]

strace refuses calls of the kind (see KINDS) to each thread from its N-th on, for N from FIRST to LAST,
once in a run and once in a resume. The program must end with 0, 1 or 2, without a traceback and not in
silence; when nothing is refused any more, all must be done in the end, nothing recorded twice. What is
refused before the program has begun is the interpreter's: N begins where it has.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

KINDS = {
    "fork": ("clone,clone3,fork,vfork", "EAGAIN", 1),
    "full": ("pwrite64,ftruncate,fallocate", "ENOSPC", 1),
    "failing": ("pread64,fdatasync,fsync", "EIO", 8),
    "read-only": ("mkdir,mkdirat", "EROFS", 1),
    "unlockable": ("flock", "ENOLCK", 1),
    "descriptors": ("openat,pipe2,pipe,eventfd2,dup,memfd_create,pidfd_open,fcntl", "EMFILE", 500),
}
"""Which calls are refused with which error, and from which on that is the program's."""

WORKFLOW = """
tasks:
  first: {run: "echo first >> witness; echo one"}
  each: {map: {over: [1, 2, 3]}, needs: [first], run: "echo {{ item }} >> witness; seq 20"}
  called: {map: {over: [4, 5, 6]}, needs: [first], call: "lib.py:act", with: {n: "{{ item }}"}}
  bad: {run: "test -e there", needs: [first]}
  last: {needs: [each, called, bad], run: "echo last >> witness"}
"""
EVERYTHING = {"first", "last", *"123456"}

LIBRARY = """
def act(n):
    print(n)
    with open("witness", "a") as witness:
        witness.write(f"{n}\\n")
"""


def refused(kind: str, nth: int, command: str, folder: Path) -> list[str]:
    """What is wrong with how the program takes it."""
    calls, error, _ = KINDS[kind]
    (folder / "workflow.yml").write_text(WORKFLOW)
    (folder / "lib.py").write_text(LIBRARY)
    if command == "resume":
        subprocess.run(_program("run"), cwd=folder, capture_output=True, check=False)
    (folder / "there").touch()
    before = _witness(folder)
    tracing = ["strace", "-f", "-qq", "-o", os.devnull, "-e", f"trace={calls}"]
    tracing += ["-e", f"inject={calls}:error={error}:when={nth}+"]
    ended = subprocess.run(
        [*tracing, *_program(command)], cwd=folder, capture_output=True, text=True, check=False
    )
    wrong = []
    if ended.returncode not in (0, 1, 2) or "Traceback" in ended.stderr:
        wrong.append(f"ended with {ended.returncode}: {ended.stderr[:300]}")
    elif ended.returncode and not ended.stdout + ended.stderr:
        wrong.append(f"ended with {ended.returncode} in silence")
    listed = subprocess.run(_program("runs")[:4], cwd=folder, capture_output=True, check=False).stdout
    again = "resume" if listed else "run"  # what never began leaves no run, at most an empty file
    after = subprocess.run(_program(again), cwd=folder, capture_output=True, text=True, check=False)
    if after.returncode:
        wrong.append(f"then {again} ended with {after.returncode}: {after.stderr[:300]}")
    acted = _witness(folder)
    if set(acted) != EVERYTHING:
        wrong.append(f"not done: {', '.join(EVERYTHING - set(acted))}")
    if again_done := [name for name in before if acted[name] > before[name]]:
        wrong.append(f"recorded and done again: {', '.join(again_done)}")
    return wrong


def _program(command: str) -> list[str]:
    return [sys.executable, "-m", "runner", command, "-q", "-j", "3"]


def _witness(folder: Path) -> Counter[str]:
    path = folder / "witness"
    return Counter(path.read_text().split() if path.exists() else ())


def campaign(kind: str, points: range, processes: int = 2) -> list[str]:
    """All that is wrong, for each of these N, in a run and in a resume."""

    def one(nth: int, command: str) -> list[str]:
        with TemporaryDirectory() as folder:
            found = refused(kind, nth, command, Path(folder))
        return [f"{kind} from {nth} on in a {command}: {what}" for what in found]

    jobs = [(nth, command) for nth in points for command in ("run", "resume")]
    with ThreadPoolExecutor(processes) as pool:
        return [what for found in pool.map(one, *zip(*jobs, strict=True)) for what in found]


if __name__ == "__main__":
    words = dict(enumerate(sys.argv[1:]))
    kinds = list(KINDS) if words.get(0, "all") == "all" else [words[0]]
    for name in kinds:
        first = int(words.get(1, KINDS[name][2]))
        span = range(first, int(words.get(2, first + 60)), int(words.get(3, "3")))
        wrong = campaign(name, span)
        print(f"{name}: {2 * len(span)} times refused, {len(wrong)} wrong")
        print("".join(f"  {what}\n" for what in wrong), end="", flush=True)
