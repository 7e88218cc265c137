"""One line that tells of something that happened, in the one form that all of them have."""

from __future__ import annotations

from runner.display import took
from runner.records import Failure, Outcome
from runner.struct import struct

RULE = "─" * 12
"""What stands between what has happened and the last words."""

SLOW = "SLOW"


@struct
class Line:
    """One thing to tell: a status word, how long it took, a name and what there is to say about it.

    `outcome` and `failure` are those of an attempt that has just ended, for who shows its output.
    `on` says that the time is not yet the last.
    """

    word: str
    name: str = ""
    seconds: float | None = None
    text: str = ""
    outcome: Outcome | None = None
    failure: Failure | None = None
    on: bool = False

    def __str__(self) -> str:
        said = f": {self.text}" if self.name and self.text else self.text
        return f"{self.word:>12} {_time(self.seconds, self.on)} {self.name}{said}".rstrip()


def failed_try(number: int) -> str:
    """The word for an attempt after which there is another."""
    return f"TRY {number} FAIL"


def about(seconds: float) -> str:
    """A time to come: `about 12s`, `about 1m 05s`."""
    return f"about {f'{seconds:.0f}s' if seconds < 59.5 else took(seconds)}"


def _time(seconds: float | None, on: bool) -> str:
    if seconds is None:
        return " " * 9
    return f"[>{took(seconds):>6}]" if on else f"[{took(seconds):>7}]"
