"""What the engine needs of a pool, and what pools have in common.

A port has two verbs. `submit` starts a submission; `end` ends one and says honestly whether it
was killed (its outcomes follow) or abandoned (it may still be running; its outcomes will be
thrown away). A pool does not know what a plan is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runner.hints import TYPE_CHECKING, Literal, Protocol
from runner.records import Notice, Outcome, Submission
from runner.work import Elsewhere, perform
from runner.work.halt import Halt
from runner.workflow import Call

if TYPE_CHECKING:
    from runner.callables.inspection import ArgumentFault
    from runner.callables.looking import Missing, Wanted

Ended = Literal["killed", "abandoned"]
Done = Callable[[int, "Sequence[Outcome] | BaseException"], None]

UNSTOPPABLE = "Python cannot stop a thread"
CANCELLED = "as a coroutine it is cancelled where it awaits something"


class Executor(Protocol):
    """What the engine needs of a pool. `done(number, outcomes)` may be called on any thread."""

    workers: int
    slice_seconds: float
    """So long are brief items to take that are given out together."""
    here: bool
    """It performs a submission in the calling thread, which does nothing else meanwhile."""
    kills: bool
    """It can end a callable, and does so when its time is over: nothing is ever abandoned."""
    tells: bool
    """It tells by itself what is waited for while it looks at a callable."""
    afar: bool
    """Commands are not started by this process."""
    lost: str
    """Why nothing more can be done there at all, once that is so."""
    notices: list[Notice]
    """What is to be told; whoever tells it takes it."""

    @property
    def stuck(self) -> bool:
        """Whether code of the user's may keep the calling thread, as another one sees it."""
        ...

    def look(self, wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
        """Import a callable where it will be called, and tell what is wrong."""
        ...

    def submit(self, submission: Submission, done: Done, seconds: float | None = None) -> None:
        """Start a submission; never fails. Who does not return before it is over ends it after `seconds`."""
        ...

    def ask(self, number: int) -> bool:
        """Let a submission begin nothing more that nobody can end; whether it is under way."""
        ...

    def take_back(self, number: int) -> int:
        """Let nothing more of a submission begin; how many of its items, from the end, will not."""
        ...

    def halt_of(self, number: int) -> Halt | None:
        """That of a submission which is performed item by item, each of which can be heard of at once."""
        ...

    def end(self, number: int, at_once: bool = False) -> Ended:
        """End a submission, by KILL if `at_once`."""
        ...

    def began(self, number: int) -> float | None:
        """When a worker took the submission up (`time.monotonic`), if one has."""
        ...

    def powerless(self, number: int) -> str:
        """Why a callable that is under way goes on when it is given up."""
        ...

    def rest(self) -> None:
        """Hold nothing but memory until something is submitted: perhaps nothing ever is."""
        ...

    def close(self) -> bool:
        """Take leave; False if something is still running that cannot be stopped."""
        ...


class Flight:
    """A submission on its way through a pool."""

    __slots__ = ("began", "done", "halt", "submission", "thread", "worker")

    def __init__(self, submission: Submission, done: Done) -> None:
        self.submission = submission
        self.done = done
        self.halt = Halt()
        self.began: float | None = None
        self.thread = 0
        """Which performs it, where that is the one that waits for it."""
        self.worker = 0
        """Which performs it, where it is one of a pool."""


def is_call(submission: Submission) -> bool:
    """Whether it runs code of the user's, which nobody can end: commands, and all of ours, heed a halt."""
    return isinstance(submission.shared.task.action, Call) and not submission.binds


def performed(
    flight: Flight, elsewhere: Elsewhere | None = None, commands: bool = False
) -> Sequence[Outcome] | BaseException:
    """The outcomes of a flight, or the bug that there are none."""
    try:
        return perform(flight.submission, flight.halt, elsewhere, commands)
    except BaseException as bug:  # the engine raises it in the main thread
        return bug


def look_here(wanted: Wanted) -> Missing | Sequence[ArgumentFault]:
    """Import a callable in this process, and tell what is wrong."""
    from runner.callables.looking import look

    return look(wanted)
