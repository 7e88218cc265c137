"""How another thread, or a signal handler, asks what is being performed to end. Knows not what that is."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable

from runner.hints import TYPE_CHECKING, Literal, Protocol
from runner.work.bells import Bell

if TYPE_CHECKING:
    from runner.records import Outcome

telling = threading.Lock()
"""Who looks at what has ended: meanwhile nobody completes it."""
_hanging = threading.Lock()
"""Who hangs a bell: a second one would take the place of one that somebody listens to."""


class Awaited(Protocol):
    """A coroutine that a worker waits for."""

    cancelled: bool
    """It is about to end."""

    def cancel(self) -> None:
        """Have it end, on any thread. Raises `RuntimeError` if it has just ended."""
        ...


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
        "awaited",
        "doing",
        "done",
        "given_up",
        "is_asked_elsewhere",
        "killing",
        "reason",
        "seconds",
        "stopping",
        "told",
        "untouched",
    )

    def __init__(self) -> None:
        self.stopping = False
        self.killing = False
        self.reason = ""
        self.doing: Literal["", "calling", "evaluating"] = ""
        """Calling: code of the user's runs, which may be interrupted where it stands. Evaluating: nothing is
        under way but expressions, before it begins or after its end."""
        self.untouched: deque[int] = deque()
        """What has not begun, by number. Who pops a number has it: who performs them does from the left."""
        self.done: list[Outcome] = []
        """What of it has ended, in the order of its items, as long as the others go on (`telling`)."""
        self.told = 0
        """So many of them are known to who waits for it, who has completed copies of them."""
        self.is_asked_elsewhere: Callable[[], bool] | None = None
        """Whether somebody has asked in another way, who rings no bell."""
        self.seconds: float | None = None
        """After so many a coroutine is cancelled, where nobody is there to give it up."""
        self.given_up = False
        """Nobody waits for it any more."""
        self.awaited: Awaited | None = None
        """What is cancelled then, as long as it is under way."""
        self._stop_bell: Bell | None = None
        self._kill_bell: Bell | None = None

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

    def end(self, at_once: bool) -> None:
        """Asks it to end, at once or in order: it is stopped."""
        if at_once:
            self.kill()
        else:
            self.stop("stopped")

    def give_up(self) -> None:
        """Says that nobody waits for it any more."""
        self.given_up = True
        if (awaited := self.awaited) is not None:
            with contextlib.suppress(RuntimeError):  # it has just ended
                awaited.cancel()

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
            self._stop_bell = self._stop_bell or Bell()
        # Looked at after the bell hangs: whoever asked before did not ring it.
        if self.stopping:
            self._stop_bell.ring()
        return self._stop_bell.fileno()

    def kill_fileno(self) -> int:
        """Readable from the first `kill` on."""
        with _hanging:
            self._kill_bell = self._kill_bell or Bell()
        if self.killing:
            self._kill_bell.ring()
        return self._kill_bell.fileno()
