"""What runs on a Dask cluster in tests: functions and commands, and how they are begun and reported."""

from __future__ import annotations

import pickle
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from program import Program
from watching import PATIENCE, wait_for

from runner.engine.outpost import Setup
from runner.work.frames import SETUP, framed

LIBRARY = """
import logging, os, subprocess, sys, threading, time
from helpers.numbers import double

def same(n):
    return n

def twice(n):
    return double(n)

def slowly(n):
    time.sleep(0.05)
    with open(f"done{n}", "a") as done:
        done.write("x")
    return n

def leave(n):
    if n == 5:
        os._exit(3)
    return n

def lock(n):
    return threading.Lock() if n == 2 else n

class Point:
    def __init__(self, x):
        self.x = x

def point(x):
    return Point(x)

def x_of(point):
    return point.x

def long(n):
    return "x" * n

def length(text):
    return len(text)

def say(n):
    print("printed", n)
    logging.warning("logged %s", n)
    return n

def spin(n):
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    with open("called", "w") as pids:
        pids.write(f"{os.getpid()} {child.pid}\\n")
    while True:
        pass

def stay_at(n, last):
    open(f"began{n}", "w").close()
    while n == last:
        pass
    return n

def late(n):
    while n == 1:
        pass
    return n

def raw(n, secret):
    os.write(1, f"token {secret}\\n".encode())
    os.system("echo started by $PPID >&2")
    thread = threading.Thread(target=print, args=("in a thread",))
    thread.start()
    thread.join()
    return n

def crash(n):
    os.kill(os.getpid(), 11)

def cut_off(n):
    os.write(1, b"last words\\n")
    with open(f"/proc/{os.getppid()}/stat") as stat:
        beside = int(stat.read().rpartition(")")[2].split()[1])
    os.kill(beside, 9)
    time.sleep(1000)

def flood(n):
    print("mine")
    for _ in range(n):
        os.write(1, b"x" * 999_999 + b"\\n")

def fail_once(n):
    if not os.path.exists("failed"):
        open("failed", "w").close()
        raise ValueError(n)
    return n
"""


STAYS = 'run: "sleep 1000 & echo $$ $! > ran; echo began; wait"'


def with_library(program: Program) -> Program:
    program.write(LIBRARY, "lib.py")
    (program.folder / "helpers").mkdir()
    program.write("def double(n):\n    return 2 * n\n", "helpers/numbers.py")
    return program


def report(program: Program, text: str, executor: str, *arguments: str) -> dict[str, Any]:
    program.write(text)
    return program.report("--executor", executor, *arguments)


def began(program: Program, executor: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        program.command("run", "-q", "--executor", executor, "--report", "json=report.json"),
        cwd=program.folder,
        env=program.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def pids(path: Path) -> list[int]:
    return [int(pid) for pid in wait_for(path).split()]


@contextmanager
def beside(setup: Setup, folder: Path) -> Iterator[socket.socket]:
    """The process that stands beside a worker, and the worker's end of its line."""
    line, theirs = socket.socketpair()
    (folder / "place").mkdir()
    with line:
        code = f"serve({theirs.fileno()}, '{folder}/place')"
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-c", f"from runner.engine.outpost import serve; {code}"],
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        line.sendall(framed(SETUP, pickle.dumps(setup)))
        line.settimeout(PATIENCE)
        yield line
    assert process.wait(PATIENCE) == 0
    assert not (folder / "place").exists()
