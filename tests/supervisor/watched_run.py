"""A run under its two watching processes, whose commands tell who they are and hard to end."""

from __future__ import annotations

import os
import signal
import subprocess

from program import Program
from watching import PATIENCE, gone, parent, wait_for

LIBRARY = """
import os, time

def tell(name, pid):
    with open(name + ".new", "w") as file:
        file.write(f"{pid}\\n")
    os.rename(name + ".new", name)

def fork():
    if os.path.exists("calm"):
        return
    # A child that is forked while a command is started would inherit what that start waits for.
    while not all(map(os.path.exists, ["stubborn", "session", "daemon"])):
        time.sleep(0.01)
    if not os.fork():
        os.setsid()
        tell("forked", os.getpid())
        time.sleep(1000)
        os._exit(0)
    time.sleep(1000)

def leave(status):
    while not os.path.exists("go"):
        time.sleep(0.01)
    os._exit(status)

def crash():
    while not os.path.exists("go"):
        time.sleep(0.01)
    import ctypes
    ctypes.string_at(0)
"""

HARD_TO_END = """
tasks:
  stubborn:
    run: |
      test -e calm && exit
      trap '' TERM INT HUP
      echo $PPID >runner
      echo $$ >stubborn
      while :; do sleep 0.05; done
  session:
    run: |
      test -e calm && exit
      setsid sh -c 'trap "" TERM; echo $$ >session; while :; do sleep 0.05; done' &
      wait
  daemon:
    run: |
      test -e calm && exit
      env -i PATH="$PATH" setsid sh -c '(setsid sh -c "echo \\$\\$ >daemon; exec sleep 1000" &)'
      exec sleep 1000
  forked: {call: "lib.py:fork"}
"""

BROKE_OFF = "error: the run broke off: its process was ended by {name}; `runner resume` goes on with it\n"
COMMANDS = ("stubborn", "session", "daemon", "forked")


class Watched:
    """`runner run` in a process group of its own; `outer`, `inner` and `runner` are its processes."""

    def __init__(
        self,
        program: Program,
        text: str,
        *arguments: str,
        awaited: tuple[str, ...],
        before: tuple[str, ...] = (),
    ) -> None:
        self.folder = program.folder
        program.write(LIBRARY, "lib.py")
        program.write(text)
        self.process = subprocess.Popen(
            [*before, *program.command("run", "-q", "-j", "8", *arguments)],
            cwd=program.folder,
            env=program.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            process_group=0,
            text=True,
        )
        self.pids = {name: int(wait_for(self.folder / name)) for name in awaited}
        self.outer = self.process.pid
        self.runner = int(wait_for(self.folder / "runner"))
        self.inner = parent(self.runner)
        assert parent(self.inner) == self.outer

    def kill(self, name: str) -> None:
        os.kill(getattr(self, name), signal.SIGKILL)

    def kill_all(self) -> None:
        """All three at once, so that none of them can do anything about it."""
        os.killpg(self.outer, signal.SIGKILL)

    def ended(self) -> tuple[int, str, str]:
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err

    def left(self) -> list[str]:
        return [name for name, pid in self.pids.items() if not gone(pid)]
