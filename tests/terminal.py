"""A terminal that is typed into, as a person does."""

from __future__ import annotations

import os
import pty

from program import Program


class Terminal:
    """A shell in a terminal of its own, that is typed into."""

    def __init__(self, runner: Program, script: str) -> None:
        pid, self.master = pty.fork()
        if not pid:
            os.chdir(runner.folder)
            command = " ".join(runner.command())
            os.execve("/bin/bash", ["bash", "-c", f"runner() {{ {command} \"$@\"; }}; {script}"],
                      {**runner.environment})  # fmt: skip
        self.pid = pid

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def shown(self) -> str:
        """All that it shows until its shell ends."""
        shown = b""
        try:
            while data := os.read(self.master, 1 << 16):
                shown += data
        except OSError:  # nobody has the terminal open any more
            pass
        os.close(self.master)
        os.waitpid(self.pid, 0)
        return shown.decode()
