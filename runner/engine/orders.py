"""What a program tells a run that goes on inside of it, in the place of signals that the system sends.

Nothing is caught here: a program that is not ours has its own ways with signals. It decides nothing either.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from types import TracebackType

from runner.echoes import Echoes
from runner.engine.signals import CLOSED


class Orders:
    """Tells one run to end. `numbers` are the signals that it was told because of, or `CLOSED`, in order."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self._echoes = Echoes()
        self._process = os.getpid()
        self._at_once: Callable[[list[int]], None] | None = None
        self._knock: Callable[[], None] | None = None

    @property
    def is_here(self) -> bool:
        """Whether this is the process in which the run goes on, and not a copy of it that was forked."""
        return self._process == os.getpid()

    def to(self, at_once: Callable[[list[int]], None], knock: Callable[[], None]) -> Orders:
        """From now on who performs the run hears of what it is told."""
        self._at_once, self._knock = at_once, knock
        return self

    def tell(self, number: int = CLOSED) -> None:
        """Have the run end: in order, or at once when it has been told before. On any thread."""
        if not self.is_here or self._echoes.has(number):
            return
        self.numbers.append(number)
        at_once, knock = self._at_once, self._knock
        if at_once is not None and knock is not None:
            at_once(self.numbers)
            knock()

    def __enter__(self) -> Orders:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._at_once = self._knock = None
