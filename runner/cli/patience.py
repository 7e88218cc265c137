"""Signals that come when a run is over and its reports are being written.

The first one is not heeded, so that a second Ctrl-C costs no report, nor are those soon after it, which
may come of a key that is held down; the next one is. It knows nothing of signals during the run, which
are the engine's.
"""

from __future__ import annotations

import time
from types import FrameType, TracebackType

from runner.catching import STOPPING, Action, catch, give_back
from runner.cli.terminal import say
from runner.echoes import Echoes
from runner.in_c import name_of_signal, signal

HELD_DOWN = 2.0
"""Seconds in which signals that follow the first one count as that one."""


class Patience:
    """While it lasts, one signal is passed over once `begin` has been called.

    Before that each ends the program with its number as a `KeyboardInterrupt` at the place where it
    is, so that nothing begun is left behind; where that is lost, `begin` raises it.
    """

    def __init__(self) -> None:
        self._begun = False
        self._echoes = Echoes()
        self._told = 0
        """The signal that came before."""
        self._first: float | None = None
        """When a signal came that was passed over."""
        self._before: dict[int, Action] = {}

    def __enter__(self) -> Patience:
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = catch(number, self._caught)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number in list(self._before):
            self._restore(number)
        # Typer would take any `KeyboardInterrupt` for a Ctrl-C.
        if isinstance(error, KeyboardInterrupt) and error.args:
            if self._told:
                name = "Ctrl-C" if self._told == signal.SIGINT else name_of_signal(self._told)
                say(f"interrupted by {name} before anything began")
            raise SystemExit(128 + error.args[0]) from error

    def begin(self) -> None:
        """From now on there is something to finish."""
        if self._told:
            raise KeyboardInterrupt(self._told)
        self._begun = True

    def _caught(self, number: int, frame: FrameType | None) -> None:
        if self._echoes.has(number):
            return
        if not self._begun:
            self._told = number
            raise KeyboardInterrupt(number)
        now = time.monotonic()
        self._first = self._first or now
        if now - self._first < HELD_DOWN:
            return
        self._restore(number)
        signal.raise_signal(number)

    def _restore(self, number: int) -> None:
        give_back(number, self._before.pop(number, signal.SIG_DFL))
