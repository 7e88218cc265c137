"""A run as a program has it: an iterator of its events, and its result."""

from __future__ import annotations

import os
import warnings
from collections import deque
from pathlib import Path
from types import TracebackType

from runner.api.attention import Attention
from runner.api.events import Event, Telling
from runner.api.performing import Performance, Prepared
from runner.api.result import Result, result_of
from runner.problem import UserError


class Run:
    """One run of a workflow. It begins when its first event is asked for, or its result.

    It goes on beside the program, no further ahead of who iterates than some events. Who leaves it before
    its end, by `close`, the end of a `with`, or by letting it go, has it end: what runs is ended in order,
    and the rest is cancelled.
    """

    def __init__(self, prepared: Prepared) -> None:
        self._prepared: Prepared | None = prepared
        self._performance: Performance | None = None
        self._attention = Attention(prepared.orders)
        self._telling = Telling()
        self._events: deque[Event] = deque()
        self._result: Result | None = None
        self._folder = prepared.store.folder

    @property
    def id(self) -> str:
        """By which the command line knows it, too: `runner report ID`, `runner logs ID`."""
        return os.path.basename(self._folder)

    @property
    def folder(self) -> Path:
        """Where its record and its logs lie."""
        return Path(self._folder)

    def __iter__(self) -> Run:
        return self

    def __next__(self) -> Event:
        performance = self._begun()
        while performance is not None and not self._events:
            with self._attention.paid():
                told = performance.events.take()
            if told is None:
                break
            self._events.extend(self._telling.of(told))
        if self._events:
            return self._events.popleft()
        if performance is not None:
            self._end(performance)
        raise StopIteration

    def result(self) -> Result:
        """Go on to the end, and tell how it ended. Whatever failed, this raises nothing: see `Result.check`.

        Ctrl-C while it waits has the run end in order, a second one at once; the result is that of a run
        that was cancelled.
        """
        if self._result is None:
            performance = self._begun()
            if performance is None:
                raise UserError(f"run {self.id} was closed before it began: it has no result")
            self._events.clear()
            performance.events.want_no_more()
            self._wait(performance)
            self._result = result_of(self._folder, performance.ending)
        return self._result

    def close(self) -> None:
        """Have it end now, if it has not ended yet, and wait for that; what was not done is cancelled."""
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            prepared.store.close()
        performance = self._performance
        if performance is not None:
            if not performance.is_over:
                performance.leave()
            self._events.clear()
            with self._attention.paid():
                performance.wait()

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if (performance := getattr(self, "_performance", None)) is not None:
            if not performance.is_over:
                performance.leave()
        elif (prepared := getattr(self, "_prepared", None)) is not None and prepared.orders.is_here:
            prepared.store.close()
            told = f"run {prepared.store.run_id} never began: nobody asked for its result() or events"
            warnings.warn(told, RuntimeWarning, stacklevel=2, source=self)

    def __repr__(self) -> str:
        if self._performance is None:
            how = "has not begun" if self._prepared is not None else "was closed before it began"
        else:
            how = "is over" if self._performance.is_over else "goes on"
        return f"<Run {self.id} {how}>"

    def _begun(self) -> Performance | None:
        """The run, which begins if it has not yet; None if it was closed before."""
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            try:
                self._performance = Performance(prepared)
            except BaseException:
                prepared.store.close()
                raise
        return self._performance

    def _wait(self, performance: Performance) -> None:
        with self._attention.paid():
            performance.wait()
        self._end(performance)

    def _end(self, performance: Performance) -> None:
        """The program hears of what ended the run, if that is not the run's own affair."""
        self._attention.end()
        if performance.ending.error is not None:
            raise performance.ending.error
