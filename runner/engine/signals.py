"""The signals that end a run: noted while it lasts, and told to whoever waits.

It decides nothing: what the first and the second signal mean is the engine's.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType, TracebackType

from runner.catching import STOPPING, Action, catch, give_back
from runner.echoes import Echoes
from runner.in_c import name_of_signal, signal
from runner.supervisor import give_sign_of_life

_NUDGE = signal.SIGURG

SIGN_EVERY = 0.1
"""Seconds after which those who watch see again that the program is not held up, once it is to end."""

_main_thread = threading.main_thread().ident or 0

CLOSED = 0
"""Stands for the program that a run goes on in, where a signal's number would stand (`Orders`)."""


class Signals:
    """Catches the signals in `STOPPING`; one that was ignored at the start stays ignored.

    `numbers` are those that count, in order. `at_once(numbers)` is called where the signal struck,
    in the main thread; `knock()` soon after, on a thread of its own. `first` is known then, even if the
    main thread is where it hears of no signal.
    """

    def __init__(self, at_once: Callable[[list[int]], None], knock: Callable[[], None]) -> None:
        self.numbers: list[int] = []
        self.first = 0
        self._echoes = Echoes()
        self._at_once = at_once
        self._knock = knock
        self._before: dict[int, Action] = {}
        self._drained = threading.Event()
        """All signals were passed on, and none can come any more."""

    def __enter__(self) -> Signals:
        global _caught_here
        _caught_here = self
        # Any thread may take a signal from the kernel, and then nothing interrupts the main thread
        # where it waits: the descriptor that Python writes to is what tells of it, and the main
        # thread, which alone runs the handlers, gets a signal of its own that means nothing.
        self._told, self._tell = os.pipe()
        os.set_blocking(self._tell, False)
        self._wakeup = signal.set_wakeup_fd(self._tell, warn_on_full_buffer=False)
        for number in STOPPING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = catch(number, self._caught)
        self._before[_NUDGE] = catch(_NUDGE, lambda number, frame: None)
        # Whoever ignored it would take the exit codes of commands away.
        self._before[signal.SIGCHLD] = catch(signal.SIGCHLD, signal.SIG_DFL)
        self._thread = threading.Thread(target=self._pass_on, name="runner-signals", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        global _caught_here
        _caught_here = None
        for number, action in self._before.items():
            give_back(number, action)
        signal.set_wakeup_fd(self._wakeup)
        os.close(self._tell)
        if not self.first:
            # Not for its end: a signal may have come just now, and it goes on giving signs then.
            self._drained.wait()

    def leave_to_the_parent(self) -> None:
        """In a child that a callable has forked: the pipe is none of its business."""
        os.close(self._tell)
        os.close(self._told)

    def _caught(self, number: int, frame: FrameType | None) -> None:
        if self._echoes.has(number):
            return
        self.numbers.append(number)
        with suppress(OSError):  # code of the user's may have put its own descriptor in the place of ours
            os.write(self._tell, bytes([number]))
        self._at_once(self.numbers)

    def _pass_on(self) -> None:
        """Until the run is over or, if it was told to end, the program."""
        listening = select.poll()
        listening.register(self._told, select.POLLIN)
        while True:
            if not self.first or listening.poll(SIGN_EVERY * 1000):
                numbers = os.read(self._told, 512)
                if not numbers:
                    break
                self._knock_if_told(numbers)
            if self.first:
                give_sign_of_life()
        os.close(self._told)
        self._drained.set()
        while self.first and give_sign_of_life():
            time.sleep(SIGN_EVERY)

    def _knock_if_told(self, numbers: bytes) -> None:
        self.first = self.first or next((number for number in numbers if number in STOPPING), 0)
        if set(numbers) != {_NUDGE}:
            signal.pthread_kill(_main_thread, _NUDGE)
            self._knock()


def exit_code_of(numbers: Sequence[int], failed: bool) -> int:
    """The exit code of a run that was told to end, or was not."""
    return 128 + numbers[0] if numbers and numbers[0] != CLOSED else int(failed)


def called(number: int) -> str:
    """What is said of who told a run to end."""
    return "the program" if number == CLOSED else name_of_signal(number)


_caught_here: Signals | None = None


def _after_in_child() -> None:
    global _caught_here
    if _caught_here is not None:
        _caught_here.leave_to_the_parent()
        _caught_here = None


os.register_at_fork(after_in_child=_after_in_child)
