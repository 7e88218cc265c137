"""How a child hears that its parent has died: by TERM.

A pipe tells it, not PR_SET_PDEATHSIG, which would cost an import that takes longer than the forks.
"""

from __future__ import annotations

import fcntl
import os
import select
from collections.abc import Iterable

from runner.in_c import signal


class Lifeline:
    """The lower end of a pipe; the upper end is held by the parent, and by nobody else."""

    def __init__(self, descriptor: int) -> None:
        """From now on the parent's death sends this process TERM."""
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        fcntl.fcntl(descriptor, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGTERM)
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_ASYNC)
        if self.is_cut():
            os.kill(os.getpid(), signal.SIGTERM)

    def is_cut(self) -> bool:
        """Whether the parent has died."""
        return bool(self._poll.poll(0))

    @staticmethod
    def ends() -> list[int]:
        """The lower and the upper end of a new one, above the descriptors that a caller may have closed."""
        ends = os.pipe()
        moved: list[int] = []
        try:
            for end in ends:
                moved.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3))
        except OSError:
            _close(moved)
            raise
        finally:
            _close(ends)
        return moved


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
