"""A command that has been started, as a process to wait for."""

from __future__ import annotations

import os
import subprocess
import time

_BLINK = 0.02


class Child:
    """A started process. Return codes are those of `subprocess.Popen`: -n after signal n."""

    def __init__(self, process: int | subprocess.Popen[bytes]) -> None:
        if isinstance(process, int):
            self.pid, self._popen = process, None
        else:
            self.pid, self._popen = process.pid, process
        self._code: int | None = None

    @property
    def returncode(self) -> int | None:
        """That with which it ended, if that has been asked for."""
        return self._popen.returncode if self._popen else self._code

    def wait(self) -> int:
        """Its return code, once it has ended."""
        if self._popen:
            return self._popen.wait()
        self._take(0)
        assert self._code is not None
        return self._code

    def poll(self) -> int | None:
        """Its return code, if it has ended."""
        if self._popen:
            return self._popen.poll()
        self._take(os.WNOHANG)
        return self._code

    def end_within(self, seconds: float) -> None:
        """Wait for its end, but not longer."""
        end = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < end:
            time.sleep(_BLINK)

    def _take(self, options: int) -> None:
        if self._code is not None:
            return
        try:
            pid, status = os.waitpid(self.pid, options)
        except ChildProcessError:  # a callable has waited for whatever child ended first
            self._code = 0
        else:
            self._code = os.waitstatus_to_exitcode(status) if pid else None
