"""How another thread, or a signal handler, asks what is being performed to end. Knows not what that is."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import deque
from collections.abc import Callable

from runner.hints import Literal

_FEW = 64
_spare: list[tuple[int, int]] = []
"""The descriptors of bells that nobody has rung and nobody has any more."""


class _Bell:
    """A descriptor that is readable once it has been rung."""

    def __init__(self) -> None:
        self._read = self._write = -1
        self._rung = False
        with contextlib.suppress(IndexError):
            self._read, self._write = _spare.pop()
            return
        if sys.platform == "linux":
            self._read = self._write = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        else:
            self._read, self._write = os.pipe()
            os.set_blocking(self._write, False)

    def fileno(self) -> int:
        return self._read

    def ring(self) -> None:
        self._rung = True
        with contextlib.suppress(BlockingIOError):
            os.write(self._write, (1).to_bytes(8, sys.byteorder))

    def __del__(self) -> None:
        if self._read >= 0 and not self._rung and len(_spare) < _FEW:
            _spare.append((self._read, self._write))
        else:
            _close(self._read, self._write)


def _close(*descriptors: int) -> None:
    for descriptor in {*descriptors} - {-1}:
        os.close(descriptor)


def _forget_spare() -> None:
    """In a process that was forked: it would ring the bells of its parent."""
    while _spare:
        _close(*_spare.pop())


os.register_at_fork(after_in_child=_forget_spare)


_hanging = threading.Lock()
"""Who hangs a bell: a second one would take the place of one that somebody listens to."""


class Broken(BaseException):
    """Raised where an expression is evaluated that nobody waits for, in the thread that asks it to end."""


class Halt:
    """How another thread, or a signal handler, asks what is being performed to end.

    First `stop`: commands get TERM and some time. Then, or at once, `kill`: no time. Both can be
    waited for as descriptors, which are made only when somebody does. What has not begun can be had back
    meanwhile.
    """

    __slots__ = (
        "_kill_bell",
        "_stop_bell",
        "calling",
        "cancelled",
        "cancels",
        "evaluating",
        "given_up",
        "is_asked_elsewhere",
        "killing",
        "reason",
        "seconds",
        "stopping",
        "untouched",
    )

    def __init__(self) -> None:
        self.stopping = False
        self.killing = False
        self.reason = ""
        self.calling = False
        """Code of the user's runs, which may be interrupted where it stands."""
        self.evaluating = False
        """Nothing of it is under way but expressions, before it begins or after its end."""
        self.untouched: deque[int] = deque()
        """What has not begun, by number. Who pops a number has it: who performs them does from the left."""
        self.is_asked_elsewhere: Callable[[], bool] | None = None
        """Whether somebody has asked in another way, who rings no bell."""
        self.seconds: float | None = None
        """After so many a coroutine is cancelled, where nobody is there to give it up."""
        self.given_up = False
        """Nobody waits for it any more."""
        self.cancels: Callable[[], object] | None = None
        """Cancels what awaits something, as long as that is under way; may be called on any thread."""
        self.cancelled = False
        """That is so, and it is about to end."""
        self._stop_bell: _Bell | None = None
        self._kill_bell: _Bell | None = None

    @property
    def is_asked(self) -> bool:
        """Whether it is to end, for who looks now and then."""
        return self.stopping or (self.is_asked_elsewhere is not None and self.is_asked_elsewhere())

    @property
    def state(self) -> Literal["", "stopping", "killing"]:
        """Empty as long as nobody has asked."""
        return "killing" if self.killing else "stopping" if self.stopping else ""

    def stop(self, reason: str = "") -> None:
        """Asks it to end in order; the first reason counts."""
        self.reason = self.reason or reason
        self.stopping = True
        if self._stop_bell is not None:
            self._stop_bell.ring()

    def kill(self, reason: str = "") -> None:
        """Asks it to end at once."""
        self.killing = True
        self.stop(reason)
        if self._kill_bell is not None:
            self._kill_bell.ring()

    def give_up(self) -> None:
        """Says that nobody waits for it any more."""
        self.given_up = True
        if (cancels := self.cancels) is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended
                cancels()

    def take_back(self) -> int:
        """Take what has not begun from who performs it; how much that was, counted from the end."""
        count = 0
        with contextlib.suppress(IndexError):
            while True:
                self.untouched.pop()
                count += 1
        return count

    def fileno(self) -> int:
        """Readable from the first `stop` or `kill` on."""
        with _hanging:
            self._stop_bell = self._stop_bell or _Bell()
        # Looked at after the bell hangs: whoever asked before did not ring it.
        if self.stopping:
            self._stop_bell.ring()
        return self._stop_bell.fileno()

    def kill_fileno(self) -> int:
        """Readable from the first `kill` on."""
        with _hanging:
            self._kill_bell = self._kill_bell or _Bell()
        if self.killing:
            self._kill_bell.ring()
        return self._kill_bell.fileno()
